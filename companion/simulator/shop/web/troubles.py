"""What the shop's own verbs raise, as a status and a sentence; for the pages and the control API alike."""

import msgspec

from companion.simulator.shop.apps.app import NotInstalled
from companion.simulator.shop.apps.handshake import HandshakeFailed
from companion.simulator.shop.apps.manifest import InvalidManifest
from companion.simulator.shop.trade.choice import InvalidSpec
from companion.simulator.shop.trade.newsletter import InvalidRecipient
from companion.simulator.shop.trade.purchase import UnknownAmount
from companion.simulator.shop.trade.states import NotAllowed

TROUBLES: dict[type[Exception], int] = {
    InvalidSpec: 400,
    InvalidRecipient: 400,
    InvalidManifest: 400,
    UnknownAmount: 400,
    msgspec.ValidationError: 400,
    msgspec.DecodeError: 400,
    LookupError: 404,
    NotAllowed: 409,
    NotInstalled: 409,
    HandshakeFailed: 502,
}


def status_of(error: Exception) -> int:
    return next(status for kind, status in TROUBLES.items() if isinstance(error, kind))


def sentence(error: Exception) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return text[:1].upper() + text[1:]
