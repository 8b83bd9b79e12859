"""The shape of what Neto returns, once `companion.platforms.neto.loose` has tidied it: every field that is read.

Everything is text or absent, collections are lists, empty values and zero dates are gone. A text that is no number
where one is needed is refused with its path.
Source: Neto, GetOrder, GetItem, GetRma, GetCart, GetCustomer (developers.maropost.com/documentation/engineers).
"""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

SPELLED: Final = {"id": "ID", "sku": "SKU", "url": "URL", "utc": "UTC"}

Amount = Annotated[str, msgspec.Meta(pattern=r"\A\s*[-+]?\d{1,15}(\.\d{0,15})?\s*\Z")]
"""A number as text: `39.95000000`, `-1`, `2.`"""


def spelled(name: str) -> str:
    """`parent_sku` is `ParentSKU`, `grand_total` is `GrandTotal`."""
    return "".join(SPELLED.get(part, part.capitalize()) for part in name.split("_"))


class Record(msgspec.Struct, rename=spelled, frozen=True, gc=False):
    """Base of all shapes: Neto's names outside, snake_case inside."""


class Shop(msgspec.Struct, frozen=True):
    """What the record itself does not tell: the shop's address and currency, its time zone, and when it was read.

    `zone` is that of times without one: a name, or an offset as `+10:00`. `hold_s` is how long an unpaid order on hold
    is no order yet, `idle_s` how long a cart has to lie still. `splits_count` tells an order that was taken out of
    another as an order of its own. `refills_carts` makes a link for a cart that the shop has none for.
    """

    url: str
    currency: str
    read_at: datetime
    zone: str = "UTC"
    hold_s: float = 600.0
    idle_s: float = 180.0
    splits_count: bool = False
    refills_carts: bool = False


class Line(Record, frozen=True, gc=False):
    """`component_of_kit` names the kit that a line is a part of."""

    order_line_id: str | None = msgspec.field(default=None, name="OrderLineID")
    sku: str | None = None
    product_name: str | None = None
    name: str | None = None
    model: str | None = None
    quantity: Amount | None = None
    qty: Amount | None = None
    unit_price: Amount | None = None
    price: Amount | None = None
    tax: Amount | None = None
    percent_discount: Amount | None = None
    product_discount: Amount | None = None
    coupon_discount: Amount | None = None
    quantity_shipped: Amount | None = None
    shipping_tracking: str | None = None
    shipping_tracking_url: str | None = msgspec.field(default=None, name="ShippingTrackingUrl")
    component_of_kit: Any = None


class Payment(Record, frozen=True, gc=False):
    amount: Amount


class Order(Record, frozen=True, gc=False):
    """An order with the addresses flat on it."""

    order_id: str = msgspec.field(name="OrderID")
    grand_total: Amount
    date_placed: str
    order_status: str = ""
    order_type: str | None = None
    related_order_id: str | None = msgspec.field(default=None, name="RelatedOrderID")
    username: str | None = None
    email: str | None = None
    user_group: str | None = None
    sales_channel: str | None = None
    tax_inclusive: str | None = None
    order_tax: Amount | None = None
    shipping_total: Amount | None = None
    shipping_discount: Amount | None = None
    surcharge_total: Amount | None = None
    product_subtotal: Amount | None = None
    coupon_code: str | None = None
    coupon_discount: Amount | None = None
    shipping_option: str | None = None
    default_payment_type: str | None = None
    realtime_confirmation: str | None = None
    date_updated: str | None = None
    date_paid: str | None = None
    date_completed_utc: str | None = None
    order_line: list[Line] = []
    order_payment: list[Payment] = []
    bill_first_name: str | None = None
    bill_last_name: str | None = None
    bill_company: str | None = None
    bill_street_line1: str | None = None
    bill_street_line2: str | None = None
    bill_city: str | None = None
    bill_state: str | None = None
    bill_post_code: str | None = None
    bill_country: str | None = None
    bill_phone: str | None = None


class Image(Record, frozen=True, gc=False):
    name: str | None = None
    url: str | None = None


class Category(Record, frozen=True, gc=False):
    category_name: str


class Item(Record, frozen=True, gc=False):
    """A product or variant; what it lacks may stand with its parent only."""

    sku: str
    parent_sku: str | None = None
    brand: str | None = None
    name: str | None = None
    item_url: str | None = None
    is_neto_utility: str | None = None
    categories: list[Category] = []
    images: list[Image] = []


class RmaLine(Record, frozen=True, gc=False):
    rma_line_id: str | None = msgspec.field(default=None, name="RmaLineID")
    sku: str | None = None
    product_name: str | None = None
    quantity: Amount | None = None
    refund_subtotal: Amount | None = None
    return_reason: str | None = None


class Refund(Record, frozen=True, gc=False):
    refund_amount: Amount
    refund_id: str | None = msgspec.field(default=None, name="RefundID")
    refund_status: str | None = None
    date_issued: str | None = None
    date_refunded: str | None = None


class Rma(Record, frozen=True, gc=False):
    """A return, and the money that was given back for it."""

    rma_id: str = msgspec.field(name="RmaID")
    date_updated: str | None = None
    date_approved: str | None = None
    rma_lines: list[RmaLine] = []
    refunds: list[Refund] = []


class BillingAddress(Record, frozen=True, gc=False):
    """Of a customer or a cart, whose address is an object of its own."""

    bill_first_name: str | None = None
    bill_last_name: str | None = None
    bill_country: str | None = None
    bill_phone: str | None = None


class Cart(Record, frozen=True, gc=False):
    """What the Abandoned Cart Saver keeps. `restore_cart_url` builds it again on any device."""

    cart_id: str = msgspec.field(name="CartID")
    customer_email: str | None = None
    customer_username: str | None = None
    checkout_status: str | None = None
    order_id: str | None = msgspec.field(default=None, name="OrderID")
    cart_total: Amount | None = None
    restore_cart_url: str | None = msgspec.field(default=None, name="RestoreCartUrl")
    date_created_utc: str | None = None
    date_updated_utc: str | None = None
    date_updated: str | None = None
    order_lines: list[Line] = []
    billing_address: BillingAddress = BillingAddress()


class Customer(Record, frozen=True, gc=False):
    username: str
    email_address: str | None = None
    newsletter_subscriber: str | None = None
    active: str | None = None
    user_group: str | None = None
    sales_channel: str | None = None
    registration_date: str | None = None
    date_added_utc: str | None = None
    billing_address: BillingAddress = BillingAddress()


class OrderRecord(msgspec.Struct, frozen=True, gc=False):
    """An order with its returns, the items of its lines by SKU, their parents among them, and its shop."""

    order: Order
    shop: Shop
    rmas: list[Rma] = []
    items: dict[str, Item] = {}


class CartRecord(msgspec.Struct, frozen=True, gc=False):
    cart: Cart
    shop: Shop
    items: dict[str, Item] = {}


class CustomerRecord(msgspec.Struct, frozen=True, gc=False):
    customer: Customer
    shop: Shop
