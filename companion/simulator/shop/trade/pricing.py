"""Prices to the cent, as Shopware calculates them, with parts that always add up to their sum.

Money is `Decimal` in the order's currency. With tax status `gross` prices contain the tax; with `net` it comes on
top; `tax-free` has none. Pure.
Source: Shopware's price calculators; price structures observed on 6.6.7.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
ZERO = Decimal(0)

TaxStatus = Literal["gross", "net", "tax-free"]
Price = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of an amount that is taxed with one rate, both in percent of their kind."""

    rate: Decimal
    percentage: Decimal = HUNDRED


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def number(amount: Decimal) -> int | float:
    """An amount as PHP writes it into JSON: whole numbers without a point."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def amount(price: Price, field: str = "totalPrice") -> Decimal:
    """Read an amount back from a document, exactly."""
    return Decimal(str(price[field]))


def calculated(unit: Decimal, quantity: int, shares: Sequence[Share], status: TaxStatus) -> Price:
    """A `calculated_price`. Without a tax there are neither taxes nor rules."""
    total = unit * quantity
    if status == "tax-free":
        shares = ()
    return {
        "unitPrice": number(unit),
        "quantity": quantity,
        "totalPrice": number(total),
        "calculatedTaxes": _taxes(total, shares, status),
        "taxRules": rules(shares),
    }


def rules(shares: Iterable[Share]) -> list[Price]:
    """The `cart_tax_rule`s of shares; a percentage has twelve decimals."""
    return [{"taxRate": number(one.rate), "percentage": number(round(one.percentage, 12))} for one in shares]


def shares_of(prices: Iterable[Price]) -> list[Share]:
    """How much of some prices is taxed with which rate: what a discount or the shipping on them is taxed with."""
    parts: dict[Decimal, Decimal] = {}
    for price in prices:
        for tax in price["calculatedTaxes"]:
            rate = Decimal(str(tax["taxRate"]))
            parts[rate] = parts.get(rate, ZERO) + Decimal(str(tax["price"]))
    total = sum(parts.values(), ZERO)
    if not total:
        return [Share(rate, HUNDRED / len(parts)) for rate in parts]
    return [Share(rate, part / total * HUNDRED) for rate, part in parts.items()]


def summed(positions: Sequence[Price], shipping: Sequence[Price], status: TaxStatus) -> Price:
    """The `cart_price` of an order: its lines' prices and its deliveries'."""
    position = sum((amount(price) for price in positions), ZERO)
    costs = sum((amount(price) for price in shipping), ZERO)
    taxes = merged_taxes([*positions, *shipping])
    tax = sum((Decimal(str(one["tax"])) for one in taxes), ZERO)
    total = position + costs + (tax if status == "net" else ZERO)
    net = position + costs - (tax if status == "gross" else ZERO)
    return {
        "netPrice": number(net),
        "totalPrice": number(total),
        "calculatedTaxes": taxes,
        "taxRules": rules(Share(Decimal(str(one["taxRate"]))) for one in taxes),
        "positionPrice": number(position),
        "taxStatus": status,
        "rawTotal": number(total),
    }


def merged_taxes(prices: Iterable[Price]) -> list[Price]:
    """The taxes of several prices, one per rate."""
    merged: dict[Any, Price] = {}
    for price in prices:
        for tax in price["calculatedTaxes"]:
            known = merged.setdefault(tax["taxRate"], {"tax": ZERO, "taxRate": tax["taxRate"], "price": ZERO})
            known["tax"] += Decimal(str(tax["tax"]))
            known["price"] += Decimal(str(tax["price"]))
    return [{**one, "tax": number(one["tax"]), "price": number(one["price"])} for one in merged.values()]


def _taxes(total: Decimal, shares: Sequence[Share], status: TaxStatus) -> list[Price]:
    """One tax per share; the last share takes what rounding left, so that the shares add up to the total."""
    taxes = []
    rest = total
    for position, share in enumerate(shares, start=1):
        part = rest if position == len(shares) else cents(total * share.percentage / HUNDRED)
        rest -= part
        base = HUNDRED + share.rate if status == "gross" else HUNDRED
        tax = cents(part * share.rate / base)
        taxes.append({"tax": number(tax), "taxRate": number(share.rate), "price": number(part)})
    return taxes
