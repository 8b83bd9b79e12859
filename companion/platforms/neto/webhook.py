"""Neto's order-status notification: XML, with a secret in the address it is sent to and no signature over its content.

So nothing in it is believed but that it is worth looking at an order: a forged one costs a read. Documents with a type
declaration or entities are refused before anything of them is expanded.
Source: Neto, order notifications. Its header NETOAPI_KEY holds a secret, too, but servers drop names with underscores.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NoReturn
from xml.parsers import expat

import msgspec

from companion.errors import InvalidSignature, MalformedWebhook
from companion.platforms.base import Credentials, Delivery, Envelope, Lifecycle, Ref
from companion.platforms.neto import loose
from mappings.errors import IgnoredTopic

ROUTE: Final = "/neto/<store>/<token>"
LARGEST: Final = 16_384
DEEPEST: Final = 16
HEADERS: Final = ("netoapi_key", "netoapi-key")
ORDER_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")
TOPIC: Final = "order."


def read(delivery: Delivery) -> Envelope:
    """Say what a delivery claims to be. Raises MalformedWebhook.

    The time in it is that of a clock we do not know, and proves nothing.
    """
    event = _event(delivery.body)
    order, type_ = _order(event), str(event.get("EventType", "Order"))
    topic = f"{TOPIC}{order.get('OrderStatus', '')}" if type_.lower() == "order" else type_
    said = f"{event.get('EventID', '')}:{order.get('OrderID', '')}:{topic}"
    return Envelope(delivery.path["store"], hashlib.sha256(said.encode()).hexdigest(), topic[:120], None)


def verify(delivery: Delivery, credentials: Credentials, now: datetime) -> bool:
    """Compare the secret of the address, and that of the header where both sides have one, in constant time."""
    token = str(credentials.get("token", ""))
    if not token or not _same(delivery.path["token"], token):
        raise InvalidSignature("token: this is not the store's address for notifications")
    given = next((delivery.headers[name] for name in HEADERS if name in delivery.headers), None)
    expected = str(credentials.get("verify_token", ""))
    if given is not None and expected and not _same(given, expected):
        raise InvalidSignature("NETOAPI_KEY: is not the store's webhook verify token")
    return True


def lifecycle(topic: str) -> Lifecycle | None:
    """A notification never says anything of the store itself."""
    return None


def refs(topic: str, body: bytes) -> Sequence[Ref]:
    """The order to read. Raises IgnoredTopic or MalformedWebhook."""
    if not topic.startswith(TOPIC):
        raise IgnoredTopic(topic)
    order_id = str(_order(_event(body)).get("OrderID", ""))
    if not ORDER_ID.fullmatch(order_id):
        raise MalformedWebhook("Event/Order/OrderID: is no order's id")
    return (Ref("order", order_id, order_id),)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _event(body: bytes) -> dict[str, Any]:
    """The content of `Event`, from XML or from JSON of the same shape."""
    if len(body) > LARGEST:
        raise MalformedWebhook(f"body: is larger than {LARGEST} bytes")
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    found = _json(text) if text.startswith(b"{") else _Xml().parse(text)
    event = found.get("Event", found)
    return loose.tidy(event) if isinstance(event, dict) else {}


def _order(event: dict[str, Any]) -> dict[str, Any]:
    found = event.get("Order")
    return found[0] if isinstance(found, list) and found else {}


def _json(text: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise MalformedWebhook("body: is neither XML nor JSON") from None


class _Xml:
    """Elements as nested dictionaries: no attributes, no declarations, no entities but the five that XML itself has."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._open: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.EntityDeclHandler = _refuse
        self._parser.ExternalEntityRefHandler = _refuse

    def parse(self, text: bytes) -> dict[str, Any]:
        try:
            self._parser.Parse(text, True)
        except (expat.ExpatError, UnicodeDecodeError, ValueError, LookupError) as error:
            raise MalformedWebhook(f"body: is no XML ({error})") from None
        return self._open[0][1]

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise MalformedWebhook("body: is nested too deeply")
        self._open.append((name, {}, []))

    def _end(self, _name: str) -> None:
        name, inner, text = self._open.pop()
        self._open[-1][1].setdefault(name, inner or "".join(text).strip())

    def _text(self, text: str) -> None:
        self._open[-1][2].append(text)


def _refuse(*_: object) -> NoReturn:
    raise MalformedWebhook("body: has a document type or entities, which are refused")
