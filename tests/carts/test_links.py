"""A cart's link: made for a shop's own page, good for its days, refused when changed, and never with a person in it."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from companion.carts import tokens
from companion.carts.lines import MOST_LINES, Line
from companion.carts.tokens import LONGEST, TamperedCart
from companion.models import Store
from companion.vault import Vault
from tests.conftest import SECRET
from tests.fakes import Clock

SHOP = "https://shop.shop-owner.net"
SHIRT, BOTTLE = "2152adfb74f25dda827e649466e7feef", "8968e6b8c5b556cea36766c943a74190"
ITEMS = [{"id": SHIRT, "quantity": 2}, {"id": "SKU-7 blue", "quantity": 1}]
VAULT = Vault(SECRET)


def ask(client: FlaskClient, store: Store, items: Any = ITEMS, origin: str = SHOP, **more: Any) -> TestResponse:
    """As a page does: a plain request, so that no browser asks for leave first."""
    body = json.dumps({"channel": "0189aa", "items": items, **more})
    headers = {"Origin": origin} if origin else {}
    return client.post(f"/carts/v1/{store.key}", data=body, content_type="text/plain", headers=headers)


def link(client: FlaskClient, store: Store, items: Any = ITEMS, **more: Any) -> str:
    reply = ask(client, store, items, **more)
    assert reply.status_code == 200, reply.text
    return str(reply.get_json()["url"])


def open_(client: FlaskClient, store: Store, token: str) -> TestResponse:
    return client.get(f"/carts/v1/{store.key}/{token}", headers={"Origin": SHOP})


def token_of(url: str) -> str:
    return urlsplit(url).query.removeprefix("companion-cart=")


def test_a_link_opens_the_shop_and_gives_the_lines_back(client: FlaskClient, store: Store) -> None:
    url = link(client, store, back="/de/checkout/cart")
    assert url.startswith(f"{SHOP}/de/checkout/cart?companion-cart=")
    reply = open_(client, store, token_of(url))
    assert reply.get_json()["items"] == ITEMS
    assert reply.headers["Access-Control-Allow-Origin"] == SHOP
    assert reply.headers["Cache-Control"] == "no-store"


def test_without_a_path_the_shops_first_page_is_opened(client: FlaskClient, store: Store) -> None:
    assert link(client, store).startswith(f"{SHOP}/?companion-cart=")


def test_a_link_is_good_for_thirty_days(client: FlaskClient, store: Store, clock: Clock) -> None:
    token = token_of(link(client, store))
    clock.advance(30 * 86_400 - 61)
    assert open_(client, store, token).status_code == 200
    clock.advance(61)
    reply = open_(client, store, token)
    assert (reply.status_code, reply.get_json()["error"]["message"]) == (410, "has expired")


@pytest.mark.parametrize("place", [0, 10, 30, -8])
def test_a_changed_link_is_refused(client: FlaskClient, store: Store, place: int) -> None:
    token = token_of(link(client, store))
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place:][1:]
    reply = open_(client, store, changed)
    assert (reply.status_code, reply.get_json()["error"]["field"]) == (400, "token")


@pytest.mark.parametrize("token", ["x", "ünïcode", "A" * 5_000, "....", "A" * 40])
def test_what_never_was_a_token_is_refused(client: FlaskClient, store: Store, token: str) -> None:
    assert open_(client, store, token).status_code == 400


def test_another_stores_link_is_refused(client: FlaskClient, store: Store, new_store: Any) -> None:
    token = token_of(link(client, store))
    other = new_store(shop_id="An0therShop")
    assert open_(client, other, token).status_code == 400
    assert client.get(f"/carts/v1/nobody/{token}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"id": SHIRT}] * (MOST_LINES + 1)}, "items"),
        ({"items": [{"id": "", "quantity": 1}]}, "items[0].id"),
        ({"items": [{"id": "kim@shop-customer.net"}]}, "items[0].id"),
        ({"items": [{"id": SHIRT}, {"id": SHIRT, "quantity": 0}]}, "items[1].quantity"),
        ({"items": [{"id": SHIRT, "quantity": 10_000}]}, "items[0].quantity"),
        ({"items": [{"id": SHIRT, "quantity": "2"}]}, "body"),
        ({"items": ITEMS, "back": "//evil.net"}, "back"),
        ({"items": ITEMS, "back": "/\\evil.net"}, "back"),
        ({"items": ITEMS, "back": "https://evil.net/"}, "back"),
        ({"items": ITEMS, "back": "@evil.net"}, "back"),
        ({"items": ITEMS, "back": "/account?email=kim@shop-customer.net"}, "back"),
        ([], "body"),
        ("nonsense", "body"),
    ],
)
def test_what_is_no_cart_gets_no_link(client: FlaskClient, store: Store, body: Any, field: str) -> None:
    reply = client.post(f"/carts/v1/{store.key}", data=json.dumps(body), headers={"Origin": SHOP})
    assert (reply.status_code, reply.get_json()["error"]["field"]) == (400, field)


def test_a_cart_too_long_for_an_address_gets_no_link(client: FlaskClient, store: Store) -> None:
    long = [{"id": f"{'long product number' * 3}{place}", "quantity": 1} for place in range(MOST_LINES)]
    assert ask(client, store, long).get_json()["error"]["message"] == "are too many for a link"
    assert len(token_of(link(client, store, [{"id": f"{n:032x}", "quantity": 99} for n in range(MOST_LINES)]))) < 2_800


def test_pages_of_other_sites_get_no_link_and_read_none(client: FlaskClient, store: Store) -> None:
    assert ask(client, store, origin="https://evil.net").status_code == 403
    token = token_of(link(client, store))
    reply = client.get(f"/carts/v1/{store.key}/{token}", headers={"Origin": "https://evil.net"})
    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_page_that_asks_for_leave_gets_it(client: FlaskClient, store: Store) -> None:
    reply = client.options(f"/carts/v1/{store.key}", headers={"Origin": SHOP})
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (204, SHOP)


def test_a_large_body_is_refused(client: FlaskClient, store: Store) -> None:
    assert ask(client, store, more="x" * 20_000).status_code == 413


@given(
    st.lists(st.tuples(st.text("abcdef0123456789-. _", min_size=1, max_size=64), st.integers(1, 9_999)), max_size=20),
    st.integers(0, 2_000),
    st.integers(1, 255),
)
def test_whatever_is_packed_comes_back_and_no_altered_byte_does(
    wanted: list[tuple[str, int]], place: int, by: int
) -> None:
    clock = Clock()
    lines = [Line(id_, quantity) for id_, quantity in wanted]
    token = tokens.pack(VAULT, "shop", lines, clock.advance(86_400))
    assert len(token) <= LONGEST
    assert tokens.unpack(VAULT, "shop", token, Clock()())[0] == lines
    raw = bytearray(tokens.decoded(token))
    raw[place % len(raw)] ^= by
    with pytest.raises(TamperedCart):
        tokens.unpack(VAULT, "shop", tokens.encoded(bytes(raw)), Clock()())
