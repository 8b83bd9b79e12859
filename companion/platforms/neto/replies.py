"""What Neto's replies mean: records and the server's time, or a remedy with a sentence for the admin page.

Errors come with status 200 and `Ack` Error; a warning still brings its data. There are no error codes, so what a person
has to mend is known by the words of the message. Nothing of a request may get into a sentence: it holds keys.
Source: Neto, API documentation (Ack, Messages); shapes observed by other clients.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec
import requests

from companion.errors import Pause, Retry
from companion.platforms.neto import loose

ENTITIES: Final = {"GetCurrencySettings": "CurrencySettings", "GetRma": "Rma"}
REFUSAL: Final = re.compile(
    r"api.?key|invalid.{0,20}key|authenticat|authori[sz]|permission|access denied|not allowed|forbidden|"
    r"add.?on|not (installed|enabled|available|supported)|(unknown|invalid) action",
    re.IGNORECASE,
)
"""Words of errors that no repetition will heal."""

LONGEST_S: Final = 86_400.0

_json: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class Refused(Pause):
    """This action is closed to our key, or to this shop; others may be open."""


class Complaint(Retry):
    """Neto answered that something is wrong, in words that name no remedy."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The records of a reply, tidied; how many there were before, and the server's own time as it wrote it."""

    rows: list[dict[str, Any]]
    time: str


def entity(action: str) -> str:
    """The name under which an action's records come: GetOrder's are `Order`."""
    return action.removeprefix("Get")


def decoded(reply: requests.Response, action: str, now: datetime) -> Reply:
    """The records in a reply. Raises Retry or Pause for everything else."""
    _check_status(reply, now)
    try:
        document = _json.decode(reply.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Retry("The shop answered with something other than JSON: it may be in maintenance.") from None
    document = document.get(f"{action}Response", document) if "Ack" not in document else document
    ack = str(document.get("Ack", "")).strip().lower()
    if ack == "error":
        _complain(" / ".join(_messages(document)), action)
    if ack not in ("success", "warning"):
        raise Retry("Something that is not Neto's API answers at the shop's address.")
    return Reply(loose.members(document.get(entity(action)), entity(action)), str(document.get("CurrentTime", "")))


def _messages(document: dict[str, Any]) -> list[str]:
    return [one["Message"][:200] for one in loose.members(document.get("Messages"), "Messages") if "Message" in one]


def _complain(said: str, action: str) -> None:
    if REFUSAL.search(said):
        raise Refused(
            f"Neto refuses {action} ({said}): check the API key, and that its user's permission group may use {action}."
        )
    raise Complaint(f"Neto could not answer {action} ({said or 'without a reason'}).")


def _check_status(reply: requests.Response, now: datetime) -> None:
    status = reply.status_code
    if status in (401, 403):
        raise Refused("The shop refuses the API key: check it, and that its user is active.")
    if 300 <= status < 400:
        raise Pause("The shop's address is not the right one, it redirects: enter the shop's main domain.")
    if status == 404:
        raise Pause("There is no Neto API at the shop's address: check the address.")
    if status == 429:
        raise Retry("The shop asks to slow down: its 500 requests a minute are used up.", after=_seconds(reply, now))
    if status != 200:
        raise Retry(f"The shop failed with status {status}.", after=_seconds(reply, now))


def _seconds(reply: requests.Response, now: datetime) -> float | None:
    """Retry-After, which is not documented: seconds or a date, a day at the most."""
    given = reply.headers.get("Retry-After", "").strip()
    try:
        seconds = float(given) if given.isdecimal() else (parsedate_to_datetime(given) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_S)
