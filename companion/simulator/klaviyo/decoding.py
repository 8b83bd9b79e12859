"""Bodies: unpacked, measured, decoded into a shape; a misfit becomes Klaviyo's words and a JSON pointer."""

import re
import zlib
from typing import Final, TypeVar

import msgspec

from companion.simulator.klaviyo.errors import Problem, Refusal, invalid

Shape = TypeVar("Shape", bound=msgspec.Struct)
MAX_BODY: Final = 5_000_000  # "5 MB" may also mean 5 MiB; the smaller reading finds more mistakes
MEDIA_TYPES: Final = {"application/vnd.api+json", "application/json"}
PLACED: Final = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
MEMBER: Final = re.compile(r"Object (?P<sin>contains unknown|missing required) field `(?P<name>.*)`")
SINGULAR: Final = {"profiles": "profile", "events": "event", "events-bulk-create": "event-bulk-create"}
TYPE_NAMES: Final = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def unpacked(raw: bytes, encoding: str, content_type: str, limit: int = MAX_BODY) -> bytes:
    """The body as JSON text. Raises Refusal 413 (too large once unpacked) or 415 (not understood)."""
    if content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise _unsupported(f'Unsupported media type "{content_type}" in request.')
    if encoding not in {"", "identity", "gzip"}:
        raise _unsupported(f'Unsupported content encoding "{encoding}" in request.')
    body = _gunzipped(raw, limit) if encoding == "gzip" else raw
    if len(body) > limit:
        detail = f"The payload exceeds the maximum of {limit} bytes."
        raise Refusal(413, [Problem(detail, code="payload_too_large", title="Payload too large.")])
    return body


def decoded(body: bytes, kind: type[Shape]) -> Shape:
    """The body as a shape. Raises Refusal 400 with a pointer to what does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(f"Invalid JSON: {error}", "/data") from None
    except RecursionError:
        raise invalid("The payload is nested too deeply.", "/data") from None


def _gunzipped(raw: bytes, limit: int) -> bytes:
    inflate = zlib.decompressobj(wbits=31)
    try:
        return inflate.decompress(raw, limit + 1)
    except zlib.error:
        raise invalid("The body is not valid gzip.", "/data") from None


def _unsupported(detail: str) -> Refusal:
    return Refusal(415, [Problem(detail, "/data/", "unsupported_media_type", "Unsupported media type.")])


def _explained(message: str) -> Refusal:
    match = PLACED.fullmatch(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    steps = [name or index for name, index in STEP.findall(path)]
    pointer = "".join(f"/{step}" for step in steps)
    member = MEMBER.fullmatch(what)
    if member is None:
        return invalid(f"Invalid input: {_plain(what)}.", pointer or "/data")
    if member["sin"] == "missing required":
        return invalid(f"'{member['name']}' is a required field.", f"{pointer}/{member['name']}")
    names = [step for step in steps if step not in {"attributes", "data"} and not step.isdigit()]
    resource = SINGULAR.get(names[-1], names[-1]) if names else "data"
    return invalid(
        f"'{member['name']}' is not a valid field for the resource '{resource}'.", f"{pointer}/{member['name']}"
    )


def _plain(what: str) -> str:
    """The decoder's sentence with JSON's own names for types."""
    return re.sub(r"`([^`]*)`", lambda match: " or ".join(_type(name) for name in match[1].split(" | ")), what).lower()


def _type(name: str) -> str:
    return TYPE_NAMES.get(name, name)
