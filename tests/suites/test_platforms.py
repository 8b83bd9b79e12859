"""What every platform must pass, whoever's shop it is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

import mappings
from companion import resolve
from companion.app import create_app
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store
from companion.sync import advance
from mappings.errors import IgnoredTopic
from tests.fakes import Clock
from tests.mappings import build
from tests.suites.platforms import PLATFORMS, SECRET, SHOP_ID, Sample, Subject, altered


@pytest.fixture(params=PLATFORMS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return PLATFORMS[request.param]


@pytest.fixture
def sample(subject: Subject, clock: Clock) -> Sample:
    return subject.sample(subject.topics[0], clock().timestamp())


@pytest.fixture
def work(services: Services, subject: Subject, sample: Sample) -> Services:
    """The services, with a shop behind the platform that holds the sample's record."""
    return replace(services, platforms={subject.platform.name: subject.shop(sample.record)})


@pytest.fixture
def ours(new_store: Callable[..., Store], subject: Subject) -> Store:
    return new_store(shop_id=SHOP_ID, secret=SECRET, platform=subject.platform.name)


@pytest.fixture
def door(work: Services) -> FlaskClient:
    return create_app(work).test_client()


def send(door: FlaskClient, subject: Subject, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> int:
    return door.post(subject.path, data=body, headers=dict(headers)).status_code


def kept(services: Services) -> list[str]:
    with services.database.read() as session:
        return list(session.scalars(select(Inbox.topic).order_by(Inbox.id)))


def told(services: Services, store: Store) -> list[tuple[str, str]]:
    with services.database.read() as session:
        found = session.execute(select(Outbox.metric, Outbox.unique_id).where(Outbox.store_id == store.id))
        return sorted((row.metric, row.unique_id) for row in found)


@pytest.mark.usefixtures("ours")
def test_a_wrong_signature_or_none_is_refused(
    work: Services, door: FlaskClient, subject: Subject, sample: Sample
) -> None:
    if not subject.signed:
        pytest.skip("this platform's webhooks bear no signature")
    assert send(door, subject, sample.body) == 401
    wrong = {name: value[::-1] for name, value in sample.headers.items()}
    assert send(door, subject, sample.body, wrong) == 401
    assert kept(work) == []


@pytest.mark.usefixtures("ours")
def test_one_altered_byte_is_refused(work: Services, door: FlaskClient, subject: Subject, sample: Sample) -> None:
    if not subject.signed:
        pytest.skip("this platform's webhooks bear no signature")
    assert send(door, subject, altered(sample.body), sample.headers) == 401
    assert kept(work) == []


def test_a_redelivery_is_taken_and_changes_nothing(
    work: Services, door: FlaskClient, subject: Subject, sample: Sample, ours: Store
) -> None:
    assert send(door, subject, sample.body, sample.headers) == 202
    resolve.resolve_store(work, ours.id)
    before = told(work, ours)
    assert before
    assert [send(door, subject, sample.body, sample.headers) for _ in range(3)] == [202] * 3
    resolve.resolve_store(work, ours.id)
    assert kept(work) == [sample.topic]
    assert told(work, ours) == before


def test_a_topic_that_nobody_knows_is_taken_and_ignored(
    work: Services, door: FlaskClient, subject: Subject, clock: Clock, ours: Store
) -> None:
    strange = subject.sample("weather.changed", clock().timestamp())
    assert send(door, subject, strange.body, strange.headers) == 202
    resolve.resolve_store(work, ours.id)
    with work.database.read() as session:
        assert list(session.scalars(select(Inbox.outcome))) == ["ignored"]
    assert told(work, ours) == []
    with pytest.raises(IgnoredTopic):
        subject.platform.refs(strange.topic, strange.body)


def test_every_topic_that_tells_of_a_fact_names_the_record_to_read(subject: Subject, clock: Clock) -> None:
    for topic in subject.topics:
        sample = subject.sample(topic, clock().timestamp())
        (ref,) = subject.platform.refs(topic, sample.body)
        assert (ref.resource, ref.id) == (sample.record.resource, sample.record.id)
        assert subject.platform.lifecycle(topic) is None


def test_every_sample_maps_to_events_each_with_an_identity_of_its_own(subject: Subject) -> None:
    for record in subject.samples():
        facts = mappings.facts(subject.platform.name, record.resource, record.body)
        events = mappings.messages(facts, lambda _: build.tracking())
        assert events
        assert len({(event.metric, event.unique_id) for event in events}) == len(events)


def test_a_webhook_and_the_history_tell_the_same_facts_by_the_same_ids(
    work: Services,
    door: FlaskClient,
    subject: Subject,
    sample: Sample,
    ours: Store,
    new_store: Callable[..., Store],
    clock: Clock,
) -> None:
    assert send(door, subject, sample.body, sample.headers) == 202
    resolve.resolve_store(work, ours.id)
    other = new_store(shop_id="another", platform=subject.platform.name)
    advance.start(work, other.key, "history")
    while advance.advance_store(work, other.id) is not None:
        clock.advance(1)
    assert told(work, ours) == told(work, other) != []
