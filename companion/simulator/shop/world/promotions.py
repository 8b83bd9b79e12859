"""The demo shop's promotions: by one code, by codes of their own for each shopper, by none."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from companion.simulator.shop.marks import fixed_id
from companion.simulator.shop.trade.pricing import number
from companion.simulator.shop.world.made import Made, german, made


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount of `value` per cent or euros on the cart or on its delivery. Without a code it is automatic."""

    key: str
    name: str
    german: str
    kind: Literal["percentage", "absolute"]
    value: Decimal
    code: str = ""
    individual: bool = False
    scope: Literal["cart", "delivery"] = "cart"

    @property
    def id(self) -> str:
        return fixed_id(f"promotion/{self.key}")

    @property
    def discount_id(self) -> str:
        return fixed_id(f"promotion_discount/{self.key}")

    @property
    def code_type(self) -> str:
        if self.individual:
            return "individual"
        return "fixed" if self.code else "global"


PROMOTIONS = (
    Promotion("welcome", "Welcome 10 percent", "Willkommen 10 Prozent", "percentage", Decimal(10), "WELCOME10"),
    Promotion("summer", "Five off", "Fünf weniger", "absolute", Decimal(5), "SUMMER5"),
    Promotion(
        "free-shipping", "Free shipping", "Versandkostenfrei", "percentage", Decimal(100), "FREESHIP", scope="delivery"
    ),
    Promotion("gift", "A present", "Ein Geschenk", "percentage", Decimal(100), "PRESENT100"),
    Promotion("letter", "Codes for letter readers", "Codes für Briefleser", "absolute", Decimal(3), individual=True),
    Promotion("autumn", "Autumn days", "Herbsttage", "percentage", Decimal(5)),
)
INDIVIDUAL_CODES = tuple(f"NORD-{letters}" for letters in ("A1B2", "C3D4", "E5F6", "G7H8", "J9K1", "L2M3"))


def by_code(code: str) -> Promotion:
    """The promotion a shopper's code stands for. Raises LookupError with a sentence."""
    if code in INDIVIDUAL_CODES:
        return next(one for one in PROMOTIONS if one.individual)
    found = next((one for one in PROMOTIONS if one.code and one.code == code.upper()), None)
    if found is None:
        raise LookupError(f"there is no promotion with the code {code!r}")
    return found


def promotions() -> Iterator[Made]:
    for one in PROMOTIONS:
        yield made(
            "promotion",
            one.key,
            name=one.name,
            active=True,
            priority=1,
            exclusive=False,
            useCodes=bool(one.code or one.individual),
            useSetGroups=False,
            customerRestriction=False,
            preventCombination=False,
            useIndividualCodes=one.individual,
            individualCodePattern="NORD-%s%d%s%d" if one.individual else None,
            code=one.code or None,
            orderCount=0,
            texts=german(name=one.german),
        )
        yield made(
            "promotion_discount",
            one.key,
            promotionId=one.id,
            scope=one.scope,
            type=one.kind,
            value=number(one.value),
            considerAdvancedRules=False,
        )
    letter = next(one for one in PROMOTIONS if one.individual)
    for code in INDIVIDUAL_CODES:
        yield made("promotion_individual_code", code, promotionId=letter.id, code=code)
