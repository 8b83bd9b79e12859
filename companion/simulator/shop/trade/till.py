"""The lines of an order: products, promotions, what an administrator adds, with prices and taxes to the cent.

Pure. A line's total is in the order's currency, gross or net as the order is.
Source: line items and their payloads observed on 6.6.7.1.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import fixed_id, new_id, stamp
from companion.simulator.shop.trade.assortment import Saleable
from companion.simulator.shop.trade.pricing import (
    HUNDRED,
    Share,
    TaxStatus,
    amount,
    calculated,
    cents,
    merged_taxes,
    number,
    rules,
    shares_of,
)
from companion.simulator.shop.world.promotions import Promotion

Line = dict[str, Any]
FILTER = {"sorterKey": None, "applierKey": None, "usageKey": None, "pickerKey": None}


@dataclass(frozen=True, slots=True)
class Till:
    """What every line of one order shares. `rates` are per cent by the product's tax key."""

    order_id: str
    at: datetime
    status: TaxStatus
    rates: Mapping[str, Decimal]
    factor: Decimal
    language: str
    chance: random.Random

    def product(self, article: Saleable, quantity: int) -> Line:
        price = self._money(article.price if self.status == "gross" else article.net)
        line = self._line("product", article.name(self.language), price, quantity, self.share(article.tax))
        return line | {
            "referencedId": article.id,
            "productId": article.id,
            "coverId": article.cover_id,
            "payload": dict(article.payload),
            "states": ["is-physical"],
        }

    def deleted_product(self) -> Line:
        """A line whose product the merchant has deleted since."""
        unit = self._money(Decimal("34.95"))
        line = self._line("product", "Discontinued Lantern", unit, 1, self.share("standard"))
        gone = {"referencedId": fixed_id("product/NL-0999"), "payload": {"productNumber": "NL-0999", "options": []}}
        return line | gone | {"states": ["is-physical"]}

    def custom(self, label: str, price: Decimal) -> Line:
        return self._line("custom", label, cents(price), 1, self.share("standard"))

    def credit(self, value: Decimal, lines: Sequence[Line]) -> Line:
        line = self._line("credit", "Goodwill", -cents(abs(value)), 1, shares_of(one["price"] for one in lines))
        return line | {"good": False, "removable": True, "stackable": False}

    def bundle(self, children: Sequence[Line]) -> Line:
        """A container priced as the sum of its children, which are lines of the order, too."""
        total = sum((amount(child["price"]) for child in children), Decimal(0))
        shares = shares_of(child["price"] for child in children)
        container = self._line("container", "Starter set", total, 1, shares)
        container["price"]["calculatedTaxes"] = merged_taxes(child["price"] for child in children)
        for child in children:
            child["parentId"] = container["id"]
        return container

    def promotion(self, promotion: Promotion, code: str, lines: Sequence[Line]) -> Line:
        """A discount on lines; one on the delivery is a line of nothing, the delivery carries it."""
        base = sum((amount(line["price"]) for line in lines), Decimal(0))
        value = promotion.value
        if promotion.scope == "delivery":
            total = Decimal(0)
        elif promotion.kind == "percentage":
            total = -cents(base * value / HUNDRED)
        else:
            total = -min(self._money(value), base)
        label = promotion.german if self._is_german else promotion.name
        line = self._line("promotion", label, total, 1, shares_of(one["price"] for one in lines))
        return line | {
            "identifier": promotion.discount_id,
            "referencedId": code,
            "promotionId": promotion.id,
            "description": promotion.name,
            "good": False,
            "stackable": False,
            "priceDefinition": _definition(promotion, self._money(value)),
            "payload": _promotion_payload(promotion, code, lines, -total, base),
        }

    def share(self, tax: str) -> list[Share]:
        return [Share(self.rates[tax])] if tax in self.rates else []

    @property
    def _is_german(self) -> bool:
        return self.language == fixed_id("language/de-DE")

    def _money(self, euros: Decimal) -> Decimal:
        return cents(euros * self.factor)

    def _line(self, kind: str, label: str, unit: Decimal, quantity: int, shares: Sequence[Share]) -> Line:
        price = calculated(unit, quantity, shares, self.status)
        id_ = new_id(self.at, self.chance)
        return {
            "id": id_,
            "createdAt": stamp(self.at),
            "orderId": self.order_id,
            "identifier": new_id(self.at, self.chance),
            "referencedId": None,
            "quantity": quantity,
            "unitPrice": price["unitPrice"],
            "totalPrice": price["totalPrice"],
            "label": label,
            "good": True,
            "removable": True,
            "stackable": True,
            "price": price,
            "priceDefinition": {
                "price": number(unit),
                "taxRules": rules(shares),
                "quantity": quantity,
                "isCalculated": True,
                "type": "quantity",
            },
            "payload": [],
            "type": kind,
            "states": [],
        }


def _definition(promotion: Promotion, value: Decimal) -> dict[str, Any]:
    if promotion.kind == "percentage":
        return {"percentage": number(-promotion.value), "filter": None, "type": "percentage"}
    return {"price": number(-value), "filter": None, "type": "absolute"}


def _promotion_payload(
    promotion: Promotion, code: str, lines: Sequence[Line], discount: Decimal, base: Decimal
) -> dict[str, Any]:
    return {
        "promotionId": promotion.id,
        "priority": 1,
        "discountId": promotion.discount_id,
        "discountType": promotion.kind,
        "code": code,
        "value": str(number(promotion.value)),
        "promotionCodeType": promotion.code_type,
        "maxValue": "",
        "discountScope": promotion.scope,
        "preventCombination": False,
        "exclusions": [],
        "groupId": "",
        "setGroups": [],
        "filter": FILTER,
        "composition": [
            {
                "id": line["identifier"],
                "quantity": line["quantity"],
                "discount": number(amount(line["price"]) * discount / base) if base else 0,
            }
            for line in lines
        ],
    }
