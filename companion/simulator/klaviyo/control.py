"""The control API under /_sim: what a test asks of the simulator that Klaviyo would never answer.

JSON in and out. A wrong request is answered 400 with {"errors": [sentence, ...]}.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
from flask import Blueprint, Response, request

from companion.simulator.klaviyo import acts, demo, resources
from companion.simulator.klaviyo.accounts import DEFAULT_ID, Account
from companion.simulator.klaviyo.errors import Refusal, not_found
from companion.simulator.klaviyo.faults import Plan
from companion.simulator.klaviyo.ledger import DUPLICATE, Arrival, document
from companion.simulator.klaviyo.operations import ALL_SCOPES
from companion.simulator.klaviyo.world import World

CHUNK: Final = 5_000
MOST_EVENTS: Final = 1_000
Shape = TypeVar("Shape", bound=msgspec.Struct)


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """An account, or another key of one. `scopes` null: all of them."""

    id: str
    key: str
    scopes: list[str] | None = None
    name: str = ""
    timezone: str = "Europe/Berlin"
    currency: str = "EUR"


class Shift(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the clock."""

    advance_s: float


def blueprint(world: World) -> Blueprint:
    """The control API of this world."""
    door = Blueprint("control", __name__, url_prefix="/_sim")

    @door.get("/health")
    def health() -> Response:
        return _json({"status": "ready", "now": world.clock()})

    @door.post("/reset")
    def reset() -> Response:
        world.reset()
        return _json({"status": "reset"})

    @door.post("/clock")
    def shift() -> Response:
        world.clock.advance(_body(Shift).advance_s)
        return _json({"now": world.clock()})

    @door.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _json({"errors": [problem.detail for problem in error.problems]}, error.status)

    @door.errorhandler(msgspec.DecodeError)
    def misshapen(error: msgspec.DecodeError) -> Response:
        return _json({"errors": [str(error)]}, 400)

    _add_accounts(door, world)
    _add_people(door, world)
    _add_faults(door, world)
    _add_records(door, world)
    return door


def _add_accounts(door: Blueprint, world: World) -> None:
    @door.get("/accounts")
    def accounts() -> Response:
        return _json([_account_document(account) for account in world.accounts])

    @door.post("/accounts")
    def add_account() -> Response:
        new = _body(NewAccount)
        scopes = ALL_SCOPES if new.scopes is None else new.scopes
        account = world.accounts.add(new.id, new.key, scopes, new.name, new.timezone, new.currency)
        return _json(_account_document(account), 201)


def _add_people(door: Blueprint, world: World) -> None:
    @door.post("/seed")
    def seed() -> Response:
        account = asked_account(world)
        with account.lock:
            return _json(demo.sow(account, _body(demo.Seed), world.clock()), 201)

    @door.post("/profiles/<identity>/<act>")
    def act_on(identity: str, act: str) -> Response:
        account = asked_account(world)
        profile = acts.perform(account, identity, act, request.args.get("list", ""), world.clock())
        return _json(resources.profile(profile, subscriptions=True))

    @door.get("/profiles/<identity>/history")
    def history(identity: str) -> Response:
        account = asked_account(world)
        with account.lock:
            return _json([{"at": at, "what": what} for at, what in acts.named(account, identity).consent.history])

    @door.get("/flows")
    def flows() -> Response:
        account = asked_account(world)
        with account.lock:
            return _json([msgspec.to_builtins(flow) for flow in account.audience.flows.values()])


def _add_faults(door: Blueprint, world: World) -> None:
    @door.get("/faults")
    def faults() -> Response:
        return _json([fault.describe(world.clock()) for fault in world.faults.active()])

    @door.post("/faults")
    def add_fault() -> Response:
        plan = _body(Plan)
        if problems := plan.problems():
            return _json({"errors": problems}, 400)
        return _json(world.faults.add(plan).describe(world.clock()), 201)

    @door.delete("/faults")
    def lift_all() -> Response:
        return _json({"lifted": world.faults.lift()})

    @door.delete("/faults/<int:number>")
    def lift(number: int) -> Response:
        return _json({"lifted": world.faults.lift(number)})


