"""What the Admin API is asked for: associations, includes, pages. Whatever is asked for is in `schemas`, and no more.

Pure. Every association needs the read privilege of its entity (`schemas.PRIVILEGES`): without it the shop refuses
the whole search. Source: Shopware, search criteria; limits observed on 6.5.8.14 and 6.6.7.1.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from companion.platforms.base import Walk
from companion.platforms.shopware.webhook import LIVE_VERSION
from mappings.shopware import schemas

PAGE: Final = 100
"""Rows a call of everything that is lighter than an order. Shops allow at least this many; some allow no more."""

MOST: Final = 500
"""Rows a call that shops allow by themselves."""

Criteria = dict[str, Any]


def _nested(**associations: Any) -> Criteria:
    return {"associations": associations}


def _sorted(*names: str) -> Criteria:
    return {"sort": [{"field": name, "order": "ASC"} for name in names]}


_ADDRESS: Final = _nested(country={}, countryState={})

ORDER: Final[Criteria] = _nested(
    stateMachineState={},
    currency={},
    language=_nested(locale={}),
    salesChannel=_nested(domains={}),
    orderCustomer=_nested(salutation={}, customer=_nested(group={}, salesChannel={}, boundSalesChannel={})),
    billingAddress=_ADDRESS,
    lineItems=_nested(cover={}),
    deliveries=_sorted("createdAt", "id")
    | _nested(stateMachineState={}, shippingMethod={}, shippingOrderAddress=_ADDRESS),
    transactions=_sorted("createdAt", "id")
    | _nested(
        stateMachineState={},
        paymentMethod={},
        captures=_nested(refunds=_nested(stateMachineState={})),
    ),
)

HISTORY: Final[Criteria] = _nested(fromStateMachineState={}, toStateMachineState={})

SHAPES: Final[dict[str, type[schemas.Record]]] = {
    "order": schemas.Order,
    "order_customer": schemas.OrderCustomer,
    "order_address": schemas.Address,
    "order_line_item": schemas.LineItem,
    "order_delivery": schemas.Delivery,
    "order_transaction": schemas.Transaction,
    "order_transaction_capture": schemas.Capture,
    "order_transaction_capture_refund": schemas.Refund,
    "calculated_price": schemas.Price,
    "cart_price": schemas.CartPrice,
    "cart_tax_calculated": schemas.Tax,
    "country": schemas.Country,
    "country_state": schemas.CountryState,
    "currency": schemas.Currency,
    "customer": schemas.Customer,
    "customer_group": schemas.Named,
    "language": schemas.Language,
    "locale": schemas.Locale,
    "media": schemas.Media,
    "payment_method": schemas.Named,
    "sales_channel": schemas.SalesChannel,
    "sales_channel_domain": schemas.Domain,
    "salutation": schemas.Salutation,
    "shipping_method": schemas.Named,
    "state_machine_history": schemas.HistoryEntry,
    "state_machine_state": schemas.State,
    "product": schemas.Product,
    "product_manufacturer": schemas.Named,
    "product_media": schemas.ProductMedia,
    "category": schemas.Named,
    "seo_url": schemas.SeoUrl,
}
"""The shape of each kind of record an answer can hold."""

INCLUDES: Final = {
    alias: [field.encode_name for field in msgspec.structs.fields(shape)] for alias, shape in SHAPES.items()
}


OUTLINE: Final = {"order": ["id", "orderNumber", "autoIncrement"]}
ENTERED: Final = {"state_machine_history": ["id", "referencedId", "createdAt"]}


def rows(orders_a_call: int) -> int:
    """How many light rows a call asks for where so many orders a call are asked for: modesty goes for both."""
    return MOST if orders_a_call > PAGE // 2 else PAGE


def orders(ids: Sequence[str]) -> Criteria:
    """Orders with everything that is said of them."""
    return {"ids": list(ids), "limit": len(ids), "includes": INCLUDES, **ORDER}


def history(ids: Sequence[str], page: int, limit: int) -> Criteria:
    """One page of what happened to these orders, payments, deliveries and refunds, oldest first.

    Entries that are added meanwhile come last, so no page shifts. Drafts, which an order has beside it while it is
    edited, have the same ids and another version.
    """
    return {
        "page": page,
        "limit": limit,
        "filter": [
            {"type": "equalsAny", "field": "referencedId", "value": list(ids)},
            {"type": "equals", "field": "referencedVersionId", "value": LIVE_VERSION},
        ],
        "includes": INCLUDES,
        **HISTORY,
        **_sorted("createdAt", "id"),
    }


def products(ids: Sequence[str], language_id: str) -> Criteria:
    """Products, with their addresses in one language."""
    addresses = [
        {"type": "equals", "field": "isCanonical", "value": True},
        {"type": "equals", "field": "languageId", "value": language_id},
    ]
    return {
        "ids": list(ids),
        "limit": len(ids),
        "includes": INCLUDES,
        **_nested(manufacturer={}, categories={}, cover=_nested(media={}), seoUrls={"filter": addresses}),
    }


def selections() -> Criteria:
    """The custom fields that offer a selection, with their options."""
    wanted = {"type": "equals", "field": "type", "value": "select"}
    return {
        "limit": PAGE,
        "filter": [wanted],
        "includes": {"custom_field": ["id", "name", "config"]},
        **_sorted("name"),
    }


def language(language_id: str) -> dict[str, str]:
    """Headers of a search for products: names in this language, and a variant with what its parent says."""
    return {"sw-language-id": language_id, "sw-inheritance": "1"}


def placed(walk: Walk, after: int, limit: int) -> Criteria:
    """The orders of a period behind one of them, outlined.

    They are walked in the order they were written in: `autoIncrement` belongs to one order for ever, so nothing that
    is added, changed or deleted meanwhile moves another one.
    """
    period = {bound: moment(at) for bound, at in (("gte", walk.since), ("lt", walk.until)) if at is not None}
    wanted = [_range("orderDateTime", **period)] if period else []
    if walk.channels:
        wanted.append(_any("salesChannelId", walk.channels))
    return _outlined([_range("autoIncrement", gt=after), *wanted], limit)


def changed(walk: Walk, after: int, limit: int) -> Criteria:
    """The orders written since a time behind one of them, outlined.

    A payment or delivery that moves does not touch its order; `updatedAt` is empty until the first change.
    """
    parts = ("", "transactions.", "deliveries.")
    written = [_range(f"{part}{name}", gte=since(walk)) for part in parts for name in ("createdAt", "updatedAt")]
    return _outlined([_range("autoIncrement", gt=after), _or(written)], limit)


def entered(at: str, seen: Collection[str], limit: int) -> Criteria:
    """The states entered from a time on, but for those of exactly that time that were `seen`."""
    unseen = [{"type": "not", "operator": "or", "queries": [_any("id", seen)]}] if seen else []
    live = {"type": "equals", "field": "referencedVersionId", "value": LIVE_VERSION}
    wanted = [_range("createdAt", gte=at), live, *unseen]
    return {"limit": limit, "filter": wanted, "includes": ENTERED, **_sorted("createdAt", "id")}


def owners(subjects: Collection[str], limit: int) -> Criteria:
    """The orders that these orders, payments, deliveries or refunds belong to, outlined."""
    fields = ("id", "transactions.id", "deliveries.id", "transactions.captures.refunds.id")
    return _outlined([_or([_any(field, subjects) for field in fields])], limit)


def counted(walk: Walk) -> Criteria:
    """How many orders `placed` walks over."""
    return {**placed(walk, 0, 1), "total-count-mode": 1}


def since(walk: Walk) -> str:
    """Where a walk begins in time."""
    return moment(walk.since or datetime(1970, 1, 1, tzinfo=UTC))


def moment(at: datetime) -> str:
    """A time as filters compare it: they hand it to SQL as it is."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")


def _outlined(wanted: Sequence[Criteria], limit: int) -> Criteria:
    return {"limit": limit, "filter": list(wanted), "includes": OUTLINE, **_sorted("autoIncrement")}


def _range(field: str, **bounds: Any) -> Criteria:
    return {"type": "range", "field": field, "parameters": bounds}


def _any(field: str, values: Collection[str]) -> Criteria:
    return {"type": "equalsAny", "field": field, "value": list(values)}


def _or(queries: Sequence[Criteria]) -> Criteria:
    return {"type": "multi", "operator": "or", "queries": list(queries)}
