"""The two passwords of the house, checked by argon2 one at a time, and the patience with wrong ones.

Argon2 makes every attempt cost memory and time. Wrong attempts are counted per address, in this process.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from companion.config import Settings

Role = Literal["admin", "viewer"]

ATTEMPTS: Final = 10
WINDOW: Final = timedelta(minutes=10)
REMEMBERED: Final = 10_000
HASHED: Final = "$argon2"


class Passwords:
    """Who may sign in. A password is kept in the settings as it is, or already as an argon2 hash."""

    def __init__(self, settings: Settings) -> None:
        self._set: dict[Role, str] = {"admin": settings.admin_password, "viewer": settings.viewer_password}
        self._hasher = PasswordHasher()
        self._turn = threading.Lock()

    @property
    def are_set(self) -> bool:
        """Whether anyone can sign in at all."""
        return any(self._set.values())

    def of(self, role: Role) -> str:
        """What the sessions of a role rest on."""
        return self._set[role]

    def role(self, password: str) -> Role | None:
        """Whose password this is. Takes as long whether it is the admin's, the viewer's or nobody's."""
        with self._turn:
            fitting = [role for role, hashed in self._hashes.items() if self._is(hashed, password)]
        return next((role for role in fitting if self._set[role]), None)

    @cached_property
    def _hashes(self) -> dict[Role, str]:
        """A role without a password gets one that nobody knows."""
        return {
            role: known if known.startswith(HASHED) else self._hasher.hash(known or secrets.token_hex(32))
            for role, known in self._set.items()
        }

    def _is(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


class Patience:
    """Counts wrong attempts: ATTEMPTS of one address within WINDOW, then it has to wait."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._failures: OrderedDict[str, list[datetime]] = OrderedDict()

    def wait_s(self, address: str, now: datetime) -> float:
        """Seconds until this address may try again, 0 when it may now."""
        with self._turn:
            recent = self._recent(address, now)
        return (recent[-ATTEMPTS] + WINDOW - now).total_seconds() if len(recent) >= ATTEMPTS else 0.0

    def failed(self, address: str, now: datetime) -> None:
        """Count a wrong attempt."""
        with self._turn:
            self._failures[address] = [*self._recent(address, now), now]
            self._failures.move_to_end(address)
            while len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the wrong attempts."""
        with self._turn:
            self._failures.pop(address, None)

    def _recent(self, address: str, now: datetime) -> list[datetime]:
        return [at for at in self._failures.get(address, ()) if at + WINDOW > now]
