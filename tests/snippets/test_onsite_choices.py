"""The storefront's choices by platform: one producer for each metric, and the platform's own consent first."""

import pytest

from companion.admin.pages.storefront import WAYS
from companion.store_settings import CONSENT_NAMES, onsite

CHOSEN = {"onsite": {"metrics": {"Started Checkout": True}}}


def test_what_netos_server_tells_its_pages_do_not_whatever_is_chosen() -> None:
    assert "Started Checkout" in onsite(CHOSEN, "", "shopware").metrics
    assert onsite(CHOSEN, "", "neto").metrics == ["Viewed Product", "Added to Cart"]


@pytest.mark.parametrize(
    ("platform", "way"), [("shopware", "shopware"), ("netsuite", "suitecommerce"), ("neto", "hook"), ("other", "hook")]
)
def test_the_platforms_own_consent_is_asked_where_it_has_one(platform: str, way: str) -> None:
    found = onsite({}, "", platform)
    assert (found.consent, found.consent_name) == (way, CONSENT_NAMES[way])


def test_the_admin_has_a_name_for_every_way_to_ask() -> None:
    assert WAYS.keys() == CONSENT_NAMES.keys()
