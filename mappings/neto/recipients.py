"""A customer of Neto in, a Recipient out: whether they want the newsletter is a flag of the customer's record.

No date of the consent exists. The date the customer was added stands for it, because the flag cannot be older than
the customer; so an opt-out in Klaviyo is lifted only by a flag that was seen to be set again after it was not.
"""

from typing import Any

from mappings import fields
from mappings.errors import InvalidRecord
from mappings.model import Recipient
from mappings.neto import schemas, values
from mappings.neto.life import LONG_AGO
from mappings.neto.records import shaped


def recipient(body: Any) -> Recipient:
    """Translate `{"customer": {...}, "shop": {...}}`. Raises InvalidRecord with path and reason."""
    record = shaped(body, schemas.CustomerRecord)
    found, zone = record.customer, values.zone(record.shop.zone)
    email = fields.email(found.email_address)
    if not email:
        raise InvalidRecord("$.customer.EmailAddress", "is no e-mail address")
    wants = values.flag(found.newsletter_subscriber) is True and values.flag(found.active) is not False
    channel = fields.text(found.sales_channel)
    return Recipient(
        id=found.username,
        email=email,
        active=wants,
        status="subscribed" if wants else "not subscribed",
        opted_in_at=values.moment(found.date_added_utc) or values.moment(found.registration_date, zone) or LONG_AGO,
        channel_id=channel,
        channel_name=channel,
        first_name=fields.text(found.billing_address.bill_first_name),
        last_name=fields.text(found.billing_address.bill_last_name),
    )
