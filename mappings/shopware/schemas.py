"""The shape of what the Admin API returns for an order: every field that is read, and no other.

Unknown fields are ignored, an association that was not loaded is None. A wrong type is refused with its path.
Numbers stay JSON numbers here; `mappings.fields.money` makes money of them.
Source: Shopware's entity definitions of 6.5.8 and 6.6.7 (Checkout/Order, Content/Product, System/StateMachine).
"""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

PRIVILEGES: Final[tuple[str, ...]] = (
    "order",
    "order_customer",
    "order_address",
    "order_line_item",
    "order_delivery",
    "order_transaction",
    "order_transaction_capture",
    "order_transaction_capture_refund",
    "state_machine",
    "state_machine_state",
    "state_machine_history",
    "currency",
    "language",
    "locale",
    "country",
    "country_state",
    "salutation",
    "sales_channel",
    "sales_channel_domain",
    "payment_method",
    "shipping_method",
    "tag",
    "customer",
    "customer_address",
    "customer_group",
    "custom_field",
    "newsletter_recipient",
    "product",
    "product_manufacturer",
    "product_media",
    "media",
    "category",
    "property_group",
    "property_group_option",
    "seo_url",
)
"""What the app asks the merchant to let it read. A search is refused whole where one of its entities is missing."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Record(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """Base of all shapes: camelCase names outside, snake_case inside."""


class Named(Record, frozen=True, gc=False):
    """Anything with a name; `translated` holds the name with its fall-backs, or is an empty list."""

    name: str | None = None
    translated: Any = None


class State(Record, frozen=True, gc=False):
    technical_name: str


class Price(Record, frozen=True, gc=False):
    """A calculated price, in the order's currency and tax status."""

    total_price: float


class Tax(Record, frozen=True, gc=False):
    tax: float


class CartPrice(Record, frozen=True, gc=False):
    calculated_taxes: list[Tax] = []


class Currency(Record, frozen=True, gc=False):
    iso_code: str


class Locale(Record, frozen=True, gc=False):
    code: str


class Language(Record, frozen=True, gc=False):
    locale: Locale | None = None


class Domain(Record, frozen=True, gc=False):
    url: str
    language_id: str | None = None
    currency_id: str | None = None


class SalesChannel(Record, frozen=True, gc=False):
    id: str
    name: str | None = None
    domains: list[Domain] | None = None


class Country(Record, frozen=True, gc=False):
    iso: str | None = None
    name: str | None = None


class CountryState(Record, frozen=True, gc=False):
    short_code: str | None = None
    name: str | None = None


class Address(Record, frozen=True, gc=False):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    street: str | None = None
    additional_address_line1: str | None = None
    zipcode: str | None = None
    city: str | None = None
    phone_number: str | None = None
    country: Country | None = None
    country_state: CountryState | None = None


class Salutation(Record, frozen=True, gc=False):
    salutation_key: str | None = None
    display_name: str | None = None


class Customer(Record, frozen=True, gc=False):
    """The account behind an order; None on the order once it was deleted."""

    id: str
    guest: bool = False
    birthday: str | None = None
    group: Named | None = None
    sales_channel: SalesChannel | None = None
    bound_sales_channel: SalesChannel | None = None
    custom_fields: Any = None


class OrderCustomer(Record, frozen=True, gc=False):
    """Whom the order names, as they were when it was placed."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    salutation: Salutation | None = None
    customer: Customer | None = None
    custom_fields: Any = None


class Media(Record, frozen=True, gc=False):
    url: str | None = None


class ProductMedia(Record, frozen=True, gc=False):
    media: Media | None = None


class SeoUrl(Record, frozen=True, gc=False):
    seo_path_info: str
    language_id: str
    sales_channel_id: str | None = None
    is_canonical: bool | None = None
    is_deleted: bool | None = None


class Product(Record, frozen=True, gc=False):
    """A product or variant with what it inherits from its parent."""

    id: str
    parent_id: str | None = None
    product_number: str | None = None
    manufacturer: Named | None = None
    categories: list[Named] | None = None
    cover: ProductMedia | None = None
    seo_urls: list[SeoUrl] | None = None


class LineItem(Record, frozen=True, gc=False):
    """`payload` is free-form JSON that extensions write to; `parent_id` names the container a line belongs to."""

    id: str
    quantity: int
    unit_price: float
    total_price: float
    label: str | None = None
    type: str | None = None
    position: int = 0
    parent_id: str | None = None
    product_id: str | None = None
    referenced_id: str | None = None
    payload: Any = None
    cover: Media | None = None


class Delivery(Record, frozen=True, gc=False):
    """A discount on shipping is a delivery of its own, with negative costs."""

    id: str
    shipping_costs: Price
    created_at: Moment | None = None
    tracking_codes: list[Any] | None = None
    state_machine_state: State | None = None
    shipping_order_address: Address | None = None
    shipping_method: Named | None = None


class Refund(Record, frozen=True, gc=False):
    """Written by payment extensions only."""

    id: str
    amount: Price
    created_at: Moment
    reason: str | None = None
    state_machine_state: State | None = None


class Capture(Record, frozen=True, gc=False):
    refunds: list[Refund] | None = None


class Transaction(Record, frozen=True, gc=False):
    """One attempt to pay."""

    id: str
    amount: Price
    created_at: Moment | None = None
    state_machine_state: State | None = None
    payment_method: Named | None = None
    captures: list[Capture] | None = None


class Order(Record, frozen=True, gc=False):
    id: str
    order_date_time: Moment
    amount_total: float
    tax_status: str | None
    price: CartPrice
    currency: Currency
    order_customer: OrderCustomer | None
    order_number: str | None = None
    created_at: Moment | None = None
    sales_channel_id: str | None = None
    language_id: str | None = None
    currency_id: str | None = None
    affiliate_code: str | None = None
    campaign_code: str | None = None
    state_machine_state: State | None = None
    language: Language | None = None
    sales_channel: SalesChannel | None = None
    billing_address: Address | None = None
    line_items: list[LineItem] | None = None
    deliveries: list[Delivery] | None = None
    transactions: list[Transaction] | None = None
    custom_fields: Any = None


class HistoryEntry(Record, frozen=True, gc=False):
    """One step of a state machine. `entity_name` is order, order_transaction, order_delivery or a refund's."""

    id: str
    referenced_id: str
    created_at: Moment
    to_state_machine_state: State
    from_state_machine_state: State | None = None


class OrderRecord(Record, frozen=True, gc=False):
    """An order with what belongs to it: the history of all its states, its products by id, and the texts of selections.

    `options` is `{custom field: {id: {locale: text}}}`.
    """

    order: Order
    history: list[HistoryEntry] = []
    products: dict[str, Product] = {}
    options: dict[str, dict[str, dict[str, str]]] = {}
