"""Who may be subscribed: one pure decision about one address, from what the platform, Klaviyo and our ledger say.

The rule above all: a consent call lifts suppressions, so it is made only for someone who never opted out in Klaviyo,
or who opted in on the platform after they did. Where a time is missing or equal, the opt-out wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from mappings.model import Suppression

Authority = Literal["platform", "klaviyo"]
Status = Literal["active", "inactive", "absent"]
Act = Literal["subscribe", "update", "remove", "none"]
Reason = Literal[
    "new",
    "no_consent",
    "opted_in_again",
    "profile_changed",
    "subscribed",
    "opted_out_on_platform",
    "not_on_platform",
    "inactive",
    "opted_out_in_klaviyo",
    "refused",
    "klaviyo_decides",
]

UNSUBSCRIBED: Final = "UNSUBSCRIBED"
SUBSCRIBED: Final = "SUBSCRIBED"
LIFTABLE: Final = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")
"""What the subscribe call lifts. Bounces and addresses that do not exist stay whatever anybody consents to."""

NEVER_OVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Policy:
    """A merchant's choices. `yielding`: reasons that a newer opt-in on the platform may lift.

    `all_lists`: leaving any list counts as leaving this one.
    """

    authority: Authority = "platform"
    yielding: frozenset[str] = frozenset({"UNSUBSCRIBE"})
    all_lists: bool = False


@dataclass(frozen=True, slots=True)
class OnPlatform:
    """What the shop says. `absent`: it has no such recipient in the channels that share the list.

    `opted_in_at` is never later than the opt-in really was.
    """

    status: Status
    opted_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InKlaviyo:
    """What Klaviyo says: on the list or not, the consent (empty: nothing known), and why it may mail no more."""

    member: bool = False
    consent: str = ""
    suppressions: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What our ledger says: whether the profile has to be written, and whether Klaviyo refused the address."""

    changed: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and why. `opt_out` is what stands in the way, or what a newer opt-in lifts."""

    act: Act
    reason: Reason
    opt_out: Suppression | None = None


def plan(platform: OnPlatform, klaviyo: InKlaviyo, known: Known, policy: Policy, list_id: str) -> Decision:
    """Decide about one address."""
    if policy.authority == "klaviyo":
        may_write = klaviyo.member and platform.status == "active" and known.changed
        return Decision("update" if may_write else "none", "klaviyo_decides")
    if platform.status != "active":
        return _without_consent(platform, klaviyo)
    if known.refused:
        return Decision("none", "refused")
    opt_outs = sorted(_opt_outs(klaviyo, policy, list_id), key=lambda one: one.at or NEVER_OVER)
    standing = [one for one in opt_outs if not _is_lifted(one, platform.opted_in_at, policy)]
    if standing:
        return Decision("none", "opted_out_in_klaviyo", standing[-1])
    if opt_outs:
        return Decision("subscribe", "opted_in_again", opt_outs[-1])
    if not klaviyo.member:
        return Decision("subscribe", "new")
    if klaviyo.consent != SUBSCRIBED:
        return Decision("subscribe", "no_consent")
    return Decision("update", "profile_changed") if known.changed else Decision("none", "subscribed")


def _without_consent(platform: OnPlatform, klaviyo: InKlaviyo) -> Decision:
    """Whoever is on the list and no active subscriber is taken off; nothing else happens to them."""
    if not klaviyo.member:
        return Decision("none", "inactive")
    return Decision("remove", "opted_out_on_platform" if platform.status == "inactive" else "not_on_platform")


def _opt_outs(klaviyo: InKlaviyo, policy: Policy, list_id: str) -> Iterable[Suppression]:
    """What Klaviyo has on record against mailing this list; consent withdrawn without a suppression is one, too."""
    found = [one for one in klaviyo.suppressions if policy.all_lists or one.list_id in ("", list_id)]
    return found or ([Suppression("UNSUBSCRIBE", None)] if klaviyo.consent == UNSUBSCRIBED else [])


def _is_lifted(opt_out: Suppression, opted_in_at: datetime | None, policy: Policy) -> bool:
    """Klaviyo's times are whole seconds, so the opt-in has to lie in a later one."""
    if opt_out.reason not in policy.yielding or opt_out.at is None or opted_in_at is None:
        return False
    return opted_in_at.replace(microsecond=0) > opt_out.at
