"""One POST to a shop, for every platform: connections kept, nothing else; every way it can break is a remedy.

What a reply means is the platform's business.
"""

import threading
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import LocationParseError

from companion.errors import Pause, Retry


class Sessions:
    """Connections to shops, one set a thread; they keep neither cookies nor anything of the machine's environment."""

    def __init__(self, timeout_s: tuple[float, float], remedy: str) -> None:
        """`timeout_s`: to connect, and between two bytes of the answer. `remedy`: what to do about a wrong address."""
        self._timeout_s = timeout_s
        self._remedy = remedy
        self._local = threading.local()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        """The reply, whatever its status. Raises Retry or Pause."""
        host = urlsplit(url).netloc
        try:
            return self._session().post(
                url, data=body, headers=dict(headers), timeout=self._timeout_s, allow_redirects=False
            )
        except requests.Timeout:
            raise Retry(f"The shop at {host} did not answer in time.") from None
        except requests.exceptions.SSLError:
            raise Retry(f"The certificate of the shop at {host} is not valid.") from None
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            LocationParseError,  # which requests lets through where only the resolver finds a label wrong
        ):
            raise Pause(f"The shop's address {host!r} cannot be called: {self._remedy}.") from None
        except requests.RequestException:
            raise Retry(f"The shop at {host} cannot be reached.") from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._local.session = session
        return session
