"""What a subscribers run is about to do: decided address by address, counted, shown, and held where it looks wrong."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from companion import consent, runs
from companion.audiences import Audience
from companion.sync import decisions
from companion.sync.turn import Turn

CHUNK: Final = 1_000
STALE: Final = timedelta(hours=6)
"""What was read longer ago than this is no base for writing."""


def decide(turn: Turn) -> None:
    """The phase `decide`: a thousand addresses."""
    audience, after = turn.audience, (turn.place or {"after": 0})["after"]
    with turn.services.database.write() as session:
        rows = consent.undecided(session, turn.store.id, audience.list_id, after, CHUNK)
        decisions.decide(session, audience, rows, turn.now())
        turn.moved(session, {"after": rows[-1].id} if len(rows) == CHUNK else None)


def is_stale(turn: Turn) -> bool:
    """Whether too much time has passed since the run began to read."""
    return turn.now() - datetime.fromisoformat(turn.cursor["began"]) > STALE


def plan(turn: Turn) -> None:
    """The phase `plan`: count what is to be done, keep it for everybody to see, and wait for a yes where it is needed.

    Whoever resumes a held run has said yes to as many removals as were shown.
    """
    with turn.services.database.write() as session:
        counted = [_of_list(turn, session, one) for one in turn.audiences.values()]
        total = sum(sum(one["subscribe"].values()) + one["update"] + sum(one["remove"].values()) for one in counted)
        runs.planned(session, turn.run, {"lists": counted}, total, turn.now())
        removals = {one["id"]: sum(one["remove"].values()) for one in counted}
        doubts = [
            f"{removals[one['id']]:,} of the {one['members']:,} members of “{one['name']}” would be removed"
            for one in counted
            if one["too_many"] and removals[one["id"]] > turn.cursor["approved"].get(one["id"], 0)
        ]
        if doubts:
            runs.checkpoint(session, turn.run, turn.now(), cursor={**turn.cursor, "approved": removals})
            runs.hold(session, turn.run, "; ".join(doubts) + ". Resume the run if that is right.")
        else:
            turn.moved(session, None, planned_at=turn.now().isoformat())


def _of_list(turn: Turn, session: Session, audience: Audience) -> dict[str, Any]:
    """`{"id", "name", "members", "subscribe", "update", "remove", "excluded", "unchanged", "too_many"}`.

    `subscribe`, `remove` and `excluded` count by reason.
    """
    by_reason: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for todo, reason, count in consent.counts(session, turn.store.id, audience.list_id):
        by_reason[todo or _left_alone(reason)][reason] = count
    members = consent.members(session, turn.store.id, audience.list_id)
    removed = sum(by_reason["remove"].values())
    return {
        "id": audience.list_id,
        "name": audience.list_name,
        "members": members,
        "subscribe": by_reason["subscribe"],
        "update": _sum(by_reason["update"]),
        "remove": by_reason["remove"],
        "excluded": by_reason["excluded"],
        "unchanged": _sum(by_reason["unchanged"]),
        "too_many": removed * 100 > audience.removal_limit * members,
    }


def _left_alone(reason: str) -> str:
    return "excluded" if reason.startswith(("opted_out_in_klaviyo", "refused")) else "unchanged"


def _sum(counts: Mapping[str, int]) -> int:
    return sum(counts.values())
