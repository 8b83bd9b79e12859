"""The shop's life: carts, orders and their states, returns, customers. What happens is written into the books.

An order's status says all there is of its history; whoever changes it tells the courier.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from companion.simulator.neto.books import Books, stamp
from companion.simulator.neto.goods import THINGS, Json, items

CENT: Final = Decimal("0.01")
SHIPPING: Final = Decimal("9.95")
COUPONS: Final = {"SPRING10": Decimal("0.10")}
PEOPLE: Final = (
    ("Kim", "Nguyen", "kim.nguyen@shop-customer.net"),
    ("Alex", "Murray", "alex.murray@shop-customer.net"),
    ("Ruby", "O'Connor", "ruby.oconnor@shop-customer.net"),
)
STEPS: Final[Mapping[str, str]] = {
    "pay": "New",
    "pick": "Pick",
    "pack": "Pack",
    "ship_part": "Pending Dispatch",
    "dispatch": "Dispatched",
    "cancel": "Cancelled",
    "hold": "On Hold",
}
LABELS: Final[Mapping[str, str]] = {
    **{"pay": "Payment arrives", "pick": "Pick", "pack": "Pack", "ship_part": "Send a part", "dispatch": "Dispatch"},
    **{"cancel": "Cancel", "hold": "Put on hold", "refund_line": "Refund the first line", "refund": "Refund all"},
}


class Unknown(Exception):
    """There is no such thing in the shop; the text says which."""


class Trade:
    """Everything that can happen in the shop. `told` is called with an order after each change of its status."""

    def __init__(self, books: Books, url: str, told: Callable[[str, str], None]) -> None:
        self._books = books
        self._url = url
        self._told = told
        if not books.count("Item"):
            now = stamp()
            books.put("Item", ((one["SKU"], now, now, one) for one in items(url)))

    def place(self, spec: Mapping[str, Any]) -> Json:
        """An order. `{"skus", "email", "first_name", "last_name", "coupon", "channel", "status", "paid", "cart"}`."""
        order = made(self._books.next_number("order", 1001), spec, datetime.now(UTC))
        self._keep_order(order)
        if cart := self._books.get("Cart", str(spec.get("cart", ""))):
            self._keep_cart({**cart, "CheckoutStatus": "Closed", "OrderID": order["OrderID"]})
        self.customer(order["Email"], order["BillFirstName"], order["BillLastName"])
        return order

    def history(self, count: int, days: int, email: str) -> None:
        """Orders of the past, all dispatched, spread evenly."""
        now, first = datetime.now(UTC), self._books.next_number("order", 1001)
        self._books.set_note("order", first + count)
        skus = list(THINGS)

        def one(number: int) -> tuple[str, str, str, Json]:
            at = now - timedelta(days=days) + timedelta(days=days) * number / (count + 1)
            spec = {"skus": [skus[number % len(skus)]], "email": email.replace("*", str(number % 5000))}
            order = made(first + number, {**spec, "status": "Dispatched", "paid": True}, at)
            order["DateCompletedUTC"] = stamp(at)
            return order["OrderID"], order["DatePlaced"], order["DateUpdated"], order

        self._books.put("Order", (one(number) for number in range(count)))

    def step(self, order_id: str, step: str) -> Json:
        """Move an order on. Raises Unknown."""
        order = self._order(order_id)
        if step in ("refund", "refund_line"):
            self._refund(order, whole=step == "refund")
            return order
        if step not in STEPS:
            raise Unknown(f"there is no step {step!r}")
        lines = order["OrderLine"]
        if step == "pay":
            order |= {"OrderPayment": [_payment(order)], "DatePaid": stamp(), "RealtimeConfirmation": "FULLY PAID"}
        if step == "ship_part":
            lines[0]["QuantityShipped"] = "1"
        if step == "dispatch":
            order["DateCompletedUTC"] = stamp()
            for line in lines:
                line |= {"QuantityShipped": line["Quantity"], "ShippingTracking": "AP-00340434"}
        self._keep_order({**order, "OrderStatus": STEPS[step], "DateUpdated": stamp()})
        return order

    def split(self, order_id: str) -> Json:
        """Take the last line out into an order of its own, as a backorder does. Raises Unknown."""
        order = self._order(order_id)
        *kept, last = order["OrderLine"]
        number = f"N{self._books.next_number('order', 1001)}"
        amount = Decimal(last["UnitPrice"]) * Decimal(last["Quantity"])
        taken = {**order, "OrderID": number, "ID": number, "RelatedOrderID": order_id, "OrderStatus": "New Backorder"}
        taken |= {"OrderLine": [{**last, "OrderLineID": f"{number}-0"}], "GrandTotal": _text(amount)}
        taken |= {"ShippingTotal": "0.00", "CouponCode": "", "CouponDiscount": "0.00", "DateUpdated": stamp()}
        rest = _text(Decimal(order["GrandTotal"]) - amount)
        self._keep_order({**order, "OrderLine": kept, "GrandTotal": rest, "DateUpdated": stamp()})
        self._keep_order(taken)
        return taken

    def cart(self, spec: Mapping[str, Any]) -> Json:
        """A checkout that somebody began: `{"skus", "email", "age_minutes", "link": whether the shop has one}`."""
        id_ = str(self._books.next_number("cart", 88001))
        at = stamp(datetime.now(UTC) - timedelta(minutes=float(spec.get("age_minutes", 0))))
        link = f"{self._url}/_restorecart?cart={id_}&token={secrets.token_urlsafe(12)}"
        first, last, email = person(spec)
        lines = [
            {name: line[name] for name in ("SKU", "ProductName", "Quantity", "UnitPrice")} for line in bought(spec)
        ]
        cart = {
            "CartID": id_,
            "CheckoutStatus": "Open",
            "CustomerEmail": email,
            "CustomerUsername": "",
            "CartTotal": _text(sum((Decimal(line["UnitPrice"]) * int(line["Quantity"]) for line in lines), Decimal())),
            "OrderID": "",
            "RestoreCartUrl": link if spec.get("link", True) else "",
            "DateCreatedUTC": at,
            "DateUpdated": at,
            "DateUpdatedUTC": at,
            "BillingAddress": {"BillFirstName": first, "BillLastName": last, "BillCountry": "AU"},
            "OrderLines": [{"OrderLine": lines[0] if len(lines) == 1 else lines}],
        }
        self._keep_cart(cart)
        return cart

    def customer(self, email: str, first: str = "", last: str = "", newsletter: bool | None = None) -> Json:
        """Somebody with an account, new or known; `newsletter` None leaves the flag as it is."""
        now = stamp()
        known = self._books.get("Customer", email) or {
            "Username": email,
            "EmailAddress": email,
            "NewsletterSubscriber": "False",
            "Active": "True",
            "SalesChannel": "Website",
            "DateAddedUTC": now,
            "DateAdded": now,
            "BillingAddress": {"BillFirstName": first, "BillLastName": last, "BillCountry": "AU"},
        }
        flag = known["NewsletterSubscriber"] if newsletter is None else str(newsletter)
        customer = {**known, "NewsletterSubscriber": flag, "DateUpdatedUTC": now}
        self._books.put("Customer", [(email, customer["DateAddedUTC"], now, customer)])
        return customer

    def _refund(self, order: Json, *, whole: bool) -> None:
        number, now = str(self._books.next_number("rma", 601)), stamp()
        line = order["OrderLine"][0]
        amount = order["GrandTotal"] if whole else _text(Decimal(line["UnitPrice"]))
        back = {"RmaLineID": f"{number}-0", "SKU": line["SKU"], "ProductName": line["ProductName"], "Quantity": "1"}
        refund = {"RefundID": number, "RefundAmount": amount, "RefundStatus": "Refunded", "DateRefunded": now}
        rma = {
            "RmaID": number,
            "OrderID": order["OrderID"],
            "RmaStatus": "Closed",
            "DateUpdated": now,
            "RmaLines": [{"RmaLine": {**back, "RefundSubtotal": amount, "ReturnReason": "Change of mind"}}],
            "Refunds": [{"Refund": [refund]}],
        }
        self._books.put("Rma", [(number, now, now, rma)])

    def _order(self, order_id: str) -> Json:
        order = self._books.get("Order", order_id)
        if order is None:
            raise Unknown(f"there is no order {order_id!r}")
        return order

    def _keep_order(self, order: Json) -> None:
        self._books.put("Order", [(order["OrderID"], order["DatePlaced"], order["DateUpdated"], order)])
        self._told(order["OrderID"], order["OrderStatus"])

    def _keep_cart(self, cart: Json) -> None:
        self._books.put("Cart", [(cart["CartID"], cart["DateCreatedUTC"], cart["DateUpdatedUTC"], cart)])


def made(number: int, spec: Mapping[str, Any], at: datetime) -> Json:
    """An order as GetOrder tells it, placed at a time."""
    id_, lines = f"N{number}", bought(spec)
    first, last, email = person(spec)
    subtotal = sum((Decimal(line["UnitPrice"]) * int(line["Quantity"]) for line in lines), Decimal())
    off = (subtotal * COUPONS.get(str(spec.get("coupon", "")), Decimal())).quantize(CENT, ROUND_HALF_UP)
    total = subtotal - off + SHIPPING
    order: Json = {
        "OrderID": id_,
        "ID": id_,
        "RelatedOrderID": "",
        "OrderType": "sales",
        "OrderStatus": str(spec.get("status", "New")),
        "Username": email,
        "Email": email,
        "UserGroup": "1",
        "SalesChannel": str(spec.get("channel", "Website")),
        "BillFirstName": first,
        "BillLastName": last,
        "BillStreetLine1": "12 Example Street",
        "BillCity": "NEWSTEAD",
        "BillState": "QLD",
        "BillPostCode": "4006",
        "BillCountry": "AU",
        "BillPhone": "0412 345 678",
        "ShippingOption": "Standard Shipping",
        "TaxInclusive": "True",
        "ProductSubtotal": _text(subtotal),
        "CouponCode": str(spec.get("coupon", "")),
        "CouponDiscount": _text(off),
        "ShippingTotal": _text(SHIPPING),
        "ShippingDiscount": "0.00",
        "SurchargeTotal": "0.00",
        "OrderTax": _text(total / 11),
        "GrandTotal": _text(total),
        "RealtimeConfirmation": "",
        "OrderPayment": "",
        "DatePlaced": stamp(at),
        "DateUpdated": stamp(at),
        "DatePaid": "",
        "DateCompletedUTC": "0000-00-00 00:00:00",
        "OrderLine": [{**line, "OrderLineID": f"{id_}-{place}"} for place, line in enumerate(lines)],
    }
    if spec.get("paid"):
        order |= {"OrderPayment": [_payment(order)], "DatePaid": stamp(at), "RealtimeConfirmation": "FULLY PAID"}
    return order


def bought(spec: Mapping[str, Any]) -> list[Json]:
    """The lines of a cart or an order; where no things are named, two at random."""
    skus: Sequence[str] = spec.get("skus") or [secrets.choice(list(THINGS)) for _ in range(2)]
    return [
        {
            "SKU": sku,
            "ProductName": THINGS[sku][0] if sku in THINGS else f"Special order {sku}",
            "Quantity": str(skus.count(sku)),
            "UnitPrice": f"{THINGS[sku][1] if sku in THINGS else Decimal(25):.8f}",
            "QuantityShipped": "0",
            "PercentDiscount": "0.00",
            "ProductDiscount": "0.00",
        }
        for sku in dict.fromkeys(skus)
    ]


def person(spec: Mapping[str, Any]) -> tuple[str, str, str]:
    if email := spec.get("email"):
        return str(spec.get("first_name", "")), str(spec.get("last_name", "")), str(email)
    return secrets.choice(PEOPLE)


def _payment(order: Json) -> Json:
    return {"Id": "1", "Amount": order["GrandTotal"], "PaymentType": "Credit Card"}


def _text(amount: Decimal) -> str:
    return str(amount.quantize(CENT, ROUND_HALF_UP))
