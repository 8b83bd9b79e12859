"""What happens in the shop, told to the app: who subscribed gets the payload, as it was when the event was raised.

Nothing is sent to an app that is not active, that lacks the privilege, or while the shop's address is unresolved.
Source: payloads observed on 6.6.7.1, and which event loads which associations.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from companion.simulator.shop import marks
from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps.app import App
from companion.simulator.shop.apps.courier import Signal
from companion.simulator.shop.apps.manifest import Subscription, privilege
from companion.simulator.shop.records.criteria import Criteria, read
from companion.simulator.shop.records.encoder import Encoder
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.reader import Reader
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.world.made import GERMAN

Tree = dict[str, Any]
ADDRESS: Tree = {"country": {}, "countryState": {}}
DELIVERIES: Tree = {"shippingMethod": {}, "shippingOrderAddress": ADDRESS}
ORDER: Tree = {
    "orderCustomer": {"salutation": {}},
    "currency": {},
    "addresses": ADDRESS,
    "stateMachineState": {},
}
PLACED: Tree = ORDER | {
    "deliveries": DELIVERIES | {"stateMachineState": {}},
    "transactions": {"paymentMethod": {}, "stateMachineState": {}},
    "lineItems": {"cover": {}, "downloads": {}},
}
STATE_ENTERED: Tree = ORDER | {
    "deliveries": DELIVERIES,
    "transactions": {"paymentMethod": {}},
    "lineItems": {"downloads": {}},
    "language": {"locale": {}},
    "tags": {},
}
CUSTOMER: Tree = {
    "salutation": {},
    "defaultBillingAddress": {"country": {}, "salutation": {}},
    "defaultShippingAddress": {"country": {}, "salutation": {}},
    "addresses": {},
}
Payload = Callable[[], Any]
"""Made only if somebody subscribed, at the moment the event is raised."""


def order_placed(shop: Shop, order_id: str, language: str) -> None:
    payload = partial(_order, shop, order_id, PLACED, language)
    raised(shop, "checkout.order.placed", payload, language, order_id)


def state_entered(shop: Shop, order_id: str, machine: str, state: str, language: str) -> None:
    """Told in the order's own language, whoever moved it."""
    event = f"state_enter.{machine}.state.{state}"
    payload = partial(_order, shop, order_id, STATE_ENTERED, language)
    raised(shop, event, payload, language, order_id, locale="en-GB")


def customer_event(shop: Shop, event: str, customer_id: str, language: str) -> None:
    raised(shop, event, lambda: _shown(shop, "customer", customer_id, CUSTOMER, language), language)


def recipient_event(shop: Shop, event: str, recipient: Mapping[str, Any], url: str = "") -> None:
    """The recipient as it was before the change, which is what shops send."""
    record = Reader(shop.database).one("newsletter_recipient", recipient["id"], {})
    record.document = dict(recipient)
    payload = {"newsletterRecipient": Encoder(shop.url, audience="webhook").root(record)} | (
        {"url": url} if url else {}
    )
    raised(shop, event, lambda: payload, recipient["languageId"])


def written(
    shop: Shop,
    entity: str,
    operation: str,
    changes: Sequence[tuple[str, Sequence[str]]],
    *,
    language: str = marks.SYSTEM_LANGUAGE,
    version: str | None = None,
    order_id: str | None = None,
) -> None:
    """Tell of written records by id and names of fields; `version` is another than the live one for drafts."""
    versioned = ENTITIES[entity].versioned
    payload = [
        {"entity": entity, "operation": operation, "primaryKey": id_, "updatedFields": list(fields)}
        | ({"versionId": version or marks.LIVE_VERSION} if versioned else {})
        for id_, fields in changes
    ]
    raised(shop, f"{entity}.written", lambda: payload, language, order_id)


def raised(
    shop: Shop,
    event: str,
    payload: Payload,
    language: str = marks.SYSTEM_LANGUAGE,
    order_id: str | None = None,
    locale: str = "",
) -> None:
    """Tell the app of an event. Never raises for what the app's server does."""
    app = apps.installed(shop.database)
    if app is None:
        return
    for subscription in _subscribed(shop, app, event):
        told = _filtered(payload(), subscription)
        if told is not None:
            shop.courier.deliver(signal(shop, app, subscription, told, language, order_id, locale))


def signal(
    shop: Shop,
    app: App,
    subscription: Subscription,
    payload: Any,
    language: str = marks.SYSTEM_LANGUAGE,
    order_id: str | None = None,
    locale: str = "",
) -> Signal:
    known = apps.identity(shop.database)
    return Signal(
        event=subscription.event,
        event_id=marks.new_id(shop.now(), random.SystemRandom()),
        payload=payload,
        url=subscription.url,
        secret=app.secret,
        shop_id=known.shop_id,
        shop_url=known.url,
        app_version=app.version,
        language=language,
        locale=locale or ("de-DE" if language == GERMAN else "en-GB"),
        order_id=order_id,
    )


def _subscribed(shop: Shop, app: App, event: str) -> Iterable[Subscription]:
    if not app.active or not app.secret or not apps.identity(shop.database).is_resolved:
        return []
    needed = privilege(event)
    if needed not in app.permissions:
        return []
    return [one for one in app.subscriptions if one.event == event and one.active]


def _filtered(payload: Any, subscription: Subscription) -> Any:
    """With `onlyLiveVersion` drafts are taken out; the list keeps its numbers, so it may become an object."""
    if not subscription.only_live_version or not isinstance(payload, list):
        return payload
    live = {number: one for number, one in enumerate(payload) if one.get("versionId") == marks.LIVE_VERSION}
    if not live:
        return None
    return list(live.values()) if list(live) == list(range(len(live))) else {str(key): one for key, one in live.items()}


def _order(shop: Shop, order_id: str, tree: Tree, language: str) -> Any:
    return _shown(shop, "order", order_id, tree, language)


def _shown(shop: Shop, entity: str, id_: str, tree: Tree, language: str) -> Any:
    record = Reader(shop.database, language).one(entity, id_, criteria_of(entity, tree).associations)
    return {entity: Encoder(shop.url, language, "webhook").root(record)}


def criteria_of(entity: str, tree: Tree) -> Criteria:
    """The criteria that loads a tree of associations."""
    return read(ENTITIES[entity], {"associations": _nested(tree)})


def _nested(tree: Tree) -> dict[str, Any]:
    return {name: {"associations": _nested(inner)} for name, inner in tree.items()}
