"""Which form fills a slot: for the store, a sales channel, a language; and that none can be chosen, too."""

from typing import Any

import pytest

from companion.bootstrap import Services
from companion.forms import names, slots, slots_for
from companion.forms.slots import NotEmbeddable
from companion.models import Store
from tests.forms.build import ACCOUNT, DRAFT, FOOTER, POPUP, with_forms

SHOP, BUSINESS = "0189aa", "0189bb"


@pytest.fixture
def store(services: Services, store: Store) -> Store:
    return with_forms(services, store)


def choose(services: Services, store: Store, form: str, slot: str = "footer", **place: str) -> str | None:
    with services.database.write() as session:
        if not form:
            return slots.empty(session, store, slot, services.now(), **place)
        return slots.assign(session, store, slot, form, services.now(), **place)


def seen_by(services: Services, store: Store, channel: str) -> Any:
    with services.database.read() as session:
        return slots_for(session, store, channel)


def test_a_store_without_choices_says_nothing(services: Services, store: Store) -> None:
    assert seen_by(services, store, SHOP) == {}


def test_a_choice_holds_for_every_channel_and_language(services: Services, store: Store) -> None:
    choose(services, store, FOOTER)
    assert seen_by(services, store, SHOP) == {"footer": {"": FOOTER}}
    assert seen_by(services, store, "") == {"footer": {"": FOOTER}}


def test_a_language_of_a_channel_goes_before_everything_else(services: Services, store: Store) -> None:
    choose(services, store, FOOTER)
    choose(services, store, ACCOUNT, channel=SHOP, language="de-AT")
    assert seen_by(services, store, SHOP) == {"footer": {"": FOOTER, "de-at": ACCOUNT}}
    assert seen_by(services, store, BUSINESS) == {"footer": {"": FOOTER}}


def test_a_channel_that_chose_for_all_languages_inherits_none(services: Services, store: Store) -> None:
    choose(services, store, FOOTER, language="de")
    choose(services, store, ACCOUNT, channel=SHOP)
    assert seen_by(services, store, SHOP) == {"footer": {"": ACCOUNT}}


def test_a_slot_is_emptied_on_purpose_and_cleared_again(services: Services, store: Store) -> None:
    choose(services, store, FOOTER)
    assert choose(services, store, "", channel=SHOP) is None
    assert seen_by(services, store, SHOP) == {"footer": {"": ""}}
    with services.database.write() as session:
        assert slots.clear(session, store, "footer", SHOP) == ""
        assert slots.clear(session, store, "footer", SHOP) is None
    assert seen_by(services, store, SHOP) == {"footer": {"": FOOTER}}


def test_a_choice_is_changed_and_says_what_it_was(services: Services, store: Store) -> None:
    assert choose(services, store, FOOTER) is None
    assert choose(services, store, ACCOUNT) == FOOTER
    assert seen_by(services, store, SHOP) == {"footer": {"": ACCOUNT}}


@pytest.mark.parametrize(
    ("form", "why"), [(POPUP, "is a popup"), (DRAFT, "is a draft"), ("Gone99", "has no form Gone99")]
)
def test_only_a_live_embedded_form_of_the_account_fills_a_slot(
    services: Services, store: Store, form: str, why: str
) -> None:
    with pytest.raises(NotEmbeddable, match=why):
        choose(services, store, form)
    assert seen_by(services, store, SHOP) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "no/way"},
        {"form": FOOTER, "slot": "Footer Links"},
        {"form": FOOTER, "slot": '"><script>'},
        {"form": FOOTER, "language": "Klingon or so"},
        {"form": FOOTER, "channel": "a b"},
    ],
)
def test_names_that_cannot_be_are_refused(services: Services, store: Store, wrong: dict[str, str]) -> None:
    with pytest.raises(names.InvalidName):
        choose(services, store, **wrong)
