"""The account's sign-up forms in Klaviyo, read only. What a form is, only its versions tell.

Shapes and limits: https://developers.klaviyo.com/en/reference/forms_api_overview
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from companion.errors import Retry
from companion.klaviyo.audience import Page, following_page
from companion.klaviyo.transport import Transport
from companion.quota import Pace

PACES: Final = {"forms": Pace(burst=3, steady=60), "form-versions": Pace(burst=3, steady=60)}
PAGE: Final = {"page[size]": "100"}


@dataclass(frozen=True, slots=True)
class Form:
    """A form. `version` changes whenever the form does; `status` is draft or live."""

    id: str
    name: str
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One variation of a form. `type`: banner, embed, flyout, full_page or popup."""

    type: str
    status: str


class Forms:
    """Klaviyo's forms. Every method raises Retry, Bury or Pause."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def listed(self, key: str, following: str | None = None) -> Page[Form]:
        """One page of all forms, the newest change last (GET /api/forms)."""
        query = None if following else {**PAGE, "sort": "updated_at"}
        reply = self._transport.call("GET", following or "/api/forms", key, accepted=(200,), query=query)
        document = reply.document()
        return Page([_form(one) for one in _data(document)], following_page(document.get("links")), reply.quota)

    def versions(self, key: str, form_id: str) -> Page[FormVersion]:
        """A form's first hundred variations; none where the form is gone (GET /api/forms/{id}/form-versions)."""
        path = f"/api/forms/{form_id}/form-versions"
        reply = self._transport.call("GET", path, key, accepted=(200, 404), query=PAGE)
        found = _data(reply.document()) if reply.status == 200 else []
        return Page([_version(one) for one in found], None, reply.quota)


def _data(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Retry("Klaviyo's answer is not readable")
    return found


def _form(found: Mapping[str, Any]) -> Form:
    attributes = found.get("attributes") or {}
    said = {name: str(attributes.get(name) or "") for name in ("name", "status", "updated_at")}
    return Form(str(found.get("id")), said["name"], said["status"], said["updated_at"])


def _version(found: Mapping[str, Any]) -> FormVersion:
    attributes = found.get("attributes") or {}
    return FormVersion(str(attributes.get("form_type") or ""), str(attributes.get("status") or ""))
