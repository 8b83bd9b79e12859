"""Newsletter recipients by the control API: sign up, confirm, leave, and what administrators change silently."""

from typing import Any

import msgspec

from companion.simulator.shop.trade import newsletter
from companion.simulator.shop.web.door import Door, body


class SignUp(msgspec.Struct, forbid_unknown_fields=True):
    """Without `double_opt_in` the recipient is subscribed at once, as logged-in customers are."""

    email: str
    first_name: str = ""
    last_name: str = ""
    channel: str = "store"
    locale: str = "en-GB"
    double_opt_in: bool = True


def list_recipients(door: Door) -> Any:
    return {"recipients": door.shop.database.all("newsletter_recipient")}


def subscribe(door: Door) -> Any:
    return newsletter.subscribe(door.shop, **msgspec.structs.asdict(body(SignUp)))


def confirm(door: Door, recipient_id: str) -> Any:
    return newsletter.confirm(door.shop, recipient_id)


def unsubscribe(door: Door, recipient_id: str) -> Any:
    return newsletter.unsubscribe(door.shop, recipient_id)


def edit_recipient(door: Door, recipient_id: str) -> Any:
    return newsletter.edit(door.shop, recipient_id, body(dict[str, Any]))


def import_recipients(door: Door) -> Any:
    rows = body(list[dict[str, Any]])
    newsletter.imported(door.shop, rows)
    return {"imported": len(rows)}


def delete_recipient(door: Door, recipient_id: str) -> Any:
    newsletter.delete(door.shop, recipient_id)
    return {}


ROUTES = (
    ("GET", "/newsletter", list_recipients),
    ("POST", "/newsletter", subscribe),
    ("PUT", "/newsletter", import_recipients),
    ("POST", "/newsletter/<recipient_id>/confirm", confirm),
    ("POST", "/newsletter/<recipient_id>/unsubscribe", unsubscribe),
    ("PATCH", "/newsletter/<recipient_id>", edit_recipient),
    ("DELETE", "/newsletter/<recipient_id>", delete_recipient),
)
