"""A merchant's choices, as they are kept with the store: their shape, their defaults, their errors by field.

Shape: `{"events": {"Paid Order": true}, "names": {"Cancelled Order": "Canceled Order"}, "repeats": [...],
"order_identifier": "id", "custom_fields": {"order": [{"source": "order.gift", "property": "Gift", "form": "id"}],
"profile": [...]}, "channels": {"<sales channel id>": {"events": {...}, ...}}}`. A channel inherits what it does not
set. The choices about subscribers are read by `companion.audiences`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, validate

from companion import origins
from companion.errors import CompanionError
from mappings import custom_fields
from mappings.consent import LIFTABLE
from mappings.dialects import DIALECTS
from mappings.metrics import DEFAULTS
from mappings.model import Tracking

_metric = validate.OneOf(list(DEFAULTS), error="{input!r} is no metric; choose one of {choices}")


ONSITE_METRICS: Final = ("Viewed Product", "Added to Cart", "Started Checkout")
"""What the browser tells, except where TOLD_BY_SERVER, so each has one producer."""

TOLD_BY_SERVER: Final = {"neto": {"Started Checkout"}}
"""Platform → what its server tells instead: of Neto's carts it knows guests, too, and the link that restores them."""

CONSENT_NAMES: Final = {
    "shopware": "companion-for-klaviyo",
    "suitecommerce": "ANALYTICAL",
    "cookiebot": "marketing",
    "consentmanager": "",
    "usercentrics": "Klaviyo",
    "google": "ad_storage",
    "hook": "",
    "none": "",
}
"""How consent is asked → what is looked for there, unless the merchant names another: the app's cookie, a kind of
cookies, a category, a vendor or purpose, a service, a kind of storage. `hook` is the theme's own answer."""

ASKED_BY_PLATFORM: Final = {"shopware": "shopware", "netsuite": "suitecommerce"}
"""The platform's own consent, where it has one; elsewhere the theme has to say yes."""


LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "shop_calls_per_minute": (1, 10_000),
    "sweep_minutes": (0, 1440),
    "hold_minutes": (0, 1440),
    "idle_minutes": (0, 1440),
}
"""The least and the most of a store's own numbers."""


class InvalidSettings(CompanionError):
    """`problems` maps the field's path to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {problem}" for path, problem in problems.items()))
        self.problems = problems


def _within(name: str, word: str = "number") -> dict[str, Any]:
    """A number's limits as a field has them; every problem says them."""
    least, most = LIMITS[name]
    said = f"write a {word} from {least:,} to {most:,}"
    problems = dict.fromkeys(("invalid", "special", "too_large"), said)
    return {"validate": validate.Range(least, most, error=said), "error_messages": problems}


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(f"{name!r} is no time zone; write one like Europe/Berlin") from None


def _check_origin(address: str) -> None:
    if origins.origin(address) != address:
        raise ValidationError(f"{address!r} is no domain; write it like https://shop.example, without a path")


class SubscriberList(Schema):
    """The Klaviyo list that subscribers go to: found by its id, and known to the merchant by its name."""

    id = fields.String(required=True, validate=validate.Length(1, 32))
    name = fields.String(required=True, validate=validate.Length(1, 200))


class Exclusions(Schema):
    """Which opt-outs in Klaviyo a newer opt-in on the platform lifts, and whether leaving any list counts."""

    newer_opt_in_lifts = fields.List(fields.String(validate=validate.OneOf(LIFTABLE)))
    all_lists = fields.Boolean()


class CustomField(Schema):
    """A custom field of the shop: where it is found, what Klaviyo calls it, how a selection is told."""

    source = fields.String(required=True, validate=lambda source: _check(custom_fields.problem(source)))
    property = fields.String(required=True, validate=lambda name: _check(_name_problem(name)))
    form = fields.String(load_default="id", validate=validate.OneOf(custom_fields.FORMS))


def _check(problem: str | None) -> None:
    if problem:
        raise ValidationError(problem)


def _name_problem(name: str) -> str | None:
    if not 1 <= len(name.strip()) <= 127:
        return "The property needs a name of at most 127 characters."
    return "Names that begin with $ are Klaviyo's own." if name.startswith("$") else None


def _check_names(chosen: list[dict[str, str]]) -> None:
    names = [one["property"] for one in chosen]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ValidationError(f"{double!r} is the name of two fields.")


class CustomFields(Schema):
    """Custom fields told with an order's events, and with its customer's profile."""

    order = fields.List(fields.Nested(CustomField), validate=[validate.Length(max=50), _check_names])
    profile = fields.List(fields.Nested(CustomField), validate=[validate.Length(max=50), _check_names])


class OnsiteSettings(Schema):
    """What is told from the storefront, and after whose yes."""

    metrics = fields.Dict(keys=fields.String(validate=validate.OneOf(ONSITE_METRICS)), values=fields.Boolean())
    consent = fields.String(validate=validate.OneOf(list(CONSENT_NAMES)))
    consent_name = fields.String(validate=validate.Length(0, 100))
    identified = fields.Boolean()
    untracked_forms = fields.Boolean()


class ChannelSettings(Schema):
    """What a sales channel can set for itself. `removal_limit` is a percentage of the list."""

    events = fields.Dict(keys=fields.String(validate=_metric), values=fields.Boolean())
    names = fields.Dict(keys=fields.String(validate=_metric), values=fields.String(validate=validate.Length(1, 127)))
    repeats = fields.List(fields.String(validate=_metric))
    order_identifier = fields.String(validate=validate.OneOf(["id", "number"]))
    custom_fields = fields.Nested(CustomFields)
    subscribers = fields.Boolean()
    subscriber_list = fields.Nested(SubscriberList)
    subscriber_fields = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 255, error="Name the custom field.")),
        values=fields.String(
            validate=validate.Length(1, 127, error="The property needs a name of at most 127 characters.")
        ),
    )
    consent_authority = fields.String(validate=validate.OneOf(["platform", "klaviyo"]))
    exclusions = fields.Nested(Exclusions)
    removal_limit = fields.Integer(strict=True, validate=validate.Range(0, 100))
    onsite = fields.Nested(OnsiteSettings)


