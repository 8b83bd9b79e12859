"""Every body about subscribers, held against Klaviyo's own models and schemas: all of it known there."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from openapi_client.models.list_create_query import ListCreateQuery
from openapi_client.models.list_members_delete_query import ListMembersDeleteQuery
from openapi_client.models.profile_import_job_create_query import ProfileImportJobCreateQuery
from openapi_client.models.subscription_create_job_create_query import SubscriptionCreateJobCreateQuery

from companion.klaviyo.audience import Audience
from companion.klaviyo.client import Client
from companion.signups import shown
from mappings.model import Recipient, Subscription
from tests.contract.test_event_bodies import schema, through
from tests.subscribers.test_settings import NEWS, found

BASE, KEY, LIST = "https://klaviyo.shop-owner.net", "pk_good", "Y6nRLr"
OPTED_IN = datetime(2026, 3, 5, 12, tzinfo=UTC)

FULL = Recipient(
    id="1",
    email="kim@shop-customer.net",
    active=True,
    status="optIn",
    opted_in_at=OPTED_IN,
    channel_id="c" * 32,
    channel_name="Storefront",
    first_name="Kim",
    last_name="Berg",
    title="Dr.",
    locale="de-DE",
    tags=("vip",),
    custom={"size": "XL", "sizes": [1, 2], "nested": {"a": 1}, "other": "no"},
)
BARE = Recipient("2", "a@b.de", active=True, status="direct", opted_in_at=OPTED_IN)


def profiles() -> list[bytes]:
    fields = {"size": "Size", "sizes": "Sizes", "nested": "Nested"}
    (audience,) = found(subscriber_list=NEWS, subscriber_fields=fields)
    return [seen.profile for seen in shown(audience, "shopware", [FULL, BARE])]


@pytest.fixture
def bodies() -> Iterator[dict[str, Any]]:
    """What the client sends, by what it is for."""
    with responses.RequestsMock() as http:
        made = {"data": {"id": "x", "attributes": {}}}
        http.post(f"{BASE}/api/profile-subscription-bulk-create-jobs", status=202)
        http.post(f"{BASE}/api/profile-bulk-import-jobs", json=made, status=202)
        http.delete(f"{BASE}/api/lists/{LIST}/relationships/profiles", status=204)
        http.post(f"{BASE}/api/lists", json=made, status=201)
        audience: Audience = Client(BASE, 5.0).audience
        audience.subscribe(KEY, LIST, [Subscription(FULL.email, OPTED_IN)], "Shop newsletter")
        audience.import_profiles(KEY, profiles())
        audience.remove(KEY, LIST, ["01A"])
        audience.create_list(KEY, "Newsletter")
        sent = [json.loads(call.request.body or b"") for call in http.calls]
        yield dict(zip(("subscribe", "import", "remove", "create"), sent, strict=True))


@pytest.mark.parametrize(
    ("what", "model", "operation"),
    [
        ("subscribe", SubscriptionCreateJobCreateQuery, "bulk_subscribe_profiles"),
        ("import", ProfileImportJobCreateQuery, "bulk_import_profiles"),
        ("remove", ListMembersDeleteQuery, "remove_profiles_from_list"),
        ("create", ListCreateQuery, "create_list"),
    ],
)
def test_klaviyos_models_and_schemas_understand_it_whole(
    bodies: dict[str, Any], what: str, model: Any, operation: str
) -> None:
    assert through(model, bodies[what]) == bodies[what]
    schema(operation, model.__name__).validate(bodies[what])


def test_a_profile_holds_what_was_chosen_and_nothing_empty() -> None:
    full, bare = (json.loads(profile) for profile in profiles())
    assert full["properties"] == {
        "language": "de-DE",
        "salesChannelId": "c" * 32,
        "salesChannelName": "Storefront",
        "tags": ["vip"],
        "Size": "XL",
        "Sizes": [1, 2],
    }
    assert bare == {"email": "a@b.de", "properties": {"tags": []}}
