"""One call to a shop's Admin API: the budget, the token, the request, the reply. What is asked is decided elsewhere.

Every way a call can end is a value or one of Retry, Bury, Pause.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import requests

from companion.platforms.base import Access
from companion.platforms.http import Sessions
from companion.platforms.shopware import replies
from companion.platforms.shopware.oauth import Tokens

TIMEOUT_S: Final = (5.0, 20.0)
"""Seconds to connect, and between two bytes of the answer."""

HEADERS: Final = {"Accept": "application/json", "Content-Type": "application/json"}


class AdminApi:
    """The Admin API of any shop; safe to share between threads."""

    def __init__(self) -> None:
        self._tokens = Tokens()
        self._sessions = Sessions(TIMEOUT_S, "re-register the app")

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
        return self._sessions.post(url, orjson.dumps(body), {**HEADERS, **headers})
