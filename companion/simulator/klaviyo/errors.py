"""What the simulator refuses, in Klaviyo's error objects.

Shape and codes: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

MEDIA_TYPE: Final = "application/vnd.api+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. It is blamed on a JSON pointer into the body, or on a query parameter."""

    detail: str
    pointer: str = "/data"
    code: str = "invalid"
    title: str = "Invalid input."
    parameter: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def document(self, status: int) -> dict[str, Any]:
        """The error object. `status` repeats the HTTP status, as Klaviyo does."""
        source = {"parameter": self.parameter} if self.parameter else {"pointer": self.pointer}
        return {
            "id": str(uuid.uuid4()),
            "status": status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "source": source,
            "links": {},
            "meta": dict(self.meta),
        }


class Refusal(Exception):
    """A request is answered with `status` and these problems, and changes nothing."""

    def __init__(self, status: int, problems: Sequence[Problem], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problems[0].detail)
        self.status = status
        self.problems = problems
        self.headers = headers or {}

    def body(self) -> bytes:
        """The JSON document: {"errors": [...]}."""
        return msgspec.json.encode({"errors": [problem.document(self.status) for problem in self.problems]})


def invalid(detail: str, pointer: str = "/data") -> Refusal:
    """A body that cannot be accepted."""
    return Refusal(400, [Problem(detail, pointer)])


def bad_parameter(name: str, detail: str) -> Refusal:
    """A query parameter that cannot be understood."""
    return Refusal(400, [Problem(detail, parameter=name)])


def not_found(kind: str, identity: str) -> Refusal:
    """No such resource in this account."""
    problem = Problem(f"A {kind} with id {identity} does not exist.", code="not_found", title="Not found.")
    return Refusal(404, [problem])


def denied(status: int, code: str, title: str, detail: str) -> Refusal:
    """A credential that does not open this door."""
    return Refusal(status, [Problem(detail, "/data/", code, title)])


def throttled(after: int) -> Refusal:
    """Too many calls; `after` whole seconds until another is allowed."""
    detail = f"Request was throttled. Expected available in {after} second{'' if after == 1 else 's'}."
    problem = Problem(detail, "/data/", "throttled", "Request was throttled.")
    return Refusal(429, [problem], {"Retry-After": str(after)})


def conflict(identity: str, pointer: str) -> Refusal:
    """The identifier belongs to another profile, whose id is named in `meta`."""
    detail = "A profile already exists with one of these identifiers."
    problem = Problem(detail, pointer, "duplicate_profile", "Conflict.", meta={"duplicate_profile_id": identity})
    return Refusal(409, [problem])
