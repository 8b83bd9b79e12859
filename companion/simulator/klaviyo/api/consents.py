"""Subscribing, unsubscribing, suppressing: jobs without a trace, whose effects only a read shows.

Source: https://developers.klaviyo.com/en/reference/bulk_subscribe_profiles and its siblings.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from companion.simulator.klaviyo import consent, resources
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.api.answers import list_named, single
from companion.simulator.klaviyo.audience import MailingList
from companion.simulator.klaviyo.checks import email_fault, phone_fault
from companion.simulator.klaviyo.clock import epoch
from companion.simulator.klaviyo.consent import OptIn
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import Problem, Refusal, invalid, not_found
from companion.simulator.klaviyo.jobs import Job
from companion.simulator.klaviyo.profiles import Profile
from companion.simulator.klaviyo.shapes.consents import (
    Consent,
    Email,
    Messaging,
    Relationships,
    SubscriberAttributes,
    SubscriptionJob,
    Subscriptions,
    Suppressed,
    SuppressionJob,
)
from companion.simulator.klaviyo.shapes.profiles import OneReference

PROFILES: Final = "/data/attributes/profiles/data"
SUBSCRIBE: Final = "profile-subscription-bulk-create-job"
UNSUBSCRIBE: Final = "profile-subscription-bulk-delete-job"
SUPPRESS: Final = "profile-suppression-bulk-create-job"
UNSUPPRESS: Final = "profile-suppression-bulk-delete-job"
LARGEST_SUBSCRIBE: Final = 1_000
LARGEST: Final = 100
METHOD: Final = "API"


def channels(subscriptions: Subscriptions) -> Iterator[tuple[str, Consent]]:
    """The marketing channels a subscription names and the simulator keeps: email and sms."""
    if isinstance(subscriptions.email, Email) and isinstance(subscriptions.email.marketing, Consent):
        yield "email", subscriptions.email.marketing
    if isinstance(subscriptions.sms, Messaging) and isinstance(subscriptions.sms.marketing, Consent):
        yield "sms", subscriptions.sms.marketing


def subscribe(call: Call) -> Reply:
    """POST /api/profile-subscription-bulk-create-jobs"""
    data = call.decode(SubscriptionJob).data
    given = [one.attributes for one in data.attributes.profiles.data]
    historical = data.attributes.historical_import is True
    _check_subscribers(given, "SUBSCRIBED", LARGEST_SUBSCRIBE, call.now, historical=historical)
    mailing_list = _list(call, data.relationships)
    source = data.attributes.custom_source if isinstance(data.attributes.custom_source, str) else None

    def run(job: Job) -> None:
        for one in given:
            profile = reach(call.account, one, job.due)
            for channel, asked in channels(one.subscriptions):
                at = epoch(asked.consented_at) if isinstance(asked.consented_at, datetime) else None
                opt_in = OptIn(channel, METHOD, source, historical, at)
                consent.subscribe(call.account.audience, profile, mailing_list, opt_in, job.due)

    call.account.jobs.submit(SUBSCRIBE, len(given), run, call.now)
    return Reply(202)


def unsubscribe(call: Call) -> Reply:
    """POST /api/profile-subscription-bulk-delete-jobs: global for whoever is not on the list."""
    data = call.decode(SubscriptionJob).data
    given = [one.attributes for one in data.attributes.profiles.data]
    _check_subscribers(given, "UNSUBSCRIBED", LARGEST, call.now, historical=False)
    mailing_list = _list(call, data.relationships)

    def run(job: Job) -> None:
        for one in given:
            profile = reach(call.account, one, job.due)
            for channel, _ in channels(one.subscriptions):
                consent.unsubscribe(call.account.audience, profile, mailing_list, channel, METHOD, job.due)

    call.account.jobs.submit(UNSUBSCRIBE, len(given), run, call.now)
    return Reply(202)


def suppress(call: Call) -> Reply:
    """POST /api/profile-suppression-bulk-create-jobs"""

    def act(profile: Profile, at: float) -> bool:
        return consent.suppress(call.account.audience, profile, "USER_SUPPRESSED", at)

    return _suppression_job(call, SUPPRESS, act)


def unsuppress(call: Call) -> Reply:
    """POST /api/profile-suppression-bulk-delete-jobs: lifts USER_SUPPRESSED only."""
    return _suppression_job(call, UNSUPPRESS, consent.unsuppress)


def reach(account: Account, given: SubscriberAttributes, now: float) -> Profile:
    """The profile a subscription is about, made if need be."""
    profiles = account.audience.profiles
    email = given.email if isinstance(given.email, str) else None
    phone = given.phone_number if isinstance(given.phone_number, str) else None
    profile = profiles.find("email", email) or profiles.find("phone_number", phone) or profiles.add(now)
    for name, value in (("email", email), ("phone_number", phone)):
        if value:
            profiles.identify(profile, name, value)
    return profile


def _check_subscribers(
    given: Sequence[SubscriberAttributes], consent_word: str, largest: int, now: float, *, historical: bool
) -> None:
    if not 0 < len(given) <= largest:
        raise invalid(f"Between 1 and {largest} profiles are allowed in one request.", PROFILES)
    problems = []
    for index, one in enumerate(given):
        fault = subscriber_fault(one) or _consent_fault(one.subscriptions, consent_word, now, historical=historical)
        if fault:
            problems.append(Problem(fault[1], f"{PROFILES}/{index}/attributes/{fault[0]}".rstrip("/")))
    if problems:
        raise Refusal(400, problems)


def subscriber_fault(one: SubscriberAttributes) -> tuple[str, str] | None:
    """A channel needs its identifier, and identifiers must be well formed."""
    if isinstance(one.email, str) and (fault := email_fault(one.email)):
        return fault
    if isinstance(one.phone_number, str) and (fault := phone_fault(one.phone_number)):
        return fault
    named = dict(channels(one.subscriptions))
    if "email" in named and not one.email:
        return "email", "An email is required to change email subscriptions."
    if "sms" in named and not one.phone_number:
        return "phone_number", "A phone_number is required to change SMS subscriptions."
    if not one.email and not one.phone_number:
        return "", "An email or a phone_number is required."
    return None


def _consent_fault(subscriptions: Subscriptions, word: str, now: float, *, historical: bool) -> tuple[str, str] | None:
    named = list(channels(subscriptions))
    if not named:
        return "subscriptions", "At least one channel is required in subscriptions."
    for channel, asked in named:
        at = f"subscriptions/{channel}/marketing"
        if asked.consent != word:
            return f"{at}/consent", f"consent must be {word}."
        given = epoch(asked.consented_at) if isinstance(asked.consented_at, datetime) else None
        if historical and given is None:
            return f"{at}/consented_at", "consented_at is required if historical_import is true."
        if not historical and given is not None:
            return f"{at}/consented_at", "consented_at must not be given unless historical_import is true."
        if given is not None and given > now:
            return f"{at}/consented_at", "consented_at must lie in the past."
    return None


def _suppression_job(call: Call, kind: str, act: Callable[[Profile, float], bool]) -> Reply:
    data = call.decode(SuppressionJob).data
    mailing_list = _list(call, data.relationships)
    profiles = data.attributes.profiles
    emails = [one.attributes.email for one in profiles.data] if isinstance(profiles, Suppressed) else []
    _check_emails(emails, mailing_list)

    def run(job: Job) -> None:
        for profile in _concerned(call.account, emails, mailing_list, job.due):
            done = act(profile, job.due)
            job.completed, job.skipped = job.completed + done, job.skipped + (not done)

    total = mailing_list.count if mailing_list else len(emails)
    job = call.account.jobs.submit(kind, total, run, call.now)
    return single(call, resources.job(job, call.now), 202)


def _check_emails(emails: Sequence[str], mailing_list: MailingList | None) -> None:
    if mailing_list is not None and emails:
        raise invalid("Either profiles or a list may be given, not both.", PROFILES)
    if mailing_list is None and not 0 < len(emails) <= LARGEST:
        raise invalid(f"Between 1 and {LARGEST} email addresses are allowed in one request.", PROFILES)
    for index, email in enumerate(emails):
        if fault := email_fault(email):
            raise invalid(fault[1], f"{PROFILES}/{index}/attributes/email")


def _concerned(account: Account, emails: Sequence[str], mailing_list: MailingList | None, now: float) -> list[Profile]:
    profiles = account.audience.profiles
    if mailing_list is not None:
        return [profile for profile in profiles if mailing_list.holds(profile)]
    found = []
    for email in emails:
        profile = profiles.find("email", email) or profiles.add(now)
        profiles.identify(profile, "email", email)
        found.append(profile)
    return found


def suppression_job(call: Call) -> Reply:
    """GET /api/profile-suppression-bulk-create-jobs/{id} and -delete-jobs/{id}"""
    kind = SUPPRESS if call.operation.name == "get_bulk_suppress_profiles_job" else UNSUPPRESS
    job = call.account.jobs.find(kind, call.args["job_id"])
    if job is None:
        raise not_found(kind, call.args["job_id"])
    return single(call, resources.job(job, call.now))


def _list(call: Call, relationships: object) -> MailingList | None:
    if not isinstance(relationships, Relationships):
        return None
    if isinstance(relationships.segment, OneReference):
        raise not_found("segment", relationships.segment.data.id)
    if not isinstance(relationships.list, OneReference):
        return None
    return list_named(call, relationships.list.data.id)


VIEWS: Final[dict[str, View]] = {
    "bulk_subscribe_profiles": subscribe,
    "bulk_unsubscribe_profiles": unsubscribe,
    "bulk_suppress_profiles": suppress,
    "bulk_unsuppress_profiles": unsuppress,
    "get_bulk_suppress_profiles_job": suppression_job,
    "get_bulk_unsuppress_profiles_job": suppression_job,
}
