"""The app's package: a folder and a zip whose top directory is the app's name, to be installed in a shop.

Pure but for the files it writes: the secret comes from outside. One manifest serves 6.5.8 to 6.7; what only some
of these versions know is left out.
Source: Shopware, manifest reference; XML schemas manifest-2.0 and manifest-3.0.
"""

import re
import zipfile
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from companion.errors import CompanionError
from companion.platforms.shopware import icon, storefront
from mappings.shopware.schemas import PRIVILEGES

ICON: Final = "Resources/config/plugin.png"
COMPATIBILITY: Final = ">=6.5.8 <6.8"
LABELS: Final = {"en-GB": "Companion for Klaviyo", "de-DE": "Companion für Klaviyo"}
DESCRIPTIONS: Final = {
    "en-GB": "Sends the life of every order to Klaviyo, reliably and within a second.",
    "de-DE": "Sendet jeden Schritt jeder Bestellung an Klaviyo, zuverlässig und binnen einer Sekunde.",
}
TOPICS: Final = (
    "app.installed",
    "app.activated",
    "app.updated",
    "app.deactivated",
    "app.deleted",
    "checkout.order.placed",
    "order.written",
    "state_enter.order.state.completed",
    "state_enter.order.state.cancelled",
    "state_enter.order_transaction.state.paid",
    "state_enter.order_transaction.state.paid_partially",
    "state_enter.order_transaction.state.refunded",
    "state_enter.order_transaction.state.refunded_partially",
    "state_enter.order_delivery.state.shipped",
    "state_enter.order_delivery.state.shipped_partially",
    "newsletter.confirm",
    "newsletter.unsubscribe",
)
"""Each of them costs the shopper a request inside the checkout or the merchant one in the administration."""

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


class WrongAppVersion(CompanionError):
    """A shop compares versions to find an update, so they are numbers."""


def build(out: Path, public_url: str, app_name: str, secret: str, version: str) -> Path:
    """Write `<out>/<app_name>/` and `<out>/<app_name>.zip`; return the zip. The same input gives the same bytes.

    Raises WrongAppVersion.
    """
    if not VERSION.fullmatch(version):
        raise WrongAppVersion(f"{version!r} is no app version: write three numbers, e.g. 1.2.0")
    files = {"manifest.xml": manifest(public_url, app_name, secret, version), ICON: icon.png()}
    files |= storefront.files(public_url)
    archive = out / f"{app_name}.zip"
    for name, content in files.items():
        path = out / app_name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(_entry(f"{app_name}/{name}"), content)
    return archive


def _entry(path: str) -> zipfile.ZipInfo:
    """The same on every machine, and readable once unpacked."""
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    return entry


def manifest(public_url: str, app_name: str, secret: str, version: str) -> bytes:
    """The manifest of one merchant's app, UTF-8."""
    base = public_url.rstrip("/")
    root = Element("manifest")
    _meta(SubElement(root, "meta"), app_name, version)
    setup = SubElement(root, "setup")
    SubElement(setup, "registrationUrl").text = f"{base}/shopware/register"
    SubElement(setup, "secret").text = secret
    _admin(SubElement(root, "admin"), f"{base}/admin/")
    permissions = SubElement(root, "permissions")
    for privilege in PRIVILEGES:
        entity, _, action = privilege.partition(":")
        SubElement(permissions, action or "read").text = entity
    hosts = SubElement(root, "allowed-hosts")
    for host in (urlsplit(base).hostname, *storefront.HOSTS):
        SubElement(hosts, "host").text = host
    storefront.register_cookie(SubElement(root, "cookies"))
    webhooks = SubElement(root, "webhooks")
    for topic in TOPICS:
        webhook = SubElement(webhooks, "webhook", name=_camel(topic), url=f"{base}/shopware/webhook", event=topic)
        if topic == "order.written":
            webhook.set("onlyLiveVersion", "true")
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _meta(meta: Element, app_name: str, version: str) -> None:
    SubElement(meta, "name").text = app_name
    for tag, texts in (("label", LABELS), ("description", DESCRIPTIONS)):
        for language, text in texts.items():
            SubElement(meta, tag, lang=language).text = text
    for tag, text in (
        ("author", "Companion"),
        ("copyright", "(c) Companion"),
        ("version", version),
        ("icon", ICON),
        ("license", "proprietary"),
        ("compatibility", COMPATIBILITY),
    ):
        SubElement(meta, tag).text = text


def _admin(admin: Element, source: str) -> None:
    place = {"name": "companion", "source": source, "parent": "sw-marketing", "position": "60"}
    module = SubElement(admin, "module", place)
    for language, text in LABELS.items():
        SubElement(module, "label", lang=language).text = text
    SubElement(admin, "main-module", source=source)


def _camel(topic: str) -> str:
    first, *rest = topic.replace("_", ".").split(".")
    return first + "".join(part.capitalize() for part in rest)
