"""A newsletter recipient of Shopware in, a Recipient out.

One row is one address in one sales channel. `optIn` (confirmed by e-mail) and `direct` (no confirmation asked) are
active, `notSet` waits for its confirmation, `optOut` left. Whoever leaves keeps `confirmedAt`, so the status decides.
A confirmation has a time of its own, which a row that was imported anew keeps; `direct` has none but the row's.
Source: Shopware, NewsletterRecipientDefinition and NewsletterSubscribeRoute; observed on 6.5.8.14 and 6.6.7.1.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from mappings import fields
from mappings.errors import InvalidRecord
from mappings.model import Recipient
from mappings.shopware import people, schemas

ACTIVE: Final = frozenset({"optIn", "direct"})


class RecipientRecord(schemas.Record, frozen=True, gc=False):
    """What is read of a recipient. Its `hash`, which confirms and unsubscribes, is never asked for."""

    id: str
    email: str
    status: str
    created_at: schemas.Moment
    confirmed_at: schemas.Moment | None = None
    updated_at: schemas.Moment | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    sales_channel_id: str | None = None
    custom_fields: Any = None
    salutation: schemas.Salutation | None = None
    language: schemas.Language | None = None
    sales_channel: schemas.SalesChannel | None = None
    tags: list[schemas.Named] | None = None


def recipient(body: Any) -> Recipient:
    """Translate one row. Raises InvalidRecord with path and reason; without a usable address there is nobody."""
    try:
        record = msgspec.convert(body, RecipientRecord)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise InvalidRecord(path.strip("`") or "$", reason) from None
    email = fields.email(record.email)
    if not email:
        raise InvalidRecord("$.email", "is no e-mail address")
    is_confirmed = record.status == "optIn" and record.confirmed_at is not None
    return Recipient(
        id=record.id,
        email=email,
        active=record.status in ACTIVE,
        status=record.status,
        opted_in_at=_opted_in_at(record),
        channel_id=record.sales_channel_id or "",
        channel_name=fields.text(record.sales_channel.name) if record.sales_channel else "",
        first_name=fields.text(record.first_name),
        last_name=fields.text(record.last_name),
        title=fields.text(record.title) or people.salutation(record.salutation),
        locale=fields.locale(record.language.locale.code) if record.language and record.language.locale else "",
        tags=tuple(sorted({fields.text(tag.name) for tag in record.tags or ()} - {""})),
        custom=record.custom_fields if isinstance(record.custom_fields, dict) else {},
        changed_at=None if is_confirmed or record.updated_at is None else fields.moment(record.updated_at),
    )


def _opted_in_at(record: RecipientRecord) -> datetime:
    """When the person confirmed; without a confirmation in force, the newest time that the row is sure of."""
    created, confirmed = fields.moment(record.created_at), record.confirmed_at
    if confirmed is None:
        return created
    return fields.moment(confirmed) if record.status == "optIn" else max(created, fields.moment(confirmed))
