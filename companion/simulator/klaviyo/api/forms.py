"""Forms and their versions; only a version tells whether a theme has to hold an element for it.

Source: https://developers.klaviyo.com/en/reference/forms_api_overview.
"""

from datetime import datetime
from typing import Any, Final

from companion.simulator.klaviyo import filters, paging, resources
from companion.simulator.klaviyo.api.answers import collection
from companion.simulator.klaviyo.clock import epoch
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import bad_parameter, not_found
from companion.simulator.klaviyo.filters import EXACT, ORDERS, Condition

EQUALS: Final = frozenset({"equals"})
WHEN: Final = {"created_at": ORDERS, "updated_at": ORDERS}
FORMS: Final = {"id": EXACT, "name": EXACT | {"contains"}, "ab_test": EQUALS, "status": EQUALS, **WHEN}
VERSIONS: Final = {"form_type": EXACT, "status": EQUALS, **WHEN}


def read(call: Call) -> Reply:
    """GET /api/forms: name and status, no type."""
    found = [resources.form(form) for form in call.account.audience.forms.values()]
    return _page(call, found, FORMS, "form")


def versions(call: Call) -> Reply:
    """GET /api/forms/{id}/form-versions"""
    form = call.account.audience.forms.get(call.args["form_id"])
    if form is None:
        raise not_found("form", call.args["form_id"])
    found = [resources.form_version(version, form.created) for version in form.versions]
    return _page(call, found, VERSIONS, "form-version")


def _page(call: Call, found: list[dict[str, Any]], grammar: filters.Grammar, kind: str) -> Reply:
    conditions = filters.parse(call.query.get("filter"), grammar)
    kept = [document for document in found if all(_holds(condition, document) for condition in conditions)]
    sort = call.query.get("sort", "created_at")
    if sort.removeprefix("-") not in WHEN:
        raise bad_parameter("sort", f"'{sort}' is not a sortable field for this endpoint.")
    kept.sort(key=lambda document: str(document["attributes"][sort.removeprefix("-")]), reverse=sort.startswith("-"))
    page = paging.slice_of(kept, call.query, paging.size(call.query, 20, 100))
    return collection(call, paging.sparse(page.items, call.query, kind), page.cursor)


def _holds(condition: Condition, document: dict[str, Any]) -> bool:
    found = document["id"] if condition.field == "id" else document["attributes"][condition.field]
    return condition.holds(epoch(datetime.fromisoformat(found)) if condition.field in WHEN else found)


VIEWS: Final[dict[str, View]] = {"get_forms": read, "get_versions_for_form": versions}
