"""What the storefront's script may cost a shopper: bytes, time on the main thread, requests, nothing before consent."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.snippets.windows import Window
from tests.snippets.costs import KINDS, MOST_BYTES, gzipped
from tests.snippets.site import BOTTLE, SHIRT

pytestmark = pytest.mark.browser

LONGEST_TASK_MS = 10
SHIFTS = """new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => (sum += one.value)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 50);
})"""
PAGES = {
    "home": ("home.en.html", None, "frontend.home.page"),
    "category": ("category.en.html", None, "frontend.navigation.page"),
    "product": ("product.simple.en.html", BOTTLE, "frontend.detail.page"),
    "variant": ("product.variant.en.html", SHIRT, "frontend.detail.page"),
    "cart": ("cart.en.html", None, "frontend.checkout.cart.page"),
    "checkout": ("checkout-confirm.en.html", None, "frontend.checkout.confirm.page"),
    "account": ("account-home.en.html", None, "frontend.account.home.page"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_script_is_three_kilobytes_on_any_page(kind: str) -> None:
    assert gzipped(kind) <= MOST_BYTES


@pytest.fixture
def open_page(window: Window, recorded: Path) -> Callable[[str], Any]:
    def open_(kind: str) -> Any:
        name, product, route = PAGES[kind]
        html = window.site.recorded(recorded, name, product, route)
        window.site.pages["page"] = re.sub(r"<img[^>]*>", "", html)  # they move the page when they do not come
        return window.open("page")

    return open_


@pytest.mark.parametrize("kind", PAGES)
def test_before_consent_a_page_costs_the_script_and_nothing_else(
    window: Window, open_page: Callable[[str], Any], kind: str
) -> None:
    page = open_page(kind)
    page.wait_for_timeout(150)
    ours = [url for url in window.requests if window.site.service in url or window.site.klaviyo in url]
    assert [url.partition("?")[0].rpartition("/")[2] for url in ours] == ["companion.js"]
    assert not {"/checkout/cart.json", "/storefront/script/companion-visitor"} & set(window.site.asked)
    assert window.cookies() == set()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("kind", ["variant", "checkout"])
def test_after_consent_no_task_is_long_and_nothing_moves(
    window: Window, open_page: Callable[[str], Any], tmp_path: Path, kind: str
) -> None:
    window.agree()
    window.site.cart = {BOTTLE["id"]: 2}
    browser = window.context.browser
    assert browser is not None
    browser.start_tracing(path=tmp_path / "trace.json", categories=["devtools.timeline"])
    page = open_page(kind)
    page.wait_for_timeout(500)
    browser.stop_tracing()
    took = longest_task(json.loads((tmp_path / "trace.json").read_text())["traceEvents"])
    assert 0 < took <= LONGEST_TASK_MS
    assert page.evaluate(SHIFTS) == 0


def longest_task(events: list[dict[str, Any]]) -> float:
    """Milliseconds of CPU that the longest run of our script took: of its first run and of each of its callbacks."""
    ours = (
        one
        for one in events
        if one["name"] in ("EvaluateScript", "FunctionCall")
        and "companion.js" in str(one.get("args", {}).get("data", {}).get("url"))
    )
    return max(float(one.get("tdur", one.get("dur", 0))) / 1000 for one in ours)