class StoreSettings(ChannelSettings):
    """What a store can set: for all its channels, and for single ones; and what is the store's alone.

    `shop_calls_per_minute` and `sweep_minutes` stand before the service's own. The others are for shops that do not
    tell themselves: `currency`; `shop_times`, whether times are UTC, local (of `time_zone`) or to be found out;
    `hold_minutes`, how long an unpaid order on hold is none yet; `idle_minutes`, how long a cart has to lie still;
    `splits_count`, whether an order taken out of another is told as one of its own; `refills_carts`, whether a cart
    without a link that brings it back has one that adds its products. Of sales channels with one of
    `ignored_channels` in their id, nothing is told.
    """

    sync_hour = fields.Integer(strict=True, validate=validate.Range(0, 23))
    time_zone = fields.String(validate=_check_zone)
    domains = fields.List(fields.String(validate=_check_origin), validate=validate.Length(max=50))
    shop_calls_per_minute = fields.Integer(strict=True, **_within("shop_calls_per_minute", "whole number"))
    sweep_minutes = fields.Float(**_within("sweep_minutes"))
    currency = fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z", error="write a currency like AUD"))
    shop_times = fields.String(validate=validate.OneOf(["auto", "utc", "local"], error="choose one of {choices}"))
    hold_minutes = fields.Float(**_within("hold_minutes"))
    idle_minutes = fields.Float(**_within("idle_minutes"))
    splits_count = fields.Boolean()
    refills_carts = fields.Boolean()
    ignored_channels = fields.List(
        fields.String(validate=validate.Length(1, 64, error="{input!r}: write 1 to 64 characters of a channel's name")),
        validate=validate.Length(max=50, error="name 50 sales channels at most"),
    )
    channels = fields.Dict(keys=fields.String(validate=validate.Length(1, 64)), values=fields.Nested(ChannelSettings))


def checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, typed. Raises InvalidSettings naming every field that is wrong."""
    try:
        return cast("dict[str, Any]", StoreSettings().load(dict(settings)))
    except ValidationError as error:
        raise InvalidSettings(dict(_flat(error.messages))) from None


def tracking(settings: Mapping[str, Any], channel_id: str, dialect: str, backfill_before: datetime) -> Tracking:
    """The choices in force for one sales channel."""
    own = settings.get("channels", {}).get(channel_id, {})
    chosen = {**DEFAULTS, **settings.get("events", {}), **own.get("events", {})}
    ignored = any(part.lower() in channel_id.lower() for part in settings.get("ignored_channels", ()))
    events = {} if ignored else {metric: chosen[metric] for metric in chosen if metric in DIALECTS[dialect].metrics}
    names = {**settings.get("names", {}), **own.get("names", {})}
    custom = {**settings.get("custom_fields", {}), **own.get("custom_fields", {})}
    return Tracking(
        dialect=dialect,
        names={metric: names.get(metric, metric) for metric, wanted in events.items() if wanted},
        repeats=frozenset(own.get("repeats", settings.get("repeats", ()))),
        order_identifier=own.get("order_identifier", settings.get("order_identifier", "id")),
        order_fields=chosen_fields(custom.get("order", ())),
        profile_fields=chosen_fields(custom.get("profile", ())),
        backfill_before=backfill_before,
    )


def chosen_fields(kept: Iterable[Mapping[str, Any]]) -> tuple[custom_fields.CustomField, ...]:
    """Custom fields as they are kept, for the mapping."""
    return tuple(custom_fields.CustomField(one["source"], one["property"], one["form"]) for one in kept)


@dataclass(frozen=True, slots=True)
class Onsite:
    """The storefront's choices in force: metrics told, how consent is asked, whether browsers known to Klaviyo count
    like logged-in customers for Added to Cart, and whether forms may show without tracking."""

    metrics: list[str]
    consent: str
    consent_name: str
    identified: bool
    untracked_forms: bool


def onsite_metrics(platform: str) -> list[str]:
    """What the browser may tell on this platform."""
    return [metric for metric in ONSITE_METRICS if metric not in TOLD_BY_SERVER.get(platform, ())]


def onsite(settings: Mapping[str, Any], channel_id: str, platform: str) -> Onsite:
    """The storefront's choices for one sales channel, which inherits what it does not set."""
    levels = (settings, settings.get("channels", {}).get(channel_id, {}))
    above, own = (level.get("onsite", {}) for level in levels)
    chosen = {**above, **own}
    wanted = {**above.get("metrics", {}), **own.get("metrics", {})}
    consent = chosen.get("consent", ASKED_BY_PLATFORM.get(platform, "hook"))
    return Onsite(
        metrics=[metric for metric in onsite_metrics(platform) if wanted.get(metric, True)],
        consent=consent,
        consent_name=chosen.get("consent_name") or CONSENT_NAMES[consent],
        identified=chosen.get("identified", False),
        untracked_forms=chosen.get("untracked_forms", False),
    )


def calls_per_minute(settings: Mapping[str, Any], house: int) -> int:
    """The budget of calls to the store's shop; `house` is the service's own, for stores that set none."""
    return int(settings.get("shop_calls_per_minute", house))


def _flat(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        return [pair for name, inner in messages.items() for pair in _flat(inner, f"{path}.{name}".lstrip("."))]
    return [(path, " ".join(str(message) for message in messages))]
