"""Shopware 6 (6.5.8 to 6.7) by its App system: signed webhooks in, Admin API out. No database, no Klaviyo."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from companion.platforms.base import Access, Choice, Credentials, Finding, Key, Record, Ref, Setting, Walk
from companion.platforms.shopware import client, recipients_api
from companion.platforms.shopware.recipients_api import count_recipients, fetch_recipients
from companion.platforms.shopware.signals import signals
from companion.platforms.shopware.walks import count, fetch_page
from companion.platforms.shopware.webhook import lifecycle, read, refs, verify

__all__ = [
    "accepted",
    "channel_id",
    "check",
    "choices",
    "count",
    "count_recipients",
    "credentials",
    "defaults",
    "fetch_page",
    "fetch_recipients",
    "fetch_records",
    "keys",
    "lifecycle",
    "name",
    "read",
    "refs",
    "route",
    "settings",
    "signals",
    "title",
    "verify",
    "webhook_path",
]

name = "shopware"
title = "Shopware 6"
route = "/shopware/webhook"
accepted = 202
keys: Final[Sequence[Key]] = ()
defaults: Final[Mapping[str, Any]] = {}
choices: Final[Collection[Choice]] = frozenset({"repeats", "order_identifier", "custom_fields"})
channel_id: Final[str] = "its id, the last part of its page's address in the shop's administration"
settings: Final[Sequence[Setting]] = (
    Setting(
        "shop_calls_per_minute",
        "Calls to the Admin API",
        "What Companion allows itself at most. Lower it where the shop is slow or others need its interface.",
        unit="a minute",
    ),
    Setting(
        "sweep_minutes",
        "Look for changes every",
        "What no webhook told is found by this. 0: never.",
        unit="minutes",
    ),
)


def credentials(typed: Mapping[str, str]) -> Credentials:
    """Nothing: a shop and this service agree on their keys when the app is installed."""
    return {}


def webhook_path(shop_id: str, credentials: Credentials) -> str:
    """None to enter: the app knows it."""
    return ""


def check(access: Access) -> Sequence[Finding]:
    """Whether the Admin API answers the app's keys. Raises Retry, Bury or Pause."""
    orders = count(access, Walk("order", "placed"))
    return [Finding("Orders", "good", f"The app may read them: there are {orders:,}.")]


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """Read orders and newsletter recipients. Raises Retry, Bury or Pause."""
    return [*client.fetch_records(access, refs), *recipients_api.fetch_records(access, refs)]
