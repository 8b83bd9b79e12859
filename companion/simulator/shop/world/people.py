"""Names and addresses for customers who do not exist, by country, and customers made of them.

Telephone numbers are from the ranges set aside for fiction; some are written as people write them, some not at all.
"""

import random
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companion.simulator.shop.marks import fixed_id, new_id, stamp
from companion.simulator.shop.world.countries import COUNTRIES
from companion.simulator.shop.world.made import Made
from companion.simulator.shop.world.settings import CHANNELS, GROUPS, LANGUAGES, payment_id

FIRST_NAMES = {
    "de": (
        *("Anna", "Jonas", "Mia", "Lukas", "Sophie", "Jürgen", "Käthe", "Moritz", "Leonie", "Björn", "Frieda", "Emil"),
        *("Charlotte", "Till", "Heike", "Anton", "Marlene", "Oskar", "Greta", "Sören"),
    ),
    "en": (
        *("Olivia", "Harry", "Amelia", "Noah", "Grace", "Ethan", "Zoë", "Liam", "Ruby", "Owen", "Isla", "Caleb"),
        *("Nora", "Jasper", "Hazel", "Miles", "Fiona", "Declan", "Maeve", "Rhys"),
    ),
    "fr": ("Camille", "Hugo", "Chloé", "Étienne", "Manon", "Théo", "Inès", "Gaëlle", "Bastien", "Léa"),
    "nl": ("Sanne", "Daan", "Lotte", "Bram", "Fleur", "Sem", "Noor", "Thijs"),
}
LAST_NAMES = {
    "de": (
        *("Brandt", "Schäfer", "Vogel", "Großmann", "Lindner", "Krüger", "Seidel", "Winkler", "Böhm", "Hartwig"),
        *("Sommer", "Jäger", "Petersen", "Kirchner", "Falk"),
    ),
    "en": (
        *("Whitfield", "O’Connor", "Hartley", "Mercer", "Langley", "Ashworth", "Calloway", "Penrose", "Fairchild"),
        *("Thornton", "Marlowe", "Beckett", "Hollis", "Kingsley", "Rowe"),
    ),
    "fr": ("Lefèvre", "Moreau", "Garnier", "d’Aubigné", "Chevalier", "Roussel"),
    "nl": ("de Vries", "van den Berg", "Jansen", "Bakker", "Visser"),
}
PLACES = {
    "DE": (
        ("Lindenallee", "10115", "Berlin", "DE-BE"),
        ("Große Elbstraße", "22767", "Hamburg", "DE-HH"),
        ("Marktplatz", "70173", "Stuttgart", ""),
        ("Am Mühlbach", "04109", "Leipzig", ""),
    ),
    "AT": (("Ringstraße", "1010", "Wien", ""), ("Mozartgasse", "5020", "Salzburg", "")),
    "CH": (("Seestrasse", "8002", "Zürich", ""), ("Rue du Lac", "1201", "Genève", "")),
    "FR": (("rue des Lilas", "69003", "Lyon", ""), ("quai de l’Île", "67000", "Strasbourg", "")),
    "NL": (("Prinsengracht", "1015 DV", "Amsterdam", ""), ("Havenstraat", "3024 SR", "Rotterdam", "")),
    "GB": (("Orchard Lane", "BS1 4DJ", "Bristol", "GB-ENG"), ("Mill Street", "YO1 8AA", "York", "GB-ENG")),
    "US": (
        ("Maple Avenue", "10011", "New York", "US-NY"),
        ("Harbor Street", "98101", "Seattle", "US-WA"),
        ("Mission Street", "94105", "San Francisco", "US-CA"),
    ),
}
PHONES = {
    "DE": ("+49 30 23125 {:03d}", "030 / 23125-{:03d}", "abends"),
    "GB": ("+44 20 7946 0{:03d}", "020 7946 0{:03d}"),
    "US": ("+1 212 555 01{:02d}", "(206) 555-01{:02d}"),
    "FR": ("+33 1 99 00 {:02d} 42",),
}
COMPANIES = ("Seidel & Söhne GmbH", "Hartley Studios Ltd", "Atelier Moreau", "Winkler Bau AG", "Bakker Fietsen B.V.")
DOMAINS = ("shop-customer.net", "mail.shop-customer.net", "nordlicht-customer.net")
COUNTRY_CHANCES = {"DE": 45, "AT": 10, "CH": 6, "FR": 9, "NL": 6, "GB": 12, "US": 12}
TONGUES = {"DE": "de", "AT": "de", "CH": "de", "FR": "fr", "NL": "nl"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a customer is made of."""

    first_name: str
    last_name: str
    email: str
    country: str
    salutation: str
    locale: str
    company: str = ""
    phone: str = ""


def person(chance: random.Random, number: int, country: str = "", company: str = "") -> Person:
    """Somebody; `number` makes the e-mail address unlike everybody else's."""
    country = country or chance.choices(list(COUNTRY_CHANCES), list(COUNTRY_CHANCES.values()))[0]
    tongue = TONGUES.get(country, "en")
    first, last = chance.choice(FIRST_NAMES[tongue]), chance.choice(LAST_NAMES[tongue])
    pattern = chance.choice(PHONES.get(country, ("",)))
    return Person(
        first_name=first,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}.{number}@{chance.choice(DOMAINS)}",
        country=country,
        salutation=chance.choice(("mr", "mrs", "not_specified")),
        locale="de-DE" if tongue == "de" else "en-GB",
        company=company,
        phone=pattern.format(chance.randrange(100)) if chance.random() < 0.7 else "",
    )


