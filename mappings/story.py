"""What all events of one order share, made once: the profile, the properties, the merchant's choices.

Which events there are and what identifies them is decided in `mappings.metrics`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings import custom_fields
from mappings.dialects import DIALECTS, Dialect, attributes, named
from mappings.model import Event, LineItem, Order, Tracking, Transition


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
        return cls(order, tracking, dialect, _profile(order, tracking, dialect), context, properties)

    def event(self, metric: str, unique_id: str, at: datetime, value: Decimal | None, **words: Any) -> Event:
        """An event with the whole order in it, and further `words` of its own; False is left out."""
        told = {word: said for word, said in words.items() if said is not False}
        return self._event(metric, unique_id, at, value, self.properties | named(self.dialect.order, told))

    def product_event(self, metric: str, unique_id: str, at: datetime, line: LineItem) -> Event:
        """An event about one line."""
        return self._event(metric, unique_id, at, line.total, attributes(self.dialect.product, line) | self.context)

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
        "names": _unique(line.name for line in bought),
        "categories": _unique(category for line in bought for category in line.categories),
        "brands": _unique(line.brand for line in bought),
        "discount_labels": ",".join(_unique(line.name for line in reductions)),
        "discount_codes": _unique(line.code for line in reductions),
        "items": tuple(attributes(dialect.item, line) for line in bought),
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


def _profile(order: Order, tracking: Tracking, dialect: Dialect) -> dict[str, Any]:
    """The attributes of Klaviyo's profile object. The billing address is where the person lives."""
    own = custom_fields.told(tracking.profile_fields, order.custom)
    person, home = order.customer, order.billing
    said = {
        "email": person.email,
        "external_id": person.external_id,
        "phone_number": person.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "locale": person.locale,
        "properties": own | named(dialect.profile, person.properties),
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
