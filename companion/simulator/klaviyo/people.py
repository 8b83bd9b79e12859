"""Which profiles a query means: filters, order and pages of GET /api/profiles and of a list's members.

Every page is read from an index (an identifier, the order of creation, joining or suppression), never by sorting
everyone again, so that walking a million profiles stays cheap.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from companion.simulator.klaviyo import filters, paging, resources
from companion.simulator.klaviyo.audience import Audience, MailingList
from companion.simulator.klaviyo.errors import bad_parameter
from companion.simulator.klaviyo.filters import EXACT, ORDERS, Condition
from companion.simulator.klaviyo.paging import Page
from companion.simulator.klaviyo.profiles import Profile, Suppression
from companion.simulator.klaviyo.timeline import Row, Timeline

SUPPRESSION: Final = "subscriptions.email.marketing.suppression."
LIST_SUPPRESSION: Final = "subscriptions.email.marketing.list_suppressions."
BETWEEN: Final = frozenset({"greater-than", "less-than"})
EQUALS: Final = frozenset({"equals"})
GRAMMAR: Final = {
    **dict.fromkeys(("id", "email", "phone_number", "external_id"), EXACT),
    "_kx": EQUALS,
    "created": BETWEEN,
    "updated": BETWEEN,
    f"{SUPPRESSION}reason": EQUALS,
    f"{SUPPRESSION}timestamp": ORDERS,
    f"{LIST_SUPPRESSION}reason": EQUALS,
    f"{LIST_SUPPRESSION}timestamp": ORDERS,
    f"{LIST_SUPPRESSION}list_id": EQUALS,
}
MEMBER_GRAMMAR: Final = {
    **dict.fromkeys(("email", "phone_number", "push_token"), EXACT),
    "_kx": EQUALS,
    "joined_group_at": ORDERS,
}
LARGEST_PAGE: Final = 100
USUAL_PAGE: Final = 20
INDEXED: Final = ("id", "email", "phone_number", "external_id", "_kx")
SORTS: Final = ("id", "created", "updated", "email", f"{SUPPRESSION}timestamp", f"{LIST_SUPPRESSION}timestamp")


def select(audience: Audience, query: Mapping[str, str]) -> Page[Profile]:
    """One page of all profiles. Raises Refusal 400 for a filter, sort, size or cursor that is not allowed."""
    conditions = filters.parse(query.get("filter"), GRAMMAR)
    field, descending = _sort(query, SORTS, "created")
    limit = paging.size(query, USUAL_PAGE, LARGEST_PAGE)
    if field in {"updated", "email"} or any(condition.field in INDEXED for condition in conditions):
        return _sorted_page(audience, query, conditions, (field, descending), limit)
    rows = paging.walk(_timeline(audience, field, conditions), query, descending=descending)
    return paging.page(_profiles(audience, rows, field, conditions), limit)


def members(audience: Audience, mailing_list: MailingList, query: Mapping[str, str]) -> Page[Profile]:
    """One page of a list's members. Raises Refusal 400 like `select`."""
    conditions = filters.parse(query.get("filter"), MEMBER_GRAMMAR)
    _, descending = _sort(query, ("joined_group_at",), "joined_group_at")
    limit = paging.size(query, USUAL_PAGE, LARGEST_PAGE)
    if named := [condition for condition in conditions if condition.field in INDEXED]:
        found = [one for one in _looked_up(audience, named[0]) if mailing_list.holds(one)]
        kept = [one for one in found if all(_is_member_like(mailing_list, item, one) for item in conditions)]
        return paging.slice_of(kept, query, limit)
    rows = paging.walk(mailing_list.joined, query, descending=descending)
    current = ((row, audience.profiles.by_number[row[1]]) for row in rows if mailing_list.is_current(*row))
    matching = (
        (row, one) for row, one in current if all(_is_member_like(mailing_list, item, one) for item in conditions)
    )
    return paging.page(matching, limit)


def shown(
    profiles: Sequence[Profile], query: Mapping[str, str], mailing_list: MailingList | None = None
) -> list[dict[str, Any]]:
    """Profiles (of a list) as documents, with what `additional-fields` and `fields` ask for."""
    extra = "subscriptions" in query.get("additional-fields[profile]", "").split(",")
    joined = [mailing_list.joined_at(one) if mailing_list else None for one in profiles]
    documents = [
        resources.profile(one, subscriptions=extra, joined_at=at) for one, at in zip(profiles, joined, strict=True)
    ]
    return paging.sparse(documents, query, "profile")


