"""Who is there: profiles, lists, their members, forms, flows, and the order in which suppressions came.

Not locked: the account is. Change consent through `consent`, never here.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from companion.simulator.klaviyo.ids import short_id
from companion.simulator.klaviyo.profiles import Profile, Profiles, Suppression
from companion.simulator.klaviyo.timeline import Timeline

REMEMBERED_STARTS: Final = 1_000


class MailingList:
    """A list and its members, in the order they joined."""

    def __init__(self, list_id: str, name: str, opt_in_process: str, now: float) -> None:
        self.id = list_id
        self.name = name
        self.opt_in_process = opt_in_process
        self.created = self.updated = now
        self.joined = Timeline()
        self._members: dict[int, float] = {}

    @property
    def count(self) -> int:
        """How many members there are."""
        return len(self._members)

    def holds(self, profile: Profile) -> bool:
        """Whether the profile is a member."""
        return profile.number in self._members

    def joined_at(self, profile: Profile) -> float | None:
        """Since when the profile is a member."""
        return self._members.get(profile.number)

    def is_current(self, at: float, number: int) -> bool:
        """Whether a row of `joined` still describes a membership."""
        return self._members.get(number) == at

    def add(self, profile: Profile, at: float) -> bool:
        """Make the profile a member; False if it is one."""
        if profile.number in self._members:
            return False
        self._members[profile.number] = at
        self.joined.add(at, profile.number)
        return True

    def remove(self, profile: Profile) -> bool:
        """End a membership; False if there is none."""
        return self._members.pop(profile.number, None) is not None


class Flow(msgspec.Struct):
    """An automation, and for whom it started."""

    id: str
    name: str
    status: str
    trigger_type: str
    trigger_id: str
    created: float
    started: int = 0
    starts: list[tuple[float, str]] = []


class FormVersion(msgspec.Struct):
    """One variation of a form; its type decides whether a theme needs an element for it."""

    id: str
    form_type: str
    variation_name: str
    status: str


class Form(msgspec.Struct):
    """A sign-up form."""

    id: str
    name: str
    status: str
    created: float
    versions: list[FormVersion]


class Audience:
    """The people of one account and what is arranged around them."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self.default_opt_in = "double_opt_in"
        self.profiles = Profiles(account_id)
        self.lists: dict[str, MailingList] = {}
        self.forms: dict[str, Form] = {}
        self.flows: dict[str, Flow] = {}
        self.suppressed = Timeline()
        self.list_suppressed = Timeline()
        self.opt_outs_lifted = 0

    def add_list(self, name: str, opt_in_process: str, now: float) -> MailingList:
        """Create a list; names need not be unique."""
        list_id = short_id(self._account_id, "list", str(len(self.lists)))
        self.lists[list_id] = MailingList(list_id, name, opt_in_process, now)
        return self.lists[list_id]

    def add_form(self, name: str, status: str, versions: list[dict[str, Any]], now: float) -> Form:
        """Create a form with versions {form_type, status, variation_name}."""
        number = len(self.forms)
        form = Form(short_id(self._account_id, "form", str(number)), name, status, now, [])
        for index, version in enumerate(versions):
            kind = version.get("form_type", "embed")
            variation = version.get("variation_name", f"Variation {index + 1}")
            identity = str(1_000_000 + number * 100 + index)
            form.versions.append(FormVersion(identity, kind, variation, version.get("status", status)))
        self.forms[form.id] = form
        return form

    def add_flow(self, name: str, status: str, trigger_type: str, trigger_id: str, now: float) -> Flow:
        """Create a flow that a list ("Added to List") or a metric ("Metric") triggers."""
        flow_id = short_id(self._account_id, "flow", str(len(self.flows)))
        self.flows[flow_id] = Flow(flow_id, name, status, trigger_type, trigger_id, now)
        return self.flows[flow_id]

    def flows_of(self, trigger_type: str, trigger_id: str) -> Iterator[Flow]:
        """The flows with this trigger, live or not."""
        return (
            flow for flow in self.flows.values() if flow.trigger_type == trigger_type and flow.trigger_id == trigger_id
        )

    def start_flows(self, trigger_type: str, trigger_id: str, profile: Profile, now: float) -> None:
        """Start the live flows with this trigger for someone."""
        for flow in self.flows_of(trigger_type, trigger_id):
            if flow.status == "live":
                flow.started += 1
                flow.starts = [*flow.starts[-REMEMBERED_STARTS:], (now, profile.id)]

    def suppress(self, profile: Profile, suppression: Suppression) -> None:
        """Put a suppression on record."""
        profile.consent.suppressions.append(suppression)
        timeline = self.list_suppressed if suppression.list_id else self.suppressed
        timeline.add(suppression.at, profile.number)

    def lists_of(self, profile: Profile) -> list[MailingList]:
        """The lists someone is a member of."""
        return [mailing_list for mailing_list in self.lists.values() if mailing_list.holds(profile)]

    def forget(self, profile: Profile) -> None:
        """Delete a person from everything here."""
        for mailing_list in self.lists_of(profile):
            mailing_list.remove(profile)
        self.profiles.remove(profile)
