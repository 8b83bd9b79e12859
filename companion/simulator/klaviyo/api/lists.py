"""Lists and their members. Membership is no consent: adding and removing here changes none.

Source: https://developers.klaviyo.com/en/reference/lists_api_overview.
"""

from typing import Any, Final

from companion.simulator.klaviyo import filters, paging, people, resources
from companion.simulator.klaviyo.api.answers import collection, list_named, single
from companion.simulator.klaviyo.audience import MailingList
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import bad_parameter, invalid, not_found
from companion.simulator.klaviyo.filters import EXACT, Condition
from companion.simulator.klaviyo.profiles import Profile
from companion.simulator.klaviyo.shapes.consents import NewList
from companion.simulator.klaviyo.shapes.profiles import References

PAGE: Final = 10
LARGEST_CHANGE: Final = 1_000
LATER: Final = frozenset({"greater-than"})
GRAMMAR: Final = {"name": EXACT, "id": EXACT, "created": LATER, "updated": LATER}
SORTS: Final = ("created", "updated", "name", "id")


def read(call: Call) -> Reply:
    """GET /api/lists: ten a page."""
    conditions = filters.parse(call.query.get("filter"), GRAMMAR)
    sort = call.query.get("sort", "created")
    if sort.removeprefix("-") not in SORTS:
        raise bad_parameter("sort", f"'{sort}' is not a sortable field for this endpoint.")
    found = [one for one in call.account.audience.lists.values() if all(_holds(item, one) for item in conditions)]
    found.sort(key=lambda one: getattr(one, sort.removeprefix("-")), reverse=sort.startswith("-"))
    page = paging.slice_of(found, call.query, paging.size(call.query, PAGE, PAGE))
    documents = [resources.mailing_list(one) for one in page.items]
    return collection(call, paging.sparse(documents, call.query, "list"), page.cursor)


def _holds(condition: Condition, mailing_list: MailingList) -> bool:
    found: Any = getattr(mailing_list, condition.field)
    return condition.holds(found)


def create(call: Call) -> Reply:
    """POST /api/lists: names need not be unique; without a word about it, opt-in is double."""
    attributes = call.decode(NewList).data.attributes
    if not attributes.name.strip():
        raise invalid("The name must not be blank.", "/data/attributes/name")
    process = attributes.opt_in_process if isinstance(attributes.opt_in_process, str) else "double_opt_in"
    created = call.account.audience.add_list(attributes.name, process, call.now)
    return single(call, resources.mailing_list(created), 201)


def read_one(call: Call) -> Reply:
    """GET /api/lists/{id}, with profile_count at its own price"""
    with_count = "profile_count" in call.query.get("additional-fields[list]", "").split(",")
    found = resources.mailing_list(list_named(call, call.args["list_id"]), with_count=with_count)
    return single(call, paging.sparse([found], call.query, "list")[0])


def profiles(call: Call) -> Reply:
    """GET /api/lists/{id}/profiles"""
    mailing_list = list_named(call, call.args["list_id"])
    page = people.members(call.account.audience, mailing_list, call.query)
    return collection(call, people.shown(page.items, call.query, mailing_list), page.cursor)


def profile_ids(call: Call) -> Reply:
    """GET /api/lists/{id}/relationships/profiles"""
    page = people.members(call.account.audience, list_named(call, call.args["list_id"]), call.query)
    return collection(call, resources.identity("profile", [one.id for one in page.items]), page.cursor)


def add(call: Call) -> Reply:
    """POST /api/lists/{id}/relationships/profiles"""
    mailing_list = list_named(call, call.args["list_id"])
    for profile in _referenced(call):
        if mailing_list.add(profile, call.now):
            call.account.audience.start_flows("Added to List", mailing_list.id, profile, call.now)
    return Reply(204)


def remove(call: Call) -> Reply:
    """DELETE /api/lists/{id}/relationships/profiles"""
    mailing_list = list_named(call, call.args["list_id"])
    for profile in _referenced(call):
        mailing_list.remove(profile)
    return Reply(204)


def _referenced(call: Call) -> list[Profile]:
    references = call.decode(References).data
    if not 0 < len(references) <= LARGEST_CHANGE:
        raise invalid(f"Between 1 and {LARGEST_CHANGE} profiles are allowed in one request.", "/data")
    found = []
    for reference in references:
        profile = call.account.audience.profiles.find("id", reference.id)
        if profile is None:
            raise not_found("profile", reference.id)
        found.append(profile)
    return found


def flows(call: Call) -> Reply:
    """GET /api/lists/{id}/flow-triggers"""
    mailing_list = list_named(call, call.args["list_id"])
    found = call.account.audience.flows_of("Added to List", mailing_list.id)
    return collection(call, [resources.flow(flow) for flow in found], None)


VIEWS: Final[dict[str, View]] = {
    "get_lists": read,
    "create_list": create,
    "get_list": read_one,
    "get_profiles_for_list": profiles,
    "get_profile_ids_for_list": profile_ids,
    "add_profiles_to_list": add,
    "remove_profiles_from_list": remove,
    "get_flows_triggered_by_list": flows,
}
