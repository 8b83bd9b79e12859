"""Shopware 6 (6.5.8 to 6.7) by its App system: signed webhooks in, Admin API out. No database, no Klaviyo."""

from companion.platforms.shopware.client import fetch_records
from companion.platforms.shopware.signals import signals
from companion.platforms.shopware.walks import count, fetch_page
from companion.platforms.shopware.webhook import lifecycle, read, refs, verify

__all__ = ["count", "fetch_page", "fetch_records", "lifecycle", "name", "read", "refs", "signals", "verify"]

name = "shopware"
