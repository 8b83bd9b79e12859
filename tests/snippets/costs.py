"""What the script weighs on each kind of page, as the service puts it together for a shop that uses all of it."""

from typing import Any, Final

from companion.snippets import bundle, pasted, views
from companion.store_settings import onsite

MOST_BYTES: Final = 3 * 1024
PLUGIN_BYTES: Final = 33_700
PLUGIN_GZIPPED: Final = 7_800
"""The storefront script of the earlier plugin, plain and gzipped."""

FORMS: Final = {"footer": {"": "Y6nRLr", "de-de": "Ab12Cd"}}
KINDS: Final = {
    "Shopware, shopping": ("shopware", "shop", "shopware", FORMS),
    "Shopware, checkout": ("shopware", "checkout", "shopware", FORMS),
    "Shopware, Usercentrics": ("shopware", "shop", "usercentrics", FORMS),
    "Neto, shopping": ("neto", "shop", "google", FORMS),
    "Neto, checkout": ("neto", "checkout", "google", FORMS),
    "SuiteCommerce, shopping": ("netsuite", "shop", "suitecommerce", FORMS),
    "SuiteCommerce, checkout": ("netsuite", "checkout", "suitecommerce", FORMS),
    "any site, any page": ("other", "", "hook", FORMS),
}
"""Kind of page → platform, what the template says, how consent is asked, and what fills the slots."""


def script(kind: str) -> bytes:
    """The script of one kind of page, with settings as long as a shop's."""
    platform, page, consent, forms = KINDS[kind]
    chosen = onsite({"onsite": {"consent": consent}}, "", platform)
    settings: dict[str, Any] = {
        "script": "https://static.klaviyo.com/onsite/js/ACC123/klaviyo.js",
        "url": "https://companion.shop-owner.net/snippets/v1/shop-shop-owner-net",
        "channel": "01a20195d05f703abb9e76c535342650",
        "platform": platform,
        "consent": chosen.consent_name,
        "track": chosen.metrics,
        **({"blocks": sorted(signs)} if (signs := pasted.signs(platform)) else {}),
    }
    return bundle.script(settings | ({"forms": forms} if forms else {}), chosen.consent, page)


def gzipped(kind: str) -> int:
    """Bytes that a browser fetches for it."""
    return len(views.gzipped(script(kind)))
