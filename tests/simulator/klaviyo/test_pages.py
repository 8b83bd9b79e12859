"""The pages without a browser: what they show, what their forms do, and what they never load."""

import re

import pytest
from werkzeug.test import TestResponse

from companion.simulator.klaviyo import DEFAULT_KEY
from tests.simulator.klaviyo.conftest import PERSON, Caller, StillClock, bulk, entry, event

PAGES = [
    "/",
    "/profiles",
    f"/profiles/{PERSON}",
    "/lists",
    "/requests",
    "/requests?only=refused",
    "/faults",
    "/connect",
]


def page(sim: Caller, path: str) -> str:
    reply = sim.call("GET", path)
    assert reply.status_code == 200, path
    return reply.text


def submit(sim: Caller, path: str, **fields: str) -> TestResponse:
    return sim.app.test_client().post(path, data=fields)


def orders(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="event-(\d+)"', html)]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_script_of_its_own_and_loads_nothing_from_elsewhere(sim: Caller, path: str) -> None:
    sim.post("/api/events", event())
    reply = sim.call("GET", path)
    assert reply.status_code == 200
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=", reply.text)
    for address in re.findall(r'(?:src|href)="([^"]*)"', reply.text):
        assert address.startswith(("/", "#")), address


def test_the_page_shows_the_newest_first_with_its_facts(sim: Caller) -> None:
    sim.post("/api/events", event("SO-1"))
    sim.post("/api/events", event("SO-2", value=1234.5, value_currency="CHF"))
    html = page(sim, "/")
    assert orders(html) == [1, 0]
    for text in ("Placed Order", PERSON, "1,234.50 CHF", "SO-2", "&#34;OrderId&#34;: &#34;1&#34;"):
        assert text in html


def test_badges_tell_what_klaviyo_does_not(sim: Caller) -> None:
    sim.post("/api/events", event("A"))
    sim.post("/api/events", event("A"))
    sim.post("/api/events", event("B", email="kim@example.com"))
    sim.post("/api/events", event("C", backfill=True))
    html = page(sim, "/")
    for badge in ("duplicate dropped", "would be dropped", "backfill"):
        assert html.count(f">{badge}</span>") == 1
    assert 'href="/?before=1#event-0"' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=SO-1", [0]),
        ("q=LEE@", [3, 2]),
        ("q=needle", [1]),
        ("metric=Fulfilled+Order", [1]),
        ("kind=duplicate", [3]),
        ("kind=backfill", [2]),
        ("kind=stored&metric=Placed+Order", [2, 0]),
        ("q=nothing", []),
    ],
)
def test_the_filter_finds(sim: Caller, query: str, found: list[int]) -> None:
    fulfilled = {"data": {"type": "metric", "attributes": {"name": "Fulfilled Order"}}}
    sim.post("/api/events", event("SO-1"))
    sim.post("/api/events", event("SO-2", metric=fulfilled, properties={"note": "a needle"}))
    sim.post("/api/events", event("SO-3", email="lee@shop-customer.net", backfill=True))
    sim.post("/api/events", event("SO-3", email="lee@shop-customer.net"))
    assert orders(page(sim, f"/?{query}")) == found
    assert orders(page(sim, f"/?{query}&after=1")) == [order for order in found if order > 1]


def test_older_events_are_a_link_away(sim: Caller) -> None:
    sim.post("/api/event-bulk-create-jobs", bulk(*[entry(f"SO-{n}") for n in range(120)]))
    seen: list[int] = []
    path = "/"
    while path:
        html = page(sim, path)
        seen += orders(html)
        following = re.search(r'<a class="button" href="([^"]+)">Older events', html)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == list(range(119, -1, -1))


def test_what_came_is_shown_as_text_and_never_as_markup(sim: Caller) -> None:
    hostile = "<script>alert(1)</script>"
    metric = {"data": {"type": "metric", "attributes": {"name": hostile}}}
    sim.post("/api/events", event(hostile, metric=metric, properties={hostile: hostile}))
    for path in ("/", f"/profiles/{PERSON}", f"/profiles?q={hostile}"):
        assert hostile not in page(sim, path)


