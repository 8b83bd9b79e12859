"""Walks over a shop's orders: each order that is there all along is named, and once, whatever happens meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from companion.errors import Bury, Retry
from companion.platforms.base import Access, Cursor, Page, Walk
from companion.platforms.shopware import count, fetch_page, signals
from companion.platforms.shopware.app_build import TOPICS
from companion.platforms.shopware.criteria import moment
from companion.simulator.shop.records import criteria
from companion.simulator.shop.records.entities import ENTITIES
from mappings.dialects import SHOPWARE
from mappings.shopware.schemas import PRIVILEGES

SHOP = "https://shop.shop-owner.net"
LIVE = "0fa91ce3e96a4bc2be4bd9ce752c3425"
BEGAN = datetime(2026, 3, 14, 10, tzinfo=UTC)
PLACED = Walk("order", "placed")

Json = dict[str, Any]


def stamp(minutes: float) -> str:
    return (BEGAN + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")


@dataclass
class Shop:
    """The searches that walks make, answered from lists as a shop's SQL would."""

    orders: list[Json] = field(default_factory=list)
    entries: list[Json] = field(default_factory=list)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    written: int = 0

    def add(self, minutes: float = 0, *, number: int = 0, channel: str = "c1", **changes: Any) -> str:
        """Write an order with a payment, a delivery and a refund; return its id."""
        self.written += 1
        id_, at = f"{number or self.written * 7919 % 1000:04}-order", stamp(minutes)
        part = {"createdAt": at, "updatedAt": None}
        order = {
            "id": id_,
            "orderNumber": str(10_000 + self.written),
            "autoIncrement": self.written,
            "orderDateTime": at,
            "salesChannelId": channel,
            "transactions": [part | {"id": f"{id_}-payment", "captures": [{"refunds": [{"id": f"{id_}-refund"}]}]}],
            "deliveries": [part | {"id": f"{id_}-delivery"}],
            **part,
            **changes,
        }
        self.orders.append(order)
        return id_

    def enter(self, subject: str, minutes: float, version: str = LIVE) -> None:
        """Write a state entered, and nothing else: the subject's own times do not move."""
        entry = {"id": f"e{len(self.entries):04}", "referencedId": subject, "createdAt": stamp(minutes)}
        self.entries.append({**entry, "referencedVersionId": version})

    def delete(self, id_: str) -> None:
        self.orders = [order for order in self.orders if order["id"] != id_]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        entity, asked = str(request.url).rpartition("/")[2], msgspec.json.decode(request.body or b"")
        self.asked.append((entity, asked))
        rows = self.orders if entity == "order" else self.entries
        found = [row for row in rows if all(matches(row, one) for one in asked["filter"])]
        found.sort(key=lambda row: tuple(row[by["field"]] for by in asked["sort"]))
        total = len(found) if asked.get("total-count-mode") else len(found[: asked["limit"]])
        return 200, {}, msgspec.json.encode({"total": total, "data": found[: asked["limit"]], "aggregations": []})


def matches(row: Json, asked: Json) -> bool:
    if asked["type"] == "multi":
        return any(matches(row, one) for one in asked["queries"])
    if asked["type"] == "not":
        return not any(matches(row, one) for one in asked["queries"])
    known = [value for value in values(row, asked["field"].split(".")) if value is not None]
    if asked["type"] == "range":
        return any(in_range(value, asked["parameters"]) for value in known)
    wanted = asked["value"] if asked["type"] == "equalsAny" else [asked["value"]]
    return any(value in wanted for value in known)


def values(row: Any, path: list[str]) -> list[Any]:
    if isinstance(row, list):
        return [value for one in row for value in values(one, path)]
    return [row] if not path else values(row.get(path[0]), path[1:])


def in_range(value: Any, bounds: Json) -> bool:
    def compared(one: Any) -> Any:
        at = datetime.fromisoformat(one) if isinstance(one, str) else one
        return at.replace(tzinfo=UTC) if isinstance(at, datetime) and at.tzinfo is None else at

    tests = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b}
    return all(tests[name](compared(value), compared(bound)) for name, bound in bounds.items())


@pytest.fixture
def shop() -> Iterator[Shop]:
    with answering() as found:
        yield found


class answering:  # noqa: N801 reads as a verb
    """A shop behind `responses`, for a test or for one example of many."""

    def __enter__(self) -> Shop:
        self.http = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.http.start()
        shop = Shop()
        self.http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        for entity in ("order", "state-machine-history"):
            self.http.add_callback("POST", f"{SHOP}/api/search/{entity}", shop.answer)
        return shop

    def __exit__(self, *_: object) -> None:
        self.http.stop()


