"""The shop's side of the app: templates, the visitor's script, texts, and the cookie of its own cookie consent.

The files lie in `storefront_snippets/shopware/`, written for what Twig has in 6.5.8 to 6.7 alike. No JavaScript is
packed: the script comes from the service, so that it changes without an update of the app.
Sources: Shopware, guides for apps: templates, app scripts, cookie consent; manifest reference.
"""

from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement

COOKIE: Final = "companion-for-klaviyo"
"""Set by the shop when the shopper allows it; the script looks for it."""

COOKIE_DAYS: Final = 365
HOSTS: Final = ("static.klaviyo.com", "static-tracking.klaviyo.com", "static-forms.klaviyo.com", "a.klaviyo.com")
"""Whom the shop's pages talk to, once the shopper allows it."""

SOURCES: Final = Path(__file__).parent.parent.parent.parent / "storefront_snippets" / "shopware"


def files(public_url: str) -> dict[str, bytes]:
    """Path in the app → content."""
    facts = (SOURCES / "product_facts.html.twig").read_text(encoding="utf-8").rstrip("\n")
    service = public_url.rstrip("/")
    return {
        path.relative_to(SOURCES).as_posix(): _filled(path, facts, service).encode()
        for path in sorted((SOURCES / "Resources").rglob("*"))
        if path.is_file()
    }


def register_cookie(cookies: Element) -> None:
    """Put the cookie among the shop's marketing cookies; its texts are snippets of the app."""
    group = SubElement(cookies, "group")
    SubElement(group, "snippet-name").text = "cookie.groupMarketing"
    cookie = SubElement(SubElement(group, "entries"), "cookie")
    SubElement(cookie, "snippet-name").text = "companion.cookie.name"
    SubElement(cookie, "snippet-description").text = "companion.cookie.description"
    SubElement(cookie, "cookie").text = COOKIE
    SubElement(cookie, "value").text = "1"
    SubElement(cookie, "expiration").text = str(COOKIE_DAYS)


def _filled(path: Path, facts: str, service: str) -> str:
    text = path.read_text(encoding="utf-8")
    return text.replace("__PRODUCT_FACTS__", facts).replace("__SERVICE__", service)
