"""Reads orders and carts from a shop, with their returns and the things in them, in as few calls as it can.

A hundred orders cost one call for the orders, one for their returns, and one for each hundred things that are not
remembered. What the records mean is decided in `mappings.neto`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from companion.platforms.base import Access, Record, Ref
from companion.platforms.neto import about
from companion.platforms.neto.api import api
from companion.platforms.neto.items import items
from companion.platforms.neto.replies import Refused

MOST: Final = 100
"""Whole records a call: shops time out on many more."""

TAKES_LISTS: Final = frozenset({"GetOrder", "GetCustomer", "GetItem"})
"""Actions that take a list of ids, as documented. Others are tried with one, and asked for what is missing singly."""

ORDER: Final = (
    *("ID", "RelatedOrderID", "Username", "Email", "BillAddress", "SalesChannel", "GrandTotal", "TaxInclusive"),
    *("OrderTax", "SurchargeTotal", "ProductSubtotal", "ShippingTotal", "ShippingDiscount", "ShippingOption"),
    *("CouponCode", "CouponDiscount", "OrderType", "OnHoldType", "OrderStatus", "CompleteStatus"),
    *("RealtimeConfirmation", "OrderPayment", "OrderPayment.PaymentType", "DefaultPaymentType", "UserGroup"),
    *("DateUpdated", "DatePlaced", "DatePaid", "DateCompletedUTC", "OrderLine", "OrderLine.ProductName"),
    *("OrderLine.Quantity", "OrderLine.UnitPrice", "OrderLine.Tax", "OrderLine.PercentDiscount"),
    *("OrderLine.ProductDiscount", "OrderLine.CouponDiscount", "OrderLine.QuantityShipped"),
    *("OrderLine.ShippingTracking", "OrderLine.ShippingTrackingUrl"),
)
"""What is read of an order. Its costs, notes and the shopper's address on the network are nobody's business here."""

RMA: Final = (
    *("OrderID", "RmaID", "RmaStatus", "RefundedTotal", "DateIssued", "DateUpdated", "DateApproved", "RmaLine"),
    *("RmaLine.ProductName", "RmaLine.RefundSubtotal", "RmaLine.ReturnReason", "Refund", "Refund.DateIssued"),
    *("Refund.DateRefunded", "Refund.RefundStatus"),
)
CART: Final = (
    *("CartID", "CheckoutStatus", "CloseReason", "CustomerEmail", "CustomerUsername", "CartTotal", "RestoreCartUrl"),
    *("BillingAddress", "OrderLines", "OrderID", "DateCreatedUTC", "DateUpdated", "DateUpdatedUTC"),
)


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """Read orders and carts. Those the shop no longer has are left out. Raises Retry or Pause.

    Bodies: `{"order", "rmas", "items", "shop"}` and `{"cart", "items", "shop"}`.
    """
    shop = about.shop(access)
    orders = list(_rows(access, refs, "order", "GetOrder", "OrderID", ORDER))
    carts = list(_rows(access, refs, "cart", "GetCart", "CartID", CART))
    _name_owners(access, carts)
    things = items.of(access, {sku for row in (*orders, *carts) for sku in _skus(row)})
    rmas = _rmas(access, [row["OrderID"] for row in orders])
    told = [
        Record("order", row["OrderID"], {"order": row, "rmas": rmas[row["OrderID"]], **_with(row, things, shop)})
        for row in orders
    ]
    return [*told, *(Record("cart", row["CartID"], {"cart": row, **_with(row, things, shop)}) for row in carts)]


def _rows(
    access: Access, refs: Iterable[Ref], resource: str, action: str, key: str, outputs: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The records that are named, each once, however often the shop shows it."""
    ids = list(dict.fromkeys(ref.id for ref in refs if ref.resource == resource))
    most = min(access.page, MOST)
    for start in range(0, len(ids), most):
        some = ids[start : start + most]
        rows = api.get(access, action, {key: some}, outputs, limit=most).rows
        found = {row[key]: row for row in rows if row[key] in some}
        for id_ in some if action not in TAKES_LISTS and len(some) > 1 else ():
            if id_ not in found:
                rows = api.get(access, action, {key: id_}, outputs, limit=1).rows
                found |= {row[key]: row for row in rows if row[key] == id_}
        yield from found.values()


def _rmas(access: Access, ids: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    """The returns by order. A key that may not see them is told so by the connection test, and gets none."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for start in range(0, len(ids), MOST):
        some = list(ids[start : start + MOST])
        try:
            rows = api.get(access, "GetRma", {"OrderID": some}, RMA, limit=5 * MOST).rows
            if len(some) > 1 and any(row.get("OrderID") not in some for row in rows):  # no list was understood
                rows = [row for id_ in some for row in api.get(access, "GetRma", {"OrderID": id_}, RMA).rows]
        except Refused:
            return found
        for row in {row["RmaID"]: row for row in rows}.values():
            found[row.get("OrderID", "")].append(row)
    return found


def _name_owners(access: Access, carts: Sequence[dict[str, Any]]) -> None:
    """A cart of somebody who is logged in may hold their login only."""
    nameless = [row for row in carts if "CustomerEmail" not in row and "CustomerUsername" in row]
    names = list(dict.fromkeys(row["CustomerUsername"] for row in nameless))
    for start in range(0, len(names), MOST):
        some = names[start : start + MOST]
        rows = api.get(access, "GetCustomer", {"Username": some}, ("Username", "EmailAddress"), limit=MOST).rows
        emails = {row["Username"]: row.get("EmailAddress", "") for row in rows}
        for row in nameless:
            if emails.get(row["CustomerUsername"]):
                row["CustomerEmail"] = emails[row["CustomerUsername"]]


def _skus(row: Mapping[str, Any]) -> Iterator[str]:
    for line in (*row.get("OrderLine", ()), *row.get("OrderLines", ())):
        yield line.get("SKU", "")


def _with(row: Mapping[str, Any], things: Mapping[str, Any], shop: Mapping[str, Any]) -> dict[str, Any]:
    """The things of a record, with their parents, and the shop."""
    own = {sku: things[sku] for sku in _skus(row) if sku in things}
    parents = {item["ParentSKU"] for item in own.values() if "ParentSKU" in item}
    return {"items": {**{sku: things[sku] for sku in parents if sku in things}, **own}, "shop": shop}
