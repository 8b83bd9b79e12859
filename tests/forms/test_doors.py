"""A form's own page, and the ear for slots seen alive: what they answer, to whom, and what they keep."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from companion import stores
from companion.bootstrap import Services
from companion.form_models import SlotSighting
from companion.forms import sightings
from companion.models import Store
from companion.pages_door import A_MINUTE, Gate, TooMany
from tests.fakes import Clock
from tests.forms.build import DRAFT, FOOTER, POPUP, with_forms

SHOP = "https://shop.shop-owner.net"


@pytest.fixture
def store(services: Services, store: Store) -> Store:
    return with_forms(services, store)


def tell(client: FlaskClient, store: Store, origin: str = SHOP, **seen: Any) -> TestResponse:
    headers = {"Origin": origin} if origin else {}
    return client.post(f"/snippets/v1/{store.key}/seen", json=seen, headers=headers)


def known(services: Services, store: Store) -> list[SlotSighting]:
    with services.database.read() as session:
        return list(sightings.listed(session, store.id))


def test_a_form_has_a_page_that_the_stores_domains_may_frame(
    client: FlaskClient, services: Services, store: Store
) -> None:
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, store.key), {"domains": ["https://www.other-shop.net"]})
    reply = client.get(f"/forms/{store.key}/{FOOTER}")
    policy = reply.headers["Content-Security-Policy"]
    assert reply.status_code == 200
    assert f'class="klaviyo-form-{FOOTER}"' in reply.text
    assert 'src="https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js"' in reply.text
    assert policy.endswith(f"frame-ancestors {SHOP} https://www.other-shop.net")
    assert "default-src 'none'" in policy
    assert "tracking" not in policy
    assert "Set-Cookie" not in reply.headers
    assert "X-Frame-Options" not in reply.headers


@pytest.mark.parametrize("form", [POPUP, DRAFT, "Gone99", "a" * 300, "%22onload", "..%2f"])
def test_only_live_embedded_forms_have_a_page(client: FlaskClient, store: Store, form: str) -> None:
    assert client.get(f"/forms/{store.key}/{form}").status_code == 404


def test_an_unknown_store_has_no_pages(client: FlaskClient) -> None:
    assert client.get(f"/forms/nobody/{FOOTER}").status_code == 404


def test_another_stores_form_has_no_page_here(client: FlaskClient, store: Store, new_store: Any) -> None:
    other = new_store(shop_id="An0therShop")
    assert client.get(f"/forms/{other.key}/{FOOTER}").status_code == 404


def test_a_slot_seen_alive_is_kept_with_its_place_and_nothing_else(
    client: FlaskClient, services: Services, store: Store
) -> None:
    reply = tell(client, store, slot="footer", channel="0189aa", language="de-DE", email="kim@shop-customer.net")
    assert reply.status_code == 204
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP
    (found,) = known(services, store)
    assert (found.slot, found.channel_id, found.language) == ("footer", "0189aa", "de-de")
    assert (found.host, found.seen_at) == ("shop.shop-owner.net", services.now())


def test_a_place_is_written_once_a_day(client: FlaskClient, services: Services, store: Store, clock: Clock) -> None:
    began = services.now()
    tell(client, store, slot="footer")
    clock.advance(3_600)
    tell(client, store, slot="footer")
    assert [one.seen_at for one in known(services, store)] == [began]
    clock.advance(86_400)
    tell(client, store, slot="footer")
    assert [one.seen_at for one in known(services, store)] == [services.now()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_inventors_of_slots_are_not_heard_for_long_and_forgotten_in_time(
    client: FlaskClient, services: Services, store: Store, clock: Clock
) -> None:
    for number in range(sightings.MOST + 5):
        tell(client, store, slot=f"slot-{number}")
    assert len(known(services, store)) == sightings.MOST
    clock.advance(91 * 86_400)
    tell(client, store, slot="footer")
    assert [one.slot for one in known(services, store)] == ["footer"]


def test_a_pasted_block_seen_alive_is_kept_and_is_no_slot(
    client: FlaskClient, services: Services, new_store: Callable[..., Store], clock: Clock
) -> None:
    store = new_store(platform="neto")

    def blocks(channel: str = "") -> list[tuple[str, str, str, datetime]]:
        with services.database.read() as session:
            found = sightings.of_block(session, store.id, "item", channel)
            return [(one.channel_id, one.language, one.host, one.seen_at) for one in found]

    def told() -> list[str]:
        with services.database.read() as session:
            return sightings.unseen(session, store.id, "0189aa", {"item"}, services.now())

    began = services.now()
    assert tell(client, store, block="item", channel="0189aa", language="en-AU").status_code == 204
    assert blocks("0189aa") == blocks() == [("0189aa", "en-au", "shop.shop-owner.net", began)]
    assert (blocks("other"), known(services, store), told()) == ([], [], [])
    clock.advance(86_401)
    assert told() == ["item"]


@pytest.mark.parametrize("block", ["item", "page", "", ":item"])
def test_a_block_that_the_platform_has_not_is_no_sighting(
    client: FlaskClient, services: Services, store: Store, block: str
) -> None:
    assert tell(client, store, block=block).status_code == 400
    with services.database.read() as session:
        assert sightings.of_block(session, store.id, block) == []


@pytest.mark.parametrize("origin", ["https://evil.net", "null", "http://shop.shop-owner.net", SHOP + ".evil.net"])
def test_pages_of_other_sites_are_not_heard(client: FlaskClient, services: Services, store: Store, origin: str) -> None:
    reply = tell(client, store, origin, slot="footer")
    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert known(services, store) == []


@pytest.mark.parametrize(
    "seen", [{}, {"slot": "<b>"}, {"slot": "a", "language": "x" * 99}, {"slot": "a", "channel": 1}]
)
def test_what_is_no_sighting_is_refused(
    client: FlaskClient, services: Services, store: Store, seen: dict[str, Any]
) -> None:
    assert tell(client, store, **seen).status_code == 400
    assert known(services, store) == []


def test_a_large_call_is_refused(client: FlaskClient, store: Store) -> None:
    assert tell(client, store, slot="footer", more="x" * 20_000).status_code == 413


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_store_has_so_many_calls_a_minute(app: Flask, services: Services, store: Store, clock: Clock) -> None:
    gate = Gate(services)
    with app.test_request_context(headers={"Origin": SHOP}):
        for _ in range(A_MINUTE):
            gate.store(store.key)
        with pytest.raises(TooMany):
            gate.store(store.key)
        clock.advance(61)
        assert gate.store(store.key).id == store.id
