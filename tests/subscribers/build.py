"""Makers of what tests about subscribers feed in."""

import json


def webhook(recipient_id: str, topic: str = "newsletter.confirm", event_id: str = "e1") -> bytes:
    """The raw body of a newsletter webhook: an id under a name of its own, and two dates."""
    recipient = {"_uniqueIdentifier": recipient_id, "createdAt": "2026-03-14T09:00:00.000+00:00", "updatedAt": None}
    body = {
        "data": {"payload": {"newsletterRecipient": recipient}, "event": topic},
        "source": {"url": "https://shop", "eventId": event_id, "shopId": "Sh0pIdOfTheTests"},
        "timestamp": 1773482400,
    }
    return json.dumps(body).encode()
