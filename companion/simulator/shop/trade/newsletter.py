"""The newsletter with its double opt-in, and what administrators do to recipients silently.

A recipient is one e-mail address in one sales channel.
Source: Shopware's newsletter routes; events and statuses observed on 6.6.7.1.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from companion.simulator.shop.apps import events
from companion.simulator.shop.marks import new_id, stamp
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.world.settings import CHANNELS, LANGUAGES

STATUSES = ("notSet", "optIn", "direct", "optOut")
EDITABLE = ("email", "firstName", "lastName", "status", "zipCode", "city", "street", "title", "customFields")


class InvalidRecipient(Exception):
    """An address, a status or a channel that is none; the sentence names it."""


def subscribe(
    shop: Shop,
    email: str,
    first_name: str = "",
    last_name: str = "",
    channel: str = "store",
    locale: str = "en-GB",
    *,
    double_opt_in: bool = True,
) -> Document:
    """Sign up. Who is confirmed already stays as they are, and nobody hears of it. Raises InvalidRecipient."""
    if "@" not in email.strip("@"):
        raise InvalidRecipient(f"{email!r} is not an e-mail address")
    if channel not in CHANNELS or locale not in LANGUAGES:
        raise InvalidRecipient(f"there is no channel {channel!r} or no language {locale!r}")
    with shop.database.write():
        known = _known(shop, email, channel)
        if known and known.get("confirmedAt") and known["status"] != "optOut":
            return known
        recipient = _signed_up(shop, known, email, channel, locale)
        recipient |= {"firstName": first_name or None, "lastName": last_name or None}
        recipient["status"] = "notSet" if double_opt_in else "direct"
        shop.database.put("newsletter_recipient", recipient)
    if double_opt_in:
        events.recipient_event(shop, "newsletter.register", recipient, confirmation_url(shop, recipient))
    else:
        events.recipient_event(shop, "newsletter.confirm", recipient)
    return recipient


def confirm(shop: Shop, id_: str) -> Document:
    """Follow the link of the mail. A second time nothing happens. Raises LookupError."""
    with shop.database.write():
        before = shop.database.get("newsletter_recipient", id_)
        if before["status"] != "notSet":
            return before
        after = before | {"status": "optIn", "confirmedAt": stamp(shop.now()), "updatedAt": stamp(shop.now())}
        shop.database.put("newsletter_recipient", after)
    events.recipient_event(shop, "newsletter.confirm", before)
    return after


def unsubscribe(shop: Shop, id_: str) -> Document:
    """`confirmedAt` stays. Raises LookupError."""
    with shop.database.write():
        before = shop.database.get("newsletter_recipient", id_)
        after = before | {"status": "optOut", "updatedAt": stamp(shop.now())}
        shop.database.put("newsletter_recipient", after)
    events.recipient_event(shop, "newsletter.unsubscribe", before)
    return after


def edit(shop: Shop, id_: str, changes: dict[str, Any]) -> Document:
    """Change a recipient as the administration or the API does: nobody hears of it. Raises LookupError."""
    if changes.get("status", "optIn") not in STATUSES:
        raise InvalidRecipient(f"{changes['status']!r} is none of {', '.join(STATUSES)}")
    with shop.database.write():
        before = shop.database.get("newsletter_recipient", id_)
        known = {name: value for name, value in changes.items() if name in EDITABLE}
        after = before | known | {"updatedAt": stamp(shop.now())}
        shop.database.put("newsletter_recipient", after)
    return after


def imported(shop: Shop, rows: Sequence[Document]) -> None:
    """Write rows as an import by the API does, new ones and known ones: nobody hears of it. Raises InvalidRecipient.

    A row's id, address, status and creation time are its own; what else it leaves out is taken from the first channel.
    """
    if wrong := next((row for row in rows if row.get("status") not in STATUSES), None):
        raise InvalidRecipient(f"{wrong.get('status')!r} is none of {', '.join(STATUSES)}")
    usual = {"salesChannelId": CHANNELS["store"].id, "languageId": LANGUAGES["en-GB"]}
    shop.database.put("newsletter_recipient", *({**usual, "hash": row["id"], **row} for row in rows))


def delete(shop: Shop, id_: str) -> None:
    """Nobody hears of it. Raises LookupError."""
    with shop.database.write():
        shop.database.get("newsletter_recipient", id_)
        shop.database.delete("newsletter_recipient", id_)


def confirmation_url(shop: Shop, recipient: Document) -> str:
    """The link in the mail: whoever has it can confirm."""
    hashed = hashlib.sha1(recipient["email"].encode(), usedforsecurity=False).hexdigest()
    return f"{shop.url}/newsletter-subscribe?em={hashed}&hash={recipient['hash']}"


def by_link(shop: Shop, hash_: str) -> Document | None:
    """The recipient of a confirmation link."""
    return next((one for one in shop.database.all("newsletter_recipient") if one["hash"] == hash_), None)


def _known(shop: Shop, email: str, channel: str) -> Document | None:
    found = shop.database.of("newsletter_recipient", "email", email)
    return next((one for one in found if one["salesChannelId"] == CHANNELS[channel].id), None)


def _signed_up(shop: Shop, known: Document | None, email: str, channel: str, locale: str) -> Document:
    """A new link each time; who comes back is the same recipient."""
    fresh = {"hash": new_id(shop.now(), shop.chance), "languageId": LANGUAGES[locale]}
    if known:
        return known | fresh | {"updatedAt": stamp(shop.now())}
    return fresh | {
        "id": new_id(shop.now(), shop.chance),
        "createdAt": stamp(shop.now()),
        "email": email,
        "salesChannelId": CHANNELS[channel].id,
    }
