"""How a store's subscribers do, in one look: the lists, when they are synchronised next, what the last run planned."""

from typing import Any

from sqlalchemy.orm import Session

from companion import audiences, consent, runs, stores
from companion.audiences import Audience
from companion.bootstrap import Services
from companion.models import Store
from companion.sync import hours
from companion.sync.subscribers import KIND


def overview(services: Services, key: str, *, counted: bool = True) -> dict[str, Any]:
    """`{"store", "next_at", "lists": [...], "last_run": {...} or None, "counts"}`, all of it JSON. Raises NoSuchStore.

    `counts` are the members and active addresses that the last finished run left, or None: counting a million anew
    takes seconds, which a page has not (`counted` is False there).

    A list: `{"id", "name", "consent_authority", "removal_limit", "channels", "members", "active", "read_at"}`; members
    and active are addresses, as far as we know them. The run: its progress with `plan`, `result` and `created_at`.
    """
    with services.database.read() as session:
        store = stores.by_key(session, key)
        found = audiences.audiences(store.settings)
        newest = runs.listed(session, store.id, KIND, limit=1)
        ended = runs.listed(session, store.id, KIND, states=("finished",), limit=1)
        next_at = hours.next_due(store.settings, services.now()) if found else None
        last = [
            {**runs.progress(run), "created_at": run.created_at.isoformat(), "plan": run.plan, "result": run.result}
            for run in newest
        ]
        return {
            "store": store.key,
            "next_at": next_at and next_at.isoformat(),
            "lists": [_list(session, store, one, counted=counted) for one in found],
            "last_run": last[0] if last else None,
            "counts": {name: ended[0].result.get(name) for name in ("members", "active")} if ended else None,
        }


def _list(session: Session, store: Store, audience: Audience, *, counted: bool) -> dict[str, Any]:
    known = consent.read_so_far(session, store.id, audience.list_id)
    read_at = known.read_at if known else None
    return {
        "id": audience.list_id,
        "name": audience.list_name,
        "consent_authority": audience.default.policy.authority,
        "removal_limit": audience.removal_limit,
        "channels": {"only": audience.channels.only, "without": audience.channels.without},
        "members": consent.members(session, store.id, audience.list_id) if counted else None,
        "active": consent.active(session, store.id, audience.list_id) if counted else None,
        "read_at": read_at and read_at.isoformat(),
    }
