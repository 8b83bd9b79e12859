"""The shop's state and switches by the control API: how webhooks go out, and what the Admin API gets wrong."""

from typing import Any, Literal

import msgspec
from flask import request

from companion.simulator.shop.web import activity
from companion.simulator.shop.web.door import Door, body
from companion.simulator.shop.web.faults import Fault


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What is given is changed."""

    webhooks: Literal["sync", "queue"] | None = None
    lose_webhooks: bool | None = None


def show_state(door: Door) -> Any:
    return activity.state(door.shop) | {"faults": door.faults.listed()}


def change_settings(door: Door) -> Any:
    for name, value in msgspec.structs.asdict(body(Settings)).items():
        if value is not None:
            door.shop.database.set_setting(name, value)
    return show_state(door)


def list_webhooks(door: Door) -> Any:
    after, limit = request.args.get("after", 0, int), request.args.get("limit", 1000, int)
    return {"webhooks": activity.webhooks(door.shop, request.args.get("order"), after, limit)}


def list_faults(door: Door) -> Any:
    return {"faults": door.faults.listed()}


def add_fault(door: Door) -> Any:
    door.faults.add(body(Fault))
    return list_faults(door)


def clear_faults(door: Door) -> Any:
    door.faults.clear()
    return list_faults(door)


ROUTES = (
    ("GET", "/state", show_state),
    ("POST", "/settings", change_settings),
    ("GET", "/webhooks", list_webhooks),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
)
