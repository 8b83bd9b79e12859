"""A shop registers: a proof for it, a secret nobody else gets, and nothing in force before it confirms."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from companion.bootstrap import Services
from tests.fakes import Clock
from tests.webhooks.shop import Shop, an_app, kept, sign, stores, the_store, webhooks


def test_a_registering_shop_gets_a_proof_and_a_secret_and_becomes_a_store(services: Services, storefront: Shop) -> None:
    answer = storefront.register()
    assert answer.status_code == 200
    told = answer.get_json()
    app = storefront.app
    assert told["proof"] == sign(f"{storefront.id}{storefront.url}{app.name}".encode(), app.secret)
    assert len(told["secret"]) == 64
    assert told["confirmation_url"] == "https://companion.shop-owner.net/shopware/confirm"
    store = the_store(services)
    assert (store.platform, store.shop_id, store.shop_url) == ("shopware", storefront.id, storefront.url)
    assert (store.key, store.state, store.approval) == ("shop-shop-owner-net", "inactive", "")


def test_nothing_is_in_force_before_the_confirmation(services: Services, storefront: Shop) -> None:
    secret = storefront.register().get_json()["secret"]
    assert storefront.placed(secret=secret) == 401
    assert not kept(services).secret
    assert storefront.confirm(secret).status_code == 204
    shop = kept(services)
    assert (shop.secret, shop.client_id, shop.client_secret) == (secret, "SWIAONE", "SWIAONE-secret")
    assert shop.pending is None
    assert storefront.placed(secret=secret) == 202


def test_every_secret_is_new_and_only_the_last_can_be_confirmed(services: Services, storefront: Shop) -> None:
    first = storefront.register().get_json()["secret"]
    second = storefront.register().get_json()["secret"]
    assert first != second
    assert storefront.confirm(first).status_code == 401
    assert storefront.confirm(second).status_code == 204
    assert kept(services).secret == second


def test_confirming_twice_changes_nothing(services: Services, storefront: Shop) -> None:
    storefront.install()
    before = kept(services)
    assert storefront.confirm(storefront.secret).status_code == 204
    assert kept(services) == before


def test_no_secret_and_no_key_is_kept_readable(services: Services, storefront: Shop) -> None:
    storefront.install()
    sealed = the_store(services).credentials or b""
    for word in (storefront.secret, "SWIAONE-secret", storefront.app.secret):
        assert word.encode() not in sealed


@pytest.mark.parametrize("url", ["https://shop.shop-owner.net", "http://localhost:8000/public", "https://münster.net"])
def test_an_address_that_was_encoded_on_the_way_is_still_the_one_that_was_signed(
    services: Services, storefront: Shop, url: str
) -> None:
    storefront.url = url
    literal = f"shop-id={storefront.id}&shop-url={url}&timestamp={int(storefront.clock().timestamp())}"
    encoded = literal.replace(url, quote(url, safe=""))
    signature = {"shopware-app-signature": sign(literal.encode(), storefront.app.secret)}
    answer = storefront.register(signature, query=encoded)
    assert answer.status_code == 200
    app = storefront.app
    assert answer.get_json()["proof"] == sign(f"{storefront.id}{url}{app.name}".encode(), app.secret)
    assert the_store(services).shop_url == url


def test_a_shop_proves_itself_also_where_its_address_was_encoded_on_the_way(
    services: Services, storefront: Shop
) -> None:
    storefront.activate()
    literal = f"shop-id={storefront.id}&shop-url={storefront.url}&timestamp={int(storefront.clock().timestamp())}"
    signed = {
        "shopware-app-signature": sign(literal.encode(), storefront.app.secret),
        "shopware-shop-signature": sign(literal.encode(), storefront.secret),
    }
    encoded = literal.replace(storefront.url, quote(storefront.url, safe=""))
    assert storefront.register(signed, query=encoded).status_code == 200
    pending = kept(services).pending
    assert pending is not None
    assert (pending.proven, pending.waits) == (True, False)


def test_the_proof_is_made_of_the_address_as_sent_and_the_store_keeps_it_tidied(
    services: Services, storefront: Shop
) -> None:
    storefront.url = "HTTPS://Shop.Shop-Owner.net//sub///shop/"
    app = storefront.app
    told = storefront.register().get_json()
    assert told["proof"] == sign(f"{storefront.id}{storefront.url}{app.name}".encode(), app.secret)
    assert the_store(services).shop_url == "https://shop.shop-owner.net/sub/shop"


def test_further_parameters_are_signed_too_and_do_no_harm(storefront: Shop) -> None:
    moment = int(storefront.clock().timestamp())
    query = f"shop-id={storefront.id}&shop-url={storefront.url}&timestamp={moment}&region=eu"
    assert storefront.register(query=query).status_code == 200


def test_each_merchants_app_is_known_by_its_own_secret(services: Services, client: FlaskClient, clock: Clock) -> None:
    one, other = an_app(services, "one"), an_app(services, "other")
    assert one.secret != other.secret
    for app, id_ in ((one, "A" * 16), (other, "B" * 16)):
        Shop(client, clock, app, id=id_).install()
    assert [kept(services, store).app for store in stores(services)] == [one.id, other.id]
    assert [store.key for store in stores(services)] == ["shop-shop-owner-net", "shop-shop-owner-net-2"]


def test_a_registration_that_no_app_of_ours_signed_is_refused_with_a_sentence_for_the_merchant(
    services: Services, storefront: Shop
) -> None:
    answer = storefront.register({"shopware-app-signature": "0" * 64})
    assert answer.status_code == 401
    assert "no app of ours" in answer.get_json()["error"]
    assert storefront.register({"shopware-app-signature": ""}).status_code == 401
    assert stores(services) == []


def test_an_altered_query_is_refused(services: Services, storefront: Shop) -> None:
    moment = int(storefront.clock().timestamp())
    query = f"shop-id={storefront.id}&shop-url={storefront.url}&timestamp={moment}"
    signature = {"shopware-app-signature": sign(query.encode(), storefront.app.secret)}
    for altered in (
        query.replace("shop-owner", "shop-0wner"),
        query.replace("3gnV", "4gnV"),
        f"{query}0",
        f"{query}&shop-url=https://evil.shop-owner.net",
        f"shop-url=https://evil.shop-owner.net&{query}",
    ):
        answer = storefront.register(signature, query=altered)
        if answer.status_code == 200:  # a repeated parameter: what was signed counts, nothing else
            assert the_store(services).shop_url == storefront.url
        else:
            assert answer.status_code == 401


def test_a_registration_from_another_day_is_refused(services: Services, storefront: Shop, clock: Clock) -> None:
    moment = int((clock() - timedelta(hours=2)).timestamp())
    answer = storefront.register(query=f"shop-id={storefront.id}&shop-url={storefront.url}&timestamp={moment}")
    assert answer.status_code == 401
    assert "timestamp" in answer.get_json()["error"]
    assert stores(services) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "shop-id"),
        ("shop-url=https://a.net&timestamp=1", "shop-id"),
        ("shop-id=A&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://a.net", "timestamp"),
        ("shop-id=&shop-url=https://a.net&timestamp=1", "shop-id"),
        ("shop-id=A%20B&shop-url=https://a.net&timestamp=1", "shop-id"),
        ("shop-id=A%0a&shop-url=https://a.net&timestamp=1", "shop-id"),
        (f"shop-id={'A' * 65}&shop-url=https://a.net&timestamp=1", "shop-id"),
        ("shop-id=A&shop-url=https://a.net&timestamp=soon", "timestamp"),
        (f"shop-id=A&shop-url=https://a.net&timestamp={'9' * 400}", "timestamp"),
        ("shop-id=A&shop-url=ftp://a.net&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=//a.net&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://user:password@a.net&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://a.net:port&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://[::1&timestamp=1", "shop-url"),
        (f"shop-id=A&shop-url=https://a.net/{'x' * 500}&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://a.net/%00&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://a%00b.net&timestamp=1", "shop-url"),
        ("shop-id=A&shop-url=https://a%20b.net&timestamp=1", "shop-url"),
    ],
)
def test_a_malformed_registration_names_the_parameter(
    services: Services, storefront: Shop, query: str, field: str
) -> None:
    answer = storefront.client.get("/shopware/register", query_string=query)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(f"{field}: ")
    assert stores(services) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "$"),
        (b"[]", "$"),
        (b"{}", "$"),
        (b'{"apiKey":"a","secretKey":"b"}', "$"),
        (b'{"apiKey":"","secretKey":"b","shopId":"A"}', "$.apiKey"),
        (b'{"apiKey":1,"secretKey":"b","shopId":"A"}', "$.apiKey"),
        (b'{"apiKey":"a","secretKey":"b","shopId":"A B"}', "$.shopId"),
        (b'{"apiKey":"a","secretKey":"b","shopId":"\xff"}', "$"),
        (b"[" * 50_000, "$"),
    ],
)
def test_a_malformed_confirmation_names_the_field(client: FlaskClient, body: bytes, field: str) -> None:
    answer = client.post("/shopware/confirm", data=body, headers={"shopware-shop-signature": "0" * 64})
    assert answer.status_code == 400
    told: dict[str, Any] = answer.get_json()["error"]
    assert told["field"] == field
    assert told["message"]
    assert told["fix"]


def test_a_confirmation_of_an_unknown_shop_is_refused(client: FlaskClient, storefront: Shop) -> None:
    assert storefront.confirm("x" * 64).status_code == 404


def test_a_confirmation_that_is_signed_wrong_leaves_everything_as_it_was(services: Services, storefront: Shop) -> None:
    storefront.install()
    before = kept(services)
    pending = storefront.register().get_json()["secret"]
    body = storefront.confirmation()
    for signature in ("", "0" * 64, sign(body + b" ", pending), sign(body, storefront.app.secret)):
        headers = {"shopware-shop-signature": signature}
        assert storefront.client.post("/shopware/confirm", data=body, headers=headers).status_code == 401
    assert kept(services).secret == before.secret
    assert kept(services).client_id == before.client_id


def test_a_store_that_was_added_by_hand_becomes_the_shops(services: Services, storefront: Shop, new_store: Any) -> None:
    added = new_store(shop_id=storefront.id, credentials=None)
    storefront.activate()
    assert the_store(services).key == added.key
    assert webhooks(services) == [("app.installed", "due"), ("app.activated", "due")]
