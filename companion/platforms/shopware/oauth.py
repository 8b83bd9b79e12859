"""Access tokens of a shop's Admin API, one per shop and set of keys, shared by the threads of this process.

Source: `POST /api/oauth/token`, grant `client_credentials`; the token lives `expires_in` seconds (600 by default).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from companion.errors import Retry
from companion.platforms.base import Access
from companion.platforms.shopware.credentials import opened

EARLY: Final = timedelta(seconds=60)

Ask = Callable[[dict[str, str]], dict[str, Any]]
"""Posts a token request's body, returns the answer; raises Retry, Bury or Pause."""


@dataclass(slots=True)
class _Seat:
    """One shop's token. Whoever holds `turn` renews it; the others wait for the result instead of asking, too."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    token: str = ""
    until: datetime | None = None


class Tokens:
    """The tokens this process holds."""

    def __init__(self) -> None:
        self._seats: dict[tuple[str, str, str], _Seat] = {}

    def get(self, access: Access, ask: Ask, refused: str = "") -> str:
        """A valid token; `refused` is one the shop has just answered 401 to. Raises what `ask` raises."""
        shop = opened(access.credentials)
        seat = self._seats.setdefault((access.store_key, access.shop_url, shop.client_id), _Seat())
        with seat.turn:
            if seat.token in ("", refused) or seat.until is None or seat.until <= access.now():
                body = {"grant_type": "client_credentials", "client_id": shop.client_id}
                seat.token, seat.until = "", None
                asked_at = access.now()
                answer = ask({**body, "client_secret": shop.client_secret})
                seat.token, seat.until = _token(answer), asked_at + _lifetime(answer)
            return seat.token


def _token(answer: dict[str, Any]) -> str:
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise Retry("The shop's answer to the token request holds no token.")
    return token


def _lifetime(answer: dict[str, Any]) -> timedelta:
    """A token that lives shorter than the margin is used once."""
    try:
        return max(timedelta(0), timedelta(seconds=float(answer.get("expires_in", 0))) - EARLY)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
