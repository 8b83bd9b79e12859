"""What is stuck, grouped by cause: whose it is, what to do, and one press for all of them."""

import pytest

from companion import audit, outbox
from companion.admin import causes
from companion.admin.causes import Kind
from companion.bootstrap import Services
from companion.models import Store
from tests.admin import house
from tests.admin.conftest import Desk
from tests.build import put
from tests.fakes import Wakes


@pytest.fixture
def stuck(services: Services, store: Store) -> Store:
    house.get_stuck(services, store)
    return store


def found(services: Services, store: Store) -> list[causes.Cause]:
    with services.database.read() as session:
        return causes.causes(session, store.id)


def test_rows_that_differ_only_in_numbers_have_one_cause(services: Services, stuck: Store) -> None:
    assert [(cause.kind, len(cause.rows), cause.remedy.owner) for cause in found(services, stuck)] == [
        ("buried", 3, "platform"),
        ("webhook", 2, "mapping"),
        ("buried", 1, "Klaviyo"),
        ("failing", 1, "Klaviyo"),
    ]


@pytest.mark.parametrize(
    ("kind", "said", "owner"),
    [
        ("webhook", "$ the work on it broke off 20 times; see the log", "service"),
        ("webhook", "$.order.orderCustomer.email is no e-mail address, and nothing else identifies", "platform"),
        ("webhook", "$ The shop refuses the request with status 400 (X)", "platform"),
        ("webhook", "$.order.price Expected `float`", "mapping"),
        ("buried", "/data/attributes/profile/data/attributes/email Klaviyo answered 400", "platform"),
        ("buried", "/data/attributes/time Klaviyo answered 400: bad time", "mapping"),
        ("buried", " given up after 15 attempts: Klaviyo answered 500", "Klaviyo"),
        ("buried", " Put aside by an operator.", "operator"),
        ("failing", " anything", "Klaviyo"),
    ],
)
def test_every_reason_has_an_owner(kind: Kind, said: str, owner: str) -> None:
    assert causes.remedy(kind, said).owner == owner


def test_the_page_tells_each_cause_with_its_remedy(admin: Desk, stuck: Store) -> None:
    page = admin.read(f"/admin/stores/{stuck.key}/stuck")
    assert "Klaviyo does not take this person&#39;s data" in page
    assert "3 messages buried" in page
    assert "2 webhooks quarantined" in page
    assert "Given up after 15 attempts" in page


def press(admin: Desk, services: Services, store: Store, place: int) -> causes.Cause:
    cause = found(services, store)[place]
    admin.get(f"/admin/stores/{store.key}/stuck")
    admin.post(f"/admin/stores/{store.key}/stuck", cause=cause.mark)
    return cause


def test_one_press_tries_all_of_a_cause_again_and_no_other(
    admin: Desk, services: Services, stuck: Store, wakes: Wakes
) -> None:
    press(admin, services, stuck, 0)
    assert "You tried 3 messages again." in admin.page
    assert [len(cause.rows) for cause in found(services, stuck)] == [2, 1, 1]
    assert ("deliver", stuck.id) in wakes.calls
    press(admin, services, stuck, 0)
    assert "You tried 2 webhooks again." in admin.page
    assert ("resolve", stuck.id) in wakes.calls
    with services.database.read() as session:
        told = [change.what for change, _ in audit.listed(session, stuck.id)]
    assert told == ["tried 2 webhooks again", "tried 3 messages again"]


def test_what_is_tried_in_vain_can_be_buried(admin: Desk, services: Services, stuck: Store) -> None:
    cause = press(admin, services, stuck, 3)
    assert cause.kind == "failing"
    assert "You buried 1 message." in admin.page
    with services.database.read() as session:
        assert cause.ids[0] in [row.id for row in outbox.listed(session, stuck.id, "buried")]


def test_a_cause_that_is_gone_is_no_error(admin: Desk, stuck: Store) -> None:
    admin.get(f"/admin/stores/{stuck.key}/stuck")
    admin.post(f"/admin/stores/{stuck.key}/stuck", cause="nonsense")
    assert "Nothing to do: this cause is gone." in admin.page


def test_a_store_that_stands_still_as_a_whole_says_so_first(admin: Desk, services: Services) -> None:
    store = house.add_store(services, "Hats", "hats.net", paused="Klaviyo answered 401.")
    put(services, store, 3)
    page = admin.read(f"/admin/stores/{store.key}/stuck")
    assert "The whole store is paused Owner: key Klaviyo answered 401. 3 webhooks and messages due." in page


def test_where_nothing_is_stuck_the_page_says_so(admin: Desk, store: Store) -> None:
    assert "Nothing is stuck." in admin.read(f"/admin/stores/{store.key}/stuck")
