"""Shopware 6 (6.5.8 to 6.7) by its App system: signed webhooks in, Admin API out. No database, no Klaviyo."""

from collections.abc import Sequence

from companion.platforms.base import Access, Record, Ref
from companion.platforms.shopware import client, recipients_api
from companion.platforms.shopware.recipients_api import count_recipients, fetch_recipients
from companion.platforms.shopware.signals import signals
from companion.platforms.shopware.walks import count, fetch_page
from companion.platforms.shopware.webhook import lifecycle, read, refs, verify

__all__ = [
    "count",
    "count_recipients",
    "fetch_page",
    "fetch_recipients",
    "fetch_records",
    "lifecycle",
    "name",
    "read",
    "refs",
    "signals",
    "verify",
]

name = "shopware"


def fetch_records(access: Access, refs: Sequence[Ref]) -> Sequence[Record]:
    """Read orders and newsletter recipients. Raises Retry, Bury or Pause."""
    return [*client.fetch_records(access, refs), *recipients_api.fetch_records(access, refs)]
