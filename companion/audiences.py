"""A merchant's choices about subscribers: which list each sales channel's recipients go to, and by which rules.

One list a store; a channel may have another, or none. An audience is a list with all channels that share it, and is
synchronised by itself. Nothing here reads or writes: the settings are handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from companion.platforms.base import Channels
from mappings.consent import Policy

REMOVAL_LIMIT: Final = 20
DEFAULTS: Final[Mapping[str, Any]] = {
    "subscribers": True,
    "subscriber_list": None,
    "subscriber_fields": {},
    "consent_authority": "platform",
    "exclusions": {"newer_opt_in_lifts": ["UNSUBSCRIBE"], "all_lists": False},
    "removal_limit": REMOVAL_LIMIT,
}
"""What a sales channel may set for itself, and what holds where nobody chose; the hour is the store's."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a sales channel's recipients. `custom` maps custom fields to properties of the profile."""

    list_id: str
    list_name: str
    policy: Policy
    removal_limit: int
    custom: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Audience:
    """A list, the channels whose recipients belong on it, and the percentage of it a run may remove unasked."""

    list_id: str
    list_name: str
    channels: Channels
    removal_limit: int
    default: Rules
    own: Mapping[str, Rules] = field(default_factory=dict)

    def rules(self, channel_id: str) -> Rules:
        """The rules of one of its channels."""
        return self.own.get(channel_id, self.default)


def in_force(settings: Mapping[str, Any], channel_id: str = "") -> dict[str, Any]:
    """The choices that hold for a sales channel, in the shape of `DEFAULTS`; for a store's others without its id."""
    own = settings.get("channels", {}).get(channel_id, {})
    said = {name: own.get(name, settings.get(name, usual)) for name, usual in DEFAULTS.items()}
    return {**said, "exclusions": {**DEFAULTS["exclusions"], **said["exclusions"]}}


def rules(settings: Mapping[str, Any], channel_id: str) -> Rules | None:
    """What holds for a sales channel; None where its recipients are not synchronised."""
    said = in_force(settings, channel_id)
    chosen, exclusions = said["subscriber_list"], said["exclusions"]
    if chosen is None or not said["subscribers"]:
        return None
    policy = Policy(
        authority=said["consent_authority"],
        yielding=frozenset(exclusions["newer_opt_in_lifts"]),
        all_lists=exclusions["all_lists"],
    )
    return Rules(chosen["id"], chosen["name"], policy, said["removal_limit"], said["subscriber_fields"])


def audiences(settings: Mapping[str, Any]) -> list[Audience]:
    """Every list that subscribers of the store go to, the store's own first."""
    usual = rules(settings, "")
    own = {id_: rules(settings, id_) for id_ in settings.get("channels", {})}
    lists = dict.fromkeys(one.list_id for one in (usual, *own.values()) if one is not None)
    return [_audience(list_id, usual, own) for list_id in lists]


def audience_of(settings: Mapping[str, Any], channel_id: str) -> Audience | None:
    """The audience that a sales channel's recipients belong to."""
    found = rules(settings, channel_id)
    return next((one for one in audiences(settings) if found and one.list_id == found.list_id), None)


def _audience(list_id: str, usual: Rules | None, own: Mapping[str, Rules | None]) -> Audience:
    """The strictest removal limit among its channels holds for the list."""
    here = {id_: one for id_, one in own.items() if one is not None and one.list_id == list_id}
    if usual is not None and usual.list_id == list_id:
        default, channels = usual, Channels(without=tuple(id_ for id_ in own if id_ not in here))
    else:
        default, channels = next(iter(here.values())), Channels(only=tuple(here))
    limit = min(one.removal_limit for one in (default, *here.values()))
    return Audience(list_id, default.list_name, channels, limit, default, here)
