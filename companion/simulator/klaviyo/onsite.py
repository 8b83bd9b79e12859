"""A stand-in for klaviyo.js: what the real one would have been told is told to this simulator, and remembered here.

Events of an identified browser go on to the client API as the real script's do; those of anybody else are lost.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

REMEMBERED: Final = 500
LONGEST: Final = 64_000
SCRIPT: Final = (Path(__file__).parent / "web" / "static" / "onsite.js").read_text()


class Call(msgspec.Struct, frozen=True):
    """One call of a page, as the stand-in reports it. `outcome`: kept, lost (nobody is known) or off.

    `made` is when the page made it, in its own milliseconds: reports may overtake each other.
    """

    account: str
    method: str
    args: list[Any]
    page: str = ""
    person: str = ""
    outcome: str = "kept"
    made: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A call, and when it was heard."""

    at: float
    call: Call


class Onsite:
    """What pages told, shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: deque[Told] = deque(maxlen=REMEMBERED)

    def hear(self, body: bytes, now: float) -> None:
        """Remember a report. Raises msgspec.MsgspecError where it is none."""
        call = msgspec.json.decode(body[:LONGEST], type=Call)
        with self._lock:
            self._told.append(Told(now, call))

    def told(self, account: str) -> Sequence[Told]:
        """What the pages of an account told, newest first."""
        with self._lock:
            found = [one for one in self._told if one.call.account == account]
        return sorted(found, key=lambda one: one.call.made, reverse=True)

    def forget(self) -> None:
        """Forget everything that was told."""
        with self._lock:
            self._told.clear()


def script(account: str, origin: str, forms: Mapping[str, str]) -> str:
    """The stand-in for one account; `forms` are the names of its live forms by id."""
    given = msgspec.json.encode({"account": account, "origin": origin, "forms": forms}).decode()
    return SCRIPT.replace("__GIVEN__", given)
