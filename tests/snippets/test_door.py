"""The door that serves the script: for whom, with what, for how long."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Store
from companion.platforms.shopware import storefront
from companion.snippets import bundle
from companion.store_settings import CONSENT_NAMES, InvalidSettings, checked, onsite
from mappings.dialects import SHOPWARE
from tests.fakes import Clock


def settings_in(script: str) -> dict[str, Any]:
    found = re.search(r"\}\)\((\{.*\}),document\.currentScript\?\.nonce\);\s*$", script)
    assert found, script[-400:]
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


def change(services: Services, store: Store, **columns: Any) -> None:
    with services.database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Store, store.id), name, value)


def test_it_comes_with_the_settings_of_store_and_channel(client: FlaskClient, services: Services, store: Store) -> None:
    own = {"metrics": {"Viewed Product": False}, "consent": "cookiebot", "consent_name": "statistics"}
    channels = {"c1": {"onsite": own}}
    change(services, store, settings={"onsite": {"identified": True}, "channels": channels})
    assert settings_in(client.get(f"/snippets/v1/{store.key}/companion.js").text) == {
        "script": "https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js",
        "url": f"https://companion.shop-owner.net/snippets/v1/{store.key}",
        "platform": "shopware",
        "consent": storefront.COOKIE,
        "identified": True,
        "track": ["Viewed Product", "Added to Cart", "Started Checkout"],
    }
    of_channel = settings_in(client.get(f"/snippets/v1/{store.key}/companion.js?channel=c1").text)
    assert of_channel["track"] == ["Added to Cart", "Started Checkout"]
    assert of_channel["consent"] == "statistics"
    assert (of_channel["channel"], of_channel["identified"]) == ("c1", True)


def test_a_theme_may_name_the_shop_by_its_own_id(client: FlaskClient, store: Store) -> None:
    by_key = client.get(f"/snippets/v1/{store.key}/companion.js").data
    assert client.get(f"/snippets/v1/{store.shop_id}/companion.js").data == by_key
    assert client.get("/snippets/v1/unknown/companion.js").status_code == 404


def test_a_browser_gets_it_compressed(client: FlaskClient, store: Store) -> None:
    plain = client.get(f"/snippets/v1/{store.key}/companion.js")
    packed = client.get(f"/snippets/v1/{store.key}/companion.js", headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    refused = client.get(f"/snippets/v1/{store.key}/companion.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data


def test_browsers_keep_it_for_minutes_and_ask_briefly_then(client: FlaskClient, store: Store) -> None:
    first = client.get(f"/snippets/v1/{store.key}/companion.js")
    assert first.headers["Cache-Control"].startswith("public, max-age=120")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.mimetype == "text/javascript"
    assert "Set-Cookie" not in first.headers
    again = client.get(f"/snippets/v1/{store.key}/companion.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_of_the_shop_that_asks_for_it_is_seen_once_a_day(
    client: FlaskClient, services: Services, store: Store, clock: Clock
) -> None:
    def seen() -> list[tuple[str, str, datetime]]:
        with services.database.read() as session:
            return [(one.channel_id, one.host, one.seen_at) for one in sightings.of_block(session, store.id, "")]

    def ask(referer: str) -> None:
        path = f"/snippets/v1/{store.key}/companion.js?channel=c1"
        assert client.get(path, headers={"Referer": referer}).status_code == 200

    for elsewhere in ("", "https://other.shop-owner.net/", "no address"):
        ask(elsewhere)
    assert seen() == []
    first = clock()
    ask(f"{store.shop_url}/detail/1?email=kim")
    clock.advance(3600)
    ask(f"{store.shop_url}/")
    host = store.shop_url.partition("://")[2]
    assert seen() == [("c1", host, first)]
    clock.advance(24 * 3600)
    ask(f"{store.shop_url}/")
    assert seen() == [("c1", host, clock())]
    with services.database.read() as session:
        assert sightings.listed(session, store.id) == []
        assert sightings.seen_today(session, store.id, "c1", clock()) == []


def test_the_kind_of_page_that_asks_is_kept_where_it_is_known(
    client: FlaskClient, services: Services, store: Store
) -> None:
    for page in ("shop", "checkout", "<b>", ""):
        path = f"/snippets/v1/{store.key}/companion.js?page={page}"
        client.get(path, headers={"Referer": store.shop_url})
    with services.database.read() as session:
        assert {one.language for one in sightings.of_block(session, store.id, "")} == {"shop", "checkout", ""}


def test_only_blocks_not_seen_today_are_asked_for(
    client: FlaskClient, services: Services, new_store: Callable[..., Store], clock: Clock
) -> None:
    store = new_store(platform="neto")

    def ask(page: str = "shop") -> str:
        return client.get(f"/snippets/v1/{store.key}/companion.js?page={page}").text

    part = bundle.part("blocks").decode()
    assert settings_in(ask())["blocks"] == ["item"]
    assert (part in ask(), part in ask("checkout")) == (True, False)
    with services.database.write() as session:
        sightings.note(session, store.id, sightings.place("item"), "", "en", "shop.shop-owner.net", clock())
    assert "blocks" not in settings_in(ask())
    assert part not in ask()
    clock.advance(86_401)
    assert part in ask()


@pytest.mark.parametrize("columns", [{"klaviyo_account": ""}, {"state": "inactive"}, {"state": "removed"}])
def test_a_store_without_an_account_or_out_of_service_does_nothing(
    client: FlaskClient, services: Services, store: Store, columns: dict[str, Any]
) -> None:
    change(services, store, **columns)
    assert client.get(f"/snippets/v1/{store.key}/companion.js").data == bundle.SILENT


def test_only_what_is_asked_for_alone_is_served_alone(client: FlaskClient, store: Store) -> None:
    assert b"companion-cart" in client.get(f"/snippets/v1/{store.key}/cart.js").data
    assert b"theme developers" in client.get(f"/snippets/v1/{store.key}/debug.js").data
    assert client.get(f"/snippets/v1/{store.key}/core.js").status_code == 404


@pytest.mark.parametrize("mode", CONSENT_NAMES)
def test_every_mode_of_consent_is_a_file(mode: str) -> None:
    assert bundle.part(f"consent/{mode}") or mode == "hook"


def test_comments_and_spaces_go_and_texts_stay() -> None:
    code = b'// why\nconst a = { b: "x = { y }" };\n  // more\n  const c = `; ${ a } ` + /[/ ] = \\/ "/.source;\n'
    assert bundle.squeezed(code) == b'let a={b:"x = { y }"};let c=`; ${ a } ` + /[/ ] = \\/ "/.source;'


def test_signs_that_end_nothing_go_and_lines_join() -> None:
    code = b'const act = () => {\n  tell(\n    "a;}",\n    [1, 2,],\n  );\n};\nconst b = act\n  ? 1\n  : 2;\nact()\n'
    assert bundle.squeezed(code) == b'let act=()=>{tell("a;}",[1,2])};let b=act?1:2;act()\n'


def test_every_file_is_told_from_its_neighbours_by_what_it_says_first() -> None:
    for path in bundle.SOURCES.rglob("*.js"):
        assert path.read_text().startswith("// "), path


def test_the_names_in_klaviyo_are_those_of_orders() -> None:
    script = "".join((bundle.SOURCES / f"{name}.js").read_text() for name in ("facts", "cart"))
    names = set(re.findall(r"^\s+([A-Z]\w+):", script, re.MULTILINE)) - {"Items", "ItemNames", "Currency"}
    assert names <= {*SHOPWARE.item.values(), *SHOPWARE.order.values(), "URL", "Price", "CompareAtPrice"}


def test_a_shop_without_consent_of_its_own_waits_for_the_themes_yes() -> None:
    assert onsite({}, "", "other").consent == "hook"
    assert onsite({}, "", "shopware").consent == "shopware"


def test_what_no_browser_tells_cannot_be_chosen() -> None:
    with pytest.raises(InvalidSettings, match="metrics"):
        checked({"onsite": {"metrics": {"Placed Order": True}}})


def test_an_id_that_two_shops_share_names_neither(
    client: FlaskClient, services: Services, new_store: Callable[..., Store]
) -> None:
    first, second = new_store(shop_id="Shared"), new_store(shop_id="Other")
    change(services, second, platform="other", shop_id="Shared")
    assert client.get("/snippets/v1/Shared/companion.js").status_code == 404
    assert client.get(f"/snippets/v1/{first.key}/companion.js").status_code == 200
