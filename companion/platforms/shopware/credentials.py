"""What is kept, sealed, for one shop: the secrets that sign its requests and the keys that open its Admin API.

Shape of the sealed object: `{"secret", "client_id", "client_secret", "previous": [...], "rotated_at", "app",
"pending": {...}, "candidate": {...}}`; whatever is missing is empty. A shop is confirmed once it has a `secret`.
Pure. Source of the rules: the registration algorithm of Shopware's official app kits.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal, cast

import msgspec

from companion.platforms.base import Credentials
from companion.platforms.shopware import signature

ROTATION_S: Final = 60
"""Seconds for which the former secret still signs: the shop's queued webhooks carry it."""

Standing = Literal["in force", "waiting"]


class Keys(msgspec.Struct, frozen=True, omit_defaults=True):
    """One confirmed registration. `rotated_at` is Unix seconds; until a minute after it `previous` sign, too."""

    secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    shop_url: str = ""
    app: int = 0
    previous: tuple[str, ...] = ()
    rotated_at: float = 0.0

    def signs(self, message: bytes, claimed: str, now: datetime) -> bool:
        return any(signature.matches(message, secret, claimed) for secret in self._in_force(now))

    def _in_force(self, now: datetime) -> Iterator[str]:
        yield self.secret
        if self.previous and now.timestamp() - self.rotated_at < ROTATION_S:
            yield from self.previous


class Pending(msgspec.Struct, frozen=True, omit_defaults=True):
    """A registration that the shop has not confirmed yet.

    `proven`: the request was signed with the shop's own secret, too. `waits`: once confirmed it still needs an
    admin's yes. `former` are the secrets that may sign the first minute after the confirmation.
    """

    secret: str
    shop_url: str
    app: int = 0
    proven: bool = False
    waits: bool = False
    former: tuple[str, ...] = ()


class Shop(Keys, frozen=True, omit_defaults=True):
    """Everything kept for a shop: the keys in force, and what wants to replace them. `app` is our App's id."""

    pending: Pending | None = None
    candidate: Keys | None = None

    def standing(self, message: bytes, claimed: str, now: datetime) -> Standing | None:
        """Say which registration signs a message: the one in force, one that waits for a yes, or none.

        Shops up to 6.6 keep a new secret before they confirm it; when that confirmation is lost they sign with
        a secret still pending here. Such a webhook is as good as its registration was.
        """
        if self.signs(message, claimed, now):
            return "in force"
        if self.secret and self.pending and signature.matches(message, self.pending.secret, claimed):
            return "waiting" if self.pending.waits else "in force"
        if self.candidate and self.candidate.signs(message, claimed, now):
            return "waiting"
        return None


def opened(credentials: Credentials) -> Shop:
    """Read the sealed object's content."""
    return msgspec.convert(credentials, Shop)


def closed(shop: Shop) -> Credentials:
    """The content to seal."""
    return cast("dict[str, Any]", msgspec.to_builtins(shop))
