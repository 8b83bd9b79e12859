"""A demo shop whose pages load the snippets, the service behind it, and a stand-in for klaviyo.js.

The stand-in fills its elements with the form's id, as the real one does with the form, and remembers what it was told;
`blocked` is a browser that does not let it through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route

from companion import stores
from companion.app import create_app
from companion.bootstrap import Services
from companion.models import Store
from companion.simulator.shop.app import EXTENSION
from companion.simulator.shop.app import create_app as create_shop
from companion.simulator.shop.config import Config
from tests.admin.house import serving

KLAVIYO: Final = "https://static.klaviyo.com"
ONSITE: Final = """
(() => {
  const show = (element, id) => { element.innerHTML = "<p>Form " + id + "</p>"; };
  window.told = [];
  window.klaviyo = {
    push(call) { told.push(call); },
    openForm(id) { document.querySelectorAll(".klaviyo-form-" + id + ":empty").forEach((one) => show(one, id)); },
  };
  for (const one of document.querySelectorAll("[class^=klaviyo-form-]")) show(one, one.className.slice(13));
})();
"""
"""Its names are its own: the shop's script, whichever comes first, has a `show` of another kind."""


@dataclass
class Storefront:
    """Where everything is; `blocked` holds for pages opened from then on. `beacons` are what pages told of slots."""

    services: Services
    service: str
    shop: str
    store: Store
    products: list[str]
    blocked: bool = False
    beacons: list[Any] = field(default_factory=list)

    def open(self, context: BrowserContext, path: str = "/") -> Page:
        """A page of the shop in this browser, when its scripts have run."""
        context.route(f"{KLAVIYO}/**", self._onsite)
        context.on("request", self._heard)
        page = context.new_page()
        page.goto(path if path.startswith("http") else self.shop + path, wait_until="networkidle")
        return page

    def _heard(self, request: Any) -> None:
        if request.url.endswith("/seen"):
            self.beacons.append(request.post_data_json)

    def _onsite(self, route: Route) -> None:
        if self.blocked:
            route.abort("blockedbyclient")
        else:
            route.fulfill(body=ONSITE, content_type="text/javascript")


@contextmanager
def storefront(services: Services, store: Store, data: Path) -> Iterator[Storefront]:
    """Serve both. The shop's address becomes the store's, its visitors are asked for no consent."""
    later: list[Flask] = []
    with serving(cast("Any", lambda: lambda environ, start: later[0](environ, start))) as service:
        services = replace(services, settings=replace(services.settings, public_url=service))
        later.append(create_app(services))
        snippet = f"{service}/snippets/v1/{store.key}/companion.js?channel="
        shop = create_shop(Config(data=data, snippet=snippet, allowed=(service, KLAVIYO)))
        try:
            with serving(lambda: shop) as address:
                with services.database.write() as session:
                    store = session.get_one(Store, store.id)
                    store.shop_url = address
                    stores.change_settings(store, {"onsite": {"consent": "none"}})
                products = [article.id for article in shop.extensions[EXTENSION].articles.values()]
                yield Storefront(services, service, address, store, products)
        finally:
            shop.extensions[EXTENSION].close()
