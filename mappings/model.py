"""The words of the house: canonical, platform-free facts, and the events that leave.

Money is `Decimal` in the order's own currency, time is aware UTC, ids are `str`. Nothing here does anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from mappings.custom_fields import NOTHING, Custom, CustomField

LineKind = Literal["product", "charge", "discount"]
Machine = Literal["order", "payment", "delivery"]


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. `country` is a name, `country_code` ISO 3166-1 alpha-2, `phone` E.164 or empty."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    region: str = ""
    region_code: str = ""
    country: str = ""
    country_code: str = ""
    zip: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom the order belongs to. `external_id` is empty for guests and deleted accounts.

    `properties` holds further facts under the names that `mappings.dialects` translates; those of an order likewise.
    """

    email: str
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    phone: str = ""
    locale: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line. `kind` product: something bought; charge: a fee or a free line; discount: a negative line.

    `product_id` equals the id in Klaviyo's catalogue (the parent of a variant), `variant_id` the thing bought.
    """

    id: str
    kind: LineKind
    name: str
    quantity: int | Decimal
    unit_price: Decimal
    total: Decimal
    product_id: str = ""
    variant_id: str = ""
    sku: str = ""
    url: str = ""
    image_url: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """One state entered, as the platform's own history tells it.

    Those that make events: an order is completed, completed_partially, cancelled; a payment paid, paid_partially,
    refunded, refunded_partially; a delivery shipped, shipped_partially. A platform's other states keep their own names.

    `id` is the history entry's, or the refund's where a refund moved no state; empty where the platform kept none.
    `subject_id` is the order, payment or delivery that moved; `amount` is what was paid or given back, where the
    shop knows it, `reason` why; `lines` what it was about, where it was not the whole order.
    """

    id: str
    machine: Machine
    subject_id: str
    state: str
    at: datetime
    amount: Decimal | None = None
    reason: str = ""
    lines: tuple[LineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its whole known life in `transitions`, oldest first.

    Invariant: sum of `lines` + `shipping` + `tax_on_top` + `rounding` = `total`, to the cent. `tax_on_top` is
    zero where prices include tax. `shipping` is what the customer pays for it before discounts on it;
    discounts on shipping are lines of kind `discount`.

    `placed` is False where the record does not show that the order ever was: it is then told only as what becomes of an
    order told before. `split_from` is the id of the order that this one was taken out of, which was told with it in it.
    """

    id: str
    number: str
    placed_at: datetime
    currency: str
    total: Decimal
    shipping: Decimal
    tax: Decimal
    tax_on_top: Decimal
    rounding: Decimal
    customer: Customer
    lines: tuple[LineItem, ...]
    transitions: tuple[Transition, ...] = ()
    channel_id: str = ""
    channel_name: str = ""
    billing: Address | None = None
    delivery: Address | None = None
    payment_method: str = ""
    shipping_method: str = ""
    placed: bool = True
    split_from: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    custom: Custom = NOTHING


@dataclass(frozen=True, slots=True)
class Cart:
    """A checkout that somebody began: who, what is in it, and where it can be taken up again on any device."""

    id: str
    at: datetime
    currency: str
    total: Decimal
    customer: Customer
    lines: tuple[LineItem, ...]
    url: str = ""
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A newsletter subscription in one sales channel. `active`: the person may be written to.

    `opted_in_at` is when the platform recorded the consent in force, or the last there was; `status` is the platform's
    own word. `changed_at` is when the row was last written, told only where the platform keeps no time of a second
    opt-in. `custom` holds the platform's custom fields under their technical names.
    """

    id: str
    email: str
    active: bool
    status: str
    opted_in_at: datetime
    channel_id: str = ""
    channel_name: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    locale: str = ""
    tags: tuple[str, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    changed_at: datetime | None = None


Fact = Order | Cart


@dataclass(frozen=True, slots=True)
class Event:
    """A Klaviyo event. `profile` is the attributes of Klaviyo's profile object, `properties` the event's.

    `metric` is the house's name (`Placed Order`), `metric_name` the merchant's; `unique_id` never changes for
    one fact. `value` is None where the shop does not know the amount. `label` is what a person searches by
    (the order number).

    `follows`: told only where the event (metric, unique_id) was; `unless`: not where that was told as news.
    """

    metric: str
    metric_name: str
    unique_id: str
    at: datetime
    profile: Mapping[str, Any]
    properties: Mapping[str, Any]
    value: Decimal | None = None
    currency: str = ""
    label: str = ""
    backfill: bool = False
    follows: tuple[str, str] | None = None
    unless: tuple[str, str] | None = None


Message = Event


@dataclass(frozen=True, slots=True)
class Subscription:
    """Consent on its way to Klaviyo: whose, and when it was given."""

    email: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why Klaviyo mails someone no more: everywhere, or on the list `list_id`. `at` is None where it does not say."""

    reason: str
    at: datetime | None
    list_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has agreed to in Klaviyo. `consent` is Klaviyo's word, changed at `changed_at`.

    `joined_at` is told by a list of its members only.
    """

    profile_id: str
    email: str
    consent: str
    suppressions: tuple[Suppression, ...] = ()
    changed_at: datetime | None = None
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tracking:
    """A merchant's choices for one sales channel: what to send, under which names.

    `names` maps the house's metric to the merchant's; a metric that is absent is switched off. `repeats` holds the
    metrics sent again when an order re-enters the state. `order_fields` become properties of its events,
    `profile_fields` of its customer. Events older than `backfill_before` start no flows.
    """

    dialect: str
    names: Mapping[str, str]
    repeats: frozenset[str] = frozenset()
    order_identifier: Literal["id", "number"] = "id"
    order_fields: tuple[CustomField, ...] = ()
    profile_fields: tuple[CustomField, ...] = ()
    backfill_before: datetime | None = None
