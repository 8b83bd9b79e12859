"""A service between a simulated Klaviyo, called through its real client, and a shop that is a dictionary of recipients.

One clock moves all three, and moves when the service sleeps. `Killed` ends the process wherever it is raised.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from werkzeug.test import Client as Wsgi

from companion import bootstrap, runs, stores
from companion.bootstrap import Services
from companion.config import Settings
from companion.klaviyo.client import Client
from companion.models import Run, Store
from companion.simulator.klaviyo import DEFAULT_ID, DEFAULT_KEY, Config, create_app
from companion.simulator.klaviyo import acts as sim_acts
from companion.simulator.klaviyo.accounts import Account
from companion.simulator.klaviyo.audience import MailingList
from companion.simulator.klaviyo.profiles import Profile
from companion.sync import advance, lists
from tests.fakes import Clock, FakeShop, Wakes

CHANNEL = "c" * 32
LIST = "Newsletter"


class Killed(BaseException):
    """The process is gone, in the middle of whatever it did."""


class InProcess(BaseAdapter):
    """Carries the client's requests to an application in this process; `before` and `after` may end the world."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._wsgi = Wsgi(app)
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        path = str(request.path_url)
        call = f"{request.method} {path.partition('?')[0]}"
        self.before(call)
        headers = {name: str(value) for name, value in request.headers.items()}
        found = self._wsgi.open(path, method=request.method, headers=headers, data=request.body or b"")
        self.calls[call] += 1
        self.statuses[found.status_code] += 1
        self.after(call)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = found.status_code, str(request.url), request
        answer.headers.update(dict(found.headers))
        answer.raw = BytesIO(found.data)
        return answer

    def close(self) -> None:
        """There is no connection."""


@dataclass
class World:
    """Everything at once: `services` and `store` are ours, `shop` and `account` the two sides."""

    services: Services
    clock: Clock
    wakes: Wakes
    shop: FakeShop
    account: Account
    wire: InProcess
    store: Store
    list_id: str = ""
    next_id: int = field(default=0)

    @property
    def list(self) -> MailingList:
        return self.account.audience.lists[self.list_id]

    @property
    def members(self) -> set[str]:
        """The addresses on the list, as Klaviyo has it."""
        return {str(one.email) for one in self.account.audience.profiles if self.list.holds(one)}

    def person(self, email: str) -> Profile:
        found = self.account.audience.profiles.find("email", email)
        assert found is not None
        return found

    def in_klaviyo(self, email: str, act: str, *, of_list: bool = False) -> None:
        """Let somebody act in Klaviyo: unsubscribe, spam, bounce, suppress, unsuppress, leave, subscribe."""
        now, profiles = self.clock().timestamp(), self.account.audience.profiles
        if profiles.find("email", email) is None:
            profiles.identify(profiles.add(now), "email", email)
        sim_acts.perform(self.account, email, act, self.list_id if of_list else "", now)

    def recipient(self, email: str, status: str = "optIn", **row: Any) -> dict[str, Any]:
        """Put a recipient into the shop, opted in a minute ago; `row` replaces columns."""
        self.next_id += 1
        at = self.clock().isoformat(timespec="milliseconds")
        body = {
            "id": f"{self.next_id:032x}",
            "email": email,
            "status": status,
            "createdAt": at,
            "confirmedAt": at if status == "optIn" else None,
            "firstName": "Kim",
            "salesChannelId": CHANNEL,
            **row,
        }
        self.shop.recipients[body["id"]] = body
        return body

    def change(self, **settings: Any) -> None:
        with self.services.database.write() as session:
            store = stores.by_key(session, self.store.key)
            stores.change_settings(store, settings)
            self.store = store

    def request(self) -> Run:
        return advance.start(self.services, self.store.key, "subscribers", who="a test")

    def go(self, *, turns: int = 10_000) -> Run:
        """Advance the run, as the engine and its ticks would, until it runs no more."""
        for _ in range(turns):
            if advance.advance_store(self.services, self.store.id) is None:
                if self.run.state != "running":
                    return self.run
                self.clock.advance(1)
        raise AssertionError(f"the run never ends: {self.run.reason}")

    def sync(self) -> Run:
        """A whole run, a while after whatever happened before."""
        self.clock.advance(60)
        self.request()
        return self.go()

    @property
    def run(self) -> Run:
        with self.services.database.read() as session:
            return runs.listed(session, kind="subscribers")[0]

    def calls_of(self, act: Callable[[], object]) -> Counter[str]:
        """The calls to Klaviyo that something costs, by method and path."""
        before = self.wire.calls.copy()
        act()
        return self.wire.calls - before


def build(settings: Settings, clock: Clock, shop: FakeShop, *, unlimited: bool = True, **config: Any) -> World:
    """A store connected with the simulator's first account, whose list “Newsletter” it has chosen."""
    app = create_app(Config(unlimited=unlimited, demo=False, now=clock, **config))
    wire, wakes = InProcess(app), Wakes()
    client = Client("https://klaviyo.test", 20.0)
    client.transport.session.mount("https://", wire)
    settings = replace(settings, shop_calls_per_minute=60_000)
    services = bootstrap.build(settings, wake=wakes, klaviyo=client, now=clock, sleep=clock.advance)
    services = replace(services, platforms={"shopware": shop})
    account = app.extensions["klaviyo-simulator"].accounts.get(DEFAULT_ID)
    with services.database.write() as session:
        store = stores.add(
            session,
            services.vault,
            platform="shopware",
            shop_id="Sh0pIdOfTheTests",
            shop_url="https://shop.shop-owner.net",
            now=services.now(),
            credentials={"secret": "s" * 64, "client_id": "SWIATESTS", "client_secret": "client-secret"},
        )
        store.klaviyo_key, store.klaviyo_account = services.vault.seal(DEFAULT_KEY), DEFAULT_ID
    world = World(services, clock, wakes, shop, account, wire, store)
    world.list_id = lists.choose(services, store.key, LIST, create=True).id
    world.change(time_zone="Europe/Berlin", sync_hour=3)
    return world


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
