"""One call to a shop's Admin API: the budget, the token, the request, the reply. What is asked is decided elsewhere.

Every way a call can end is a value or one of Retry, Bury, Pause.
"""

import threading
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
from urllib3.exceptions import LocationParseError

from companion.errors import Pause, Retry
from companion.platforms.base import Access
from companion.platforms.shopware import replies
from companion.platforms.shopware.oauth import Tokens

TIMEOUT_S: Final = (5.0, 20.0)
"""Seconds to connect, and between two bytes of the answer."""

HEADERS: Final = {"Accept": "application/json", "Content-Type": "application/json"}


class AdminApi:
    """The Admin API of any shop; safe to share between threads."""

    def __init__(self) -> None:
        self._tokens = Tokens()
        self._local = threading.local()

    def search(
        self,
        access: Access,
        entity: str,
        criteria: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """`POST /api/search/<entity>`, once more with a new token where the shop refuses the one we held."""
        token = self._token(access)
        reply = self._authorized(access, token, entity, criteria, headers)
        if reply.status_code == 401:
            token = self._token(access, refused=token)
            reply = self._authorized(access, token, entity, criteria, headers)
        return replies.decoded(reply, access.now())

    def _token(self, access: Access, refused: str = "") -> str:
        def ask(body: dict[str, str]) -> dict[str, Any]:
            return replies.decoded(self._post(access, "/api/oauth/token", body, {}), access.now())

        return self._tokens.get(access, ask, refused)

    def _authorized(
        self,
        access: Access,
        token: str,
        entity: str,
        criteria: Mapping[str, Any],
        headers: Mapping[str, str] | None,
    ) -> requests.Response:
        authorization = {"Authorization": f"Bearer {token}", **(headers or {})}
        return self._post(access, f"/api/search/{entity}", criteria, authorization)

    def _post(
        self, access: Access, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> requests.Response:
        """The shop's address may have a path of its own, so the API's is appended, never resolved against it."""
        access.take()
        url = access.shop_url.rstrip("/") + path
        host = urlsplit(url).netloc
        try:
            return self._session().post(
                url,
                data=orjson.dumps(body),
                headers={**HEADERS, **headers},
                timeout=TIMEOUT_S,
                allow_redirects=False,
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
            raise Pause(f"The shop's address {host!r} cannot be called: re-register the app.") from None
        except requests.RequestException:
            raise Retry(f"The shop at {host} cannot be reached.") from None

    def _session(self) -> requests.Session:
        """One per thread; it keeps connections, but neither cookies nor anything of the machine's environment."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._local.session = session
        return session
