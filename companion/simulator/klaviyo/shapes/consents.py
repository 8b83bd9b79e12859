"""Bodies about consent, suppression and lists, from servers and from browsers."""

from datetime import date
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from companion.simulator.klaviyo.shapes.base import Flag, Moment, Shape, Text
from companion.simulator.klaviyo.shapes.events import EventProfileAttributes
from companion.simulator.klaviyo.shapes.profiles import OneReference


class Consent(Shape):
    consent: Literal["SUBSCRIBED", "UNSUBSCRIBED"]
    consented_at: Moment = UNSET


class Email(Shape):
    marketing: Consent | UnsetType = UNSET
    open_tracking: Consent | UnsetType = UNSET


class Messaging(Shape):
    marketing: Consent | UnsetType = UNSET
    transactional: Consent | UnsetType = UNSET
    conversational: Consent | UnsetType = UNSET


class Push(Shape):
    marketing: Consent
    tokens: list[dict[str, Any]] | UnsetType | None = UNSET
    anonymous_id: Text = UNSET


class Subscriptions(Shape):
    email: Email | UnsetType = UNSET
    sms: Messaging | UnsetType = UNSET
    whatsapp: Messaging | UnsetType = UNSET
    push: Push | UnsetType = UNSET


class SubscriberAttributes(Shape):
    subscriptions: Subscriptions
    email: Text = UNSET
    phone_number: Text = UNSET
    age_gated_date_of_birth: date | UnsetType | None = UNSET


class SubscriberData(Shape):
    type: Literal["profile"]
    attributes: SubscriberAttributes
    id: Text = UNSET


class Subscribers(Shape):
    data: list[SubscriberData]


class SubscriptionAttributes(Shape):
    profiles: Subscribers
    custom_source: Text = UNSET
    historical_import: Flag = UNSET


class Relationships(Shape):
    list: OneReference | UnsetType = UNSET
    segment: OneReference | UnsetType = UNSET


class SubscriptionData(Shape):
    type: Literal["profile-subscription-bulk-create-job", "profile-subscription-bulk-delete-job"]
    attributes: SubscriptionAttributes
    relationships: Relationships | UnsetType = UNSET


class SubscriptionJob(Shape):
    data: SubscriptionData


class SuppressedAttributes(Shape):
    email: str


class SuppressedData(Shape):
    type: Literal["profile"]
    attributes: SuppressedAttributes


class Suppressed(Shape):
    data: list[SuppressedData]


class SuppressionAttributes(Shape):
    profiles: Suppressed | UnsetType | None = UNSET


class SuppressionData(Shape):
    type: Literal["profile-suppression-bulk-create-job", "profile-suppression-bulk-delete-job"]
    attributes: SuppressionAttributes
    relationships: Relationships | UnsetType = UNSET


class SuppressionJob(Shape):
    data: SuppressionData


class ListAttributes(Shape):
    name: str
    opt_in_process: Literal["double_opt_in", "single_opt_in"] | UnsetType | None = UNSET


class ListData(Shape):
    type: Literal["list"]
    attributes: ListAttributes


class NewList(Shape):
    data: ListData


class ClientSubscriberAttributes(EventProfileAttributes):
    subscriptions: Subscriptions | UnsetType = UNSET


class ClientSubscriberData(Shape):
    type: Literal["profile"]
    attributes: ClientSubscriberAttributes
    id: Text = UNSET


class ClientSubscriber(Shape):
    data: ClientSubscriberData


class ClientSubscriptionAttributes(Shape):
    profile: ClientSubscriber
    custom_source: Text = UNSET


class ClientSubscriptionRelationships(Shape):
    list: OneReference


class ClientSubscriptionData(Shape):
    type: Literal["subscription"]
    attributes: ClientSubscriptionAttributes
    relationships: ClientSubscriptionRelationships


class ClientSubscription(Shape):
    data: ClientSubscriptionData
