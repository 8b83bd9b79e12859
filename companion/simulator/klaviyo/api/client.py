"""What browsers call with the public key: one event, one subscription.

Source: https://developers.klaviyo.com/en/reference/client_api_overview.
"""

from typing import Final

from companion.simulator.klaviyo import consent
from companion.simulator.klaviyo.api.answers import list_named
from companion.simulator.klaviyo.api.consents import channels, reach, subscriber_fault
from companion.simulator.klaviyo.api.events import create
from companion.simulator.klaviyo.consent import OptIn
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import invalid
from companion.simulator.klaviyo.receiving import person
from companion.simulator.klaviyo.shapes.consents import (
    ClientSubscriberAttributes,
    ClientSubscription,
    Consent,
    Email,
    Messaging,
    SubscriberAttributes,
    Subscriptions,
)

GRANTED: Final = Consent("SUBSCRIBED")
METHOD: Final = "FORM"


def subscribe(call: Call) -> Reply:
    """POST /client/subscriptions: without a subscriptions object, every channel that has an identifier."""
    data = call.decode(ClientSubscription).data
    given = data.attributes.profile.data.attributes
    subscriber = SubscriberAttributes(_channels(given), given.email, given.phone_number)
    if fault := subscriber_fault(subscriber):
        raise invalid(fault[1], f"/data/attributes/profile/data/attributes/{fault[0]}".rstrip("/"))
    mailing_list = list_named(call, data.relationships.list.data.id)
    person(call.account, None, given, call.now)
    profile = reach(call.account, subscriber, call.now)
    source = data.attributes.custom_source if isinstance(data.attributes.custom_source, str) else None
    for channel, _ in channels(subscriber.subscriptions):
        consent.subscribe(call.account.audience, profile, mailing_list, OptIn(channel, METHOD, source), call.now)
    return Reply(202)


def _channels(given: ClientSubscriberAttributes) -> Subscriptions:
    if isinstance(given.subscriptions, Subscriptions):
        return given.subscriptions
    chosen = Subscriptions()
    if given.email:
        chosen.email = Email(marketing=GRANTED)
    if given.phone_number:
        chosen.sms = Messaging(marketing=GRANTED)
    return chosen


VIEWS: Final[dict[str, View]] = {"create_client_event": create, "create_client_subscription": subscribe}
