"""Years of orders at once: made like any others, with their state histories, kept in bulk, told to nobody.

So a shop looks that had customers long before the app was installed. Some orders came in by import in their final
state and have no history at all.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from companion.simulator.shop.records.database import Document
from companion.simulator.shop.shop import FIRST_ORDER_NUMBER, Shop
from companion.simulator.shop.trade.choice import Buyer, cart, random_spec
from companion.simulator.shop.trade.composer import compose, moments_later
from companion.simulator.shop.trade.purchase import Purchase
from companion.simulator.shop.trade.spec import OrderSpec
from companion.simulator.shop.trade.states import Machine
from companion.simulator.shop.world.made import Made
from companion.simulator.shop.world.people import customer, person
from companion.simulator.shop.world.settings import ADMINISTRATOR

CHUNK = 500
RETURNING = 0.6
"""How many orders are by customers who have ordered before."""

Taken = tuple[Machine, str]
Walk = tuple[Taken, ...]

PROCESS: Taken = ("order", "process")
COMPLETE: Taken = ("order", "complete")
CANCEL: Taken = ("order", "cancel")
REOPEN: Taken = ("order", "reopen")
PAY: Taken = ("order_transaction", "paid")
PAY_PARTLY: Taken = ("order_transaction", "paid_partially")
PAY_THE_REST: Taken = ("order_transaction", "pay")
REMIND: Taken = ("order_transaction", "remind")
REFUND: Taken = ("order_transaction", "refund")
REFUND_PARTLY: Taken = ("order_transaction", "refund_partially")
VOID: Taken = ("order_transaction", "cancel")
SHIP: Taken = ("order_delivery", "ship")
SHIP_PARTLY: Taken = ("order_delivery", "ship_partially")
RETURN: Taken = ("order_delivery", "retour")
HOLD_BACK: Taken = ("order_delivery", "cancel")

WALKS: tuple[tuple[float, Walk], ...] = (
    (0.46, (PAY, PROCESS, SHIP, COMPLETE)),
    (0.12, (PROCESS, SHIP, COMPLETE, PAY)),
    (0.08, (CANCEL, VOID, HOLD_BACK)),
    (0.07, (PAY, PROCESS, SHIP, COMPLETE, RETURN, REFUND)),
    (0.06, (PAY, PROCESS, SHIP_PARTLY, SHIP, COMPLETE, REFUND_PARTLY)),
    (0.04, (PAY, CANCEL, REFUND)),
    (0.04, (PAY_PARTLY, PROCESS, PAY_THE_REST, SHIP, COMPLETE)),
    (0.03, (PROCESS, COMPLETE, REOPEN, PROCESS, COMPLETE)),
    (0.03, (REMIND, PAY_THE_REST, PROCESS)),
    (0.03, ()),
)
"""How orders went, with the chance of each; the rest are imports."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    orders: int
    transitions: int
    seconds: float


@dataclass(slots=True)
class _Ledger:
    """One run: who has ordered so far, and what waits to be kept."""

    shop: Shop
    chance: random.Random
    until: datetime
    buyers: list[Buyer] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    transitions: int = 0

    def order(self, at: datetime, count: int, customers: Callable[[], int]) -> None:
        walk = self._walk()
        spec = random_spec(self.chance) if walk is not None else self._import()
        buyer = self._buyer(spec, at, customers)
        number = str(count) if walk is not None else f"MP-{count + 890_000}"
        purchase, made = compose(cart(spec, buyer, self.shop.articles, at, number, count, self.chance))
        self._walked(purchase, at, walk or ())
        self.made += made
        known = {id(document) for _, document in made}
        self.made += [one for one in _last(purchase.changed) if id(one[1]) not in known]

    def _walk(self) -> Walk | None:
        """None stands for an import."""
        weights = [weight for weight, _ in WALKS]
        walks: list[Walk | None] = [walk for _, walk in WALKS]
        return self.chance.choices([*walks, None], [*weights, 1 - sum(weights)])[0]

    def _import(self) -> OrderSpec:
        state = self.chance.choice(("completed", "cancelled", "open"))
        paid = {"completed": "paid", "cancelled": "refunded", "open": "open"}[state]
        return OrderSpec(by="import", state=state, payment_state=paid, no_delivery=self.chance.random() < 0.5)

    def _buyer(self, spec: OrderSpec, at: datetime, customers: Callable[[], int]) -> Buyer:
        if self.buyers and spec.customer != "guest" and self.chance.random() < RETURNING:
            return self.chance.choice(self.buyers)
        number = customers()
        business = self.chance.random() < 0.08
        who = person(self.chance, number, company="Lindner & Partner GbR" if business else "")
        channel = "business" if business else "store"
        made = customer(who, number, at, self.chance, channel, guest=spec.customer == "guest")
        self.made += made
        buyer = _buyer_of([document for _, document in made])
        if not buyer.customer["guest"]:
            self.buyers.append(buyer)
        return buyer

    def _walked(self, purchase: Purchase, at: datetime, walk: Walk) -> None:
        """As far as the walk came by now."""
        for machine, action in walk:
            at = moments_later(at, self.chance, 40)
            if at > self.until or purchase.subject(machine) is None:
                return
            purchase.advance(machine, action, at, self.chance, user=ADMINISTRATOR)
            self.transitions += 1


def seed(shop: Shop, orders: int, years: float, seed_number: int = 1) -> Seeded:
    """Make `orders` spread over the last `years`, the oldest first."""
    started = time.monotonic()
    ledger = _Ledger(shop, random.Random(seed_number), shop.now())
    moments = _moments(ledger.chance, shop.now(), orders, years)
    numbers = _reserved(shop, "order", orders)
    customers = _reserved(shop, "customer", orders)
    for position, at in enumerate(moments, start=1):
        ledger.order(at, next(numbers), lambda: next(customers))
        if position % CHUNK == 0:
            shop.keep(ledger.made)
            ledger.made.clear()
    shop.keep(ledger.made)
    return Seeded(orders, ledger.transitions, round(time.monotonic() - started, 2))


def _moments(chance: random.Random, now: datetime, orders: int, years: float) -> list[datetime]:
    span = timedelta(days=365 * years).total_seconds()
    return [
        now - timedelta(seconds=ago) for ago in sorted((chance.random() * span for _ in range(orders)), reverse=True)
    ]


def _reserved(shop: Shop, name: str, count: int) -> Iterator[int]:
    """A run of numbers of the shop's, taken at once."""
    with shop.database.write():
        first = shop.database.next_number(name, FIRST_ORDER_NUMBER)
        shop.database.set_setting(f"number/{name}", first + count)
    return iter(range(first, first + count))


def _buyer_of(documents: list[Document]) -> Buyer:
    known, *addresses = documents
    by_id = {one["id"]: one for one in addresses}
    return Buyer(known, by_id[known["defaultBillingAddressId"]], by_id[known["defaultShippingAddressId"]])


def _last(changed: list[Made]) -> list[Made]:
    """Each document once; they change in place, so the last word is in all of them."""
    return list({id(document): (entity, document) for entity, document in changed}.values())
