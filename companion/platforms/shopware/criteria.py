"""What the Admin API is asked for: associations, includes, pages. Whatever is asked for is in `schemas`, and no more.

Pure. Every association needs the read privilege of its entity (`schemas.PRIVILEGES`): without it the shop refuses
the whole search. Source: Shopware, search criteria; limits observed on 6.5.8.14 and 6.6.7.1.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from companion.platforms.shopware.webhook import LIVE_VERSION
from mappings.shopware import schemas

ORDERS: Final = 50
"""Orders a call; with their lines and addresses they are heavy for the shop."""

PAGE: Final = 100
"""Rows a call of everything else. Shops allow at least this many; some allow no more."""

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


def orders(ids: Sequence[str]) -> Criteria:
    """Up to ORDERS orders with everything that is said of them."""
    return {"ids": list(ids), "limit": len(ids), "includes": INCLUDES, **ORDER}


def history(ids: Sequence[str], page: int) -> Criteria:
    """One page of what happened to these orders, payments, deliveries and refunds, oldest first.

    Entries that are added meanwhile come last, so no page shifts. Drafts, which an order has beside it while it is
    edited, have the same ids and another version.
    """
    return {
        "page": page,
        "limit": PAGE,
        "filter": [
            {"type": "equalsAny", "field": "referencedId", "value": list(ids)},
            {"type": "equals", "field": "referencedVersionId", "value": LIVE_VERSION},
        ],
        "includes": INCLUDES,
        **HISTORY,
        **_sorted("createdAt", "id"),
    }


def products(ids: Sequence[str], language_id: str) -> Criteria:
    """Up to PAGE products, with their addresses in one language."""
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


def language(language_id: str) -> dict[str, str]:
    """Headers of a search for products: names in this language, and a variant with what its parent says."""
    return {"sw-language-id": language_id, "sw-inheritance": "1"}
