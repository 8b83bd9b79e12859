"""Bodies about profiles: one, many, and those to be forgotten."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from companion.simulator.klaviyo.shapes.base import Coordinate, Shape, Table, Text


class Location(Shape):
    address1: Text = UNSET
    address2: Text = UNSET
    city: Text = UNSET
    country: Text = UNSET
    latitude: Coordinate = UNSET
    longitude: Coordinate = UNSET
    region: Text = UNSET
    zip: Text = UNSET
    timezone: Text = UNSET
    ip: Text = UNSET


class PatchProperties(Shape):
    append: Table = UNSET
    unappend: Table = UNSET
    unset: str | list[str] | UnsetType | None = UNSET


class ProfileMeta(Shape):
    patch_properties: PatchProperties | UnsetType | None = UNSET
    patch_identifiers: Table = UNSET


class ProfileAttributes(Shape):
    email: Text = UNSET
    phone_number: Text = UNSET
    external_id: Text = UNSET
    kx: Text = msgspec.field(default=UNSET, name="_kx")
    first_name: Text = UNSET
    last_name: Text = UNSET
    organization: Text = UNSET
    locale: Text = UNSET
    title: Text = UNSET
    image: Text = UNSET
    location: Location | UnsetType | None = UNSET
    properties: Table = UNSET


class ProfileData(Shape):
    type: Literal["profile"]
    attributes: ProfileAttributes
    id: Text = UNSET
    meta: ProfileMeta | UnsetType | None = UNSET


class OneProfile(Shape):
    data: ProfileData


class Reference(Shape):
    type: Literal["list", "segment", "profile"]
    id: str


class OneReference(Shape):
    data: Reference


class References(Shape):
    data: list[Reference]


class Profiles(Shape):
    data: list[ProfileData]


class ImportAttributes(Shape):
    profiles: Profiles


class ImportRelationships(Shape):
    lists: References | UnsetType = UNSET


class ImportData(Shape):
    type: Literal["profile-bulk-import-job"]
    attributes: ImportAttributes
    relationships: ImportRelationships | UnsetType = UNSET


class ImportJob(Shape):
    data: ImportData


class ErasedAttributes(Shape):
    email: Text = UNSET
    phone_number: Text = UNSET


class ErasedData(Shape):
    type: Literal["profile"]
    attributes: ErasedAttributes
    id: Text = UNSET


class ErasedProfile(Shape):
    data: ErasedData


class DeletionAttributes(Shape):
    profile: ErasedProfile


class DeletionData(Shape):
    type: Literal["data-privacy-deletion-job"]
    attributes: DeletionAttributes


class DeletionJob(Shape):
    data: DeletionData
