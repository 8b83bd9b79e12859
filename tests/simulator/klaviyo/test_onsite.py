"""The stand-in for klaviyo.js over HTTP: the script of an account, and the ear that remembers what pages told."""

import json

import pytest
from flask.testing import FlaskClient

from companion.simulator.klaviyo import Config, create_app
from companion.simulator.klaviyo.onsite import Call

CALL = {"account": "DEMO42", "method": "track", "args": ["Viewed Product", {"SKU": "MUG"}], "outcome": "lost"}


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Config()).test_client()


def test_the_script_is_the_accounts_own(client: FlaskClient) -> None:
    script = client.get("/onsite/js/DEMO42/klaviyo.js")
    assert script.mimetype == "text/javascript"
    assert '"account":"DEMO42"' in script.text
    assert client.get("/onsite/js/NOBODY/klaviyo.js").status_code == 404


def test_what_pages_told_is_kept_in_the_order_they_made_it_and_shown(client: FlaskClient) -> None:
    for made in (2.0, 1.0):
        body = json.dumps({**CALL, "page": f"https://shop.test/{made}", "made": made})
        assert client.post("/onsite/told", data=body, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 204
    told = [Call(**one) for one in client.get("/_sim/onsite").get_json()]
    assert [one.page for one in told] == ["https://shop.test/1.0", "https://shop.test/2.0"]
    page = client.get("/onsite").text
    assert "Viewed Product" in page
    assert "lost" in page


def test_what_is_no_report_is_refused_and_a_reset_forgets(client: FlaskClient) -> None:
    assert client.post("/onsite/told", data=b"hello").status_code == 400
    client.post("/onsite/told", data=json.dumps(CALL))
    client.post("/_sim/reset")
    assert client.get("/_sim/onsite").get_json() == []
