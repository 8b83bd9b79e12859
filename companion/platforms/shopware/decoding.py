"""Decoding of what a shop sends, hostile until verified: every way it can be wrong is refused by field and reason."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from companion.errors import MalformedWebhook

Decoded = TypeVar("Decoded")
ShopId = Annotated[str, msgspec.Meta(pattern=r"\A[\x21-\x7e]{1,64}\Z")]


def decoded(decoder: msgspec.json.Decoder[Decoded], body: bytes) -> Decoded:
    """Decode JSON. Bad UTF-8, wrong shapes and endless nesting raise MalformedWebhook naming the field."""
    try:
        if not body.isascii():
            body.decode()  # the decoder takes the bytes of what it skips as they are
        return decoder.decode(body)
    except RecursionError:
        raise MalformedWebhook("$: is nested too deeply") from None
    except UnicodeDecodeError:
        raise MalformedWebhook("$: is not UTF-8") from None
    except msgspec.MsgspecError as error:
        reason, _, path = str(error).partition(" - at ")
        raise MalformedWebhook(f"{path.strip('`') or '$'}: {reason}") from None


def moment(timestamp: float | str, path: str) -> datetime:
    """A Unix time in seconds: a number in webhooks, a text elsewhere. Raises MalformedWebhook naming `path`."""
    try:
        return datetime.fromtimestamp(float(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise MalformedWebhook(f"{path}: is not a Unix time") from None
