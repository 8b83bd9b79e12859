"""What the storefront's browser tests share: a visitor's window onto a shop, the service, and the simulator behind."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from companion.app import create_app
from companion.bootstrap import Services
from companion.config import Settings
from companion.models import Store
from companion.simulator.klaviyo import Config
from companion.simulator.klaviyo import create_app as create_klaviyo
from companion.simulator.klaviyo.onsite import Call
from tests.admin.house import serving
from tests.snippets.site import Site

ACCOUNT = "DEMO42"
COOKIE = "companion-for-klaviyo"


@dataclass
class Window:
    """A visitor's browser on a site, and everything Klaviyo was told by it."""

    context: BrowserContext
    site: Site
    address: str
    services: Services
    klaviyo: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(f"{self.address}/{path}")
        return page

    def choose(self, **onsite: Any) -> None:
        """The merchant's choices for the storefront."""
        with self.services.database.write() as session:
            store = session.query(Store).one()
            store.settings = {**store.settings, "onsite": {**store.settings.get("onsite", {}), **onsite}}

    def told(self) -> list[Call]:
        return [one.call for one in reversed(self.klaviyo.told(ACCOUNT))]

    def metrics(self, outcome: str = "kept") -> list[str]:
        return [one.args[0] for one in self.told() if one.method == "track" and one.outcome == outcome]

    def wait_for(self, metric: str, page: Page, times: int = 1) -> dict[str, Any]:
        """The properties of an event, when it was told; those of nobody count, too."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + 15
        while len(found) < times:
            found = [one.args[1] for one in self.told() if one.method == "track" and one.args[0] == metric]
            assert time.monotonic() < deadline, f"no {metric}: {page.evaluate('window.companion?.said')}"
            page.wait_for_timeout(30)
        return found[-1]

    def settled(self, page: Page) -> int:
        """How much Klaviyo was told, once nothing more comes."""
        count = -1
        while count != len(self.told()):
            count = len(self.told())
            page.wait_for_timeout(300)
        return count

    def cookies(self) -> set[str]:
        return {str(cookie.get("name")) for cookie in self.context.cookies()}

    def agree(self) -> None:
        """Shopware's cookie, as a visitor has it who agreed before."""
        self.context.add_cookies([{"name": COOKIE, "value": "1", "url": self.address}])


def until(page: Page, condition: str) -> None:
    """Wait until it holds in the page, whether or not the page is drawn."""
    deadline = time.monotonic() + 15
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"{condition}: {page.evaluate('window.companion?.said')}"
        page.wait_for_timeout(30)


@contextmanager
def a_window(
    chromium: Browser, services: Services, new_store: Callable[..., Store], settings: Settings
) -> Iterator[Window]:
    """A browser on a shop whose store is connected; at the end no page may have thrown."""
    with ExitStack() as stack:
        klaviyo = create_klaviyo(Config(unlimited=True))
        klaviyo_url = stack.enter_context(serving(lambda: klaviyo))
        site = Site(klaviyo=klaviyo_url)
        address = stack.enter_context(serving(site.app))
        site.store = new_store(klaviyo_account=ACCOUNT, shop_url=address).key
        local = replace(settings, klaviyo_onsite_url=klaviyo_url)
        made = create_app(replace(services, settings=local))
        made.before_request(lambda: time.sleep(site.slow_service_s))
        site.service = stack.enter_context(serving(lambda: made))
        object.__setattr__(local, "public_url", site.service)
        context = chromium.new_context(viewport={"width": 1000, "height": 800})
        found = Window(context, site, address, services, klaviyo.extensions["klaviyo-simulator"].onsite)
        yield found
        context.close()
        assert found.errors == []
