"""The pages in a real Chromium: they keep themselves current, and everything is within reach of the keyboard."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from companion.simulator.klaviyo import DEFAULT_KEY, Config, create_app
from tests.simulator.klaviyo.conftest import JSON_API, event
from tests.simulator.klaviyo.serving import by_werkzeug

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTHS = {"desktop": 1280, "phone": 360}
PATHS = ["/", "/profiles", "/lists", "/requests", "/faults", "/connect"]


@pytest.fixture
def address() -> Iterator[str]:
    with by_werkzeug(create_app(Config())) as found:
        yield found


@pytest.fixture
def tab(chromium: Any, address: str) -> Iterator[Any]:
    """A page that is closed before its server; whatever it complains about fails the test."""
    complaints: list[str] = []
    found = chromium.new_page(viewport={"width": WIDTHS["desktop"], "height": 800})
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: complaints.append(str(error)))
    yield found
    found.close()
    assert complaints == [], address


def send(address: str, unique_id: str, **changes: Any) -> None:
    headers = {"Authorization": f"Klaviyo-API-Key {DEFAULT_KEY}", "revision": "2026-07-15", "Content-Type": JSON_API}
    body = json.dumps(event(unique_id, **changes))
    assert requests.post(f"{address}/api/events", data=body, headers=headers, timeout=5).status_code == 202


def test_an_event_appears_without_a_reload_and_an_open_one_stays_open(tab: Any, address: str) -> None:
    send(address, "SO-1")
    tab.goto(address)
    tab.locator("#event-0 summary").click()
    send(address, "SO-2", value=7)
    tab.locator("#event-1").wait_for(timeout=5000)
    assert tab.locator("#stream > li").first.get_attribute("id") == "event-1"
    assert tab.locator("#event-0 pre .string").first.is_visible()
    assert tab.locator("#tiles dd").first.inner_text() == "2"
    assert tab.locator("#metrics b").first.inner_text() == "2"


def test_a_paused_page_stands_still(tab: Any, address: str) -> None:
    tab.goto(address)
    tab.locator("#pause").click()
    send(address, "SO-1")
    tab.wait_for_timeout(2500)
    assert tab.locator("li.event").count() == 0
    tab.locator("#pause").click()
    tab.locator("#event-0").wait_for(timeout=5000)


def test_the_filter_stays_in_force_while_events_arrive(tab: Any, address: str) -> None:
    tab.goto(f"{address}/?q=wanted")
    send(address, "SO-1")
    send(address, "SO-2", properties={"note": "wanted"})
    tab.locator("#event-1").wait_for(timeout=5000)
    assert tab.locator("li.event").count() == 1


def test_a_switch_is_pressed_and_lifted_by_keyboard(tab: Any, address: str) -> None:
    tab.goto(f"{address}/faults")
    tab.get_by_role("button", name="503, next 5 calls").focus()
    tab.keyboard.press("Enter")
    tab.locator("li.fault").wait_for()
    assert tab.locator(".bubble").inner_text().startswith("1")
    tab.get_by_role("button", name="Lift").first.focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("All is well").wait_for()


def test_an_event_opens_by_keyboard(tab: Any, address: str) -> None:
    send(address, "SO-1")
    tab.goto(address)
    tab.locator("#event-0 summary").focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#event-0 pre").is_visible()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_no_page_is_wider_than_the_screen(tab: Any, address: str, width: int) -> None:
    send(address, "a-unique-id-that-is-quite-long-indeed-0123456789", email=f"{'long' * 15}@shop-customer.net")
    tab.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        tab.goto(address + path)
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_every_field_and_button_has_a_name(tab: Any, address: str) -> None:
    send(address, "SO-1")
    for path in [*PATHS, "/profiles/kim@shop-customer.net"]:
        tab.goto(address + path)
        nameless = tab.evaluate(
            """[...document.querySelectorAll("input:not([type=hidden]), select, button, a[href], summary")].filter(
                 (it) => !(it.labels?.length || it.textContent.trim() || it.getAttribute("aria-label"))
               ).map((it) => it.outerHTML)"""
        )
        assert nameless == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(chromium: Any, address: str, scheme: str) -> None:
    send(address, "SO-1")
    send(address, "SO-1")
    tab = chromium.new_page(color_scheme=scheme)
    for path in PATHS:
        tab.goto(address + path)
        assert tab.evaluate(CONTRAST) == [], path
    tab.close()


CONTRAST = """
(() => {
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (rgb) => rgb.slice(0, 3)
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const colour = parts(getComputedStyle(it).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(element.outerHTML.slice(0, 120));
  }
  return weak;
})()
"""
