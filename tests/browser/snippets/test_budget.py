"""What the storefront's script may cost a shopper: bytes, time on the main thread, requests, nothing before consent."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from companion.bootstrap import Services
from companion.models import Store
from tests.browser.snippets.windows import Window, until
from tests.snippets import neto_pages, suitecommerce_pages
from tests.snippets.costs import KINDS, MOST_BYTES, gzipped
from tests.snippets.site import BOTTLE, SHIRT
from tests.snippets.visits import Visits, visits

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


def test_after_consent_no_task_is_long_and_nothing_moves(
    window: Window, open_page: Callable[[str], Any], tmp_path: Path
) -> None:
    window.agree()
    window.site.cart = {BOTTLE["id"]: 2}
    assert window.context.browser is not None
    with traced(window.context.browser, tmp_path) as tasks:
        for kind in PAGES:
            page = open_page(kind)
            until(page, "Boolean(window.klaviyo)")
            page.wait_for_timeout(200)
            assert page.evaluate(SHIFTS) == 0
            page.close()
    assert len(tasks) >= len(PAGES)
    assert max(tasks) <= LONGEST_TASK_MS


@pytest.fixture(params=["neto", "netsuite"])
def other(
    request: pytest.FixtureRequest, services: Services, new_store: Callable[..., Store], chromium: Browser
) -> Iterator[Visits]:
    store = new_store(platform=request.param)
    with closing(chromium.new_context()) as context, visits(services, store, context, consent="hook") as shop:
        if request.param == "neto":
            shop.pages["shop"] = neto_pages.page(shop.service, store.key, neto_pages.product(), **neto_pages.KIM)
        else:
            script = f"{shop.service}/snippets/v1/{store.key}/companion.js"
            shop.pages["shop"] = suitecommerce_pages.page(script, suitecommerce_pages.KIM)
        yield shop


def test_the_other_platforms_pages_cost_as_little(other: Visits, chromium: Browser, tmp_path: Path) -> None:
    with traced(chromium, tmp_path) as tasks:
        page = other.open("shop")
        until(page, "Boolean(window.companion?.settings)")
        asked = [url for url in other.asked if not url.startswith(other.shop)]
        assert [url.partition("?")[0].rpartition("/")[2] for url in asked] == ["companion.js"]
        assert other.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        page.evaluate("item => { companion.push(['consent', true]); window.go?.(item); }", suitecommerce_pages.TEE)
        until(page, "window.told?.length === 3")
        assert page.evaluate(SHIFTS) == 0
    assert max(tasks) <= LONGEST_TASK_MS


@contextmanager
def traced(browser: Browser, folder: Path) -> Iterator[list[float]]:
    """Fills the list at the end: milliseconds of CPU of each run of our script, its first and its callbacks'."""
    tasks: list[float] = []
    browser.start_tracing(path=folder / "trace.json", categories=["devtools.timeline"])
    yield tasks
    browser.stop_tracing()
    tasks += [
        float(one.get("tdur", one.get("dur", 0))) / 1000
        for one in json.loads((folder / "trace.json").read_text())["traceEvents"]
        if one["name"] in ("EvaluateScript", "FunctionCall")
        and "companion.js" in str(one.get("args", {}).get("data", {}).get("url"))
    ]