def _sort(query: Mapping[str, str], allowed: Sequence[str], default: str) -> tuple[str, bool]:
    raw = query.get("sort", default)
    field = raw.removeprefix("-")
    if field not in allowed:
        raise bad_parameter("sort", f"'{field}' is not a sortable field for this endpoint.")
    return field, raw.startswith("-")


def _timeline(audience: Audience, field: str, conditions: Sequence[Condition]) -> Timeline:
    """Whoever is suppressed is found by when that happened, whatever the order asked for."""
    wanted = [field, *(condition.field for condition in conditions)]
    if any(name.startswith(LIST_SUPPRESSION) for name in wanted):
        return audience.list_suppressed
    if any(name.startswith(SUPPRESSION) for name in wanted):
        return audience.suppressed
    return audience.profiles.created


def _profiles(
    audience: Audience, rows: Iterator[Row], field: str, conditions: Sequence[Condition]
) -> Iterator[tuple[Row, Profile]]:
    """The profiles of these rows that match, each once; one with several suppressions stands at its latest."""
    timeline = _timeline(audience, field, conditions)
    before: Row | None = None
    for at, number in rows:
        profile = audience.profiles.by_number.get(number)
        if profile is None or (at, number) == before or not _stands_at(audience, timeline, profile, at):
            continue
        before = (at, number)
        if _matches(profile, conditions):
            yield (at, number), profile


def _stands_at(audience: Audience, timeline: Timeline, profile: Profile, at: float) -> bool:
    if timeline is audience.profiles.created:
        return True
    on_list = timeline is audience.list_suppressed
    return at == max((one.at for one in profile.consent.suppressions if bool(one.list_id) == on_list), default=None)


def _sorted_page(
    audience: Audience, query: Mapping[str, str], conditions: Sequence[Condition], order: tuple[str, bool], limit: int
) -> Page[Profile]:
    named = [condition for condition in conditions if condition.field in INDEXED]
    found = _looked_up(audience, named[0]) if named else list(audience.profiles)
    kept = [profile for profile in found if _matches(profile, conditions)]
    key = KEYS.get(order[0], lambda profile: profile.number)
    return paging.slice_of(sorted(kept, key=key, reverse=order[1]), query, limit)


def _looked_up(audience: Audience, condition: Condition) -> list[Profile]:
    name = "kx" if condition.field == "_kx" else condition.field
    if condition.field == "push_token":
        return []
    found = {one.number: one for value in condition.values if (one := audience.profiles.find(name, str(value)))}
    return [found[number] for number in sorted(found)]


def _matches(profile: Profile, conditions: Sequence[Condition]) -> bool:
    """Conditions about suppressions must be met by one and the same suppression."""
    plain = [condition for condition in conditions if condition.field in FIELDS]
    if not all(_met(condition, FIELDS[condition.field](profile)) for condition in plain):
        return False
    for prefix, on_list in ((SUPPRESSION, False), (LIST_SUPPRESSION, True)):
        group = [condition for condition in conditions if condition.field.startswith(prefix)]
        suppressions = profile.standing.suppressions if profile.standing else []
        candidates = [one for one in suppressions if bool(one.list_id) == on_list]
        if group and not any(_met_by(one, group, prefix) for one in candidates):
            return False
    return True


def _met(condition: Condition, value: Any) -> bool:
    if condition.field == "email":
        return value in {str(one).strip().lower() for one in condition.values}
    return condition.holds(value)


def _met_by(suppression: Suppression, conditions: Sequence[Condition], prefix: str) -> bool:
    found = {"reason": suppression.reason, "timestamp": suppression.at, "list_id": suppression.list_id}
    return all(condition.holds(found[condition.field.removeprefix(prefix)]) for condition in conditions)


def _is_member_like(mailing_list: MailingList, condition: Condition, profile: Profile) -> bool:
    if condition.field == "joined_group_at":
        return condition.holds(mailing_list.joined_at(profile))
    return condition.field in FIELDS and _met(condition, FIELDS[condition.field](profile))


FIELDS: Final[dict[str, Callable[[Profile], Any]]] = {
    "id": lambda profile: profile.id,
    "email": lambda profile: profile.email,
    "phone_number": lambda profile: profile.phone_number,
    "external_id": lambda profile: profile.external_id,
    "_kx": lambda profile: profile.kx,
    "created": lambda profile: profile.created,
    "updated": lambda profile: profile.updated,
}
KEYS: Final[dict[str, Callable[[Profile], Any]]] = {
    "email": lambda profile: (profile.email or "", profile.number),
    "updated": lambda profile: (profile.updated, profile.number),
}
