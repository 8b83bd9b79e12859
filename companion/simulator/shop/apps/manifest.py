"""An app's manifest.xml, read from a file, a folder or the app's zip.

Source: Shopware, manifest reference; the checks of `app:install` as observed on 6.6.7.1.
"""

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

HOOKABLE = {
    *("product", "product_price", "category", "sales_channel", "sales_channel_domain", "customer"),
    *("customer_address", "order", "order_address", "document", "media"),
}
"""The entities that have `.written` and `.deleted`."""

FAMILIES = {
    "app.": "",
    "checkout.order.": "order",
    "state_enter.order": "order",
    "state_leave.order": "order",
    "newsletter.": "newsletter_recipient",
    "checkout.customer.": "customer",
}
"""How an event begins → whose read privilege it takes."""


class InvalidManifest(Exception):
    """A manifest the shop would refuse."""


class Subscription(msgspec.Struct):
    """One webhook of an app. `errors` counts deliveries given up; ten of them switch it off."""

    name: str
    url: str
    event: str
    only_live_version: bool = False
    active: bool = True
    errors: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """What the shop takes from a manifest. `permissions` are privileges such as `order:read`.

    `module_url` is what "Open app" shows in the administration; empty where the app has no pages.
    """

    name: str
    version: str
    registration_url: str
    secret: str
    permissions: tuple[str, ...]
    webhooks: tuple[Subscription, ...]
    module_url: str = ""


def load(path: Path) -> Manifest:
    """The manifest in a file, a folder or a zip. Raises InvalidManifest."""
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inner = next(
                    name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/manifest.xml")
                )
                return parse(archive.read(inner))
        return parse((path / "manifest.xml" if path.is_dir() else path).read_bytes())
    except (OSError, zipfile.BadZipFile) as error:
        raise InvalidManifest(f"cannot read {path}: {error}") from None
    except StopIteration:
        raise InvalidManifest(f"there is no <app>/manifest.xml in {path}") from None


def parse(xml: bytes) -> Manifest:
    """Raises InvalidManifest naming what is wrong."""
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 the operator's own file
    except ElementTree.ParseError as error:
        raise InvalidManifest(f"the manifest is no XML: {error}") from None
    manifest = Manifest(
        name=_text(root, "meta/name"),
        version=_text(root, "meta/version"),
        registration_url=_text(root, "setup/registrationUrl"),
        secret=_text(root, "setup/secret"),
        permissions=_permissions(root),
        webhooks=tuple(_subscription(element) for element in root.iterfind("webhooks/webhook")),
        module_url=next((one.attrib.get("source", "") for one in root.iterfind("admin/main-module")), ""),
    )
    for webhook in manifest.webhooks:
        _check(webhook, manifest.permissions)
    return manifest


def privilege(event: str) -> str:
    """What an app needs to be sent an event; empty for its own. Raises InvalidManifest where there is no such event."""
    entity, _, kind = event.rpartition(".")
    if kind in ("written", "deleted") and entity in HOOKABLE:
        return f"{entity}:read"
    for beginning, owner in FAMILIES.items():
        if event.startswith(beginning):
            return f"{owner}:read" if owner else ""
    raise InvalidManifest(f"The following webhooks are not hookable: {event}")


def _check(webhook: Subscription, permissions: tuple[str, ...]) -> None:
    needed = privilege(webhook.event)
    if needed and needed not in permissions:
        raise InvalidManifest(f"The webhook {webhook.name} needs the permission {needed}")


def _permissions(root: ElementTree.Element) -> tuple[str, ...]:
    """Whoever may write may read."""
    found: dict[str, None] = {}
    for element in root.iterfind("permissions/*"):
        entity = (element.text or "").strip()
        if element.tag == "permission":
            found[entity] = None
            continue
        for action in ("read", element.tag) if element.tag != "crud" else ("read", "create", "update", "delete"):
            found[f"{entity}:{action}"] = None
    return tuple(found)


def _subscription(element: ElementTree.Element) -> Subscription:
    given: dict[str, Any] = element.attrib
    if not all(given.get(name) for name in ("name", "url", "event")):
        raise InvalidManifest("a webhook needs name, url and event")
    return Subscription(given["name"], given["url"], given["event"], given.get("onlyLiveVersion") == "true")


def _text(root: ElementTree.Element, path: str) -> str:
    text = (root.findtext(path) or "").strip()
    if not text:
        raise InvalidManifest(f"{path} is missing")
    return text
