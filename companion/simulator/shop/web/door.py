"""What every view is handed, and how a table of views becomes a blueprint's routes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, request

from companion.simulator.shop.shop import Shop
from companion.simulator.shop.web.faults import Faults

Asked = TypeVar("Asked")
View = Callable[..., Any]
Route = tuple[str, str, View]
"""Methods parted by spaces, a path, and a view that takes the Door and the path's parts."""


@dataclass(frozen=True, slots=True)
class Door:
    """The shop, and what can be made to go wrong with it."""

    shop: Shop
    faults: Faults


def add_routes(to: Blueprint, door: Door, routes: Iterable[Route], answer: Callable[[Any], Response]) -> None:
    """Register views; `answer` makes a response of what they return."""
    for method, path, view in routes:
        to.add_url_rule(path, view.__name__, _bound(view, door, answer), methods=method.split())


def body(kind: type[Asked]) -> Asked:
    """The request's JSON. Raises msgspec.ValidationError or DecodeError."""
    return msgspec.json.decode(request.get_data() or b"{}", type=kind)


def _bound(view: View, door: Door, answer: Callable[[Any], Response]) -> Callable[..., Response]:
    def respond(**parts: str) -> Response:
        return answer(view(door, **parts))

    return respond
