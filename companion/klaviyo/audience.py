"""Lists, profiles and consent in Klaviyo: what is read of them, and the few calls that change them.

There is no unsubscribe here, on purpose: of a profile that is not on the list named it makes a global opt-out. Whoever
leaves a list is taken off by the list's relationship, which touches no consent. `subscribe` lifts suppressions: who may
be handed to it is decided in `mappings.consent`.
Shapes and limits: https://developers.klaviyo.com/en/reference/profiles_api_overview, /lists_api_overview,
/bulk_subscribe_profiles and /bulk_import_profiles
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlsplit

import orjson

from companion.errors import Retry
from companion.klaviyo import standings
from companion.klaviyo.transport import Reply, Transport
from companion.quota import Pace, Quota
from mappings.model import Standing, Subscription

SUBSCRIPTIONS: Final = 1_000
IMPORTS: Final = 10_000
IMPORT_BYTES: Final = 4_500_000
REMOVALS: Final = 1_000
PAGE: Final = 100
NAMED: Final = 100
NAMED_BYTES: Final = 3_700
"""Addresses in one filter: as many as a page holds, and not longer than every address line on the way allows."""

PACES: Final = {
    "lists": Pace(burst=75, steady=750),
    "list": Pace(burst=1, steady=15),
    "list-create": Pace(burst=10, steady=150),
    "members": Pace(burst=75, steady=750),
    "profiles": Pace(burst=75, steady=750),
    "subscribe": Pace(burst=75, steady=750),
    "remove": Pace(burst=10, steady=150),
    "import": Pace(burst=10, steady=150),
    "import-jobs": Pace(burst=10, steady=150),
    "import-errors": Pace(burst=10, steady=150),
}
"""`list` is read with its number of members, which costs as much as that parameter allows."""

SUBSCRIPTION_JOBS: Final = "/api/profile-subscription-bulk-create-jobs"
IMPORT_JOBS: Final = "/api/profile-bulk-import-jobs"
GLOBAL: Final = "subscriptions.email.marketing.suppression.timestamp"
OF_LISTS: Final = "subscriptions.email.marketing.list_suppressions.timestamp"
CONSENT: Final = {"additional-fields[profile]": "subscriptions", "fields[profile]": "email,subscriptions"}
MEMBERSHIP: Final = {**CONSENT, "fields[profile]": "email,subscriptions,joined_group_at"}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class MailingList:
    """A list. `members` is their number where it was asked for."""

    id: str
    name: str
    members: int | None = None


@dataclass(frozen=True, slots=True)
class ImportJob:
    """An accepted import: `status` is queued, processing, complete or cancelled."""

    id: str
    status: str
    failed: int


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A profile that an import could not write: its address, and why."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and what to ask for to get the rest; `quota` is what the reply said of the limit."""

    items: Sequence[Item]
    next: str | None
    quota: Quota


@dataclass(frozen=True, slots=True)
class Accepted:
    """Klaviyo took it; `quota` is what the reply said of the limit."""

    quota: Quota


