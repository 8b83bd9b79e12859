"""The way every API call takes: fault, key, scope, revision, windows, body, view, and the answer's headers.

The order in which Klaviyo checks is not documented; ours is the one a gateway would take.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

import msgspec
from flask import Request, Response, request

from companion.simulator.klaviyo import wire
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.decoding import MAX_BODY, decoded, unpacked
from companion.simulator.klaviyo.errors import MEDIA_TYPE, Problem, Refusal, bad_parameter, denied, throttled
from companion.simulator.klaviyo.faults import Fault
from companion.simulator.klaviyo.operations import COSTLY, Limits, Operation
from companion.simulator.klaviyo.windows import Standing
from companion.simulator.klaviyo.world import World

NEWEST: Final = date(2026, 7, 15)
LIFETIME_YEARS: Final = 2
REVISION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(\.pre)?")
SCHEME: Final = "Klaviyo-API-Key "
HTML: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>The origin is not reachable.</p></body></html>"
Shape = TypeVar("Shape", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has passed the door. The view runs with the account's lock held."""

    world: World
    account: Account
    operation: Operation
    args: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: float
    url: str

    def decode(self, kind: type[Shape]) -> Shape:
        """The body as a shape. Raises Refusal 400."""
        return decoded(self.body, kind)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers; no document means an empty body."""

    status: int
    document: Any = None


View = Callable[[Call], Reply]


@dataclass(slots=True)
class _Passage:
    """What is learned on the way, for the journal and the headers."""

    account: Account | None = None
    standing: Standing | None = None
    size: int = 0
    said: str = ""


def serve(world: World, operation: Operation, view: View, args: Mapping[str, str]) -> Response:
    """Answer one API call, faults included."""
    started = time.perf_counter()
    fault = world.faults.draw(operation.name)
    passage = _Passage()
    response = _struck(fault, None, passage) if fault and fault.plan.when == "before" else None
    if response is None:
        response = _answer(world, operation, view, args, passage)
        world.dawdle(operation)
        if fault and fault.plan.when == "after":
            response = _struck(fault, response, passage) or response
    cut = fault is not None and wire.CUT in request.environ
    world.journal.visit(
        at=world.clock(),
        account=passage.account.id if passage.account else "",
        operation=operation.name,
        method=operation.method,
        path=request.path,
        status=fault.plan.kind if fault and cut else str(response.status_code),
        took_s=time.perf_counter() - started,
        size=passage.size,
        said=passage.said,
        fault=f"{fault.plan.kind} {fault.plan.when}" if fault else "",
    )
    return response


def _answer(world: World, operation: Operation, view: View, args: Mapping[str, str], passage: _Passage) -> Response:
    try:
        call = _admitted(world, operation, args, passage)
        with call.account.lock:
            call.account.jobs.settle(call.now)
            reply = view(call)
        return _response(reply, passage)
    except Refusal as refusal:
        problem = refusal.problems[0]
        passage.said = f"{problem.detail} ({problem.parameter or problem.pointer})"
        return _refused(refusal, passage)


def _admitted(world: World, operation: Operation, args: Mapping[str, str], passage: _Passage) -> Call:
    now = world.clock()
    passage.account = account = _account(world, operation, request)
    _check_revision(request.headers.get("revision"))
    passage.standing = world.windows.take(account.id, _buckets(operation, request), now)
    body = b""
    if operation.method in {"POST", "PATCH"} or operation.name == "remove_profiles_from_list":
        raw = request.get_data(cache=False)
        passage.size = len(raw)
        encoding, kind = request.headers.get("Content-Encoding", ""), request.headers.get("Content-Type", "")
        body = unpacked(raw, encoding.lower(), kind, _body_limit(operation))
    return Call(world, account, operation, args, request.args, body, now, request.base_url)


def _account(world: World, operation: Operation, asked: Request) -> Account:
    if operation.is_client:
        account = world.accounts.get(asked.args.get("company_id", ""))
        if account is None:
            raise bad_parameter("company_id", "A valid company_id (public API key) is required.")
        return account
    header = asked.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        raise denied(
            401,
            "not_authenticated",
            "Authentication credentials were not provided.",
            "Missing or invalid authorization scheme. Please use Klaviyo-API-Key.",
        )
    found = world.accounts.of_key(header.removeprefix(SCHEME).strip())
    if found is None:
        title = "Incorrect authentication credentials."
        raise denied(401, "authentication_failed", title, "Incorrect authentication credentials.")
    account, scopes = found
    if missing := sorted(operation.scopes - scopes):
        title = "You do not have permission to perform this action."
        raise denied(403, "permission_denied", title, f"The API key is missing required scopes: {', '.join(missing)}.")
    return account


def _check_revision(value: str | None) -> None:
    match = REVISION.fullmatch(value or "")
    try:
        revision = date.fromisoformat(match[1]) if match else None
    except ValueError:
        revision = None
    if revision is None:
        raise Refusal(400, [Problem("A valid revision header (YYYY-MM-DD) is required.", "/data/")])
    if revision > NEWEST:
        raise Refusal(400, [Problem(f"The revision {value} lies in the future; the newest is {NEWEST}.", "/data/")])
    if revision < NEWEST.replace(year=NEWEST.year - LIFETIME_YEARS):
        detail = f"The revision {value} is retired; use {NEWEST}."
        raise Refusal(410, [Problem(detail, "/data/", "gone", "Gone.")])


def _buckets(operation: Operation, asked: Request) -> list[tuple[str, Limits]]:
    buckets = [(operation.name, operation.limits)]
    for (parameter, word), limits in COSTLY.items():
        if word in asked.args.get(parameter, "").split(","):
            buckets.append((f"{parameter}={word}", limits))
    return buckets


def _body_limit(operation: Operation) -> int:
    return 100_000 if operation.name in {"create_or_update_profile", "update_profile"} else MAX_BODY


def _response(reply: Reply, passage: _Passage) -> Response:
    body = b"" if reply.document is None else msgspec.json.encode(reply.document)
    return _finished(Response(body, reply.status, content_type=MEDIA_TYPE), passage)


def _refused(refusal: Refusal, passage: _Passage) -> Response:
    response = Response(refusal.body(), refusal.status, dict(refusal.headers), content_type=MEDIA_TYPE)
    return response if refusal.status == 429 else _finished(response, passage)


def _finished(response: Response, passage: _Passage) -> Response:
    if standing := passage.standing:
        response.headers["RateLimit-Limit"] = str(standing.limit)
        response.headers["RateLimit-Remaining"] = str(standing.remaining)
        response.headers["RateLimit-Reset"] = str(standing.reset_s)
    return response


def _struck(fault: Fault, response: Response | None, passage: _Passage) -> Response | None:
    """What the caller gets instead of `response`; None: nothing, the call goes on."""
    plan = fault.plan
    if plan.kind in {"hang", "slow"}:
        fault.wait()
    if plan.kind == "slow":
        return None
    if plan.kind in {"hang", "reset"}:
        return wire.reset(request.environ)
    if plan.kind == "truncate":
        return wire.truncated(request.environ, response or Response(HTML.format(502), 502, content_type="text/html"))
    if plan.kind == "html":
        return Response(HTML.format(plan.status), plan.status, content_type="text/html; charset=utf-8")
    passage.said = "a switched fault"
    if plan.kind == "throttle":
        return _refused(throttled(plan.retry_after), passage)
    return _refused(denied(plan.status, "error", "A server error occurred.", "A switched fault."), passage)
