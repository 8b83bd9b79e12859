"""A newsletter subscriber as Klaviyo's profile: names, salutation, language, tags, sales channel, custom fields.

No consent is told here. What is empty is left out: a bulk import cannot clear a field.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mappings.dialects import DIALECTS, named
from mappings.model import Recipient


def chosen(recipients: Iterable[Recipient]) -> Recipient:
    """The one who speaks for an address that has subscriptions in several sales channels.

    Whoever is active in any of them is a subscriber, with the newest opt-in there; none of them active: is none.
    """
    return max(recipients, key=lambda one: (one.active, one.opted_in_at, one.id))


def attributes(recipient: Recipient, dialect: str, custom: Mapping[str, str]) -> dict[str, Any]:
    """The attributes of Klaviyo's profile object. `custom` maps a custom field's name to the property's."""
    words = {
        "language": recipient.locale,
        "channel_id": recipient.channel_id,
        "channel_name": recipient.channel_name,
    }
    own = {custom[name]: value for name, value in recipient.custom.items() if name in custom and _is_plain(value)}
    said = {
        "email": recipient.email,
        "first_name": recipient.first_name,
        "last_name": recipient.last_name,
        "title": recipient.title,
        "locale": recipient.locale,
    }
    properties = {**named(DIALECTS[dialect].profile, words), "tags": list(recipient.tags), **own}
    return {**{name: value for name, value in said.items() if value}, "properties": properties}


def _is_plain(value: Any) -> bool:
    """What segments can use: text, numbers, yes and no, lists of them."""
    values = value if isinstance(value, list) else [value]
    return all(isinstance(one, str | int | float) for one in values)
