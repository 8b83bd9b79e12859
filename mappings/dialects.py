"""What a platform's events and profiles call things: the names merchants' flows, segments and templates are built on.

Tables from the house's word to the name in Klaviyo; what a table lacks is not sent. Shopware's names are those of
the earlier plugin (version 2.13), so that whatever a merchant built on it goes on working; what it lacked or got
wrong has names of its own beside them. docs/events.md tells which is which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names of properties: of an order's events, of a line in them, of Ordered Product, of an address, of a profile.

    `item`, `product` and `address` are keyed by the attributes of LineItem and Address. `reasons` are texts for
    metrics whose reason the shop does not tell. `cart` names the properties of a cart's event; `whole` tells the whole
    order in Ordered Product, too. `metrics` are those that the platform can tell.
    """

    order: Mapping[str, str]
    item: Mapping[str, str]
    product: Mapping[str, str]
    address: Mapping[str, str]
    profile: Mapping[str, str]
    reasons: Mapping[str, str]
    metrics: frozenset[str]
    cart: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def named(table: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under the dialect's names, without those that are empty: Klaviyo takes them as never set.

    Zeros stay, for templates that reckon with them.
    """
    return {table[word]: value for word, value in values.items() if word in table and (value or value == 0)}


def attributes(table: Mapping[str, str], fact: object) -> dict[str, Any]:
    """The fact's attributes under the dialect's names, without those that are empty."""
    return named(table, {word: getattr(fact, word) for word in table})


_ITEM: Final = {
    "product_id": "ProductID",
    "variant_id": "VariantID",
    "sku": "SKU",
    "name": "ProductName",
    "quantity": "Quantity",
    "unit_price": "ItemPrice",
    "total": "RowTotal",
    "url": "ProductURL",
    "image_url": "ImageURL",
    "categories": "Categories",
    "options": "Options",
}

SHOPWARE: Final = Dialect(
    order={
        "identifier": "OrderId",
        "number": "OrderNumber",
        "categories": "Categories",
        "names": "ItemNames",
        "brands": "Brands",
        "discount_labels": "DiscountCode",
        "discount_codes": "DiscountCodes",
        "items": "Items",
        "items_total": "ItemsTotal",
        "charges": "OtherCosts",
        "discount": "DiscountValue",
        "shipping": "ShippingCosts",
        "tax": "Tax",
        "tax_on_top": "TaxOnTop",
        "rounding": "Rounding",
        "total": "OrderTotal",
        "currency": "Currency",
        "billing": "BillingAddress",
        "delivery": "ShippingAddress",
        "payment_method": "PaymentMethod",
        "shipping_method": "ShippingMethod",
        "tracking_numbers": "TrackingNumbers",
        "affiliate_code": "AffiliateCode",
        "campaign_code": "CampaignCode",
        "channel_id": "SalesChannelId",
        "channel_name": "SalesChannelName",
        "locale": "Language",
        "reason": "Reason",
        "refund": "RefundType",
        "amount_unknown": "AmountUnknown",
    },
    item={**_ITEM, "brand": "Brand"},
    product={**_ITEM, "brand": "ProductBrand"},
    address={
        "first_name": "FirstName",
        "last_name": "LastName",
        "company": "Company",
        "street": "Address1",
        "street2": "Address2",
        "city": "City",
        "region": "Region",
        "region_code": "RegionCode",
        "country": "Country",
        "country_code": "CountryCode",
        "zip": "Zip",
        "phone": "Phone",
    },
    profile={
        "birthday": "Birthday",
        "channel_id": "salesChannelId",
        "channel_name": "salesChannelName",
        "bound_channel_id": "boundedSalesChannelId",
        "bound_channel_name": "boundedSalesChannelName",
        "language": "language",
        "group": "customerGroup",
    },
    reasons={
        "Cancelled Order": "Cancelled in the shop",
        "Refunded Order": "Refunded in the shop",
        "Paid Order": "Paid in the shop",
        "Partially Paid Order": "Partly paid in the shop",
    },
    metrics=frozenset(
        {
            *("Placed Order", "Ordered Product", "Fulfilled Order", "Cancelled Order", "Refunded Order"),
            *("Paid Order", "Partially Paid Order", "Shipped Order", "Partially Shipped Order"),
        }
    ),
)

_NETO_ITEM: Final = {
    "sku": "SKU",
    "name": "ProductName",
    "quantity": "Quantity",
    "unit_price": "ItemPrice",
    "url": "ProductURL",
    "image_url": "ImageURL",
}
NETO: Final = Dialect(
    order={
        "total": "Value",
        "identifier": "OrderID",
        "names": "ItemNames",
        "categories": "Categories",
        "brands": "Brands",
        "count": "Item Count",
        "discount_codes": "Discount Codes",
        "coupons": "Total Discounts",
        "channel_name": "Source Name",
        "items": "Items",
        "currency": "Currency",
        "tax": "Tax",
        "tax_inclusive": "Tax Inclusive",
        "shipping": "Shipping Total",
        "shipping_discount": "Shipping Discount",
        "product_discounts": "Product Discounts",
        "shipping_method": "Shipping Option",
        "tracking_numbers": "Tracking Numbers",
        "tracking_urls": "Tracking URLs",
        "reason": "Reason",
        "refund": "Refund Type",
        "refunded": "Refunded Amount",
        "amount_unknown": "Amount Unknown",
    },
    item=_NETO_ITEM,
    product=_NETO_ITEM,
    address={},
    profile={"username": "Neto Username", "group": "Neto User Group"},
    reasons={},
    metrics=frozenset(
        {
            *("Started Checkout", "Placed Order", "Ordered Product", "Fulfilled Order", "Partially Fulfilled Order"),
            *("Cancelled Order", "Refunded Order"),
        }
    ),
    cart={
        "total": "Value",
        "names": "ItemNames",
        "categories": "Categories",
        "checkout_url": "Checkout URL",
        "items": "Items",
    },
    whole=True,
)
"""Neto's names are those that its other integration gave them (metric list of 2025), blanks and all."""

DIALECTS: Final[Mapping[str, Dialect]] = {"shopware": SHOPWARE, "neto": NETO}
