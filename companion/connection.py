"""Connecting a shop that a person names, by the keys its platform asks for; and looking how the connection does.

Shops that register by themselves come by their own door (`companion.webhooks.registration`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from companion import limits, resolve, stores
from companion.bootstrap import Services
from companion.config import LOCAL
from companion.errors import Bury, CompanionError, Pause, Retry
from companion.models import Store
from companion.platforms.base import Finding

LONGEST_KEY: Final = 500
HOST: Final = re.compile(r"(?=.{4,58}\Z)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
"""A host by name; it serves as the shop's id, which has 64 characters, a port among them."""


class InvalidShop(CompanionError):
    """What was typed names no shop that can be connected; the text says which part, and what to type."""


def connect(
    services: Services, platform: str, shop_url: str, typed: Mapping[str, str], *, shop_id: str = "", key: str = ""
) -> Store:
    """Add a shop with its keys and its platform's default settings; nothing is asked of it yet. Raises InvalidShop.

    A shop without an id of its own is known by its host.
    """
    url = _address(shop_url)
    id_ = shop_id or urlsplit(url).netloc
    sealed = services.platforms[platform].credentials(_checked(services, platform, typed))
    with services.database.write() as session:
        known = stores.by_shop(session, platform, id_)
        if known is not None:
            raise InvalidShop(f"the shop {id_} is connected already: it is the store {known.key}")
        store = stores.add(
            *(session, services.vault),
            platform=platform,
            shop_id=id_,
            shop_url=url,
            now=services.now(),
            key=key,
            credentials=sealed,
        )
        store.settings = dict(services.platforms[platform].defaults)
    return store


def replace_keys(services: Services, key: str, typed: Mapping[str, str]) -> None:
    """Take other keys; the secrets that we made stay. Raises InvalidShop, stores.NoSuchStore."""
    with services.database.write() as session:
        store = stores.by_key(session, key)
        new = services.platforms[store.platform].credentials(_checked(services, store.platform, typed))
        names = {one.name for one in services.platforms[store.platform].keys}
        kept = services.vault.open_json(store.credentials)
        store.credentials = services.vault.seal_json({**new, **kept, **{name: new[name] for name in names}})
        limits.unblock(session, stores.shop_scope(store.id), services.now())


def check(services: Services, key: str) -> Sequence[Finding]:
    """How the connection does, in words; a shop that cannot be asked at all is one finding. Raises NoSuchStore."""
    with services.database.read() as session:
        store = stores.by_key(session, key)
    try:
        return services.platforms[store.platform].check(resolve.access(services, store))
    except (Retry, Bury, Pause) as problem:
        return [Finding("Connection", "bad", str(problem))]


def webhook_url(services: Services, store: Store) -> str:
    """The address that a person enters in the shop, so that webhooks come; empty where the shop knows it."""
    credentials = services.vault.open_json(store.credentials)
    path = services.platforms[store.platform].webhook_path(store.shop_id, credentials)
    return services.settings.public_url.rstrip("/") + path if path else ""


def _address(typed: str) -> str:
    """Scheme and host: https, or http for a shop on this machine."""
    text = typed.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    is_shop = host in LOCAL or (host is not None and HOST.fullmatch(host) is not None)
    if not is_shop or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL)):
        raise InvalidShop("address: write the shop's own address, e.g. https://www.shop-owner.com.au")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def _checked(services: Services, platform: str, typed: Mapping[str, str]) -> Mapping[str, str]:
    for one in services.platforms[platform].keys:
        said = typed.get(one.name, "").strip()
        if one.required and not said:
            raise InvalidShop(f"{one.label}: is missing")
        if len(said) > LONGEST_KEY or not said.isprintable() or not said.isascii():
            raise InvalidShop(f"{one.label}: is not what the shop shows")
    return typed
