"""A house full of life for the admin's tests: stores in every state, a day of orders, some of them stuck."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from companion import inbox, key_checks, outbox, runs, samples, stores
from companion.bootstrap import Services
from companion.inbox import InboxRow
from companion.models import Store
from companion.outbox import OutboxRow
from companion.platforms.shopware.credentials import Keys, Shop, closed
from companion.set_up_models import KeyCheck
from mappings import custom_fields
from mappings.model import Event
from mappings.shopware import records
from tests.build import order_body, row

PASSWORD = "correct horse battery staple"
VIEWER_PASSWORD = "only looking at the staple"
SECRET = "shop-secret" * 6
PEOPLE = ("kim.larsson", "jo.okafor", "a.very-long-mailbox-name.of-somebody", "lee", "marta.nowak", "ines.duarte")
CHANNELS = (("0189aa" + "0" * 26, "Storefront"), ("0189bb" + "0" * 26, "Wholesale & Business Customers Switzerland"))
CUSTOM = {"order": {"delivery_wish": "morning", "gift_note": "With love"}, "customer": {"loyalty_tier": "gold"}}
SELECTIONS = {"delivery_wish": {"morning": {"en-GB": "In the morning", "de-DE": "Vormittags"}}}
QUARANTINE_PATH = "$.order.lineItems[2].quantity"


def add_store(services: Services, name: str, host: str, **columns: Any) -> Store:
    """A connected store; columns override what it has."""
    credentials = closed(
        Shop(secret=SECRET, client_id="SWIA", client_secret="client-secret", shop_url=f"https://{host}")
    )
    with services.database.write() as session:
        store = stores.add(
            session,
            services.vault,
            platform="shopware",
            shop_id=f"Sh0p{name[:12]}".replace(" ", ""),
            shop_url=f"https://{host}",
            now=services.now() - timedelta(days=40),
            name=name,
            credentials=columns.pop("credentials", credentials),
        )
        store.klaviyo_key = services.vault.seal("pk_good")
        store.klaviyo_account, store.klaviyo_account_name = "ACC123", f"{name} GmbH"
        for column, value in columns.items():
            setattr(store, column, value)
    return store


def moved(services: Services, old: str, new: str) -> dict[str, Any]:
    """Credentials of a shop that registered again under another address and waits for a yes."""
    wants = Keys("other" * 13, "SWIA", "client-secret", new, rotated_at=services.now().timestamp() - 1500)
    return closed(Shop(SECRET, "SWIA", "client-secret", old, candidate=wants))


def order(number: int, at: datetime, metric: str = "Placed Order", **words: Any) -> Event:
    """One order's event as a shop of hats tells it."""
    chance = random.Random(number)
    channel_id, channel_name = CHANNELS[number % 2]
    value = Decimal(chance.randrange(1900, 48900)) / 100
    person = chance.choice(PEOPLE)
    properties = {
        "OrderId": f"{number:032x}",
        "OrderNumber": str(number),
        "SalesChannelId": channel_id,
        "SalesChannelName": channel_name,
        "ItemNames": ["Wool Hat, charcoal"],
        "OrderTotal": value,
    }
    return Event(
        metric=metric,
        metric_name=metric,
        unique_id=words.pop("unique_id", f"{number:032x}"),
        at=at,
        profile={"email": f"{person}@shop-customer.net", "first_name": person.partition(".")[0].title()},
        properties=properties,
        value=value,
        currency="EUR",
        label=str(number),
        **words,
    )


def tell(
    services: Services, store: Store, event: Event, signalled_at: datetime, state: str = "delivered", reason: str = ""
) -> int:
    """Put an event into the outbox as the work leaves it; return its id."""
    told: OutboxRow = row(event)
    made_at = signalled_at + timedelta(milliseconds=240)
    with services.database.write() as session:
        outbox.add(session, store.id, [told], signalled_at, made_at)
        id_ = outbox.listed(session, store.id, limit=1)[0].id
        if state == "delivered":
            outbox.settle(session, [id_], made_at + timedelta(milliseconds=310))
        elif state == "buried":
            outbox.bury(session, [id_], reason, made_at + timedelta(milliseconds=310))
        elif reason:
            outbox.postpone(session, [id_], services.now() + timedelta(seconds=40), reason)
    return id_


def hear(services: Services, store: Store, number: int, at: datetime, topic: str = "checkout.order.placed") -> int:
    """Store a webhook about an order; return its id."""
    body = b'{"data":{"payload":{"order":{"id":"%032x"}},"event":"%s"},"timestamp":1}' % (number, topic.encode())
    with services.database.write() as session:
        inbox.add(session, [InboxRow(store.id, f"wh-{store.id}-{number}-{topic}", topic, body, at)])
        return inbox.listed(session, store.id, "due", 1)[0].id


