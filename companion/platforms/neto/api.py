"""One call to a shop's API: one address for everything, the action in a header, the question in the body.

Only ever reads, and never sends `UpdateResults`, which would mark orders as exported and hide them from a warehouse.
Source: Neto, getting started with the API; authentication.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from companion.platforms.base import Access
from companion.platforms.http import Sessions
from companion.platforms.neto import replies
from companion.platforms.neto.replies import Complaint, Reply

PATH: Final = "/do/WS/NetoAPI"
TIMEOUT_S: Final = (5.0, 60.0)


class NetoApi:
    """The API of any shop; safe to share between threads."""

    def __init__(self) -> None:
        self._sessions = Sessions(TIMEOUT_S, "enter it again")
        self._unknown: dict[tuple[str, str], frozenset[str]] = {}
        self._turn = threading.Lock()

    def get(
        self,
        access: Access,
        action: str,
        filters: Mapping[str, Any],
        outputs: Sequence[str],
        *,
        page: int = 0,
        limit: int = 100,
    ) -> Reply:
        """One page of records. Raises Retry or Pause.

        An output that the shop does not know, and names so, is not asked for again.
        """
        unknown = self._unknown.get((access.store_key, action), frozenset())
        wanted = [name for name in outputs if name not in unknown]
        asked = {**filters, "Page": page, "Limit": limit, "OutputSelector": wanted}
        try:
            return self.ask(access, action, {"Filter": asked})
        except Complaint as complaint:
            blamed = frozenset(name for name in wanted[1:] if name in complaint.reason)
            if not blamed:
                raise
            with self._turn:
                self._unknown[access.store_key, action] = unknown | blamed
        return self.get(access, action, filters, outputs, page=page, limit=limit)

    def ask(self, access: Access, action: str, body: Mapping[str, Any]) -> Reply:
        """One call. Raises Retry or Pause."""
        access.take()
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "NETOAPI_ACTION": action,
            "NETOAPI_KEY": str(access.credentials.get("api_key", "")),
        }
        if username := access.credentials.get("username"):
            headers["NETOAPI_USERNAME"] = str(username)
        reply = self._sessions.post(access.shop_url.rstrip("/") + PATH, orjson.dumps(body), headers)
        return replies.decoded(reply, action, access.now())


api: Final = NetoApi()
