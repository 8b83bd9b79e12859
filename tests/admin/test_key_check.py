"""A Klaviyo key on its way into force: looked at in the background, pinned to its account, refused with a reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from companion import audit, due, key_checks, stores
from companion.bootstrap import Services
from companion.errors import Pause, Retry
from companion.klaviyo.client import Account
from companion.models import Store
from companion.set_up_models import KeyCheck
from tests.fakes import Clock, FakeKlaviyo, Wakes

OTHER = Account("OTH999", "Other Shop", "OTH999", "UTC", "USD", False)
NewStore = Callable[..., Store]


def ask(services: Services, store: Store, key: str | None = "pk_good", who: str = "admin") -> None:
    with services.database.write() as session:
        key_checks.ask(services, session, stores.by_key(session, store.key), who, key)


def check(services: Services, store: Store) -> KeyCheck:
    with services.database.read() as session:
        return session.get_one(KeyCheck, store.id)


def now_of(services: Services, store: Store) -> Store:
    with services.database.read() as session:
        return stores.by_key(session, store.key)


@pytest.fixture
def fresh(new_store: NewStore) -> Store:
    return new_store(klaviyo_key=None, klaviyo_account="", klaviyo_account_name="", paused="No key.")


def test_a_good_key_comes_into_force_with_its_account(services: Services, fresh: Store, wakes: Wakes) -> None:
    ask(services, fresh, " pk_good ")
    assert ("check", fresh.id) in due.jobs(services)
    assert now_of(services, fresh).klaviyo_key is None
    assert key_checks.check_store(services, fresh.id) is None
    store = now_of(services, fresh)
    assert store.klaviyo_key is not None
    assert services.vault.open(store.klaviyo_key) == "pk_good"
    assert (store.klaviyo_account, store.klaviyo_account_name, store.paused) == ("ACC123", "Good Shop", None)
    found = check(services, fresh)
    assert (found.state, found.key) == ("good", None)
    assert found.account == {
        "id": "ACC123",
        "name": "Good Shop",
        "public_key": "ACC123",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "is_test": False,
    }
    assert found.scopes == {"accounts:read": True, "events:write": True, "lists:read": True}
    assert {job for job, _ in wakes.calls} == {"deliver", "deliver-volume", "consent"}
    with services.database.read() as session:
        assert [(one.who, one.what) for one, _ in audit.listed(session)] == [("admin", "set the Klaviyo key")]
    assert ("check", fresh.id) not in due.jobs(services)


def test_a_key_of_another_account_is_refused_and_changes_nothing(
    services: Services, store: Store, klaviyo: FakeKlaviyo
) -> None:
    klaviyo.accounts["pk_other"] = OTHER
    ask(services, store, "pk_other")
    key_checks.check_store(services, store.id)
    found, after = check(services, store), now_of(services, store)
    assert found.state == "refused"
    assert (found.reason or "").startswith("This key belongs to account OTH999 (Other Shop), but the store sends to")
    assert (after.klaviyo_key, after.klaviyo_account) == (store.klaviyo_key, "ACC123")


def test_what_is_known_of_the_account_stays_when_a_key_is_refused(
    services: Services, store: Store, klaviyo: FakeKlaviyo
) -> None:
    klaviyo.accounts["pk_other"] = OTHER
    for key in ("pk_good", "pk_other"):
        ask(services, store, key)
        key_checks.check_store(services, store.id)
    found = check(services, store)
    assert (found.state, (found.account or {})["name"]) == ("refused", "Good Shop")


@pytest.mark.parametrize("scope", key_checks.REQUIRED)
def test_a_key_without_what_sending_needs_is_refused_by_name(
    services: Services, store: Store, klaviyo: FakeKlaviyo, scope: str
) -> None:
    class Mute(dict[str, Account]):
        def __getitem__(self, _key: str) -> Account:
            raise Pause("Klaviyo answered 403: permission denied.")

    klaviyo.scopes_of["pk_good"] = {"events:write": scope != "events:write", "forms:read": False}
    if scope == "accounts:read":
        klaviyo.accounts = Mute(klaviyo.accounts)
    ask(services, store)
    key_checks.check_store(services, store.id)
    found = check(services, store)
    assert found.state == "refused"
    assert (found.reason or "").startswith(f"The key lacks {scope}.")
    assert (found.scopes or {})[scope] is False


def test_a_key_that_lacks_only_what_is_optional_is_taken(
    services: Services, fresh: Store, klaviyo: FakeKlaviyo
) -> None:
    klaviyo.scopes_of["pk_good"] = {"events:write": True, "forms:read": False, "subscriptions:write": None}
    ask(services, fresh)
    key_checks.check_store(services, fresh.id)
    assert check(services, fresh).state == "good"


def test_while_klaviyo_is_unwell_the_look_is_put_off_and_given_up_at_last(
    services: Services, store: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    class Unwell(dict[str, Account]):
        def __getitem__(self, _key: str) -> Account:
            raise Retry("Klaviyo answered 503")

    good, klaviyo.accounts = klaviyo.accounts, Unwell(klaviyo.accounts)
    ask(services, store)
    pauses = []
    while (pause := key_checks.check_store(services, store.id)) is not None:
        pauses.append(pause)
        assert check(services, store).reason == "Klaviyo answered 503"
        assert key_checks.check_store(services, store.id) is None
        clock.advance(pause)
    assert pauses == [2, 4, 8, 16, 32, 60, 60]
    assert check(services, store).reason == "Klaviyo cannot be asked: Klaviyo answered 503."
    klaviyo.accounts = good
    ask(services, store)
    key_checks.check_store(services, store.id)
    assert check(services, store).state == "good"


def test_a_look_that_broke_off_is_taken_over_after_the_lease(services: Services, fresh: Store, clock: Clock) -> None:
    ask(services, fresh)
    with services.database.write() as session:
        left = session.get_one(KeyCheck, fresh.id)
        left.due_at, left.attempts = clock() + timedelta(seconds=services.settings.lease_s), 1
    assert key_checks.check_store(services, fresh.id) is None
    assert check(services, fresh).state == "due"
    clock.advance(services.settings.lease_s)
    key_checks.check_store(services, fresh.id)
    assert check(services, fresh).state == "good"


def test_the_answer_about_a_key_that_was_replaced_meanwhile_does_not_count(
    services: Services, fresh: Store, klaviyo: FakeKlaviyo, clock: Clock
) -> None:
    class Slow(dict[str, Account]):
        def __getitem__(self, key: str) -> Account:
            if key == "pk_first":
                clock.advance(1)
                ask(services, fresh, "pk_good")
            return super().__getitem__(key)

    klaviyo.accounts = Slow({**klaviyo.accounts, "pk_first": OTHER})
    ask(services, fresh, "pk_first")
    key_checks.check_store(services, fresh.id)
    assert now_of(services, fresh).klaviyo_key is None
    assert check(services, fresh).state == "due"
    key_checks.check_store(services, fresh.id)
    assert now_of(services, fresh).klaviyo_account == "ACC123"


def test_looking_again_keeps_the_key_and_what_was_paused_by_a_person(
    services: Services, new_store: NewStore, wakes: Wakes
) -> None:
    store = new_store(paused="Stocktaking")
    ask(services, store, None)
    key_checks.check_store(services, store.id)
    after = now_of(services, store)
    assert (after.klaviyo_key, after.paused, check(services, store).state) == (store.klaviyo_key, "Stocktaking", "good")
    assert wakes.calls == []


def test_looking_again_does_not_forget_a_key_that_was_just_pasted(services: Services, fresh: Store) -> None:
    ask(services, fresh, "pk_good")
    ask(services, fresh, None)
    key_checks.check_store(services, fresh.id)
    assert now_of(services, fresh).klaviyo_account == "ACC123"


def test_a_store_without_a_key_has_none_to_look_at(services: Services, fresh: Store) -> None:
    ask(services, fresh, None)
    key_checks.check_store(services, fresh.id)
    assert check(services, fresh).reason == "There is no key yet."
