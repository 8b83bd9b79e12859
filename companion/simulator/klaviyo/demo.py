"""The content of the first account: lists, forms and flows as a young shop has them. And content a tester orders."""

from typing import Any

import msgspec

from companion.simulator.klaviyo import consent
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.audience import MailingList
from companion.simulator.klaviyo.errors import not_found
from companion.simulator.klaviyo.profiles import Profile, Suppression

FORMS = (
    ("Footer sign-up", "live", "embed"),
    ("Welcome, 10 % off", "live", "popup"),
    ("Spring flyout", "draft", "flyout"),
    ("Service banner", "live", "banner"),
    ("Account page sign-up", "live", "embed"),
)


def furnish(account: Account, now: float) -> None:
    """Fill an empty account."""
    audience = account.audience
    audience.add_list("Newsletter", "single_opt_in", now)
    audience.add_list("Double opt-in Newsletter", "double_opt_in", now)
    audience.add_list("VIP", "single_opt_in", now)
    for name, status, form_type in FORMS:
        audience.add_form(name, status, [{"form_type": form_type}], now)
    for metric, flow in (("Placed Order", "Thank you for your order"), ("Started Checkout", "Abandoned checkout")):
        metric_id = account.ledger.metric(metric, now).id
        audience.add_flow(flow, "live", "Metric", metric_id, now)


class SeedList(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    opt_in_process: str = "single_opt_in"


class SeedSuppression(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    at: float | None = None
    list_id: str | None = None


class SeedProfile(msgspec.Struct, forbid_unknown_fields=True):
    email: str
    external_id: str | None = None
    consent: str = "NEVER_SUBSCRIBED"
    lists: list[str] = []
    joined_at: float | None = None
    suppressions: list[SeedSuppression] = []


class SeedForm(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    status: str = "live"
    versions: list[dict[str, Any]] = msgspec.field(default_factory=lambda: [{"form_type": "embed"}])


class SeedFlow(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    status: str = "live"
    list_id: str | None = None
    metric: str | None = None


class SeedMetric(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    integration: str = "shopify"


class Seed(msgspec.Struct, forbid_unknown_fields=True):
    """What a tester wants to find in an account before the test begins. Times are epoch seconds."""

    lists: list[SeedList] = []
    profiles: list[SeedProfile] = []
    forms: list[SeedForm] = []
    flows: list[SeedFlow] = []
    metrics: list[SeedMetric] = []


def sow(account: Account, seed: Seed, now: float) -> dict[str, list[str]]:
    """Put the seed into an account; return the ids by kind, in the order given. Raises Refusal 404 for a list."""
    audience = account.audience
    flows = []
    for flow in seed.flows:
        metric = account.ledger.metric(flow.metric or "", now)
        trigger = ("Added to List", flow.list_id) if flow.list_id else ("Metric", metric.id)
        flows.append(audience.add_flow(flow.name, flow.status, *trigger, now).id)
    return {
        "lists": [audience.add_list(new.name, new.opt_in_process, now).id for new in seed.lists],
        "forms": [audience.add_form(form.name, form.status, form.versions, now).id for form in seed.forms],
        "flows": flows,
        "metrics": [account.ledger.metric(new.name, now, new.integration).id for new in seed.metrics],
        "profiles": [_sow_profile(account, person, now).id for person in seed.profiles],
    }


def _sow_profile(account: Account, person: SeedProfile, now: float) -> Profile:
    profiles = account.audience.profiles
    profile = profiles.find("email", person.email) or profiles.add(now)
    profiles.identify(profile, "email", person.email)
    profiles.identify(profile, "external_id", person.external_id)
    if person.consent != "NEVER_SUBSCRIBED":
        channel = profile.consent.email
        channel.consent, channel.consented_at, channel.changed_at = person.consent, now, now
    for list_id in person.lists:
        _list(account, list_id).add(profile, person.joined_at or now)
    for found in person.suppressions:
        if found.at is None and found.list_id is None:
            consent.suppress(account.audience, profile, found.reason, now)
        else:
            account.audience.suppress(profile, Suppression(found.reason, found.at or now, found.list_id))
    return profile


def _list(account: Account, list_id: str) -> MailingList:
    mailing_list = account.audience.lists.get(list_id)
    if mailing_list is None:
        raise not_found("list", list_id)
    return mailing_list
