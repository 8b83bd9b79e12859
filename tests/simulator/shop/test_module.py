"""The app's own pages inside the demo shop, opened the way a shop's administration opens them."""

import hashlib
import hmac
import re
from html import unescape

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.shop import Shop
from tests.simulator.shop.conftest import Browser


def test_the_module_is_opened_with_an_address_that_the_shop_has_signed(demo: Shop, browser: Browser) -> None:
    app = apps.App(
        "Companion", "1.0.0", "https://app/register", "", [], [], secret="s", module_url="https://app/admin/"
    )
    apps.keep(demo.database, app)
    reply = browser.get("/app/module")
    (source,) = re.findall(r'<iframe[^>]* src="([^"]+)"', reply.text)
    page, _, query = unescape(source).partition("?")
    signed, _, signature = query.partition("&shopware-shop-signature=")
    assert page == "https://app/admin/"
    assert signed.startswith(f"shop-id={demo.database.setting('shop_id')}&shop-url=")
    assert signature == hmac.new(b"s", signed.encode(), hashlib.sha256).hexdigest()
    assert reply.headers["Content-Security-Policy"].endswith("frame-src https://app")
