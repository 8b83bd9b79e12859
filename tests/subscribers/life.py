"""A few people's lives between a shop and Klaviyo, and a memory of what really happened, which neither side tells.

Every act of a person, of a merchant or of the service is a method; `acts` draws them at random.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Any

from hypothesis import strategies as some

from companion import inbox, migrations, resolve, runs
from companion.config import Settings
from companion.db import Database
from companion.inbox import InboxRow
from companion.simulator.klaviyo.profiles import Suppression
from companion.sync import news
from tests.conftest import SECRET
from tests.fakes import Clock, FakeShop
from tests.subscribers.build import webhook
from tests.subscribers.world import CHANNEL, Killed, build

PEOPLE = tuple(f"{name}@shop-customer.net" for name in ("anna", "bernd", "carla", "dora", "emil"))
CHANNELS = (CHANNEL, "d" * 32)
ACTIVE = ("optIn", "direct")
OPT_OUTS = (*["unsubscribe"] * 4, *["unsubscribe of list"] * 5, "spam", "suppress", "bounce")
"""Most can be lifted, or hardly anybody would be left on the list."""

Step = tuple[str, tuple[Any, ...]]
_empty: list[Path] = []


def acts() -> some.SearchStrategy[list[Step]]:
    """Random lives: the name of a method and what it is called with."""
    people, channels, whether = some.sampled_from(PEOPLE), some.sampled_from(CHANNELS), some.booleans()
    opt_outs, soon = some.sampled_from(OPT_OUTS), some.integers(0, 12)
    arguments = {
        "sign_up": (people, channels, whether),
        "opt_out": (people, channels),
        "delete": (people, channels),
        "opt_out_in_klaviyo": (people, opt_outs),
        "sign_up_in_klaviyo": (people,),
        "be_taken_off_by_the_merchant": (people,),
        "synchronise": (),
        "die_while_synchronising": (soon, whether),
        "be_overtaken_while_synchronising": (some.integers(0, 5), people, opt_outs),
        "hear_by_webhook": (people, channels, soon, whether, whether),
    }
    often = ("sign_up", "sign_up", "sign_up", "opt_out", "delete", "synchronise", "synchronise", "hear_by_webhook")
    steps = [some.tuples(some.just(name), some.tuples(*arguments[name])) for name in (*arguments, *often)]
    return some.lists(some.one_of(steps), min_size=20, max_size=60)


@dataclass
class OptOut:
    """One that happened in Klaviyo, and still stands as far as anybody may know."""

    email: str
    suppression: Suppression


class Life:
    """A world of its own, in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="companion-life-"))
        path = self.folder / "life.sqlite3"
        copyfile(_empty_database(), path)
        ours = Settings(database_url=f"sqlite:///{path}", data_dir=str(self.folder), secret_key=SECRET)
        self.world = build(ours, Clock(), FakeShop())
        self.world.change(removal_limit=100)
        self.world.recipient("always@shop-customer.net")
        self.opt_outs: list[OptOut] = []
        self.opted_in: dict[str, float] = {}

    def end(self) -> None:
        self.world.services.database.dispose()
        rmtree(self.folder)

    def act(self, step: Step) -> None:
        """Do one thing, and see that no opt-out was lifted by it."""
        name, arguments = step
        self.world.clock.advance(7)
        getattr(self, name)(*arguments)
        self.check_opt_outs()

    # the shop

    def sign_up(self, email: str, channel: str, direct: bool) -> None:
        """With or without a confirmation by e-mail; who is active already stays as they are."""
        row = self.row(email, channel) or self.world.recipient(email, "notSet", salesChannelId=channel)
        if row["status"] not in ACTIVE:
            row |= {"status": "direct" if direct else "optIn", "updatedAt": self.world.clock().isoformat()}
            if not direct:
                row["confirmedAt"] = self.world.clock().isoformat()
            self.opted_in[email] = self.world.clock().timestamp()

    def opt_out(self, email: str, channel: str) -> None:
        if row := self.row(email, channel):
            row |= {"status": "optOut", "updatedAt": self.world.clock().isoformat()}

    def delete(self, email: str, channel: str) -> None:
        if row := self.row(email, channel):
            del self.world.shop.recipients[row["id"]]

    # Klaviyo

    def opt_out_in_klaviyo(self, email: str, act: str) -> None:
        of_list, before = act.endswith("of list"), self.standing(email)
        self.world.in_klaviyo(email, act.removesuffix(" of list"), of_list=of_list)
        self.opt_outs += [OptOut(email, one) for one in self.standing(email) if one not in before]

    def sign_up_in_klaviyo(self, email: str) -> None:
        """By a form, which is the person's own act: it lifts what Klaviyo lets it lift."""
        self.world.in_klaviyo(email, "subscribe", of_list=True)
        self.world.in_klaviyo(email, "confirm")
        standing = self.standing(email)
        self.opt_outs = [one for one in self.opt_outs if one.email != email or one.suppression in standing]

    def be_taken_off_by_the_merchant(self, email: str) -> None:
        if self.world.account.audience.profiles.find("email", email):
            self.world.in_klaviyo(email, "leave", of_list=True)

    # the service

    def synchronise(self) -> None:
        self.world.request()
        self.finish()

    def die_while_synchronising(self, number: int, after: bool) -> None:
        self.world.request()
        self._dying(number, after, self.finish)
        self.finish()

    def be_overtaken_while_synchronising(self, number: int, email: str, act: str) -> None:
        """Whoever just signed up opts out in Klaviyo between two calls, until the look right before subscribing."""
        self.sign_up(email, CHANNEL, direct=False)
        self.world.clock.advance(7)
        calls = iter(range(1000))

        def overtake(call: str) -> None:
            looks = call == "GET /api/profiles" or "subscription" in call
            if not looks and next(calls) == number:
                self.opt_out_in_klaviyo(email, act)

        self.world.wire.before = overtake
        self.world.request()
        self.finish()
        self.world.wire.before = lambda _: None

    def hear_by_webhook(self, email: str, channel: str, number: int, after: bool, dies: bool) -> None:
        row, world, topic = self.row(email, channel), self.world, "newsletter.confirm"
        if row is None:
            return
        with world.services.database.write() as session:
            body, now = webhook(row["id"], topic), world.clock()
            inbox.add(session, [InboxRow(world.store.id, now.isoformat(), topic, body, now)])
        resolve.resolve_store(world.services, world.store.id)
        if dies:
            self._dying(number % 5, after, lambda: news.act(world.services, world.store.id))
        news.act(world.services, world.store.id)

    def finish(self) -> None:
        """Whatever asks for a yes gets one."""
        while self.world.go().state != "finished":
            with self.world.services.database.write() as session:
                runs.resume(session, self.world.run.id, self.world.clock())

    def _dying(self, number: int, after: bool, work: Callable[[], object]) -> None:
        calls = iter(range(1000))

        def strike(_call: str) -> None:
            if next(calls) == number:
                raise Killed

        setattr(self.world.wire, "after" if after else "before", strike)
        try:
            work()
        except Killed:
            self.world.clock.advance(self.world.services.settings.lease_s + 1)
        self.world.wire.before = self.world.wire.after = lambda _: None

    # what has to be

    def check_opt_outs(self) -> None:
        """An opt-out may be gone only if its owner opted in later; of its kinds, only one yields to that."""
        still = [one for one in self.opt_outs if one.suppression in self.standing(one.email)]
        for one in self.opt_outs:
            if one not in still:
                assert one.suppression.reason == "UNSUBSCRIBE", f"{one} was lifted"
                newest = self.opted_in.get(one.email, 0.0)
                assert newest > one.suppression.at, f"{one} was lifted without a newer opt-in"
        self.opt_outs = still

    def check_end(self) -> None:
        """After a quiet week everybody is where they belong, and another run has nothing to write."""
        for _ in range(2):
            self.world.clock.advance(8 * 86_400)
            self.synchronise()
        self.check_opt_outs()
        for email in PEOPLE:
            self._check_place(email)
        self.world.clock.advance(60)
        calls = self.world.calls_of(self.synchronise)
        assert not any("-jobs" in call or call.startswith("DELETE") for call in calls), calls

    def _check_place(self, email: str) -> None:
        rows = [row for row in self.world.shop.recipients.values() if row["email"] == email]
        active = [row for row in rows if row["status"] in ACTIVE]
        person = self.world.account.audience.profiles.find("email", email)
        on_list = person is not None and self.world.list.holds(person)
        if not active:
            assert not on_list, f"{email} is no subscriber and on the list"
        elif not self.standing(email):
            assert on_list, f"{email} is a subscriber and not on the list"
            assert self.world.person(email).consent.email.consent == "SUBSCRIBED"
        else:
            confirmed = [row["confirmedAt"] for row in active if row["status"] == "optIn"]
            newest = int(max((datetime.fromisoformat(at).timestamp() for at in confirmed), default=0.0))
            lifts = all(one.reason == "UNSUBSCRIBE" and newest > one.at for one in self.standing(email))
            assert not lifts, f"{email} opted in again and was not subscribed"

    def row(self, email: str, channel: str) -> dict[str, Any] | None:
        rows = self.world.shop.recipients.values()
        return next((row for row in rows if row["email"] == email and row["salesChannelId"] == channel), None)

    def standing(self, email: str) -> list[Suppression]:
        """What Klaviyo has on record against mailing them."""
        person = self.world.account.audience.profiles.find("email", email)
        return list(person.consent.suppressions) if person else []


def _empty_database() -> Path:
    """A database file with the newest schema, made once."""
    if not _empty:
        path = Path(tempfile.mkdtemp(prefix="companion-lives-")) / "empty.sqlite3"
        database = Database(f"sqlite:///{path}")
        migrations.upgrade(database.engine)
        database.dispose()
        _empty.append(path)
    return _empty[0]
