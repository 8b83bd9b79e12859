"""Decide what a specification leaves open: who buys, what, in which currency and language, and how it is taxed.

Pure but for chance. Business customers see net prices; what leaves for a country without tax is tax-free.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from companion.simulator.shop.marks import new_id
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.trade.assortment import Saleable
from companion.simulator.shop.trade.composer import Cart
from companion.simulator.shop.trade.pricing import TaxStatus
from companion.simulator.shop.trade.spec import OrderSpec, WantedLine
from companion.simulator.shop.trade.states import MACHINES
from companion.simulator.shop.trade.till import Line, Till
from companion.simulator.shop.world.countries import COUNTRIES, Country
from companion.simulator.shop.world.promotions import PROMOTIONS, Promotion, by_code
from companion.simulator.shop.world.settings import (
    CHANNELS,
    CURRENCIES,
    GROUPS,
    LANGUAGES,
    PAYMENTS,
    SHIPPINGS,
    Channel,
)

COUNTRY_CURRENCIES = {"US": "USD", "GB": "GBP"}
COMMENTS = ("Please ring twice – 2nd floor.", "Bitte beim Nachbarn abgeben, danke!", "No hurry 🙂")
LINE_COUNTS = ((1, 2, 3, 4, 6), (45, 28, 15, 8, 4))
QUANTITIES = ((1, 2, 3), (75, 20, 5))


class InvalidSpec(Exception):
    """A specification that asks for something this shop does not have; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with the addresses of the order."""

    customer: Document
    billing: Document
    shipping: Document

    @property
    def country(self) -> Country:
        return next(one for one in COUNTRIES.values() if one.id == self.shipping["countryId"])


def cart(
    spec: OrderSpec,
    buyer: Buyer,
    articles: Mapping[str, Saleable],
    at: datetime,
    number: str,
    count: int,
    chance: random.Random,
) -> Cart:
    """Everything decided. Raises InvalidSpec."""
    channel = CHANNELS[_known(spec.channel, CHANNELS, "channel")] if spec.channel else _channel_of(buyer)
    currency = _known(spec.currency, CURRENCIES, "currency") or _currency(channel, buyer.country)
    language = LANGUAGES[spec.locale] if _known(spec.locale, LANGUAGES, "locale") else buyer.customer["languageId"]
    payment = _known(spec.payment, PAYMENTS, "payment") or chance.choices(list(PAYMENTS), (60, 30, 10))[0]
    delivery = _known(spec.shipping, SHIPPINGS, "shipping") or chance.choices(list(SHIPPINGS), (85, 15))[0]
    status = _tax_status(buyer)
    till = Till(new_id(at, chance), at, status, _rates(status, buyer.country), CURRENCIES[currency], language, chance)
    return Cart(
        till=till,
        lines=_lines(spec, till, articles, chance),
        promotions=_promotions(spec),
        customer=buyer.customer,
        billing=buyer.billing,
        shipping=buyer.shipping,
        channel=channel,
        currency=currency,
        payment=payment,
        delivery=delivery,
        number=number,
        count=count,
        by=spec.by,
        comment=spec.comment,
        states=_states(spec),
        delivered=not spec.no_delivery,
    )


def random_spec(chance: random.Random) -> OrderSpec:
    """An order as they come in: mostly plain, now and then with a code or a comment."""
    code = chance.choices(("", "WELCOME10", "SUMMER5", "FREESHIP", "NORD-A1B2", "automatic"), (68, 12, 8, 5, 4, 3))[0]
    return OrderSpec(
        codes=(code,) if code else (),
        comment=chance.choice(COMMENTS) if chance.random() < 0.08 else "",
        customer="guest" if chance.random() < 0.25 else "",
    )


def _lines(spec: OrderSpec, till: Till, articles: Mapping[str, Saleable], chance: random.Random) -> Sequence[Line]:
    wanted = list(spec.products)
    if not wanted or spec.lines:
        missing = (spec.lines or chance.choices(*LINE_COUNTS)[0]) - len(wanted)
        numbers = list(articles)
        wanted += [WantedLine(chance.choice(numbers), chance.choices(*QUANTITIES)[0]) for _ in range(missing)]
    lines = [till.product(articles[_known(one.number, articles, "product")], _quantity(one)) for one in wanted]
    if spec.bundle:
        children = [till.product(articles[number], 1) for number in chance.sample(list(articles), 2)]
        lines += [till.bundle(children), *children]
    if spec.deleted_product:
        lines.append(till.deleted_product())
    if spec.custom:
        lines.append(till.custom("Gift wrapping", _money(spec.custom, "custom")))
    if spec.credit:
        lines.append(till.credit(_money(spec.credit, "credit"), lines))
    return lines


def _promotions(spec: OrderSpec) -> list[tuple[Promotion, str]]:
    """The promotions of the codes; `automatic` stands for the one without."""
    found = []
    for code in spec.codes:
        if code == "automatic":
            found.append((next(one for one in PROMOTIONS if one.code_type == "global"), ""))
            continue
        try:
            found.append((by_code(code), code))
        except LookupError as error:
            raise InvalidSpec(str(error)) from None
    return found


def _tax_status(buyer: Buyer) -> TaxStatus:
    if buyer.country.standard is None:
        return "tax-free"
    return "net" if buyer.customer["groupId"] == GROUPS["business"] else "gross"


def _rates(status: TaxStatus, country: Country) -> dict[str, Decimal]:
    if status == "tax-free" or country.standard is None or country.reduced is None:
        return {}
    return {"standard": country.standard, "reduced": country.reduced}


def _channel_of(buyer: Buyer) -> Channel:
    return next(one for one in CHANNELS.values() if one.id == buyer.customer["salesChannelId"])


def _currency(channel: Channel, country: Country) -> str:
    """The country's own where the channel has a domain for it."""
    wanted = COUNTRY_CURRENCIES.get(country.iso, "EUR")
    return wanted if any(currency == wanted for _, _, currency in channel.domains) else "EUR"


def _states(spec: OrderSpec) -> tuple[str, str, str]:
    given = {"order": spec.state, "order_transaction": spec.payment_state, "order_delivery": spec.delivery_state}
    if spec.by != "import" and set(given.values()) != {"open"}:
        raise InvalidSpec("only an import begins with states of its own")
    for machine, state in given.items():
        if state not in MACHINES[machine][2]:
            raise InvalidSpec(f"{state!r} is no state of {machine}")
    return (spec.state, spec.payment_state, spec.delivery_state)


def _quantity(line: WantedLine) -> int:
    if not 1 <= line.quantity <= 1000:
        raise InvalidSpec(f"{line.quantity} is not a quantity from 1 to 1000")
    return line.quantity


def _money(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise InvalidSpec(f"{name}: {text!r} is not an amount") from None
    if not 0 <= value <= 100_000:
        raise InvalidSpec(f"{name}: {text!r} is not an amount from 0 to 100000")
    return value


def _known(name: str, among: Mapping[str, object], what: str) -> str:
    if name and name not in among:
        raise InvalidSpec(f"{what}: {name!r} is none of {', '.join(list(among)[:40])}")
    return name
