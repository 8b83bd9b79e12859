"""A shop of a few pages, the service that serves their script, and a browser that visits them.

In Klaviyo's place stands a script that remembers what it was told, in `told`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from flask import Flask, Response
from playwright.sync_api import BrowserContext, Page

from companion import stores
from companion.app import create_app
from companion.bootstrap import Services
from companion.models import Store
from tests.admin.house import serving

KLAVIYO: Final = "https://static.klaviyo.com/**"
RECORDER: Final = """
window.told = [...(window._klOnsite || [])];
window.klaviyo = { push: (call) => { told.push(call); if (typeof call.at(-1) === "function") call.at(-1)(false); } };
"""


@dataclass
class Visits:
    """`pages` are the shop's, by path; `asked` are the addresses its visitors' browsers asked for."""

    service: str
    store: Store
    context: BrowserContext
    pages: dict[str, str]
    shop: str = ""
    asked: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """The page when all its scripts have run."""
        page = self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
        page.goto(f"{self.shop}/{path}", wait_until="networkidle")
        return page


def told(page: Page, metric: str = "") -> list[Any]:
    """What Klaviyo was told by the page, or the properties of one metric's events."""
    calls = page.evaluate("(window.told || []).map(([name, ...given]) => [name, ...given.filter((one) => one)])")
    return [call[2] for call in calls if call[:2] == ["track", metric]] if metric else cast("list[Any]", calls)


def said(page: Page) -> list[list[Any]]:
    """What the overlay of ?companion-debug would show."""
    return cast("list[list[Any]]", page.evaluate("companion.said.map((one) => one.map(String))"))


@contextmanager
def visits(services: Services, store: Store, context: BrowserContext, **onsite: Any) -> Iterator[Visits]:
    """Serve a shop without pages yet, with the merchant's choices. At the end no page may have thrown."""
    with services.database.write() as session:
        stores.change_settings(session.get_one(Store, store.id), {"onsite": onsite})
    later: list[Flask] = []
    with serving(cast("Any", lambda: lambda environ, start: later[0](environ, start))) as service:
        later.append(create_app(replace(services, settings=replace(services.settings, public_url=service))))
        visited = Visits(service, store, context, {})
        context.route(KLAVIYO, lambda route: route.fulfill(body=RECORDER, content_type="text/javascript"))
        with serving(lambda: _shop(visited.pages)) as visited.shop:
            with services.database.write() as session:
                session.get_one(Store, store.id).shop_url = visited.shop
            yield visited
    assert visited.thrown == []


def _shop(pages: dict[str, str]) -> Flask:
    shop = Flask("shop")

    @shop.get("/<path:name>")
    def page(name: str) -> Response:
        return Response(pages.get(name, ""), 200 if name in pages else 404, mimetype="text/html")

    return shop
