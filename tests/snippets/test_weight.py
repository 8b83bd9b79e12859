"""What the script weighs on every kind of page, for every way to ask for consent, with slots to fill."""

from typing import Any

import pytest

from companion.snippets import bundle, pasted, views
from companion.store_settings import CONSENT_NAMES, onsite
from tests.snippets.costs import FORMS, MOST_BYTES

PAGES = [("shopware", "shop"), ("shopware", "checkout"), ("neto", "shop"), ("neto", "checkout"), ("netsuite", "shop")]
PAGES += [("netsuite", "checkout"), ("other", "")]
OF_ONE_PLATFORM = {"shopware": "shopware", "suitecommerce": "netsuite"}
KINDS = [
    (platform, page, way)
    for platform, page in PAGES
    for way in CONSENT_NAMES
    if OF_ONE_PLATFORM.get(way, platform) == platform
]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=" ".join(kind)) for kind in KINDS])
def test_the_script_is_three_kilobytes(kind: tuple[str, str, str]) -> None:
    assert len(views.gzipped(_script(*kind))) <= MOST_BYTES


def _script(platform: str, page: str, way: str) -> bytes:
    chosen = onsite({"onsite": {"consent": way}}, "", platform)
    settings: dict[str, Any] = {
        "script": "https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js",
        "url": "https://companion.shop-owner.net/snippets/v1/shop-shop-owner-net",
        "channel": "01a20195d05f703abb9e76c535342650",
        "platform": platform,
        "consent": chosen.consent_name,
        "track": chosen.metrics,
        **({"blocks": sorted(signs)} if (signs := pasted.signs(platform)) else {}),
        "forms": FORMS,
    }
    return bundle.script(settings, way, page)
