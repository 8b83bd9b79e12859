"""Whom an order belongs to and where they live.

The order's customer is a copy made at checkout; the account behind it may have changed since, or be gone.
"""

from typing import Any, Final

from mappings import fields
from mappings.errors import InvalidRecord
from mappings.model import Address, Customer
from mappings.shopware import schemas

NO_SALUTATION: Final = frozenset({"not_specified", "undefined"})


def address(found: schemas.Address | None) -> Address | None:
    """A postal address; its phone number is read as dialled in its country."""
    if found is None:
        return None
    text = fields.text
    country, state = found.country or schemas.Country(), found.country_state or schemas.CountryState()
    code = fields.country_code(country.iso)
    return Address(
        first_name=text(found.first_name),
        last_name=text(found.last_name),
        company=text(found.company),
        street=text(found.street),
        street2=text(found.additional_address_line1),
        city=text(found.city),
        region=text(state.name),
        region_code=text(state.short_code),
        country=text(country.name),
        country_code=code,
        zip=text(found.zipcode),
        phone=fields.phone(found.phone_number, code) if found.phone_number else "",
    )


def customer(order: schemas.Order, billing: Address | None) -> Customer:
    """The person. Raises InvalidRecord where nothing identifies them.

    A guest's account exists for one order only, so its id identifies nobody and is left out.
    """
    named = order.order_customer or schemas.OrderCustomer()
    account = named.customer
    email = fields.email(named.email)
    external_id = account.id if account and not account.guest else ""
    phone = billing.phone if billing else ""
    if not (email or external_id or phone):
        raise InvalidRecord(
            "$.order.orderCustomer.email", "is no e-mail address, and nothing else identifies the person"
        )
    return Customer(
        email=email,
        external_id=external_id,
        first_name=fields.text(named.first_name),
        last_name=fields.text(named.last_name),
        title=fields.text(named.title) or salutation(named.salutation),
        phone=phone,
        locale=locale(order),
        properties=_properties(order, account),
    )


def locale(order: schemas.Order) -> str:
    """The language the order was placed in."""
    return fields.locale(order.language.locale.code) if order.language and order.language.locale else ""


def salutation(found: schemas.Salutation | None) -> str:
    """How the person is addressed, or empty where they would not say."""
    if found is None or found.salutation_key in NO_SALUTATION:
        return ""
    return fields.text(found.display_name)


def _properties(order: schemas.Order, account: schemas.Customer | None) -> dict[str, Any]:
    """An account belongs to the sales channel it was opened in; a guest to the one of the order."""
    channel = (account.sales_channel if account else None) or order.sales_channel
    properties = {"language": locale(order)}
    if channel:
        properties |= {"channel_id": channel.id, "channel_name": fields.text(channel.name)}
    if account:
        properties |= {
            "birthday": fields.text(account.birthday)[:10],
            "group": fields.text(account.group.name) if account.group else "",
        }
        if account.bound_sales_channel:
            properties["bound_channel_id"] = account.bound_sales_channel.id
            properties["bound_channel_name"] = fields.text(account.bound_sales_channel.name)
    return properties
