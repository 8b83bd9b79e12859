"""What all events of one order share, made once: the profile, the properties, the merchant's choices. And a cart's one.

Which events there are and what identifies them is decided in `mappings.metrics`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from mappings import custom_fields
from mappings.dialects import DIALECTS, Dialect, attributes, named
from mappings.model import Address, Cart, Customer, Event, LineItem, Order, Tracking, Transition


@dataclass(frozen=True, slots=True)
class Story:
    """An order about to be told. `context` is what names the order in any event, `properties` all of it."""

    order: Order
    tracking: Tracking
    dialect: Dialect
    profile: dict[str, Any]
    context: dict[str, Any]
    properties: dict[str, Any]

    @classmethod
    def of(cls, order: Order, tracking: Tracking) -> "Story":
        dialect = DIALECTS[tracking.dialect]
        context = named(dialect.order, _context(order, tracking))
        properties = (
            context | named(dialect.order, _properties(order, dialect)) | named(dialect.order, order.properties)
        )
        properties = custom_fields.told(tracking.order_fields, order.custom) | properties
        own = custom_fields.told(tracking.profile_fields, order.custom)
        profile = _profile(order.customer, order.billing, dialect, own)
        return cls(order, tracking, dialect, profile, context, properties)

    def event(self, metric: str, unique_id: str, at: datetime, value: Decimal | None, **words: Any) -> Event:
        """An event with the whole order in it, and further `words` of its own; False is left out."""
        told = {word: said for word, said in words.items() if said is not False}
        return self._event(metric, unique_id, at, value, self.properties | named(self.dialect.order, told))

    def part(self, metric: str, unique_id: str, transition: Transition, value: Decimal | None, **words: Any) -> Event:
        """An event about what a transition was about: some of the lines, or the whole order where it names none."""
        if not transition.lines:
            return self.event(metric, unique_id, transition.at, value, **words)
        some = _of_lines(transition.lines, self.dialect)
        whole = {self.dialect.order.get(word) for word in some}
        rest = {name: said for name, said in self.properties.items() if name not in whole}
        return replace(self, properties=rest).event(metric, unique_id, transition.at, value, **{**some, **words})

    def product_event(self, metric: str, unique_id: str, at: datetime, line: LineItem) -> Event:
        """An event about one line; some dialects tell the whole order with it."""
        about = self.properties if self.dialect.whole else self.context
        return self._event(metric, unique_id, at, line.total, attributes(self.dialect.product, line) | about)

    def reason(self, metric: str, transition: Transition) -> str:
        """Why, in the shop's words or in the dialect's."""
        return transition.reason or self.dialect.reasons.get(metric, "")

    def _event(
        self, metric: str, unique_id: str, at: datetime, value: Decimal | None, properties: dict[str, Any]
    ) -> Event:
        oldest = self.tracking.backfill_before
        return Event(
            metric=metric,
            metric_name=self.tracking.names[metric],
            unique_id=unique_id,
            at=at,
            profile=self.profile,
            properties=properties,
            value=value,
            currency=self.order.currency,
            label=self.order.number,
            backfill=oldest is not None and at < oldest,
        )


def checkout(metric: str, cart: Cart, tracking: Tracking) -> Event:
    """The event of a cart."""
    dialect, oldest = DIALECTS[tracking.dialect], tracking.backfill_before
    words = {"total": cart.total, "currency": cart.currency, "checkout_url": cart.url}
    return Event(
        metric=metric,
        metric_name=tracking.names[metric],
        unique_id=cart.id,
        at=cart.at,
        profile=_profile(cart.customer, None, dialect),
        properties=named(dialect.cart, words | _of_lines(cart.lines, dialect)),
        value=cart.total,
        currency=cart.currency,
        label=cart.id,
        backfill=oldest is not None and cart.at < oldest,
    )


def _context(order: Order, tracking: Tracking) -> dict[str, Any]:
    return {
        "identifier": order.number if tracking.order_identifier == "number" else order.id,
        "number": order.number,
        "currency": order.currency,
        "channel_id": order.channel_id,
        "channel_name": order.channel_name,
        "locale": order.customer.locale,
    }


def _properties(order: Order, dialect: Dialect) -> dict[str, Any]:
    """total = items_total + charges - discount + shipping + tax_on_top + rounding, to the cent."""
    bought = [line for line in order.lines if line.kind == "product"]
    reductions = [line for line in order.lines if line.kind == "discount"]
    return {
        **_of_lines(bought, dialect),
        "discount_labels": ",".join(_unique(line.name for line in reductions)),
        "discount_codes": _unique(line.code for line in reductions),
        "items_total": sum((line.total for line in bought), Decimal()),
        "charges": sum((line.total for line in order.lines if line.kind == "charge"), Decimal()),
        "discount": -sum((line.total for line in reductions), Decimal()),
        "shipping": order.shipping,
        "tax": order.tax,
        "tax_on_top": order.tax_on_top,
        "rounding": order.rounding,
        "total": order.total,
        "billing": attributes(dialect.address, order.billing) if order.billing else None,
        "delivery": attributes(dialect.address, order.delivery) if order.delivery else None,
        "payment_method": order.payment_method,
        "shipping_method": order.shipping_method,
    }


def _of_lines(bought: Sequence[LineItem], dialect: Dialect) -> dict[str, Any]:
    return {
        "names": _unique(line.name for line in bought),
        "categories": _unique(category for line in bought for category in line.categories),
        "brands": _unique(line.brand for line in bought),
        "count": sum(line.quantity for line in bought),
        "items": tuple(attributes(dialect.item, line) for line in bought),
    }


def _profile(
    person: Customer, home: Address | None, dialect: Dialect, own: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """The attributes of Klaviyo's profile object, `own` custom fields among them. The billing address is where the
    person lives."""
    said = {
        "email": person.email,
        "external_id": person.external_id,
        "phone_number": person.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "locale": person.locale,
        "properties": {**own} | named(dialect.profile, person.properties),
    }
    if home:
        location = {
            "address1": home.street,
            "address2": home.street2,
            "city": home.city,
            "region": home.region,
            "zip": home.zip,
            "country": home.country,
        }
        said["location"] = {name: value for name, value in location.items() if value}
    return {name: value for name, value in said.items() if value}


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
