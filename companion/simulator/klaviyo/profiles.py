"""Profiles: found by any of their identifiers, created and changed by whatever mentions them.

Facts: https://developers.klaviyo.com/en/docs/profiles_api_overview. Not locked: the account is. The records
below hold no cycles, and millions of them would keep the garbage collector busy: it is told not to look (gc=False).
"""

import base64
import zlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET

from companion.simulator.klaviyo.checks import is_test_address
from companion.simulator.klaviyo.shapes.profiles import Location, PatchProperties, ProfileAttributes, ProfileMeta
from companion.simulator.klaviyo.timeline import Timeline

CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
DETAILS: Final = ("first_name", "last_name", "organization", "locale", "title", "image")
IDENTIFIERS: Final = ("email", "phone_number", "external_id", "kx")


class Suppression(msgspec.Struct, frozen=True, gc=False):
    """Why a profile gets no e-mail; `list_id` where that concerns one list only."""

    reason: str
    at: float
    list_id: str | None = None


class Channel(msgspec.Struct, gc=False):
    """Consent on one channel."""

    consent: str = "NEVER_SUBSCRIBED"
    consented_at: float | None = None
    changed_at: float | None = None
    method: str | None = None
    source: str | None = None
    double_opt_in: bool = False


class Standing(msgspec.Struct, gc=False):
    """All consent of a profile, and how it came about: (time, sentence)."""

    email: Channel = msgspec.field(default_factory=Channel)
    sms: Channel = msgspec.field(default_factory=Channel)
    suppressions: list[Suppression] = []
    awaiting: dict[str, str | None] = {}
    history: list[tuple[float, str]] = []


class Profile(msgspec.Struct, gc=False):
    """A person. `number` counts profiles in the order of their creation."""

    number: int
    id: str
    created: float
    updated: float
    email: str | None = None
    phone_number: str | None = None
    external_id: str | None = None
    kx: str | None = None
    anonymous_id: str | None = None
    last_event: float | None = None
    details: dict[str, Any] = {}
    location: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    standing: Standing | None = None

    @property
    def consent(self) -> Standing:
        """The consent record, made on first use."""
        if self.standing is None:
            self.standing = Standing()
        return self.standing

    @property
    def is_test(self) -> bool:
        """Whether Klaviyo would drop what concerns this address."""
        return self.email is not None and is_test_address(self.email)


class Profiles:
    """The profiles of one account."""

    def __init__(self, account_id: str) -> None:
        self._salt = zlib.crc32(account_id.encode())
        self._index: dict[str, dict[str, Profile]] = {name: {} for name in (*IDENTIFIERS, "anonymous_id", "id")}
        self._count = 0
        self.by_number: dict[int, Profile] = {}
        self.created = Timeline()

    def __len__(self) -> int:
        return len(self.by_number)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self.by_number.values())

    def find(self, name: str, value: str | None) -> Profile | None:
        """The profile whose identifier `name` is `value`; e-mails are compared in lower case."""
        if not value:
            return None
        return self._index[name].get(value.strip().lower() if name == "email" else value)

    def resolve(self, attributes: ProfileAttributes, known_id: Any = None, anonymous_id: Any = None) -> Profile | None:
        """The profile these identifiers mean. Their order of priority is our assumption: id, e-mail, phone, others."""
        if isinstance(known_id, str) and (found := self.find("id", known_id)):
            return found
        for name in IDENTIFIERS:
            value = getattr(attributes, name)
            if isinstance(value, str) and (found := self.find(name, value)):
                return found
        return self.find("anonymous_id", anonymous_id) if isinstance(anonymous_id, str) else None

    def add(self, now: float) -> Profile:
        """A new profile without identifiers."""
        number = self._count
        self._count += 1
        profile = Profile(number, _ulid(self._salt, number, now), created=now, updated=now)
        self.by_number[number] = self._index["id"][profile.id] = profile
        self.created.add(now, number)
        return profile

    def identify(self, profile: Profile, name: str, value: str | None) -> None:
        """Give a profile an identifier, or take it away with None; what belongs to another is left there."""
        current = getattr(profile, name)
        clean = value.strip().lower() if name == "email" and value else value
        if clean == current or (clean and self._index[name].get(clean)):
            return
        if current:
            del self._index[name][current]
        if clean:
            self._index[name][clean] = profile
        setattr(profile, name, clean or None)

    def remove(self, profile: Profile) -> None:
        """Forget a person."""
        for name, index in self._index.items():
            value = getattr(profile, name)
            if value and index.get(value) is profile:
                del index[value]
        del self.by_number[profile.number]


def change(
    profiles: Profiles,
    profile: Profile,
    attributes: ProfileAttributes,
    meta: ProfileMeta | msgspec.UnsetType | None,
    now: float,
    *,
    clears: bool = True,
) -> None:
    """Write what a request says about a profile. Null clears a field unless `clears` is false; absence leaves it."""
    for name in IDENTIFIERS:
        value = getattr(attributes, name)
        if value is not UNSET and (value or clears):
            profiles.identify(profile, name, value)
    _write(profile, "details", {name: getattr(attributes, name) for name in DETAILS}, clears=clears)
    if isinstance(attributes.location, Location):
        _write(profile, "location", msgspec.structs.asdict(attributes.location), clears=clears)
    if isinstance(attributes.properties, dict):
        profile.properties = {**profile.properties, **attributes.properties}
    if isinstance(meta, ProfileMeta) and isinstance(meta.patch_properties, PatchProperties):
        profile.properties = _patched(profile.properties, meta.patch_properties)
    profile.updated = now


def _write(profile: Profile, table: str, given: dict[str, Any], *, clears: bool) -> None:
    written: dict[str, Any] = getattr(profile, table)
    for name, value in given.items():
        if value is UNSET:
            continue
        if value is not None:
            written[name] = value
        elif clears:
            written.pop(name, None)


def _patched(properties: dict[str, Any], patch: PatchProperties) -> dict[str, Any]:
    patched = dict(properties)
    for name, value in (patch.append or {}).items():
        patched[name] = [*_listed(patched.get(name)), *_listed(value)]
    for name, value in (patch.unappend or {}).items():
        patched[name] = [item for item in _listed(patched.get(name)) if item not in _listed(value)]
    for name in _listed(patch.unset or None):
        patched.pop(name, None)
    return patched


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _ulid(salt: int, number: int, now: float) -> str:
    """26 characters that sort by time of creation and are the same on every run of a script."""
    mixed = (number * 0x9E3779B97F + salt) % 2**40
    raw = int(now * 1000).to_bytes(6) + number.to_bytes(4) + mixed.to_bytes(5)
    return "01" + base64.b32encode(raw).translate(CROCKFORD).decode()
