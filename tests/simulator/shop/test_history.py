"""Years of orders with their histories, which can be paged through."""

from collections import Counter
from itertools import pairwise

from companion.simulator.shop.config import Config
from companion.simulator.shop.records.criteria import read
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.reader import Reader
from companion.simulator.shop.shop import Shop, open_shop
from companion.simulator.shop.trade import checkout, history, ledger
from companion.simulator.shop.trade.spec import OrderSpec

ORDERS = 1500


def test_a_history_is_seeded_with_everything_that_years_bring(demo: Shop) -> None:
    seeded = history.seed(demo, ORDERS, 3)
    entries = list(ledger.entries(demo.database))
    assert len(entries) == ORDERS
    assert sum(len(one["transitions"]) for one in entries) == seeded.transitions > ORDERS
    assert {one["orderDateTime"][:4] for one in entries} >= {str(demo.now().year - ago) for ago in range(1, 3)}
    kinds = Counter(one["imported"] for one in entries)
    assert kinds[True] > 0
    assert all(one["transitions"] == [] for one in entries if one["imported"])
    assert all(one["states"]["order"] in ("completed", "cancelled", "open") for one in entries if one["imported"])


def test_every_transition_leads_on_from_the_one_before(demo: Shop) -> None:
    history.seed(demo, 200, 3)
    for entry in ledger.entries(demo.database):
        for machine, state in entry["states"].items():
            steps = [one for one in entry["transitions"] if one["machine"] == machine]
            for before, after in pairwise(steps):
                assert before["to"] == after["from"]
                assert before["at"] < after["at"]
            if steps:
                assert (steps[0]["from"], steps[-1]["to"]) == ("open", state)
            assert all(entry["createdAt"] < one["at"] < "2999" for one in steps)


def test_the_same_seed_makes_the_same_orders(demo: Shop) -> None:
    history.seed(demo, 30, 1, seed_number=5)
    history.seed(demo, 30, 1, seed_number=5)
    totals = [one["total"] for one in ledger.entries(demo.database)]
    assert totals[:30] == totals[30:]


def test_all_orders_are_found_page_by_page_each_once(demo: Shop) -> None:
    history.seed(demo, 450, 2)
    reader, found = Reader(demo.database), []
    for page in range(1, 10):
        payload = {"page": page, "limit": 100, "total-count-mode": 1, "sort": [{"field": "createdAt"}, {"field": "id"}]}
        answer = reader.search(read(ENTITIES["order"], payload | {"associations": {"lineItems": {}, "deliveries": {}}}))
        assert answer.total == 450
        found += [record.document["createdAt"] for record in answer.records]
    assert len(found) == 450
    assert found == sorted(found)


def test_a_restart_keeps_everything(demo: Shop) -> None:
    order_id = checkout.place(demo, OrderSpec())
    again = open_shop(Config(data=demo.config.data, url="http://127.0.0.1:9"))
    try:
        assert again.database.get("order", order_id) == demo.database.get("order", order_id)
        assert again.database.setting("shop_id") == demo.database.setting("shop_id")
        assert again.database.next_number("order", 0) == demo.database.get("order", order_id)["autoIncrement"] + 1
    finally:
        again.close()
