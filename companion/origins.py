"""Where a store's pages live: the origins that may frame a form, ask for a cart link, or tell of a slot.

The shop's registered address is one; sales channels under other domains are entered by the merchant.
"""

from urllib.parse import urlsplit

from companion.models import Store

DEFAULT_PORTS = {"http": 80, "https": 443}


def of(store: Store) -> frozenset[str]:
    """All origins of a store, as browsers write them: `https://shop.example`."""
    return frozenset(filter(None, map(origin, (store.shop_url, *store.settings.get("domains", ())))))


def origin(address: str) -> str:
    """The origin of an address; empty where it is none that a shop could have."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not host or set(host) & set(" '\";,*<>\\"):
        return ""
    written = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{written}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def sharing(store: Store, asking: str) -> dict[str, str]:
    """The headers that let a page of the store read an answer; without permission for any other origin."""
    if asking not in of(store):
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": asking,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Max-Age": "86400",
        "Vary": "Origin",
    }