def test_a_switch_on_the_page_strikes_and_can_be_lifted(sim: Caller) -> None:
    reply = submit(sim, "/faults", kind="status", status="503", count="2", back="events")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")
    assert "503" in page(sim, "/faults")
    assert sim.post("/api/events", event()).status_code == 503
    number = re.search(r'name="id" value="(\d+)"', page(sim, "/"))
    assert number is not None
    assert submit(sim, "/faults/lift", id=number[1]).headers["Location"] == "/faults"
    assert sim.post("/api/events", event()).status_code == 202


def test_every_ready_made_switch_works(sim: Caller) -> None:
    forms = re.findall(r'<form method="post" action="/faults">(.*?)</form>', page(sim, "/faults"), re.DOTALL)
    ready = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in forms]
    assert len(ready) == 8
    for fields in ready:
        assert submit(sim, "/faults", **fields).status_code == 303
    assert len(sim.control("GET", "faults")) == 8


def test_an_impossible_switch_is_explained_beside_the_form(sim: Caller) -> None:
    reply = submit(sim, "/faults", kind="status", status="99")
    assert reply.status_code == 400
    assert "status: must be from 400 to 599" in reply.text
    assert submit(sim, "/faults", kind="status", count="many").status_code == 400


def test_people_act_by_buttons(sim: Caller) -> None:
    sim.post("/api/events", event())
    profile_id = sim.get("/api/profiles")["data"][0]["id"]
    list_id = sim.get("/api/lists")["data"][0]["id"]
    assert submit(sim, f"/profiles/{profile_id}/subscribe", list=list_id).status_code == 303
    assert "Newsletter" in page(sim, f"/profiles/{profile_id}")
    assert PERSON in page(sim, f"/lists/{list_id}")
    submit(sim, f"/profiles/{profile_id}/unsubscribe", list="")
    assert "unsubscribed globally (LINK)" in page(sim, f"/profiles/{profile_id}")


def test_refused_requests_are_listed_with_their_pointer(sim: Caller) -> None:
    sim.post("/api/events", event())
    sim.post("/api/events", event(email="nobody"))
    html = page(sim, "/requests?only=refused")
    assert "/data/attributes/profile/data/attributes/email" in html
    assert ">202<" not in html


def test_each_account_has_its_own_pages(sim: Caller) -> None:
    sim.control("POST", "accounts", {"id": "OTHER9", "key": "pk_other", "name": "Other Shop"})
    sim.post("/api/events", event())
    assert orders(page(sim, "/?account=OTHER9")) == []
    assert "/profiles?account=OTHER9" in page(sim, "/?account=OTHER9")
    assert orders(page(sim, "/")) == [0]


def test_the_connect_page_tells_address_and_key(sim: Caller) -> None:
    html = page(sim, "/connect")
    assert DEFAULT_KEY in html
    assert "http://localhost" in html


def test_forgetting_everything_empties_the_page(sim: Caller, time: StillClock) -> None:
    sim.post("/api/events", event())
    assert submit(sim, "/forget").status_code == 303
    assert orders(page(sim, "/")) == []
    assert "Nothing has arrived yet" in page(sim, "/")


def test_what_does_not_exist_is_said_on_a_page(sim: Caller) -> None:
    for path in ("/profiles/01NOBODY", "/lists/NOPE00"):
        reply = sim.call("GET", path)
        assert reply.status_code == 404
        assert "does not exist" in reply.text


def test_scopes_are_taken_from_a_key_and_given_back(sim: Caller) -> None:
    submit(sim, "/connect/scopes", key=DEFAULT_KEY, scope="accounts:read")
    assert sim.post("/api/events", event()).status_code == 403
    assert "Some scopes: 1 of" in page(sim, "/connect")
    submit(sim, "/connect/scopes", key=DEFAULT_KEY, scope="events:write")
    assert sim.post("/api/events", event()).status_code == 202
    submit(sim, "/connect/scopes", key="pk_unknown", scope="events:write")
    assert "pk_unknown" not in page(sim, "/connect")
