"""One call to Klaviyo: the headers, the connection, the reply. What is asked is decided by its callers.

Every way a call can end is a reply or one of Retry, Bury, Pause.
Facts: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import requests
from requests.adapters import HTTPAdapter

from companion.errors import Bury, Pause, Retry
from companion.quota import Quota

REVISION: Final = "2026-07-15"
MEDIA_TYPE: Final = "application/vnd.api+json"
CREDENTIALS: Final = {401, 403}
WRONG_ADDRESS: Final = {301, 302, 303, 307, 308, 404, 405}


@dataclass(frozen=True, slots=True)
class Reply:
    """What Klaviyo answered where the call was accepted."""

    status: int
    content: bytes
    quota: Quota

    def document(self) -> dict[str, Any]:
        """The JSON object in it. Raises Retry where there is none: something in front of Klaviyo answered."""
        try:
            found = orjson.loads(self.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Retry("Klaviyo's answer is not readable")
        return found


class Transport:
    """One connection pool to Klaviyo, safe to share between threads."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = (min(5.0, timeout_s), timeout_s)
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy variable or .netrc must not see the key
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=32)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def call(
        self,
        method: str,
        path: str,
        key: str,
        body: bytes | None = None,
        *,
        accepted: tuple[int, ...],
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call; a status of `accepted` is a reply. Raises Retry, Bury or Pause for everything else."""
        headers = {"Authorization": f"Klaviyo-API-Key {key}", "revision": REVISION, "accept": MEDIA_TYPE}
        if body is not None:
            headers["content-type"] = MEDIA_TYPE
        try:
            reply = self.session.request(
                method,
                self.base_url + path,
                params=query,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.ConnectTimeout:
            raise Retry("Klaviyo cannot be reached: connection timed out") from None
        except requests.Timeout:
            raise Retry("Klaviyo did not answer in time; it may have accepted", unknown=True) from None
        except requests.RequestException as error:
            raise Retry(f"the connection to Klaviyo failed ({type(error).__name__})", unknown=True) from None
        if reply.status_code in accepted:
            return Reply(reply.status_code, reply.content, _quota(reply))
        raise _remedy(reply)


def _remedy(reply: requests.Response) -> Retry | Bury | Pause:
    status, (detail, pointer) = reply.status_code, _first_error(reply)
    said = f"Klaviyo answered {status}" + (f": {detail}" if detail else "")
    if status == 429:
        return Retry(said, after=_seconds(reply.headers.get("Retry-After")))
    if status in CREDENTIALS or (status == 400 and _speaks_of_the_key(detail)):
        return Pause(f"{said}. Check the private API key and its scopes.")
    if status == 410:
        return Pause(f"{said}. The API revision {REVISION} is retired: update the service.")
    if status in WRONG_ADDRESS:
        return Pause(f"{said}. Check COMPANION_KLAVIYO_URL.")
    if status == 408 or status >= 500 or status < 400:
        return Retry(said, after=_seconds(reply.headers.get("Retry-After")))
    return Bury(said, pointer)


def _first_error(reply: requests.Response) -> tuple[str, str | None]:
    """Detail and pointer of the first JSON:API error; an HTML page or an empty body has neither."""
    try:
        error: dict[str, Any] = orjson.loads(reply.content)["errors"][0]
        return str(error.get("detail") or error.get("title") or ""), (error.get("source") or {}).get("pointer")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", None


def _speaks_of_the_key(detail: str) -> bool:
    lowered = detail.lower()
    return "api key" in lowered or "authentication" in lowered or "credentials" in lowered


def _quota(reply: requests.Response) -> Quota:
    limit, remaining = _integer(reply, "RateLimit-Limit"), _integer(reply, "RateLimit-Remaining")
    return Quota(limit, remaining, _seconds(reply.headers.get("RateLimit-Reset")))


def _integer(reply: requests.Response, name: str) -> int | None:
    """The leading number of a header such as `3500` or `3500, 350;w=1`."""
    digits = reply.headers.get(name, "").split(",")[0].split(";")[0].strip()
    return int(digits) if digits.isdigit() else None


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
