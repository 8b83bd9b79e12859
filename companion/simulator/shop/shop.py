"""The demo shop as one thing: its settings, records, articles and courier. Opened once, passed as first argument."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from companion.simulator.shop import marks
from companion.simulator.shop.apps.courier import Courier
from companion.simulator.shop.config import Config
from companion.simulator.shop.records.database import Database
from companion.simulator.shop.records.entities import references
from companion.simulator.shop.trade.assortment import Saleable, assortment
from companion.simulator.shop.world.catalogue import catalogue
from companion.simulator.shop.world.made import Made
from companion.simulator.shop.world.people import customer, person, recipient
from companion.simulator.shop.world.promotions import promotions
from companion.simulator.shop.world.settings import settings

FIRST_ORDER_NUMBER = 10000
FIRST_CUSTOMERS = 40
FIRST_RECIPIENTS = ("optIn", "optIn", "direct", "notSet", "optIn", "optOut", "direct", "optIn", "optOut", "notSet")
BUSINESS_CUSTOMERS = (("Seidel & Söhne GmbH", "DE"), ("Winkler Bau AG", "DE"), ("Hartley Studios Ltd", "GB"))


@dataclass(frozen=True, slots=True)
class Shop:
    """An open shop. `now` is its clock, `articles` what can be bought, by product number."""

    config: Config
    database: Database
    courier: Courier
    articles: dict[str, Saleable]
    chance: random.Random
    now: Callable[[], datetime]

    @property
    def url(self) -> str:
        return str(self.database.setting("url"))

    def keep(self, made: list[Made]) -> None:
        """Write documents, each entity's in one go."""
        by_entity: dict[str, list[dict[str, object]]] = {}
        for entity, document in made:
            by_entity.setdefault(entity, []).append(document)
        with self.database.write():
            for entity, documents in by_entity.items():
                self.database.put(entity, *documents)

    def close(self) -> None:
        self.courier.stop()
        self.database.close()


def open_shop(config: Config, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Shop:
    """Open the shop kept under `config.data`, or found it there."""
    database = Database(config.data / "shop.sqlite3", references())
    with database.write():
        if database.setting("shop_id") is None:
            _found(database, config, now())
    shop = Shop(config, database, Courier(database, now), assortment(database), random.Random(), now)
    shop.courier.start()
    return shop


def _found(database: Database, config: Config, at: datetime) -> None:
    for entity, document in (*settings(), *catalogue(), *promotions(), *_first_customers(database, at)):
        database.put(entity, document)
    database.set_setting("shop_id", marks.shop_id(random.SystemRandom()))
    database.set_setting("url", config.url)
    database.set_setting("resolved_url", config.url)
    database.set_setting("webhooks", config.webhooks)


def _first_customers(database: Database, at: datetime) -> list[Made]:
    """The same people in every demo shop, so that a demonstration can be told."""
    chance = random.Random(2019)
    found: list[Made] = []
    for index in range(FIRST_CUSTOMERS):
        number = database.next_number("customer", FIRST_ORDER_NUMBER)
        company, country = BUSINESS_CUSTOMERS[index] if index < len(BUSINESS_CUSTOMERS) else ("", "")
        who = person(chance, number, country, company)
        made = customer(who, number, at, chance, "business" if company else "store")
        found += made
        if index < len(FIRST_RECIPIENTS):
            found.append(recipient(made[0][1], FIRST_RECIPIENTS[index], at, chance))
    return found
