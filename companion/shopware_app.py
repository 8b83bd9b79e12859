"""The Shopware app of each merchant: its secret in the database, its package by `companion shopware-app build`.

Every merchant gets an app secret of its own, because it lies readable in the package on the merchant's server.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion.errors import CompanionError
from companion.models import App
from companion.vault import Vault

PLATFORM: Final = "shopware"
DEFAULT_NAME: Final = "CompanionForKlaviyo"
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{2,63}")


class WrongAppName(CompanionError):
    """An app's name is letters and digits, and stays what it was when shops have installed it."""


@dataclass(frozen=True, slots=True)
class ShopwareApp:
    """An app as it is built and recognised. `secret` signs registrations; it is never logged."""

    id: int
    merchant: str
    name: str
    secret: str


def ensure_app(session: Session, vault: Vault, merchant: str, name: str, now: datetime) -> ShopwareApp:
    """The merchant's app, made with a new secret the first time. Raises WrongAppName."""
    if not NAME.fullmatch(name):
        raise WrongAppName(f"{name!r} is no app name: it needs 3 to 64 letters and digits, a letter first")
    row = session.scalar(select(App).where(App.platform == PLATFORM, App.merchant == merchant))
    if row is None:
        sealed = vault.seal(secrets.token_hex(32))
        row = App(platform=PLATFORM, merchant=merchant, name=name, secret=sealed, created_at=now)
        session.add(row)
        session.flush()
    if row.name != name:
        raise WrongAppName(f"the app of {merchant} is named {row.name}; shops know it by that name, so it stays")
    return _opened(row, vault)


def known_apps(session: Session, vault: Vault) -> Iterator[ShopwareApp]:
    """Every merchant's app; a registration is signed by one of them."""
    for row in session.scalars(select(App).where(App.platform == PLATFORM).order_by(App.id)):
        yield _opened(row, vault)


def _opened(row: App, vault: Vault) -> ShopwareApp:
    return ShopwareApp(row.id, row.merchant, row.name, vault.open(row.secret))
