"""A profile as Klaviyo returns it, read for one question: what has this person agreed to, and when not?

Shape: https://developers.klaviyo.com/en/reference/get_profiles with `additional-fields[profile]=subscriptions`
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from companion.errors import Retry
from mappings.consent import UNSUBSCRIBED
from mappings.model import Standing, Suppression


def standing(profile: Mapping[str, Any]) -> Standing:
    """What a profile says of its owner's consent; nothing said of e-mail is taken as never having happened.

    Consent withdrawn without a suppression to show for it is told as one: it is no younger than the last change.
    Raises Retry where it was asked for and nothing is said of it at all: silence is nobody's consent.
    """
    attributes = _part(profile, "attributes")
    if not isinstance(attributes.get("subscriptions"), dict):
        raise Retry("Klaviyo's answer leaves out what people have agreed to")
    marketing = _part(_part(_part(attributes, "subscriptions"), "email"), "marketing")
    changed = _moment(marketing.get("last_updated")) or _moment(marketing.get("consent_timestamp"))
    suppressions = list(_suppressions(marketing))
    if marketing.get("consent") == UNSUBSCRIBED and all(one.list_id for one in suppressions):
        suppressions.append(Suppression("UNSUBSCRIBE", changed))
    return Standing(
        profile_id=str(profile.get("id") or ""),
        email=str(attributes.get("email") or "").strip().lower(),
        consent=str(marketing.get("consent") or ""),
        suppressions=tuple(suppressions),
        changed_at=changed,
        joined_at=_moment(attributes.get("joined_group_at")),
    )


def _suppressions(marketing: Mapping[str, Any]) -> Iterator[Suppression]:
    for name in ("suppression", "list_suppressions"):
        found = marketing.get(name)
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict):
                at = _moment(one.get("timestamp"))
                yield Suppression(str(one.get("reason") or "UNKNOWN"), at, str(one.get("list_id") or ""))


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def _moment(value: Any) -> datetime | None:
    """A time as aware UTC; Klaviyo documents them without an offset in places, and means UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
