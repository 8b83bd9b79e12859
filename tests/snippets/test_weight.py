"""What the script weighs on every kind of page, for every way to ask for consent, with slots to fill."""

import gzip
from typing import Any

import pytest

from companion.snippets import bundle
from companion.store_settings import CONSENT_NAMES, onsite
from tests.snippets.costs import FORMS, MOST_BYTES

PAGES = [("shopware", "shop"), ("shopware", "checkout"), ("neto", "shop"), ("neto", "checkout"), ("netsuite", "shop")]
PAGES += [("netsuite", "checkout"), ("other", "")]
OF_ONE_PLATFORM = {"shopware": "shopware", "suitecommerce": "netsuite"}
HEAVIER = {("shopware", "shop", "usercentrics"): 80}
"""Bytes over the budget that are known: two releases of Usercentrics beside slots and Shopware's cart."""


@pytest.mark.parametrize("way", CONSENT_NAMES)
@pytest.mark.parametrize(("platform", "page"), PAGES)
def test_the_script_is_three_kilobytes(platform: str, page: str, way: str) -> None:
    if OF_ONE_PLATFORM.get(way, platform) != platform:
        return
    most = MOST_BYTES + HEAVIER.get((platform, page, way), 0)
    assert len(gzip.compress(_script(platform, page, way), 9, mtime=0)) <= most


@pytest.mark.parametrize("kind", [pytest.param(kind, id=" ".join(kind)) for kind in HEAVIER])
def test_what_is_known_to_be_heavier_still_is(kind: tuple[str, str, str]) -> None:
    assert len(gzip.compress(_script(*kind), 9, mtime=0)) > MOST_BYTES


def _script(platform: str, page: str, way: str) -> bytes:
    chosen = onsite({"onsite": {"consent": way}}, "", platform)
    settings: dict[str, Any] = {
        "script": "https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js",
        "url": "https://companion.shop-owner.net/snippets/v1/shop-shop-owner-net",
        "channel": "01a20195d05f703abb9e76c535342650",
        "platform": platform,
        "consent": {"mode": way, "name": chosen.consent_name},
        "track": chosen.metrics,
        "forms": FORMS,
    }
    return bundle.script(settings, way, page)
