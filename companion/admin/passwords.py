"""The two passwords of the house, checked by argon2 one at a time, and the patience with wrong ones.

Argon2 makes every attempt cost memory and time, so few may wait for their turn: the threads are the shops' too.
Attempts are counted per address, in this process.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from companion.config import Settings
from companion.errors import CompanionError

Role = Literal["admin", "viewer"]

ATTEMPTS: Final = 10
WINDOW: Final = timedelta(minutes=10)
REMEMBERED: Final = 10_000
HASHED: Final = "$argon2"
WAITING: Final = 3
"""How many attempts at once are looked at or wait for it."""


class Busy(CompanionError):
    """Too many people try to sign in right now."""


class Passwords:
    """Who may sign in. A password is kept in the settings as it is, or already as an argon2 hash."""

    def __init__(self, settings: Settings) -> None:
        self._set: dict[Role, str] = {"admin": settings.admin_password, "viewer": settings.viewer_password}
        self._hasher = PasswordHasher()
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)

    @property
    def are_set(self) -> bool:
        """Whether anyone can sign in at all."""
        return any(self._set.values())

    def of(self, role: Role) -> str:
        """What the sessions of a role rest on."""
        return self._set[role]

    def role(self, password: str) -> Role | None:
        """Whose password this is; raises Busy. Takes as long for the admin's as for the viewer's or nobody's."""
        if not self._places.acquire(blocking=False):
            raise Busy("Others are signing in just now. Try again in a moment.")
        try:
            with self._turn:
                fitting = [role for role, hashed in self._hashes.items() if self._is(hashed, password)]
        finally:
            self._places.release()
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
    """Counts attempts until one is right: ATTEMPTS of one address within WINDOW, then it has to wait.

    An attempt counts when it begins, so that many at once are no way around. IPv6 addresses count by their network.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._attempts: OrderedDict[str, list[datetime]] = OrderedDict()

    def attempt(self, address: str, now: datetime) -> float:
        """Begin an attempt: 0 and it counts, or the seconds until this address may try again."""
        origin = _origin(address)
        with self._turn:
            recent = [at for at in self._attempts.get(origin, ()) if at + WINDOW > now]
            if len(recent) >= ATTEMPTS:
                return (recent[0] + WINDOW - now).total_seconds()
            self._attempts[origin] = [*recent, now]
            self._attempts.move_to_end(origin)
            while len(self._attempts) > REMEMBERED:
                self._attempts.popitem(last=False)
        return 0.0

    def succeeded(self, address: str) -> None:
        """Forget the attempts of this address."""
        with self._turn:
            self._attempts.pop(_origin(address), None)


def _origin(address: str) -> str:
    """What one visitor cannot change at will: an IPv4 address, or the /64 that an IPv6 connection gets."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