def customer(
    who: Person, number: int, at: datetime, chance: random.Random, channel: str = "store", *, guest: bool = False
) -> list[Made]:
    """A customer with addresses; a guest is a customer of one order."""
    id_ = new_id(at, chance)
    billing = address(who, id_, at, chance)
    shipping = address(who, id_, at, chance) if not guest and chance.random() < 0.2 else billing
    group = CHANNELS[channel].group
    document: dict[str, Any] = {
        "id": id_,
        "createdAt": stamp(at),
        "groupId": GROUPS[group],
        "defaultPaymentMethodId": payment_id("card"),
        "salesChannelId": CHANNELS[channel].id,
        "languageId": LANGUAGES[who.locale],
        "defaultBillingAddressId": billing["id"],
        "defaultShippingAddressId": shipping["id"],
        "customerNumber": str(number),
        "salutationId": fixed_id(f"salutation/{who.salutation}"),
        "firstName": who.first_name,
        "lastName": who.last_name,
        "company": who.company or None,
        "email": who.email,
        "vatIds": ["DE123456789"] if group == "business" else None,
        "active": True,
        "doubleOptInRegistration": False,
        "guest": guest,
        "firstLogin": stamp(at),
        "accountType": "business" if who.company else "private",
        "birthday": None if guest else f"19{chance.randrange(55, 99)}-0{chance.randrange(1, 9)}-17T00:00:00.000+00:00",
        "orderCount": 0,
        "orderTotalAmount": 0,
        "reviewCount": 0,
        "autoIncrement": number,
        "tagIds": [fixed_id("tag/vip")] if not guest and chance.random() < 0.1 else [],
        "remoteAddress": "127.0.0.0",
    }
    addresses = [billing] if shipping is billing else [billing, shipping]
    return [("customer", document), *(("customer_address", one) for one in addresses)]


def recipient(known: dict[str, Any], status: str, at: datetime, chance: random.Random) -> Made:
    """A customer as a newsletter recipient; `status` is one of Shopware's four."""
    return "newsletter_recipient", {
        "id": new_id(at, chance),
        "createdAt": stamp(at),
        "updatedAt": stamp(at) if status in ("optIn", "optOut") else None,
        "confirmedAt": stamp(at) if status in ("optIn", "optOut") else None,
        "status": status,
        "hash": new_id(at, chance),
        **{name: known[name] for name in ("email", "firstName", "lastName", "salutationId")},
        **{name: known[name] for name in ("languageId", "salesChannelId")},
    }


def address(who: Person, customer_id: str, at: datetime, chance: random.Random) -> dict[str, Any]:
    street, zipcode, city, state = chance.choice(PLACES[who.country])
    return {
        "id": new_id(at, chance),
        "createdAt": stamp(at),
        "customerId": customer_id,
        "countryId": COUNTRIES[who.country].id,
        "countryStateId": fixed_id(f"country_state/{state}") if state else None,
        "salutationId": fixed_id(f"salutation/{who.salutation}"),
        "firstName": who.first_name,
        "lastName": who.last_name,
        "street": f"{street} {chance.randrange(1, 120)}",
        "zipcode": zipcode,
        "city": city,
        "company": who.company or None,
        "phoneNumber": who.phone or None,
        "additionalAddressLine1": "c/o Nordlicht" if chance.random() < 0.03 else None,
    }


def _plain(name: str) -> str:
    spelt = name.lower().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    letters = unicodedata.normalize("NFKD", spelt)
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