def access() -> Access:
    credentials = {"secret": "s" * 64, "client_id": "SWIATESTS", "client_secret": "client-secret"}
    return Access("walks", SHOP, credentials, lambda: BEGAN, lambda: None)


def pages(walk: Walk, limit: int) -> Iterator[Page]:
    cursor: Cursor | None = None
    while True:
        page = fetch_page(access(), walk, cursor, limit)
        yield page
        if page.cursor is None:
            return
        cursor = msgspec.json.decode(msgspec.json.encode(page.cursor))


def named(walk: Walk, limit: int) -> list[str]:
    return [ref.id for page in pages(walk, limit) for ref in page.refs]


def test_every_order_is_named_once_in_the_order_they_were_written(shop: Shop) -> None:
    ids = [shop.add(minutes) for minutes in (5, 3, 3, 3, 9, 1, 3)]
    assert named(PLACED, 3) == ids
    assert named(PLACED, 100) == ids
    assert count(access(), PLACED) == 7
    (page,) = pages(PLACED, 100)
    assert [ref.label for ref in page.refs][:2] == ["10001", "10002"]


def test_a_full_last_page_is_followed_by_an_empty_one(shop: Shop) -> None:
    for _ in range(6):
        shop.add()
    assert [len(page.refs) for page in pages(PLACED, 3)] == [3, 3, 0]


def test_a_time_of_long_ago_is_written_with_all_its_digits() -> None:
    assert moment(datetime(1, 2, 3, 4, 5, 6, 789_999, tzinfo=UTC)) == "0001-02-03 04:05:06.789"


def test_thousands_of_orders_of_one_moment_cost_no_more_than_any_others(shop: Shop) -> None:
    ids = [shop.add(0, number=1 + number) for number in range(2000)]
    assert named(PLACED, 500) == ids
    assert max(len(msgspec.json.encode(asked)) for _, asked in shop.asked) < 1000


def test_period_and_channels_are_kept(shop: Shop) -> None:
    ids = [shop.add(minutes, channel=channel) for minutes in (0, 1, 2, 3) for channel in ("c1", "c2")]
    walk = Walk("order", "placed", BEGAN + timedelta(minutes=1), BEGAN + timedelta(minutes=3), ("c2",))
    assert named(walk, 100) == [ids[3], ids[5]]
    assert count(access(), walk) == 2


@pytest.mark.parametrize("part", ["", "transactions", "deliveries"])
@pytest.mark.parametrize("name", ["createdAt", "updatedAt"])
def test_whatever_of_an_order_was_written_since_names_it(shop: Shop, part: str, name: str) -> None:
    shop.add(-60)
    id_ = shop.add(-60)
    touched = shop.orders[1][part][0] if part else shop.orders[1]
    touched[name] = stamp(0)
    assert named(Walk("order", "changed", BEGAN), 100) == [id_]


@pytest.mark.parametrize("subject", ["", "-payment", "-delivery", "-refund"])
def test_a_state_entered_names_its_order_though_nothing_else_was_written(shop: Shop, subject: str) -> None:
    shop.add(-60)
    id_ = shop.add(-60)
    shop.enter(f"{id_}{subject}", 1)
    shop.enter("gone", 2)
    assert named(Walk("order", "changed", BEGAN), 100) == [id_]


def test_states_of_drafts_and_from_before_name_nothing(shop: Shop) -> None:
    id_ = shop.add(-60)
    shop.enter(id_, 1, version="d" * 32)
    shop.enter(id_, -1)
    assert named(Walk("order", "changed", BEGAN), 100) == []


def test_a_quiet_sweep_takes_two_light_calls_and_names_no_order_twice(shop: Shop) -> None:
    ids = [shop.add(1) for _ in range(5)]
    assert named(Walk("order", "changed", BEGAN), 100) == ids
    assert [entity for entity, _ in shop.asked] == ["order", "state-machine-history"]
    for id_ in ids:
        shop.enter(id_, 2)
    assert named(Walk("order", "changed", BEGAN), 100) == ids
    assert len(shop.asked) == 5


def test_states_that_were_entered_in_one_moment_are_all_looked_at(shop: Shop) -> None:
    ids = [shop.add(-60) for _ in range(12)]
    for id_ in ids:
        shop.enter(id_, 1)
    assert sorted(named(Walk("order", "changed", BEGAN), 5)) == sorted(ids)


