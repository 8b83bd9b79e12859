"""The countries the demo shop sells to, their states and what it taxes there."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from companion.simulator.shop.marks import SYSTEM_CURRENCY, fixed_id
from companion.simulator.shop.world.made import Made, german, made

FORMAT = [
    ["address/company", "symbol/dash", "address/department"],
    ["address/first_name", "address/last_name"],
    ["address/street"],
    ["address/zipcode", "address/city"],
    ["address/country"],
]


@dataclass(frozen=True, slots=True)
class Country:
    """A country; the rates are per cent, both None where orders from there are tax-free."""

    iso: str
    iso3: str
    name: str
    german: str
    is_eu: bool
    standard: Decimal | None
    reduced: Decimal | None

    @property
    def id(self) -> str:
        return fixed_id(f"country/{self.iso}")


COUNTRIES = {
    country.iso: country
    for country in (
        Country("DE", "DEU", "Germany", "Deutschland", True, Decimal(19), Decimal(7)),
        Country("AT", "AUT", "Austria", "Österreich", True, Decimal(20), Decimal(10)),
        Country("FR", "FRA", "France", "Frankreich", True, Decimal(20), Decimal("5.5")),
        Country("NL", "NLD", "Netherlands", "Niederlande", True, Decimal(21), Decimal(9)),
        Country("GB", "GBR", "United Kingdom", "Vereinigtes Königreich", False, Decimal(20), Decimal(0)),
        Country("CH", "CHE", "Switzerland", "Schweiz", False, None, None),
        Country("US", "USA", "United States of America", "Vereinigte Staaten von Amerika", False, None, None),
    )
}
STATES = (
    ("US", "US-NY", "New York"),
    ("US", "US-CA", "California"),
    ("US", "US-WA", "Washington"),
    ("DE", "DE-BE", "Berlin"),
    ("DE", "DE-HH", "Hamburg"),
    ("GB", "GB-ENG", "England"),
)


def countries() -> Iterator[Made]:
    """Countries and their states as documents."""
    for position, country in enumerate(COUNTRIES.values(), start=1):
        yield made(
            "country",
            country.iso,
            name=country.name,
            texts=german(name=country.german, addressFormat=FORMAT),
            iso=country.iso,
            iso3=country.iso3,
            position=position,
            active=True,
            shippingAvailable=True,
            displayStateInRegistration=False,
            forceStateInRegistration=False,
            checkVatIdPattern=False,
            vatIdRequired=False,
            customerTax={"enabled": country.standard is None, "currencyId": SYSTEM_CURRENCY, "amount": 0},
            companyTax={"enabled": country.standard is None, "currencyId": SYSTEM_CURRENCY, "amount": 0},
            postalCodeRequired=True,
            isEu=country.is_eu,
            checkPostalCodePattern=False,
            checkAdvancedPostalCodePattern=False,
            addressFormat=FORMAT,
        )
    for position, (iso, code, name) in enumerate(STATES, start=1):
        yield made(
            "country_state",
            code,
            countryId=COUNTRIES[iso].id,
            shortCode=code,
            name=name,
            position=position,
            active=True,
        )
