"""How resources look in answers: JSON:API documents of profiles, lists, events, metrics, forms, flows and jobs.

Source of the members: the official OpenAPI description, revision 2026-07-15.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.audience import Flow, Form, FormVersion, MailingList
from companion.simulator.klaviyo.clock import iso, moment
from companion.simulator.klaviyo.ids import long_id
from companion.simulator.klaviyo.jobs import Job
from companion.simulator.klaviyo.ledger import Arrival, Metric
from companion.simulator.klaviyo.profiles import DETAILS, Channel, Profile, Suppression

BASE: Final = "https://a.klaviyo.com"
INTEGRATIONS: Final = {"api": ("API", "API"), "shopify": ("Shopify", "eCommerce"), "klaviyo": ("Klaviyo", "Internal")}
JOB_LIFETIME_S: Final = 7 * 86_400.0
Document = dict[str, Any]


def profile(found: Profile, *, subscriptions: bool = False, joined_at: float | None = None) -> Document:
    """A profile, with its consent where `additional-fields` asks for it; as a list's member it says since when."""
    attributes: Document = {
        "email": found.email,
        "phone_number": found.phone_number,
        "external_id": found.external_id,
        **{name: found.details.get(name) for name in DETAILS},
        "created": iso(found.created),
        "updated": iso(found.updated),
        "last_event_date": _optional(found.last_event),
        "location": found.location,
        "properties": found.properties,
    }
    if joined_at is not None:
        attributes["joined_group_at"] = iso(joined_at)
    if subscriptions:
        attributes["subscriptions"] = _subscriptions(found)
    return _resource("profile", found.id, "profiles", attributes)


def mailing_list(found: MailingList, *, with_count: bool = False) -> Document:
    """A list; counting its members has a price of its own."""
    attributes: Document = {
        "name": found.name,
        "created": iso(found.created),
        "updated": iso(found.updated),
        "opt_in_process": found.opt_in_process,
    }
    if with_count:
        attributes["profile_count"] = found.count
    return _resource("list", found.id, "lists", attributes)


def metric(found: Metric) -> Document:
    """A metric with the integration it came from."""
    name, category = INTEGRATIONS.get(found.integration, (found.integration.title(), "eCommerce"))
    integration = {
        "object": "integration",
        "id": found.integration,
        "key": found.integration,
        "name": name,
        "category": category,
    }
    attributes = {
        "name": found.name,
        "created": iso(found.created),
        "updated": iso(found.updated),
        "integration": integration,
    }
    return _resource("metric", found.id, "metrics", attributes)


def event(account: Account, arrival: Arrival, person: Profile | None) -> Document:
    """An event as it is read back: our unique_id is `$event_id`, the value is `$value`."""
    properties: Document = msgspec.json.decode(arrival.body)["properties"] if arrival.body else {}
    properties["$event_id"] = arrival.unique_id
    if arrival.value is not None:
        properties["$value"] = arrival.value
        properties["$value_currency"] = arrival.currency
    identity = long_id(account.id, "event", str(arrival.order))
    attributes = {
        "timestamp": arrival.time,
        "event_properties": properties,
        "datetime": str(moment(arrival.time)),
        "uuid": f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:]}",
    }
    document = _resource("event", identity, "events", attributes)
    metric_id = account.ledger.metric(arrival.metric, arrival.received).id
    document["relationships"] = {
        "profile": {"data": {"type": "profile", "id": person.id if person else ""}},
        "metric": {"data": {"type": "metric", "id": metric_id}},
    }
    return document


def form(found: Form) -> Document:
    """A form; its type is told by its versions only."""
    attributes = {
        "name": found.name,
        "status": found.status,
        "ab_test": len(found.versions) > 1,
        "created_at": iso(found.created),
        "updated_at": iso(found.created),
    }
    return _resource("form", found.id, "forms", attributes)


def form_version(found: FormVersion, created: float) -> Document:
    """One variation of a form."""
    attributes = {
        "form_type": found.form_type,
        "variation_name": found.variation_name,
        "status": found.status,
        "created_at": iso(created),
        "updated_at": iso(created),
    }
    return _resource("form-version", found.id, "form-versions", attributes)


def flow(found: Flow) -> Document:
    """An automation."""
    attributes = {
        "name": found.name,
        "status": found.status,
        "archived": False,
        "created": iso(found.created),
        "updated": iso(found.created),
        "trigger_type": found.trigger_type,
    }
    return _resource("flow", found.id, "flows", attributes)


def account(found: Account) -> Document:
    """The account a key belongs to."""
    contact = {
        "default_sender_name": found.name,
        "default_sender_email": f"hello@{found.id.lower()}.invalid",
        "website_url": None,
        "organization_name": found.name,
        "street_address": dict.fromkeys(("address1", "address2", "city", "region", "country", "zip"), ""),
    }
    attributes = {
        "test_account": True,
        "contact_information": contact,
        "industry": None,
        "timezone": found.timezone,
        "preferred_currency": found.currency,
        "public_api_key": found.id,
        "locale": "en-US",
    }
    return _resource("account", found.id, "accounts", attributes)


def job(found: Job, now: float) -> Document:
    """An import or a suppression job and how far it has got."""
    is_import = found.kind == "profile-bulk-import-job"
    attributes: Document = {
        "status": found.status(now),
        "created_at": iso(found.created),
        "total_count": found.total,
        "completed_count": found.completed,
        "completed_at": iso(found.due) if found.done else None,
    }
    if is_import:
        started = (found.created + found.due) / 2
        attributes["failed_count"] = found.failed
        attributes["started_at"] = iso(started) if now >= started else None
        attributes["expires_at"] = iso(found.created + JOB_LIFETIME_S)
    else:
        attributes["skipped_count"] = found.skipped
    return _resource(found.kind, found.id, f"{found.kind}s", attributes)


def identity(kind: str, ids: Sequence[str]) -> list[Document]:
    """Bare references."""
    return [{"type": kind, "id": found} for found in ids]


def _resource(kind: str, resource_id: str, collection: str, attributes: Document) -> Document:
    links = {"self": f"{BASE}/api/{collection}/{resource_id}/"}
    return {"type": kind, "id": resource_id, "attributes": attributes, "links": links}


def _subscriptions(found: Profile) -> Document:
    suppressions = found.standing.suppressions if found.standing else []
    email = found.standing.email if found.standing else Channel()
    sms = found.standing.sms if found.standing else Channel()
    everywhere = [_suppression(one) for one in suppressions if one.list_id is None]
    marketing = {
        "can_receive_email_marketing": bool(found.email) and not everywhere,
        **_channel(email),
        "custom_method_detail": email.source,
        "double_optin": email.double_opt_in,
        "suppression": everywhere,
        "list_suppressions": [{"list_id": one.list_id, **_suppression(one)} for one in suppressions if one.list_id],
    }
    mobile = {"can_receive_sms_marketing": sms.consent == "SUBSCRIBED", **_channel(sms)}
    return {"email": {"marketing": marketing}, "sms": {"marketing": mobile}}


def _channel(channel: Channel) -> Document:
    return {
        "consent": channel.consent,
        "consent_timestamp": _optional(channel.consented_at),
        "last_updated": _optional(channel.changed_at),
        "method": channel.method,
        "method_detail": "",
    }


def _suppression(found: Suppression) -> Document:
    return {"reason": found.reason, "timestamp": iso(found.at)}


def _optional(at: float | None) -> str | None:
    return None if at is None else iso(at)
