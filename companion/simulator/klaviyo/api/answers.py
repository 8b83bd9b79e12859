"""The frame of answers: data, links, the next page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from companion.simulator.klaviyo.audience import MailingList
from companion.simulator.klaviyo.door import Call, Reply
from companion.simulator.klaviyo.errors import not_found


def collection(call: Call, data: Sequence[dict[str, Any]], cursor: str | None) -> Reply:
    """A page; `links.next` is null on the last one."""
    here = f"{call.url}?{urlencode(call.query)}" if call.query else call.url
    following = f"{call.url}?{urlencode({**call.query, 'page[cursor]': cursor})}" if cursor else None
    return Reply(200, {"data": data, "links": {"self": here, "next": following, "prev": None}})


def single(call: Call, data: dict[str, Any], status: int = 200) -> Reply:
    """One resource."""
    return Reply(status, {"data": data, "links": {"self": call.url}})


def list_named(call: Call, list_id: str) -> MailingList:
    """The list of this id. Raises Refusal 404."""
    found = call.account.audience.lists.get(list_id)
    if found is None:
        raise not_found("list", list_id)
    return found
