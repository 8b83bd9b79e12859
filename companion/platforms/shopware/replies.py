"""What a shop's replies mean: a decoded object, or a remedy with a sentence for the admin page.

Nothing of a request's headers or body may get into a sentence: they hold keys.
Source: Shopware's error format `{"errors": [{"code", "status", "title", "detail", "meta", "source"}]}`; observed
on 6.5.8.14 and 6.6.7.1.
"""

import math
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn, cast
from urllib.parse import urlsplit

import msgspec
import requests

from companion.errors import Bury, Pause, Retry

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
TRY_AGAIN: Final = frozenset({408, 425})
LONGEST_S: Final = 86_400.0
"""Whatever a shop asks for, it is asked again within a day."""

JSON_API: Final = "application/vnd.api+json"
"""What a shop answers in where nothing asks for `application/json`: another shape, which no mapping here knows."""

PERMANENT: Final = frozenset({"FRAMEWORK__ASSOCIATION_NOT_FOUND"})
"""Error codes of status 500 that no repetition will heal."""


class Error(msgspec.Struct):
    """One entry of Shopware's `errors`."""

    code: str | int | None = None
    title: str | None = None
    detail: str | None = None
    meta: Any = None
    source: Any = None


class _Errors(msgspec.Struct):
    errors: list[Error] = []


_errors = msgspec.json.Decoder(_Errors)


def decoded(reply: requests.Response, now: datetime) -> dict[str, Any]:
    """The object in a reply of 200. Raises Retry, Bury or Pause for every other reply."""
    if reply.status_code != 200:
        refused(reply, now)
    if reply.headers.get("Content-Type", "").startswith(JSON_API):
        raise Pause("The shop answers in JSON:API: something in front of it drops the Accept header; let it pass.")
    try:
        return msgspec.json.decode(reply.content, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Retry("The shop answered with something other than JSON: it may be in maintenance.") from None


def refused(reply: requests.Response, now: datetime) -> NoReturn:
    """Turn a reply that is not a success into its remedy."""
    status = reply.status_code
    error = first_error(reply)
    if status in REDIRECTS:
        raise Pause(_moved(reply))
    if status == 401:
        raise Pause(
            "The shop no longer accepts the app's keys: the app was deactivated, uninstalled or installed again. "
            "Activate it in the shop, or uninstall and install it there."
        )
    if status == 403:
        raise Pause(_forbidden(error))
    if status == 404 and not error.code:
        raise Pause("There is no Shopware Admin API at the shop's address: check the shop's APP_URL, then re-register.")
    if status == 429:
        raise Retry("The shop asks to slow down.", after=_seconds(reply, error, now))
    if status in TRY_AGAIN or (status >= 500 and error.code not in PERMANENT):
        raise Retry(f"The shop failed with status {status}{_named(error)}.", after=_seconds(reply, error, now))
    raise Bury(f"The shop refuses the request with status {status}{_named(error)}.", _pointer(error))


def first_error(reply: requests.Response) -> Error:
    """The first error a reply names, an empty one where it names none."""
    try:
        return (_errors.decode(reply.content).errors or [Error()])[0]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Error()


def _moved(reply: requests.Response) -> str:
    target = urlsplit(reply.headers.get("Location", ""))
    where = f"{target.scheme}://{target.netloc}" if target.netloc else "another address"
    return f"The shop's address is not the right one, it redirects to {where}: correct the shop's APP_URL there."


def _forbidden(error: Error) -> str:
    try:
        missing = msgspec.json.decode(error.detail or "", type=dict[str, Any])["missingPrivileges"]
        names = ", ".join(sorted(str(name) for name in missing))
    except (msgspec.MsgspecError, RecursionError, KeyError, TypeError):
        return f"The shop forbids access to its Admin API{_named(error)}: a firewall or a password may guard it."
    return f"The app lacks permissions in the shop ({names}): update the app there and accept its permissions."


def _seconds(reply: requests.Response, error: Error, now: datetime) -> float | None:
    """What Retry-After says, else what a throttled token request names, a day at the most; None for nonsense."""
    given = reply.headers.get("Retry-After", "").strip()
    try:
        if given and not given.isdecimal():
            seconds = (parsedate_to_datetime(given) - now).total_seconds()
        else:
            seconds = float(given or cast("Any", error.meta)["parameters"]["seconds"])
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_S)


def _pointer(error: Error) -> str | None:
    try:
        return str(cast("Any", error.source)["pointer"])
    except (LookupError, TypeError):
        return None


def _named(error: Error) -> str:
    told = " ".join(str(part) for part in (error.code, error.detail or error.title) if part)
    return f" ({told[:200]})" if told else ""
