"""The shop's side of the Shopware app: a manifest that shops accept, and what the script answers."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jinja2 import ChainableUndefined, Environment
from lxml import etree

from companion.platforms.shopware import app_build, storefront
from companion.store_settings import CONSENT_NAMES
from tests.snippets import rendering
from tests.snippets.site import BOTTLE, CHANNEL

SERVICE = "https://companion.shop-owner.net"
FILES = storefront.files(SERVICE + "/")


@pytest.mark.parametrize(
    "schema",
    ["manifest-2.0_v6.5.8.14.xsd", "manifest-2.0_v6.6.7.1.xsd", "manifest-3.0.xsd"],
    ids=lambda name: name[9:-4],
)
def test_shops_of_every_version_accept_the_manifest(shared: Path, schema: str) -> None:
    manifest = app_build.manifest(SERVICE, "CompanionForKlaviyo", "secret", "1.0.0")
    rules = etree.XMLSchema(etree.parse(shared / "reference" / "shopware" / schema))
    assert rules.validate(etree.fromstring(manifest)), rules.error_log


def test_the_cookie_is_the_one_that_the_script_looks_for_and_its_texts_exist() -> None:
    manifest = ElementTree.fromstring(app_build.manifest(SERVICE, "CompanionForKlaviyo", "secret", "1.0.0"))
    cookie = manifest.find("cookies/group/entries/cookie")
    assert cookie is not None
    assert cookie.findtext("cookie") == CONSENT_NAMES["shopware"]
    for language in ("en-GB", "de-DE"):
        texts = json.loads(FILES[f"Resources/snippet/storefront.{language}.json"])
        for tag in ("snippet-name", "snippet-description"):
            found: Any = texts
            for part in str(cookie.findtext(tag)).split("."):
                found = found[part]
            assert found


def test_the_package_holds_them(tmp_path: Path) -> None:
    app_build.build(tmp_path, SERVICE, "CompanionForKlaviyo", "secret", "1.0.0")
    base = tmp_path / "CompanionForKlaviyo" / "Resources" / "views" / "storefront" / "base.html.twig"
    assert f'src="{SERVICE}/snippets/v1/{{{{ appShopId' in base.read_text()
    assert "__" not in base.read_text()


def test_the_page_says_which_shop_and_channel_and_whether_it_is_the_checkout() -> None:
    template = FILES["Resources/views/storefront/base.html.twig"].decode()
    context = {"customer": None, "currency": {"isoCode": "EUR"}, "salesChannel": {"id": CHANNEL}}

    def page(route: str, shop: str = "abc/+") -> str:
        words = {"context": context, "page": {}, "activeRoute": route, "appShopId": shop}
        return rendering.rendered(template, "base_body_script", **words)

    assert f"/snippets/v1/abc/%2B/companion.js?channel={CHANNEL}&amp;page=shop" in page("frontend.home.page")
    assert "page=checkout" in page("frontend.checkout.confirm.page")
    assert page("frontend.home.page", shop="").strip() == ""


def test_no_product_name_leaves_its_element() -> None:
    template = FILES["Resources/views/storefront/component/buy-widget/buy-widget.html.twig"].decode()
    html = rendering.rendered(template, "buy_widget_buy_container", product=BOTTLE)
    assert html.count("<script") == 1
    assert html.count("</script>") == 1
    assert json.loads(html.partition(">")[2].rpartition("</script>")[0])["name"] == BOTTLE["translated"]["name"]


@pytest.mark.parametrize("customer", [None, {"email": "kim@shop-customer.net", "firstName": "Kim", "guest": True}])
def test_the_visitors_script_answers_of_the_customer_alone_and_is_kept_by_no_cache(
    customer: dict[str, Any] | None,
) -> None:
    said: list[Any] = []
    environment = Environment(extensions=["jinja2.ext.do"], undefined=ChainableUndefined, autoescape=True)

    class Answer:
        def __init__(self, body: dict[str, Any]) -> None:
            self.body = body
            self.cache = self

        def disable(self) -> None:
            said.append("uncached")

    class Response:
        json = Answer

    class Hook:
        def __init__(self) -> None:
            self.salesChannelContext = {"customer": customer}

        def setResponse(self, answer: Answer) -> None:
            said.append(answer.body)

    script = FILES["Resources/scripts/storefront-companion-visitor/visitor.twig"].decode()
    environment.from_string(script).render(hook=Hook(), services={"response": Response})
    assert said[0] == "uncached"
    assert said[1].get("email") == (customer or {}).get("email")
    assert bool(said[1]) == bool(customer)
