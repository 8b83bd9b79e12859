"""What a private key may do, found out by asking for it: Klaviyo has no call that tells a key's scopes.

A reading scope is asked for a row, a writing one with an empty body: refused as 400 where the scope is there, as 403
where it is not. Nobody is named in it, so nothing is written either way.
Source: https://developers.klaviyo.com/en/reference/api_overview, the scopes named with each endpoint
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from companion.klaviyo.transport import Transport

FORBIDDEN: Final = 403
READ: Final = (200, FORBIDDEN)
WRITTEN: Final = (200, 201, 202, 204, 400, 409, 422, FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Probe:
    """A cheap call that needs these scopes and no other."""

    scopes: frozenset[str]
    method: str
    path: str
    query: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the key may do what needs these scopes."""

    scopes: frozenset[str]
    may: bool


def _probe(scopes: str, method: str, path: str, **query: str) -> Probe:
    return Probe(frozenset(scopes.split()), method, path, {name.replace("_", "[") + "]": query[name] for name in query})


PROBES: Final = (
    _probe("lists:read", "GET", "/api/lists", fields_list="name"),
    _probe("profiles:read", "GET", "/api/profiles", page_size="1", fields_profile="email"),
    _probe("forms:read", "GET", "/api/forms", page_size="1"),
    _probe("events:write", "POST", "/api/events"),
    _probe("lists:write", "POST", "/api/lists"),
    _probe("profiles:write", "POST", "/api/profile-import"),
    _probe("lists:write profiles:write subscriptions:write", "POST", "/api/profile-subscription-bulk-create-jobs"),
)


def asked(transport: Transport, key: str) -> dict[str, bool | None]:
    """Each scope and whether the key has it. Raises Pause where there is no such key, Retry where nobody can say."""
    return judged(_outcome(transport, key, probe) for probe in PROBES)


def judged(outcomes: Iterable[Outcome]) -> dict[str, bool | None]:
    """A scope is there where a call that needs it went through; it is missing where it alone can be to blame.

    None: not known, because another scope that its call needs is missing as well.
    """
    found = list(outcomes)
    has = frozenset(scope for one in found if one.may for scope in one.scopes)
    lacks = frozenset(
        scope for one in found if not one.may and len(one.scopes - has) == 1 for scope in one.scopes - has
    )
    said: dict[str, bool | None] = dict.fromkeys(scope for one in found for scope in sorted(one.scopes))
    return {scope: True if scope in has else False if scope in lacks else None for scope in said}


def _outcome(transport: Transport, key: str, probe: Probe) -> Outcome:
    is_reading = probe.method == "GET"
    body, accepted = (None, READ) if is_reading else (b"{}", WRITTEN)
    reply = transport.call(probe.method, probe.path, key, body, accepted=accepted, query=probe.query)
    return Outcome(probe.scopes, reply.status != FORBIDDEN)