class Audience:
    """Klaviyo's lists and profiles. Every method raises Retry, Bury or Pause."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def lists(self, key: str, following: str | None = None) -> Page[MailingList]:
        """One page of all lists, by the time they were made."""
        return self._page(key, "/api/lists", {"sort": "created"}, following, _mailing_list)

    def mailing_list(self, key: str, list_id: str) -> Page[MailingList]:
        """The list with this id and its number of members; no item where there is none."""
        query = {"additional-fields[list]": "profile_count"}
        reply = self._transport.call("GET", f"/api/lists/{list_id}", key, accepted=(200, 404), query=query)
        return Page([_mailing_list(_data(reply))] if reply.status == 200 else [], None, reply.quota)

    def create_list(self, key: str, name: str) -> Page[MailingList]:
        """A new list. Those who subscribe to it elsewhere confirm by e-mail; an import with known consent does not."""
        attributes = {"name": name, "opt_in_process": "double_opt_in"}
        body = orjson.dumps({"data": {"type": "list", "attributes": attributes}})
        reply = self._transport.call("POST", "/api/lists", key, body, accepted=(201,))
        return Page([_mailing_list(_data(reply))], None, reply.quota)

    def members(
        self,
        key: str,
        list_id: str,
        since: datetime | None = None,
        before: datetime | None = None,
        following: str | None = None,
    ) -> Page[Standing]:
        """One page of a list's members in the order they joined, with their consent.

        Only those who joined at `since` or later, or `before` a time, where one is given.
        """
        query = {**MEMBERSHIP, "sort": "joined_group_at", "page[size]": str(PAGE)}
        if since is not None:
            query["filter"] = f"greater-or-equal(joined_group_at,{_moment(since)})"
        elif before is not None:
            query["filter"] = f"less-than(joined_group_at,{_moment(before)})"
        return self._page(key, f"/api/lists/{list_id}/profiles", query, following, standings.standing)

    def members_named(self, key: str, list_id: str, emails: Sequence[str]) -> Page[Standing]:
        """Which of up to NAMED addresses are members of the list."""
        query = {**MEMBERSHIP, "filter": _any_of(emails), "page[size]": str(PAGE)}
        return self._page(key, f"/api/lists/{list_id}/profiles", query, None, standings.standing)

    def profiles(self, key: str, emails: Sequence[str]) -> Page[Standing]:
        """What up to NAMED addresses have agreed to; those Klaviyo does not know are missing."""
        query = {**CONSENT, "filter": _any_of(emails), "page[size]": str(PAGE)}
        return self._page(key, "/api/profiles", query, None, standings.standing)

    def suppressed(self, key: str, since: datetime, *, of_lists: bool, following: str | None = None) -> Page[Standing]:
        """One page of who was suppressed since then, oldest first, whatever the reason: everywhere, or on a list."""
        field = OF_LISTS if of_lists else GLOBAL
        query = {**CONSENT, "sort": field, "page[size]": str(PAGE)}
        query["filter"] = f"greater-or-equal({field},{_moment(since)})"
        return self._page(key, "/api/profiles", query, following, standings.standing)

    def subscribe(self, key: str, list_id: str, subscribers: Iterable[Subscription], source: str) -> Accepted:
        """Subscribe up to SUBSCRIPTIONS people to the list with the consent they gave elsewhere: no mail, no flow.

        LIFTS suppressions. All or none: Bury's pointer names the one to blame.
        """
        attributes = {
            "custom_source": source,
            "historical_import": True,
            "profiles": {"data": [_subscriber(one) for one in subscribers]},
        }
        relationships = {"list": {"data": {"type": "list", "id": list_id}}}
        document = {"type": "profile-subscription-bulk-create-job", "attributes": attributes}
        body = orjson.dumps({"data": {**document, "relationships": relationships}})
        return Accepted(self._transport.call("POST", SUBSCRIPTION_JOBS, key, body, accepted=(202,)).quota)

    def remove(self, key: str, list_id: str, profile_ids: Iterable[str]) -> Accepted:
        """Take up to REMOVALS profiles off the list; their consent stays as it is."""
        body = orjson.dumps({"data": [{"type": "profile", "id": id_} for id_ in profile_ids]})
        path = f"/api/lists/{list_id}/relationships/profiles"
        return Accepted(self._transport.call("DELETE", path, key, body, accepted=(204,)).quota)

    def import_profiles(self, key: str, profiles: Iterable[bytes]) -> Page[ImportJob]:
        """Create or change up to IMPORTS profiles or IMPORT_BYTES, each the JSON of its attributes; no consent."""
        entries = b",".join(b'{"type":"profile","attributes":' + one + b"}" for one in profiles)
        head = b'{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":['
        reply = self._transport.call("POST", IMPORT_JOBS, key, head + entries + b"]}}}}", accepted=(202,))
        return Page([_import_job(_data(reply))], None, reply.quota)

    def import_job(self, key: str, job_id: str) -> Page[ImportJob]:
        """How far an import has got; no item where Klaviyo has forgotten it."""
        reply = self._transport.call("GET", f"{IMPORT_JOBS}/{job_id}", key, accepted=(200, 404))
        return Page([_import_job(_data(reply))] if reply.status == 200 else [], None, reply.quota)

    def import_problems(self, key: str, job_id: str, following: str | None = None) -> Page[ImportProblem]:
        """One page of the profiles an import could not write."""
        query = {"page[size]": str(PAGE)}
        return self._page(key, f"{IMPORT_JOBS}/{job_id}/import-errors", query, following, _import_problem)

    def _page(
        self,
        key: str,
        path: str,
        query: Mapping[str, str],
        following: str | None,
        read: Callable[[Mapping[str, Any]], Item],
    ) -> Page[Item]:
        """The first page of a query, or the one that an earlier page named as the next."""
        reply = self._transport.call("GET", following or path, key, accepted=(200,), query=None if following else query)
        document = reply.document()
        items, links = document.get("data"), document.get("links")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Retry("Klaviyo's answer is not readable")
        return Page([read(item) for item in items], following_page(links), reply.quota)


def fitting(sizes: Iterable[int]) -> int:
    """How many profiles of these sizes, from the first on, fit into one import; at least one."""
    total = count = 0
    for count, size in enumerate(sizes):
        total += size + 40
        if (total > IMPORT_BYTES and count) or count == IMPORTS:
            return count
    return count + 1


def named(emails: Iterable[str]) -> int:
    """How many of these addresses, from the first on, fit into one filter; at least one, where there are any."""
    total = count = 0
    for count, email in enumerate(emails):
        total += len(quote(f'"{email}",'))
        if (total > NAMED_BYTES and count) or count == NAMED:
            return count
    return count + 1 if total else 0


def _data(reply: Reply) -> Mapping[str, Any]:
    data = reply.document().get("data")
    if not isinstance(data, dict):
        raise Retry("Klaviyo's answer is not readable")
    return data


def following_page(links: Any) -> str | None:
    """The next page's address without its host: the key goes nowhere but to Klaviyo."""
    address = links.get("next") if isinstance(links, dict) else None
    if not address:
        return None
    parts = urlsplit(str(address))
    return f"{parts.path}?{parts.query}"


def _mailing_list(found: Mapping[str, Any]) -> MailingList:
    attributes = found.get("attributes") or {}
    count = attributes.get("profile_count")
    return MailingList(
        str(found.get("id")), str(attributes.get("name") or ""), int(count) if count is not None else None
    )


def _import_job(found: Mapping[str, Any]) -> ImportJob:
    attributes = found.get("attributes") or {}
    return ImportJob(
        str(found.get("id")), str(attributes.get("status") or ""), int(attributes.get("failed_count") or 0)
    )


def _import_problem(found: Mapping[str, Any]) -> ImportProblem:
    attributes = found.get("attributes") or {}
    profile = (attributes.get("original_payload") or {}).get("attributes") or {}
    return ImportProblem(
        str(profile.get("email") or "").lower(), str(attributes.get("detail") or attributes.get("title"))
    )


def _subscriber(one: Subscription) -> dict[str, Any]:
    marketing = {"consent": "SUBSCRIBED", "consented_at": _moment(one.consented_at)}
    return {"type": "profile", "attributes": {"email": one.email, "subscriptions": {"email": {"marketing": marketing}}}}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _any_of(emails: Sequence[str]) -> str:
    quoted = ",".join('"' + email.replace("\\", "\\\\").replace('"', '\\"') + '"' for email in emails)
    return f"any(email,[{quoted}])"