def test_all_that_is_asked_for_is_understood_and_permitted(shop: Shop) -> None:
    shop.add(1)
    shop.enter(shop.add(-60), 1)
    walk = Walk("order", "placed", BEGAN, BEGAN + timedelta(days=1), ("c1",))
    count(access(), walk)
    for one in (walk, Walk("order", "changed", BEGAN), PLACED):
        named(one, 1)
    for entity, asked in shop.asked:
        understood = criteria.read(ENTITIES[entity.replace("-", "_")], asked)
        assert set(understood.entities()) <= set(PRIVILEGES)


def test_a_walk_over_something_else_is_refused(shop: Shop) -> None:
    with pytest.raises(Bury):
        fetch_page(access(), Walk("customer", "placed"), None, 10)


@pytest.mark.parametrize(
    ("broken", "walk"),
    [
        ({"autoIncrement": None}, PLACED),
        ({"createdAt": "yesterday"}, Walk("order", "changed", BEGAN)),
    ],
)
def test_an_answer_that_cannot_be_walked_on_from_is_asked_for_again(broken: Json, walk: Walk) -> None:
    row = {"id": "a", "autoIncrement": 1, "referencedId": None, **broken}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        for entity in ("order", "state-machine-history"):
            http.post(f"{SHOP}/api/search/{entity}", json={"data": [row], "total": 1})
        cursor = None if walk is PLACED else {"at": "2026-03-14 10:00:00.000", "seen": [], "named": []}
        with pytest.raises(Retry):
            fetch_page(access(), walk, cursor, 1)


def test_an_answer_without_a_number_of_orders_is_asked_for_again() -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        http.post(f"{SHOP}/api/oauth/token", json={"access_token": "token", "expires_in": 600})
        http.post(f"{SHOP}/api/search/order", json={"data": [], "total": None})
        with pytest.raises(Retry):
            count(access(), PLACED)


def test_every_metric_has_webhooks_that_the_app_subscribes_to() -> None:
    assert set(signals.topics) == SHOPWARE.metrics
    assert {topic for topics in signals.topics.values() for topic in topics} <= set(TOPICS)


ACTS = st.lists(st.tuples(st.sampled_from(["add", "delete", "touch"]), st.integers(0, 40)), max_size=6)


@given(
    minutes=st.lists(st.integers(-3, 3), max_size=25),
    limit=st.integers(1, 7),
    meanwhile=st.lists(ACTS, min_size=1, max_size=12),
)
def test_nothing_that_happens_meanwhile_hides_or_repeats_an_order(
    minutes: list[int], limit: int, meanwhile: list[list[tuple[str, int]]]
) -> None:
    """Orders are added with any date, deleted and changed between any two pages."""
    with answering() as shop:
        ids = [shop.add(at, number=1 + number) for number, at in enumerate(minutes)]
        there = set(ids)
        found: list[str] = []
        for turn, page in enumerate(pages(PLACED, limit)):
            found += [ref.id for ref in page.refs]
            for act, number in meanwhile[turn] if turn < len(meanwhile) else []:
                if act == "add":
                    shop.add(number - 20, number=500 + shop.written)
                elif act == "touch" and shop.orders:
                    shop.orders[number % len(shop.orders)]["updatedAt"] = stamp(number)
                elif shop.orders:
                    gone = shop.orders[number % len(shop.orders)]["id"]
                    shop.delete(gone)
                    there.discard(gone)
        assert len(found) == len(set(found))
        assert there <= set(found)


@given(
    minutes=st.lists(st.integers(-3, 3), max_size=20),
    entered=st.lists(st.tuples(st.integers(0, 19), st.integers(-2, 2)), max_size=20),
    limit=st.integers(1, 7),
)
def test_a_sweep_names_exactly_what_was_written_since(
    minutes: list[int], entered: list[tuple[int, int]], limit: int
) -> None:
    with answering() as shop:
        ids = [shop.add(at, number=1 + number) for number, at in enumerate(minutes)]
        for number, at in sorted(entered, key=lambda one: one[1]):
            shop.enter(ids[number] if number < len(ids) else "gone", at)
        written = {id_ for id_, at in zip(ids, minutes, strict=True) if at >= 0}
        written |= {ids[number] for number, at in entered if number < len(ids) and at >= 0}
        found = named(Walk("order", "changed", BEGAN), limit)
        assert set(found) == written
