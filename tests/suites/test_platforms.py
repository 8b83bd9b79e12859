"""What every platform must pass, whoever's shop it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

import mappings
from companion import bootstrap, resolve
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store
from companion.sync import advance
from mappings.errors import IgnoredTopic
from tests.fakes import Clock
from tests.mappings import build
from tests.suites.platforms import PLATFORMS
from tests.suites.subject import SECRET, SHOP_ID, Sample, Subject


@pytest.fixture(params=PLATFORMS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return PLATFORMS[request.param]


@pytest.fixture
def sample(subject: Subject, clock: Clock) -> Sample:
    return subject.sample(subject.topics[0], clock(), SECRET)


@pytest.fixture
def work(services: Services, subject: Subject, clock: Clock) -> Iterator[Services]:
    """The services, with a shop behind the platform, and no thought of how often it may be asked."""
    settings = replace(services.settings, shop_calls_per_minute=6000)
    with subject.shop(clock()) as platform:
        yield replace(services, settings=settings, platforms={subject.platform.name: platform})


@pytest.fixture
def add(services: Services, new_store: Callable[..., Store], subject: Subject, clock: Clock) -> Callable[..., Store]:
    """Add a store of the platform, connected for an hour unless something else is said."""

    def add(shop_id: str, **columns: Any) -> Store:
        usual = {
            "platform": subject.platform.name,
            "shop_url": subject.shop_url,
            "credentials": services.vault.seal_json(subject.credentials),
            "connected_at": clock() - timedelta(hours=1),
        }
        return new_store(shop_id=shop_id, **{**usual, **columns})

    return add


@pytest.fixture
def ours(add: Callable[..., Store]) -> Store:
    return add(SHOP_ID)


def send(client: FlaskClient, sample: Sample) -> int:
    return client.post(sample.path, data=sample.body, headers=dict(sample.headers)).status_code


def run(work: Services, store: Store, clock: Clock, kind: str) -> None:
    advance.start(work, store.key, kind)
    while advance.advance_store(work, store.id) is not None:
        clock.advance(1)


def kept(services: Services) -> list[tuple[str, str | None]]:
    """(topic, outcome) of every webhook that was stored."""
    with services.database.read() as session:
        rows = session.execute(select(Inbox.topic, Inbox.outcome).order_by(Inbox.id))
        return [(row.topic, row.outcome) for row in rows]


def told(services: Services, store: Store) -> list[tuple[str, str]]:
    with services.database.read() as session:
        found = session.execute(select(Outbox.metric, Outbox.unique_id).where(Outbox.store_id == store.id))
        return sorted((row.metric, row.unique_id) for row in found)


def test_every_platform_that_is_offered_is_asked() -> None:
    assert PLATFORMS.keys() == bootstrap.PLATFORMS.keys()
    assert all(name == subject.platform.name for name, subject in PLATFORMS.items())


@pytest.mark.usefixtures("ours")
def test_a_wrong_secret_or_none_is_refused(
    services: Services, client: FlaskClient, subject: Subject, sample: Sample, clock: Clock
) -> None:
    assert send(client, subject.sample(sample.topic, clock(), SECRET[::-1])) == 401
    assert send(client, subject.sample(sample.topic, clock(), "")) in (401, 404)
    assert kept(services) == []
    assert send(client, sample) == subject.accepted


@pytest.mark.usefixtures("ours")
def test_one_altered_byte_of_what_proves_it_is_refused(
    services: Services, client: FlaskClient, subject: Subject, sample: Sample
) -> None:
    assert send(client, subject.altered(sample)) == 401
    assert kept(services) == []
    assert send(client, sample) == subject.accepted
    assert send(client, subject.altered(sample)) == 401  # by what is remembered of the store, too
    assert len(kept(services)) == 1


def test_a_redelivery_is_taken_and_changes_nothing(
    work: Services, client: FlaskClient, subject: Subject, sample: Sample, ours: Store
) -> None:
    assert send(client, sample) == subject.accepted
    resolve.resolve_store(work, ours.id)
    before = told(work, ours)
    assert before
    assert [send(client, sample) for _ in range(3)] == [subject.accepted] * 3
    resolve.resolve_store(work, ours.id)
    assert kept(work) == [(sample.topic, "delivered")]
    assert told(work, ours) == before


def test_another_webhook_and_a_sweep_tell_nothing_that_was_told(
    work: Services, client: FlaskClient, subject: Subject, clock: Clock, ours: Store
) -> None:
    first, second = subject.topics[:2]
    assert send(client, subject.sample(first, clock(), SECRET)) == subject.accepted
    resolve.resolve_store(work, ours.id)
    before = told(work, ours)
    assert before
    assert send(client, subject.sample(second, clock(), SECRET)) == subject.accepted
    resolve.resolve_store(work, ours.id)
    run(work, ours, clock, "changes")
    assert kept(work) == [(first, "delivered"), (second, "duplicate")]
    assert told(work, ours) == before


def test_a_topic_that_nobody_knows_is_taken_and_ignored(
    services: Services, client: FlaskClient, subject: Subject, clock: Clock, ours: Store
) -> None:
    strange = subject.sample("weather.changed", clock(), SECRET)
    assert send(client, strange) == subject.accepted
    resolve.resolve_store(services, ours.id)
    assert kept(services) == [(strange.topic, "ignored")]
    assert told(services, ours) == []
    with pytest.raises(IgnoredTopic):
        subject.platform.refs(strange.topic, strange.body)


def test_every_topic_that_tells_of_a_fact_names_the_record_to_read(subject: Subject, clock: Clock) -> None:
    for topic in subject.topics:
        assert list(subject.platform.refs(topic, subject.sample(topic, clock(), SECRET).body)) == [subject.order]
        assert subject.platform.lifecycle(topic) is None


def test_every_sample_maps_to_events_each_with_an_identity_of_its_own(subject: Subject) -> None:
    for record in subject.seen():
        facts = mappings.facts(subject.platform.name, record.resource, record.body)
        events = mappings.messages(facts, lambda _: build.tracking(dialect=subject.platform.name))
        assert events
        assert len({(event.metric, event.unique_id) for event in events}) == len(events)


def test_a_webhook_a_sweep_and_the_history_tell_the_same_facts_by_the_same_ids(
    work: Services, client: FlaskClient, sample: Sample, ours: Store, add: Callable[..., Store], clock: Clock
) -> None:
    swept, remembered = add("swept"), add("remembered", connected_at=clock())
    send(client, sample)
    resolve.resolve_store(work, ours.id)
    run(work, swept, clock, "changes")
    run(work, remembered, clock, "history")
    assert told(work, ours) == told(work, swept) == told(work, remembered) != []