def settle(
    services: Services, webhook_id: int, outcome: Any, path: str | None = None, reason: str | None = None
) -> None:
    with services.database.write() as session:
        inbox.settle(session, [webhook_id], outcome, services.now(), path, reason)


def a_day(services: Services, store: Store, orders: int) -> None:
    """A day of orders, busy in the evening."""
    now = services.now()
    chance = random.Random(7)
    for place in range(orders):
        back = abs(chance.gauss(0, 6)) % 23.4 if place % 3 else chance.uniform(0.02, 23.4)
        at = now - timedelta(hours=back)
        webhook = hear(services, store, 10_000 + place, at)
        tell(services, store, order(10_000 + place, at - timedelta(seconds=1)), at)
        settle(services, webhook, "delivered")


def get_stuck(services: Services, store: Store) -> None:
    """What a bad morning leaves behind."""
    now = services.now()
    refused = "Klaviyo answered 400: 'kim@@shop-customer' is not a valid email address."
    refused += " (at /data/attributes/profile/data/attributes/email)"
    for place in range(3):
        at = now - timedelta(hours=2, minutes=place)
        tell(services, store, order(20_000 + place, at), at, "buried", refused)
    given_up = "given up after 15 attempts: Klaviyo answered 500"
    tell(services, store, order(20_100, now, "Fulfilled Order"), now - timedelta(hours=1), "buried", given_up)
    failing = "Klaviyo did not answer in time; it may have accepted"
    tell(services, store, order(20_200, now, "Refunded Order"), now - timedelta(seconds=20), "due", failing)
    for place in range(2):
        webhook = hear(
            services, store, 20_300 + place, now - timedelta(minutes=30 + place), "state_enter.order.state.completed"
        )
        settle(
            services, webhook, "quarantined", QUARANTINE_PATH.replace("2", str(2 + place)), "Expected `int`, got `str`"
        )


def a_house(services: Services) -> dict[str, Store]:
    """Stores in every state."""
    hats = add_store(services, "Hutmacherei Lindqvist", "hutmacherei-lindqvist.shop-owner.net")
    a_day(services, hats, 160)
    get_stuck(services, hats)
    long_name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Söhne"
    paused = "Klaviyo answered 401: The API key specified is invalid. Check the private API key and its scopes."
    found = {
        "hats": hats,
        "paused": add_store(services, long_name, "donau.shop-owner.net", paused=paused),
        "new": add_store(
            services,
            "Bakery Okafor",
            "bakery.shop-owner.net",
            klaviyo_key=None,
            klaviyo_account="",
            klaviyo_account_name="",
        ),
        "moved": add_store(
            services,
            "Velo Duarte",
            "velo.shop-owner.net",
            approval="reregistration",
            credentials=moved(services, "https://velo.shop-owner.net", "https://www.velo-duarte.net/shop"),
        ),
        "calm": add_store(services, "Tea & Time", "tea.shop-owner.net"),
    }
    tell(services, found["paused"], order(30_000, services.now()), services.now() - timedelta(minutes=9), "due")
    hear(services, found["calm"], 40_000, services.now() - timedelta(seconds=70))
    settle(services, 1 + 0, "delivered")
    know_more(services, hats, found["calm"])
    return found


def know_more(services: Services, known: Store, refused: Store) -> None:
    """A store whose key was looked at, with an order to try choices on and a history behind it; one with a bad key."""
    (told,) = records.facts("order", order_body(42))
    custom = custom_fields.documents(CUSTOM, SELECTIONS, "de-DE")
    scopes = {**dict.fromkeys(key_checks.NEEDED, True), "forms:read": False, "subscriptions:write": None}
    account = {"id": "ACC123", "name": known.name, "public_key": "ACC123", "timezone": "Europe/Berlin"}
    now = services.now()
    with services.database.write() as session:
        samples.keep(session, known.id, [replace(told, custom=custom)], now)
        for store, key in ((known, None), (refused, "pk_other")):
            key_checks.ask(services, session, store, "admin", key)
        good, bad = session.get_one(KeyCheck, known.id), session.get_one(KeyCheck, refused.id)
        good.state, good.checked_at = "good", now - timedelta(minutes=3)
        good.scopes, good.account = scopes, {**account, "currency": "EUR", "is_test": False}
        bad.state, bad.checked_at, bad.scopes = "refused", now, {**scopes, "events:write": False}
        bad.reason = "The key lacks events:write. Klaviyo fixes a key's scopes when it is created."
        run = runs.request(session, known.id, "history", now - timedelta(hours=2))
        run.state, run.finished_at, run.total, run.done, run.told = (
            "finished",
            now - timedelta(hours=1),
            1200,
            1200,
            3400,
        )
        runs.pause(session, runs.request(session, known.id, "changes", now).id)


@contextmanager
def serving(make_app: Callable[[], Flask]) -> Iterator[str]:
    """Serve an application on this machine; gives its address."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
