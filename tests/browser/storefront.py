"""A demo shop whose pages load the snippets, the service behind it, and a stand-in for klaviyo.js.

The runtime here is the least that slots and carts need of it. Klaviyo's script fills its elements with the form's id,
as the real one does with the form; `blocked` is a browser that does not let it through.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, Route

from companion.app import create_app
from companion.bootstrap import Services
from companion.forms import seen_today, slots_for
from companion.models import Store
from companion.simulator.shop.app import EXTENSION
from companion.simulator.shop.app import create_app as create_shop
from companion.simulator.shop.config import Config
from tests.admin.house import serving

SNIPPETS: Final = Path(__file__).parent.parent.parent / "storefront_snippets"
KLAVIYO: Final = "https://static.klaviyo.com"
RUNTIME: Final = """
const companion = window.companion = {
  settings: %s, url: %s, said: [],
  ready(act) { document.readyState === "loading" ? addEventListener("DOMContentLoaded", act) : act(); },
  watch(act) { act(); new MutationObserver(act).observe(document.body, { childList: true, subtree: true }); },
  log(...words) { this.said.push(words); },
};
companion.ready(() => {
  const script = document.createElement("script");
  script.src = "https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js";
  document.head.append(script);
});
"""
ONSITE: Final = """
window.klaviyo = {
  openForm(id) { document.querySelectorAll(".klaviyo-form-" + id + ":empty").forEach((one) => show(one, id)); },
};
function show(element, id) { element.innerHTML = "<p>Form " + id + "</p>"; }
for (const element of document.querySelectorAll("[class^=klaviyo-form-]")) show(element, element.className.slice(13));
"""


@dataclass
class Storefront:
    """Where everything is; `platform` and `blocked` hold for pages opened from then on."""

    services: Services
    service: str
    shop: str
    store: Store
    products: list[str]
    platform: str = "shopware"
    blocked: bool = False
    beacons: list[Any] = field(default_factory=list)

    def open(self, context: BrowserContext, path: str = "/") -> Page:
        """A page of the shop in this browser, when its scripts have run."""
        context.route(f"{self.service}/snippets/v1/*/companion.js*", self._snippets)
        context.route(f"{KLAVIYO}/**", self._onsite)
        context.on("request", self._heard)
        page = context.new_page()
        page.goto(path if path.startswith("http") else self.shop + path, wait_until="networkidle")
        return page

    def _heard(self, request: Any) -> None:
        if request.url.endswith("/seen"):
            self.beacons.append(request.post_data_json)

    def _snippets(self, route: Route) -> None:
        with self.services.database.read() as session:
            settings = {
                "forms": slots_for(session, self.store, ""),
                "seen": seen_today(session, self.store.id, "", self.services.now()),
                "channel": "",
                "platform": self.platform,
            }
        url = f"{self.service}/snippets/v1/{self.store.key}"
        parts = [RUNTIME % (json.dumps(settings), json.dumps(url))]
        parts += [(SNIPPETS / name).read_text() for name in ("slots.js", "restore.js")]
        route.fulfill(body="\n".join(parts), content_type="text/javascript")

    def _onsite(self, route: Route) -> None:
        if self.blocked:
            route.abort("blockedbyclient")
        else:
            route.fulfill(body=ONSITE, content_type="text/javascript")


@contextmanager
def storefront(services: Services, store: Store, data: Path) -> Iterator[Storefront]:
    """Serve both; the shop's address becomes the store's."""
    with serving(lambda: create_app(services)) as service:
        snippet = f"{service}/snippets/v1/{store.key}/companion.js"
        config = Config(data=data, snippet=snippet, allowed=(service, KLAVIYO))
        app = create_shop(config)
        try:
            with serving(lambda: app) as shop:
                with services.database.write() as session:
                    store = session.get_one(Store, store.id)
                    store.shop_url = shop
                products = [article.id for article in app.extensions[EXTENSION].articles.values()]
                yield Storefront(services, service, shop, store, products)
        finally:
            app.extensions[EXTENSION].close()
