"""Languages, currencies, sales channels, payment and shipping: what a shop has before its first product."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import SYSTEM_CURRENCY, SYSTEM_LANGUAGE, fixed_id
from companion.simulator.shop.trade.states import MACHINES, NAMES, machine_id, state_id
from companion.simulator.shop.world.countries import COUNTRIES, countries
from companion.simulator.shop.world.made import GERMAN, Made, german, made

STOREFRONT_TYPE = "8a243080f92e4c719546314b577cf82b"
API_TYPE = "f183ee5650cf4bdb8a774337575067a6"
ADMINISTRATOR = fixed_id("user/admin")
ROUNDING = {"decimals": 2, "interval": 0.01, "roundForNet": True}

CURRENCIES = {"EUR": Decimal(1), "USD": Decimal("1.1706"), "GBP": Decimal("0.8565")}
"""ISO code → units per unit of the system's currency."""

LANGUAGES = {"en-GB": SYSTEM_LANGUAGE, "de-DE": GERMAN}
SALUTATIONS = {"mr": ("Mr.", "Herr"), "mrs": ("Mrs.", "Frau"), "not_specified": ("Not specified", "Keine Angabe")}
GROUPS = {"standard": "cfbd5018d38d41d8adca10d94fc8bdd6", "business": fixed_id("customer_group/business")}


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel and its domains: (path below the shop's address, locale, currency)."""

    key: str
    name: str
    type_id: str
    group: str
    domains: tuple[tuple[str, str, str], ...]

    @property
    def id(self) -> str:
        return fixed_id(f"sales_channel/{self.key}")


CHANNELS = {
    channel.key: channel
    for channel in (
        Channel(
            "store",
            "Nordlicht Store",
            STOREFRONT_TYPE,
            "standard",
            (("", "en-GB", "EUR"), ("/de", "de-DE", "EUR"), ("/us", "en-GB", "USD"), ("/uk", "en-GB", "GBP")),
        ),
        Channel(
            "business",
            "Nordlicht Business",
            STOREFRONT_TYPE,
            "business",
            (("/business", "en-GB", "EUR"), ("/business/de", "de-DE", "EUR")),
        ),
        Channel("headless", "Headless", API_TYPE, "standard", (("default.headless0", "en-GB", "EUR"),)),
    )
}

PAYMENTS = {
    "card": ("Credit card", "Kreditkarte", "payment_demopay_card", True),
    "invoice": ("Invoice", "Rechnung", "payment_invoicepayment", False),
    "prepayment": ("Paid in advance", "Vorkasse", "payment_prepayment", False),
}
"""Key → English, German, technical name, and whether captures and refunds are kept, as payment extensions do."""

SHIPPINGS = {
    "standard": ("Standard", "Standard", "shipping_standard", Decimal("4.99"), Decimal(100)),
    "express": ("Express", "Express", "shipping_express", Decimal("9.99"), None),
}
"""Key → English, German, technical name, costs, and from which value on they are free."""

SELECTIONS = {
    "delivery_wish": {
        "morning": {"en-GB": "In the morning", "de-DE": "Vormittags"},
        "evening": {"en-GB": "In the evening", "de-DE": "Abends"},
    },
    "loyalty_tier": {
        "silver": {"en-GB": "Silver member", "de-DE": "Silber"},
        "gold": {"en-GB": "Gold member", "de-DE": "Gold"},
    },
}
"""Custom fields of orders and customers that offer a choice: technical name → id → texts."""


def settings() -> Iterator[Made]:
    yield from _languages()
    yield from _currencies()
    yield from countries()
    yield from _salutations_and_groups()
    yield from _states()
    yield from _payment_and_shipping()
    for key in CHANNELS:
        yield from _channel(key)
    for rate, key, name in ((19, "standard", "Standard rate"), (7, "reduced", "Reduced rate")):
        yield made("tax", key, taxRate=rate, name=name, position=1 if key == "standard" else 2)
    yield made("tag", "vip", name="VIP")
    for field, options in SELECTIONS.items():
        choices = [{"value": value, "label": labels} for value, labels in options.items()]
        config = {"componentName": "sw-single-select", "customFieldType": "select", "options": choices}
        yield made("custom_field", field, name=field, type="select", config=config, active=True)
    yield made("custom_field", "gift_note", name="gift_note", type="text", config={}, active=True)


def _languages() -> Iterator[Made]:
    for code, name, region, own, german_name in (
        ("en-GB", "English", "United Kingdom", "English", "Englisch"),
        ("de-DE", "German", "Germany", "Deutsch", "Deutsch"),
    ):
        locale = fixed_id(f"locale/{code}")
        texts = german(name=german_name, territory={"en-GB": "Vereinigtes Königreich", "de-DE": "Deutschland"}[code])
        yield made("locale", code, code=code, name=name, territory=region, texts=texts)
        yield made("language", code, id=LANGUAGES[code], name=own, localeId=locale, translationCodeId=locale)


def _currencies() -> Iterator[Made]:
    for position, (code, factor) in enumerate(CURRENCIES.items(), start=1):
        name, symbol = {"EUR": ("Euro", "€"), "USD": ("US Dollar", "$"), "GBP": ("Pound", "£")}[code]
        yield made(
            "currency",
            code,
            id=currency_id(code),
            isoCode=code,
            factor=1 if factor == 1 else float(factor),
            symbol=symbol,
            shortName=code,
            name=name,
            position=position,
            isSystemDefault=code == "EUR",
            itemRounding=ROUNDING,
            totalRounding=ROUNDING,
            taxFreeFrom=0,
            texts=german(name={"EUR": "Euro", "USD": "US-Dollar", "GBP": "Pfund"}[code], shortName=code),
        )


def _salutations_and_groups() -> Iterator[Made]:
    for key, (english, own) in SALUTATIONS.items():
        letter = " " if key == "not_specified" else f"Dear {english}"
        yield made(
            "salutation",
            key,
            salutationKey=key,
            displayName=english,
            letterName=letter,
            texts=german(displayName=own, letterName=letter),
        )
    for key, name, own, gross in (
        ("standard", "Standard customer group", "Standard-Kundengruppe", True),
        ("business", "Business customers", "Geschäftskunden", False),
    ):
        yield made(
            "customer_group",
            key,
            id=GROUPS[key],
            name=name,
            displayGross=gross,
            registrationActive=False,
            texts=german(name=own),
        )


def _states() -> Iterator[Made]:
    for machine, (english, own, states) in MACHINES.items():
        yield made(
            "state_machine",
            machine,
            id=machine_id(machine),
            technicalName=f"{machine}.state",
            name=english,
            initialStateId=state_id(machine, states[0]),
            texts=german(name=own),
        )
        for state in states:
            name, own_name = NAMES[state]
            yield made(
                "state_machine_state",
                state,
                id=state_id(machine, state),
                technicalName=state,
                name=name,
                stateMachineId=machine_id(machine),
                texts=german(name=own_name),
            )


def _payment_and_shipping() -> Iterator[Made]:
    for position, (key, (english, own, technical, captures)) in enumerate(PAYMENTS.items(), start=1):
        yield made(
            "payment_method",
            key,
            name=english,
            distinguishableName=english,
            technicalName=technical,
            shortName=technical.removeprefix("payment_"),
            position=position,
            active=True,
            afterOrderEnabled=True,
            synchronous=not captures,
            asynchronous=captures,
            prepared=False,
            refundable=captures,
            recurring=False,
            texts=german(name=own, distinguishableName=own),
        )
    yield made("delivery_time", "1-3", name="1-3 days", min=1, max=3, unit="day", texts=german(name="1-3 Tage"))
    for position, (key, (english, own, technical, _, _)) in enumerate(SHIPPINGS.items(), start=1):
        yield made(
            "shipping_method",
            key,
            name=english,
            active=True,
            position=position,
            technicalName=technical,
            deliveryTimeId=fixed_id("delivery_time/1-3"),
            taxType="auto",
            texts=german(name=own),
        )


def _channel(key: str) -> Iterator[Made]:
    channel = CHANNELS[key]
    yield made(
        "sales_channel",
        key,
        name=channel.name,
        typeId=channel.type_id,
        active=True,
        maintenance=False,
        languageId=SYSTEM_LANGUAGE,
        currencyId=SYSTEM_CURRENCY,
        paymentMethodId=payment_id("card"),
        shippingMethodId=shipping_id("standard"),
        countryId=COUNTRIES["DE"].id,
        homeEnabled=True,
        navigationCategoryId=fixed_id("category/Home"),
        navigationCategoryDepth=2,
        hreflangActive=False,
        accessKey="SWSC" + channel.id[:22].upper(),
        taxCalculationType="horizontal",
        customerGroupId=GROUPS[channel.group],
        paymentMethodIds=[payment_id(name) for name in PAYMENTS],
    )
    for path, locale, currency in channel.domains:
        yield made(
            "sales_channel_domain",
            f"{key}{path}",
            url=path,
            salesChannelId=channel.id,
            languageId=LANGUAGES[locale],
            currencyId=currency_id(currency),
            hreflangUseOnlyLocale=False,
        )


def currency_id(code: str) -> str:
    return SYSTEM_CURRENCY if code == "EUR" else fixed_id(f"currency/{code}")


def payment_id(key: str) -> str:
    return fixed_id(f"payment_method/{key}")


def shipping_id(key: str) -> str:
    return fixed_id(f"shipping_method/{key}")


def keeps_captures(payment_method: dict[str, Any]) -> bool:
    return bool(payment_method["refundable"])
