"""The replay window: a request that says when it was sent is believed for so long, and no longer."""

from datetime import datetime

from companion.errors import StaleWebhook


def check_age(sent_at: datetime, now: datetime, tolerance_s: int) -> None:
    """Raises StaleWebhook when a request was sent more than `tolerance_s` ago, or is as far ahead of our clock."""
    off = (now - sent_at).total_seconds()
    if abs(off) > tolerance_s:
        raise StaleWebhook(f"timestamp: is {abs(off):.0f} s in the {'past' if off > 0 else 'future'}")
