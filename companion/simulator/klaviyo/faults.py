"""Faults that a tester switches on: for one endpoint or all, for a share, a number or a time.

What a fault does to an answer is decided here; how a connection is cut is in `wire`.
"""

import random
import threading
from typing import Any, Literal

import msgspec

from companion.simulator.klaviyo.clock import Clock
from companion.simulator.klaviyo.operations import OPERATIONS

Kind = Literal["status", "throttle", "html", "hang", "slow", "reset", "truncate"]
KINDS: dict[Kind, str] = {
    "status": "answer with a status and an error object",
    "throttle": "answer 429 with Retry-After",
    "html": "answer with a status and an HTML page",
    "hang": "say nothing, then drop the connection",
    "slow": "answer rightly, but late",
    "reset": "reset the connection",
    "truncate": "cut the answer in half",
}


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """A fault as it is asked for.

    `operation` is an endpoint's name or "*". `when` says whether the request is accepted first ("after") or never
    ("before"). `seconds` is for hang and slow, `retry_after` for throttle. `count` and `duration_s` end it.
    """

    kind: Kind
    operation: str = "*"
    when: Literal["before", "after"] = "before"
    status: int = 503
    seconds: float = 10.0
    retry_after: int = 2
    probability: float = 1.0
    count: int | None = None
    duration_s: float | None = None

    def problems(self) -> list[str]:
        """What makes this plan impossible."""
        names = {operation.name for operation in OPERATIONS} | {"*"}
        checks = (
            (
                self.operation in names,
                f"operation: {self.operation!r} is no endpoint; use one of {', '.join(sorted(names))}",
            ),
            (400 <= self.status <= 599, "status: must be from 400 to 599"),
            (0 <= self.seconds <= 600, "seconds: must be from 0 to 600"),
            (1 <= self.retry_after <= 3600, "retry_after: must be from 1 to 3600"),
            (0 < self.probability <= 1, "probability: must be above 0 and up to 1"),
            (self.count is None or self.count > 0, "count: must be above 0"),
            (self.duration_s is None or self.duration_s > 0, "duration_s: must be above 0"),
        )
        return [sentence for good, sentence in checks if not good]


class Fault:
    """A plan in force."""

    def __init__(self, number: int, plan: Plan, now: float) -> None:
        self.number = number
        self.plan = plan
        self.left = plan.count
        self.until = now + plan.duration_s if plan.duration_s else None
        self.fired = 0
        self.waiting = 0
        self._lock = threading.Lock()
        self._lifted = threading.Event()

    def is_over(self, now: float) -> bool:
        """Whether it has spent its count or its time."""
        return self.left == 0 or (self.until is not None and now >= self.until)

    def strikes(self, operation: str, now: float) -> bool:
        """Whether it takes this call; chance has its say."""
        concerns = self.plan.operation in {"*", operation} and not self.is_over(now)
        return concerns and random.random() < self.plan.probability

    def is_gone(self, now: float) -> bool:
        """Whether it is over for those, too, who hang in it."""
        return self.is_over(now) and self.waiting == 0

    def wait(self) -> None:
        """Stand still for the plan's seconds, or until the fault is lifted."""
        with self._lock:
            self.waiting += 1
        self._lifted.wait(self.plan.seconds)
        with self._lock:
            self.waiting -= 1

    def lift(self) -> None:
        """Let go who hangs in it."""
        self._lifted.set()

    def describe(self, now: float) -> dict[str, Any]:
        """The plan and how far it has got."""
        return {
            "id": self.number,
            **msgspec.structs.asdict(self.plan),
            "left": self.left,
            "ends_in_s": None if self.until is None else round(max(0.0, self.until - now), 1),
            "fired": self.fired,
            "waiting": self.waiting,
        }


class Faults:
    """The faults in force, in the order they were added; the first that applies is taken."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, plan: Plan) -> Fault:
        """Put a plan in force."""
        with self._lock:
            self._count += 1
            fault = Fault(self._count, plan, self._clock())
            self._faults.append(fault)
            return fault

    def draw(self, operation: str) -> Fault | None:
        """The fault that strikes this call, if one does."""
        if not self._faults:
            return None
        now = self._clock()
        with self._lock:
            self._faults = [fault for fault in self._faults if not fault.is_gone(now)]
            for fault in self._faults:
                if fault.strikes(operation, now):
                    fault.fired += 1
                    fault.left = None if fault.left is None else fault.left - 1
                    return fault
        return None

    def active(self) -> list[Fault]:
        """What is in force now."""
        now = self._clock()
        with self._lock:
            return [fault for fault in self._faults if not fault.is_gone(now)]

    def lift(self, number: int | None = None) -> int:
        """Lift one fault or all, and let go who hangs in it; return how many."""
        with self._lock:
            lifted = [fault for fault in self._faults if number in {None, fault.number}]
            self._faults = [fault for fault in self._faults if fault not in lifted]
        for fault in lifted:
            fault.lift()
        return len(lifted)
