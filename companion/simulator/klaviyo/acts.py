"""What people do inside Klaviyo: click an unsubscribe link, report spam, confirm, bounce; and what an admin does."""

from collections.abc import Callable
from functools import partial
from typing import Final

from companion.simulator.klaviyo import consent
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.audience import Audience, MailingList
from companion.simulator.klaviyo.consent import OptIn
from companion.simulator.klaviyo.errors import Problem, Refusal, not_found
from companion.simulator.klaviyo.profiles import Profile

Act = Callable[[Audience, Profile, MailingList | None, float], object]


def _subscribe(audience: Audience, profile: Profile, mailing_list: MailingList | None, now: float) -> None:
    consent.subscribe(audience, profile, mailing_list, OptIn("email", "PREFERENCE_PAGE"), now)


def _confirm(audience: Audience, profile: Profile, _list: MailingList | None, now: float) -> None:
    consent.confirm(audience, profile, now)


def _unsubscribe(audience: Audience, profile: Profile, mailing_list: MailingList | None, now: float) -> None:
    consent.unsubscribe(audience, profile, mailing_list, "email", "LINK", now)


def _unsuppress(_audience: Audience, profile: Profile, _list: MailingList | None, now: float) -> None:
    consent.unsuppress(profile, now)


def _leave(_audience: Audience, profile: Profile, mailing_list: MailingList | None, _now: float) -> None:
    if mailing_list:
        mailing_list.remove(profile)


def _suppress(reason: str, audience: Audience, profile: Profile, _list: MailingList | None, now: float) -> None:
    consent.suppress(audience, profile, reason, now)


ACTS: Final[dict[str, Act]] = {
    "subscribe": _subscribe,
    "confirm": _confirm,
    "unsubscribe": _unsubscribe,
    "spam": partial(_suppress, "SPAM_COMPLAINT"),
    "bounce": partial(_suppress, "HARD_BOUNCE"),
    "suppress": partial(_suppress, "USER_SUPPRESSED"),
    "unsuppress": _unsuppress,
    "leave": _leave,
}


def perform(account: Account, identity: str, act: str, list_id: str, now: float) -> Profile:
    """Let the profile (an id or an e-mail) act, on a list where one is named. Raises Refusal 404 or 400."""
    with account.lock:
        profile = named(account, identity)
        mailing_list = account.audience.lists.get(list_id)
        if list_id and mailing_list is None:
            raise not_found("list", list_id)
        if act not in ACTS:
            raise Refusal(400, [Problem(f"{act!r} is no act; use one of {', '.join(ACTS)}")])
        ACTS[act](account.audience, profile, mailing_list, now)
        return profile


def named(account: Account, identity: str) -> Profile:
    """The profile of this id or e-mail. Raises Refusal 404."""
    profiles = account.audience.profiles
    profile = profiles.find("id", identity) or profiles.find("email", identity)
    if profile is None:
        raise not_found("profile", identity)
    return profile
