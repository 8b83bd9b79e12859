"""Consent, suppression and list membership: three things that Klaviyo keeps apart.

Facts: https://developers.klaviyo.com/en/docs/collect_email_and_sms_consent_via_api and the descriptions of the
subscription jobs. Every change leaves a sentence in the profile's history.
"""

from dataclasses import dataclass
from typing import Final

from companion.simulator.klaviyo.audience import Audience, MailingList
from companion.simulator.klaviyo.profiles import Channel, Profile, Suppression

LIFTED_BY_SUBSCRIBING: Final = frozenset({"UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED"})
REASONS: Final = ("UNSUBSCRIBE", "HARD_BOUNCE", "INVALID_EMAIL", "SPAM_COMPLAINT", "USER_SUPPRESSED")


@dataclass(frozen=True, slots=True)
class OptIn:
    """How someone subscribes. `consented_at` is set for a historical import only."""

    channel: str
    method: str
    source: str | None = None
    historical: bool = False
    consented_at: float | None = None


def subscribe(
    audience: Audience, profile: Profile, mailing_list: MailingList | None, opt_in: OptIn, now: float
) -> None:
    """Subscribe, or ask for confirmation where the list (or, without one, the account) wants a double opt-in.

    Lifts suppressions at once, as the endpoint is documented to do, whether or not the person confirms.
    """
    if opt_in.channel == "email":
        _lift(audience, profile, mailing_list, now)
    process = mailing_list.opt_in_process if mailing_list else audience.default_opt_in
    if process == "double_opt_in" and not opt_in.historical and opt_in.channel == "email":
        profile.consent.awaiting[mailing_list.id if mailing_list else ""] = opt_in.source
        _note(profile, now, f"asked to confirm{_list(' on', mailing_list)} ({opt_in.method})")
        return
    _grant(audience, profile, mailing_list, opt_in, now, double=False)


def confirm(audience: Audience, profile: Profile, now: float) -> None:
    """The person clicks the link of every confirmation that waits."""
    awaiting = dict(profile.consent.awaiting)
    profile.consent.awaiting.clear()
    for list_id, source in awaiting.items():
        opt_in = OptIn("email", "DOUBLE_OPT_IN", source)
        _grant(audience, profile, audience.lists.get(list_id), opt_in, now, double=True)


def unsubscribe(
    audience: Audience, profile: Profile, mailing_list: MailingList | None, channel: str, method: str, now: float
) -> None:
    """Unsubscribe from the list, or globally where the profile is no member of it or none is named."""
    if channel != "email":
        _record(getattr(profile.consent, channel), "UNSUBSCRIBED", now, OptIn(channel, method))
        _note(profile, now, f"unsubscribed from {channel} ({method})")
    elif mailing_list and mailing_list.holds(profile):
        mailing_list.remove(profile)
        audience.suppress(profile, Suppression("UNSUBSCRIBE", now, mailing_list.id))
        _note(profile, now, f"unsubscribed{_list(' from', mailing_list)} ({method})")
    else:
        _record(profile.consent.email, "UNSUBSCRIBED", now, OptIn(channel, method))
        audience.suppress(profile, Suppression("UNSUBSCRIBE", now))
        aside = f", being no member{_list(' of', mailing_list)}" if mailing_list else ""
        _note(profile, now, f"unsubscribed globally{aside} ({method})")


def suppress(audience: Audience, profile: Profile, reason: str, now: float) -> bool:
    """Suppress for a reason; return False where that reason stands already."""
    if any(found.reason == reason and found.list_id is None for found in profile.consent.suppressions):
        return False
    audience.suppress(profile, Suppression(reason, now))
    _note(profile, now, f"suppressed: {reason}")
    return True


def unsuppress(profile: Profile, now: float) -> bool:
    """Lift USER_SUPPRESSED, and only that; return whether there was one."""
    kept = [found for found in profile.consent.suppressions if found.reason != "USER_SUPPRESSED"]
    lifted = len(kept) < len(profile.consent.suppressions)
    profile.consent.suppressions = kept
    if lifted:
        _note(profile, now, "suppression lifted: USER_SUPPRESSED")
    return lifted


def _lift(audience: Audience, profile: Profile, mailing_list: MailingList | None, now: float) -> None:
    list_id = mailing_list.id if mailing_list else None
    kept = [
        found
        for found in profile.consent.suppressions
        if (found.list_id or list_id) != list_id or found.reason not in LIFTED_BY_SUBSCRIBING
    ]
    if len(kept) < len(profile.consent.suppressions):
        reasons = ", ".join(found.reason for found in profile.consent.suppressions if found not in kept)
        _note(profile, now, f"suppression lifted by subscribing: {reasons}")
        audience.opt_outs_lifted += 1
    profile.consent.suppressions = kept


def _grant(
    audience: Audience, profile: Profile, mailing_list: MailingList | None, opt_in: OptIn, now: float, *, double: bool
) -> None:
    channel: Channel = getattr(profile.consent, opt_in.channel)
    _record(channel, "SUBSCRIBED", now, opt_in)
    channel.double_opt_in = double
    if mailing_list and mailing_list.add(profile, now) and not opt_in.historical:
        audience.start_flows("Added to List", mailing_list.id, profile, now)
    kind = ", historical import" if opt_in.historical else ""
    _note(profile, now, f"subscribed to {opt_in.channel}{_list(' on', mailing_list)} ({opt_in.method}{kind})")


def _record(channel: Channel, consent: str, now: float, opt_in: OptIn) -> None:
    channel.consent = consent
    channel.consented_at = opt_in.consented_at or now
    channel.changed_at = now
    channel.method = opt_in.method
    channel.source = opt_in.source


def _note(profile: Profile, now: float, sentence: str) -> None:
    profile.consent.history.append((now, sentence))


def _list(preposition: str, mailing_list: MailingList | None) -> str:
    return f"{preposition} “{mailing_list.name}”" if mailing_list else ""
