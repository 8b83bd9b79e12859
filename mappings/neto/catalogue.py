"""What is known of the things in an order: address, picture, categories, brand; of a variant what its parent has.

A thing that the shop no longer has, or never had, is told by what the line itself says of it.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from mappings import fields
from mappings.neto import schemas, values

MAIN: Final = "main"

Items = Mapping[str, schemas.Item]


def described(sku: str, items: Items, shop: schemas.Shop) -> dict[str, Any]:
    """The attributes of a LineItem that its item gives."""
    item = items.get(sku)
    if item is None:
        return {}
    parent = items.get(item.parent_sku or "") or item
    image = _image(item) or _image(parent)
    path = item.item_url or parent.item_url
    return {
        "url": absolute(path, shop) if path else "",
        "image_url": absolute(image, shop) if image else "",
        "brand": fields.text(item.brand or parent.brand),
        "categories": _categories(item) or _categories(parent),
    }


def is_utility(sku: str, items: Items) -> bool:
    """Freight, gift wrap and the like are items, and nothing that is bought."""
    item = items.get(sku)
    return item is not None and values.flag(item.is_neto_utility) is True


def absolute(path: str, shop: schemas.Shop) -> str:
    """An address on the shop's own host, or one that is complete already; empty where it is none of the web."""
    address = urljoin(shop.url.rstrip("/") + "/", path.strip())
    return address if address.startswith(("https://", "http://")) else ""


def own(address: str, shop: schemas.Shop) -> str:
    """The address where it leads to the shop itself, by its own kind of connection or a better one; else empty."""
    there, here = urlsplit(absolute(address, shop)), urlsplit(shop.url)
    safe = there.scheme == "https" or there.scheme == here.scheme
    return there.geturl() if safe and _host(there.hostname) == _host(here.hostname) else ""


def _host(name: str | None) -> str:
    return (name or "").removeprefix("www.")


def _image(item: schemas.Item) -> str:
    """The main picture, else the first there is."""
    found = [image for image in item.images if image.url]
    best = next((image for image in found if fields.text(image.name).lower() == MAIN), found[0] if found else None)
    return (best.url or "") if best else ""


def _categories(item: schemas.Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.text(one.category_name) for one in item.categories))
