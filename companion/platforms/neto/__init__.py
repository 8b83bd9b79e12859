"""Neto (Maropost Commerce Cloud) by its API: read by polling; its one kind of webhook is a hint to read sooner.

No database, no Klaviyo.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from companion.platforms.base import Access, Credentials, Key, Record, Ref, Signals
from companion.platforms.neto import client, recipients_api
from companion.platforms.neto.asked import channel_id, choices, settings
from companion.platforms.neto.connection import check
from companion.platforms.neto.recipients_api import count_recipients, fetch_recipients
from companion.platforms.neto.walks import count, fetch_page
from companion.platforms.neto.webhook import ROUTE, lifecycle, read, refs, verify

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

name = "neto"
title = "Neto (Maropost Commerce Cloud)"
route = ROUTE
accepted = 200

signals: Final = Signals(topics={}, remedy="")
"""No webhook is owed: a shop without them is in order, and everything is told by the sweep."""

keys: Final = (
    Key(
        "api_key",
        "API key",
        "In Neto: Settings & tools → Staff users → a user with a permission group of its own → API key. It needs to "
        "read orders, products, customers, returns and carts, and to change nothing.",
        secret=True,
    ),
    Key("username", "API username", "The user's name, where the shop asks for it.", required=False),
    Key(
        "verify_token",
        "Webhook verify token",
        "As Neto shows it beside the webhook's address, where it is to be checked, too.",
        secret=True,
        required=False,
    ),
)

defaults: Final[Mapping[str, Any]] = {
    "shop_calls_per_minute": 120,
    "sweep_minutes": 2,
    "ignored_channels": ["eBay", "Amazon", "Catch", "Kogan", "MyDeal", "Trade Me"],
}
"""Neto allows 500 calls a minute to all of a shop's tools together. Marketplaces hide their buyers' addresses."""


def credentials(typed: Mapping[str, str]) -> Credentials:
    """The keys, and a new secret for the address that notifications are sent to."""
    return {**{key.name: typed.get(key.name, "").strip() for key in keys}, "token": secrets.token_urlsafe(32)}


def webhook_path(shop_id: str, credentials: Credentials) -> str:
    """The path of the address that is entered in Neto's API settings."""
    return route.replace("<store>", shop_id).replace("<token>", str(credentials.get("token", "")))


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """Read orders, carts and customers. Raises Retry or Pause."""
    sold = [ref for ref in refs if ref.resource != recipients_api.RESOURCE]
    return [*(client.fetch_records(access, sold) if sold else ()), *recipients_api.fetch_records(access, refs)]
