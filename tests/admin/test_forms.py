"""The page of forms: what the account has, what fills a slot, what is copied, and that viewers only look."""

from collections.abc import Callable
from typing import Any

import pytest

from companion import audit, runs, stores
from companion.bootstrap import Services
from companion.form_models import CachedForm
from companion.forms import sightings, slots, slots_for
from companion.models import Store
from tests.admin import house
from tests.admin.conftest import Desk
from tests.fakes import Wakes
from tests.forms.build import ACCOUNT, DRAFT, FOOTER, POPUP, with_forms

CHANNEL = house.CHANNELS[0][0]


@pytest.fixture
def hats(services: Services) -> Store:
    store = with_forms(services, house.add_store(services, "Hats", "hats.shop-owner.net"))
    house.tell(services, store, house.order(10_000, services.now()), services.now())
    return store


def path(store: Store, rest: str = "") -> str:
    return f"/admin/stores/{store.key}/forms{rest}"


def chosen(services: Services, store: Store, channel: str = "") -> dict[str, dict[str, str]]:
    with services.database.read() as session:
        return slots_for(session, store, channel)


def trail(services: Services, store: Store) -> list[Any]:
    with services.database.read() as session:
        return [change for change, _ in audit.listed(session, store.id)]


def test_every_form_is_listed_with_type_and_status(admin: Desk, hats: Store) -> None:
    read = admin.read(path(hats))
    assert f"Account page sign-up {ACCOUNT} Embedded live in a slot" in read
    assert f"Spring sign-up {DRAFT} Embedded draft not while it is a draft" in read
    assert f"Welcome, 10 % off {POPUP} Pop-up live by itself" in read


def test_only_live_embedded_forms_are_offered(admin: Desk, hats: Store) -> None:
    page = admin.get(path(hats)).text
    assert f'<option value="{FOOTER}"' in page
    assert f'<option value="{DRAFT}"' not in page
    assert f'<option value="{POPUP}"' not in page


def test_a_form_is_chosen_for_a_channel_and_a_language_with_a_trail(
    admin: Desk, services: Services, hats: Store
) -> None:
    admin.get(path(hats))
    admin.post(path(hats), slot="footer", form=FOOTER, channel=CHANNEL, language="de-DE")
    assert chosen(services, hats, CHANNEL) == {"footer": {"de-de": FOOTER}}
    assert chosen(services, hats, "another") == {}
    assert "Saved." in admin.page
    (change,) = trail(services, hats)
    assert (change.who, change.what) == ("admin", "chose the form of slot footer")
    assert change.before == {"slot": "footer", "channel": CHANNEL, "language": "de-DE", "form": None}
    assert change.after == {**change.before, "form": FOOTER}


def test_a_choice_is_changed_emptied_and_taken_back(admin: Desk, services: Services, hats: Store) -> None:
    admin.get(path(hats))
    for form, expected in ((FOOTER, FOOTER), (ACCOUNT, ACCOUNT), ("none", "")):
        admin.post(path(hats), slot="footer", form=form)
        assert chosen(services, hats) == {"footer": {"": expected}}
    admin.post(path(hats), slot="footer", form="none", clear="yes")
    assert chosen(services, hats) == {}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"slot": "footer", "form": DRAFT}, "is a draft"),
        ({"slot": "Foo ter", "form": FOOTER}, "not a slot"),
        ({"slot": "footer", "form": FOOTER, "language": "klingonisch"}, "not a language"),
    ],
)
def test_a_choice_that_cannot_be_is_said_and_what_was_typed_stays(
    admin: Desk, services: Services, hats: Store, asked: dict[str, str], said: str
) -> None:
    admin.get(path(hats))
    reply = admin.post(path(hats), 400, asked)
    assert "Nothing was saved" in reply.text
    assert said in reply.text
    assert f'value="{asked["slot"]}"' in reply.text
    assert chosen(services, hats) == {}


def test_a_form_that_no_longer_shows_is_named(admin: Desk, services: Services, hats: Store) -> None:
    with services.database.write() as session:
        slots.assign(session, hats, "footer", FOOTER, services.now())
        slots.assign(session, hats, "account", ACCOUNT, services.now())
    with services.database.write() as session:
        session.get_one(CachedForm, (hats.id, ACCOUNT)).status = "draft"
        session.delete(session.get_one(CachedForm, (hats.id, FOOTER)))
    read = admin.read(path(hats))
    assert "this form is gone from Klaviyo" in read
    assert "this form is a draft" in read


def test_where_a_slot_was_seen_is_shown_even_without_a_choice(admin: Desk, services: Services, hats: Store) -> None:
    with services.database.write() as session:
        sightings.note(session, hats.id, "footer", CHANNEL, "de-de", "hats.shop-owner.net", services.now())
    read = admin.read(path(hats))
    assert "footer Last seen just now on hats.shop-owner.net" in read
    assert "no form is chosen" in read


def test_a_slot_nobody_saw_is_marked(admin: Desk, services: Services, hats: Store) -> None:
    with services.database.write() as session:
        slots.assign(session, hats, "footer", FOOTER, services.now())
    assert "not seen in the shop yet" in admin.read(path(hats))


def test_there_is_something_to_copy_for_every_platform(admin: Desk, hats: Store) -> None:
    page = admin.get(path(hats)).text
    for platform in ("Shopware", "Neto", "SuiteCommerce", "Any site", "A frame"):
        assert f"<h3>{platform}</h3>" in page
    assert "{% block layout_footer_navigation %}" in page
    assert f"/forms/{hats.key}/{FOOTER}&#34;" in page


def test_a_press_asks_klaviyo_in_the_background(admin: Desk, services: Services, hats: Store, wakes: Wakes) -> None:
    admin.get(path(hats))
    admin.post(path(hats, "/refresh"))
    with services.database.read() as session:
        (run,) = runs.listed(session, hats.id, "forms")
    assert (run.state, run.options, run.requested_by) == ("running", {"all": True}, "admin")
    assert ("advance", hats.id) in wakes.calls
    assert "Being read now" in admin.page
    assert trail(services, hats)[0].what == "had the forms read"


def test_domains_are_kept_as_origins(admin: Desk, services: Services, hats: Store) -> None:
    admin.get(path(hats))
    admin.post(path(hats, "/domains"), domains="https://www.hats.net/\nhttps://hats.example:8443")
    with services.database.read() as session:
        assert stores.by_key(session, hats.key).settings["domains"] == [
            "https://www.hats.net",
            "https://hats.example:8443",
        ]
    reply = admin.post(path(hats, "/domains"), 400, domains="hats.net")
    assert "is no domain" in reply.text


def test_a_viewer_looks_and_changes_nothing(viewer: Desk, services: Services, hats: Store) -> None:
    page = viewer.get(path(hats)).text
    assert "<button" not in page.partition("<main")[2]
    for rest, form in (("", {"slot": "footer", "form": FOOTER}), ("/refresh", {}), ("/domains", {"domains": ""})):
        viewer.post(path(hats, rest), 403, form)
    assert chosen(services, hats) == {}


def test_nobody_sees_the_page_without_signing_in(desk: Callable[[], Desk], hats: Store) -> None:
    assert "/admin/sign-in" in str(desk().get(path(hats), 302).location)