def _add_records(door: Blueprint, world: World) -> None:
    @door.get("/events")
    def events() -> Response:
        account = asked_account(world)
        found = _selected(account, limit=request.args.get("limit", MOST_EVENTS, int))
        return _json([_full(arrival) for arrival in found])

    @door.get("/ledger")
    def ledger() -> Response:
        account = asked_account(world)
        return Response(_lines(account, with_all="all" in request.args), mimetype="application/x-ndjson")

    @door.get("/stats")
    def stats() -> Response:
        return _json(statistics(world, asked_account(world)))

    @door.get("/requests")
    def requests() -> Response:
        return _json([msgspec.to_builtins(visit) for visit in world.journal.visits()])


def asked_account(world: World) -> Account:
    """The account named by ?account=, or the first. Raises Refusal 404."""
    name = request.args.get("account", DEFAULT_ID)
    account = world.accounts.get(name)
    if account is None:
        raise not_found("account", name)
    return account


def statistics(world: World, account: Account) -> dict[str, Any]:
    """Counts and percentiles of one account; requests and times are those of all."""
    now = world.clock()
    with account.lock:
        verdicts, jobs = dict(account.ledger.verdicts), account.jobs.waiting
        metrics = {metric.name: metric.count for metric in account.ledger.metrics.values() if metric.count}
        people = {"profiles": len(account.audience.profiles), "opt_outs_lifted": account.audience.opt_outs_lifted}
    gauges = [msgspec.to_builtins(gauge) for gauge in world.windows.gauges(account.id, now)]
    return {
        "accepted": sum(count for verdict, count in verdicts.items() if verdict != DUPLICATE),
        "duplicates": verdicts.get(DUPLICATE, 0),
        "verdicts": verdicts,
        "metrics": metrics,
        **people,
        "jobs_waiting": jobs,
        "throttled": sum(gauge["refused"] for gauge in gauges),
        "windows": gauges,
        "requests": world.journal.statuses(),
        "arrival_last_minute": world.journal.arrival(now),
        "answering_last_minute": world.journal.answering(now),
    }


def _selected(account: Account, limit: int) -> list[Arrival]:
    """Arrivals by metric, email, unique_id and since (an order), oldest first."""
    wanted = {name: request.args[name] for name in ("metric", "email", "unique_id", "verdict") if name in request.args}
    since = request.args.get("since", -1, int)
    with account.lock:
        found = []
        for arrival in account.ledger.arrivals[since + 1 :]:
            if all(getattr(arrival, name) == value for name, value in wanted.items()):
                found.append(arrival)
                if len(found) == limit:
                    break
        return found


def _full(arrival: Arrival) -> dict[str, Any]:
    return {**document(arrival), "event": msgspec.json.decode(arrival.body) if arrival.body else None}


def _lines(account: Account, *, with_all: bool) -> Iterator[bytes]:
    """Newline-delimited JSON of what had arrived when the answer began; duplicates only with ?all."""
    encoder = msgspec.json.Encoder()
    total = len(account.ledger.arrivals)
    for start in range(0, total, CHUNK):
        chunk = account.ledger.arrivals[start : min(total, start + CHUNK)]
        kept = [document(arrival) for arrival in chunk if with_all or arrival.verdict != DUPLICATE]
        if kept:
            yield encoder.encode_lines(kept)


def _account_document(account: Account) -> dict[str, Any]:
    keys = {key: sorted(scopes) for key, scopes in account.keys.items()}
    return {"id": account.id, "name": account.name, "keys": keys}


def _body(kind: type[Shape]) -> Shape:
    return msgspec.json.decode(request.get_data(cache=False) or b"{}", type=kind)


def _json(found: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(found), status, content_type="application/json")
