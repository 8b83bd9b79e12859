"""Whom an order, a cart or a customer's record speaks of. The e-mail address is the person: logins may share one."""

from typing import Final

from mappings import fields
from mappings.model import Address, Customer
from mappings.neto import schemas

GUEST: Final = "noreg"
"""The username of everybody who has none."""


def address(order: schemas.Order) -> Address:
    """The billing address, which is where the person lives."""
    country = fields.country_code(order.bill_country)
    text = fields.text
    return Address(
        first_name=text(order.bill_first_name),
        last_name=text(order.bill_last_name),
        company=text(order.bill_company),
        street=text(order.bill_street_line1),
        street2=text(order.bill_street_line2),
        city=text(order.bill_city),
        region=text(order.bill_state),
        country=country,
        country_code=country,
        zip=text(order.bill_post_code),
        phone=fields.phone(order.bill_phone, country) if order.bill_phone else "",
    )


def customer(order: schemas.Order) -> Customer:
    """The person of an order."""
    home = address(order)
    return Customer(
        email=fields.email(order.email),
        first_name=home.first_name,
        last_name=home.last_name,
        phone=home.phone,
        properties={"username": username(order.username), "group": fields.text(order.user_group)},
    )


def of_address(email: str, found: schemas.BillingAddress) -> Customer:
    """The person of a cart."""
    return Customer(
        email=email,
        first_name=fields.text(found.bill_first_name),
        last_name=fields.text(found.bill_last_name),
        phone=fields.phone(found.bill_phone, fields.country_code(found.bill_country)) if found.bill_phone else "",
    )


def username(name: str | None) -> str:
    """The login, or empty for a guest."""
    found = fields.text(name)
    return "" if found.lower() == GUEST else found
