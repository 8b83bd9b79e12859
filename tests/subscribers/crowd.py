"""A crowd in which every number has a story on both sides, and with it the one right end after each of two runs.

The stories are told to any pair of sides: to the ones inside a test's process, or to the demo shop and the simulator.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, Protocol

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """`shop` is the status there, empty for strangers; `opt_outs` are Klaviyo's: the reason, and which list's.

    `later` happens between the runs. `ends` says whether they are on the list after the first run, and the second.
    """

    share: int
    shop: str
    ends: tuple[bool, bool]
    later: str = ""
    member: bool = False
    opt_outs: tuple[tuple[str, str], ...] = ()
    returned: bool = False


IN, OUT, LEFT, JOINED = (True, True), (False, False), (True, False), (False, True)
STORIES: Final = (
    Story(500, "optIn", IN),
    Story(110, "direct", IN),
    Story(50, "optIn", IN, member=True),
    Story(40, "notSet", OUT),
    Story(40, "optOut", OUT),
    Story(20, "optOut", OUT, member=True),
    Story(10, "", OUT, member=True),
    Story(20, "optIn", OUT, opt_outs=(("UNSUBSCRIBE", ""),)),
    Story(10, "optIn", OUT, opt_outs=(("SPAM_COMPLAINT", ""),)),
    Story(10, "direct", OUT, opt_outs=(("HARD_BOUNCE", ""),)),
    Story(10, "optIn", OUT, opt_outs=(("INVALID_EMAIL", ""),)),
    Story(10, "optIn", OUT, opt_outs=(("USER_SUPPRESSED", ""),)),
    Story(20, "optIn", OUT, opt_outs=(("UNSUBSCRIBE", "ours"),)),
    Story(10, "optIn", IN, opt_outs=(("UNSUBSCRIBE", "other"),)),
    Story(10, "optIn", IN, opt_outs=(("UNSUBSCRIBE", ""),), returned=True),
    Story(10, "optIn", OUT, opt_outs=(("UNSUBSCRIBE", ""), ("HARD_BOUNCE", "")), returned=True),
    Story(20, "optIn", LEFT, later="leaves the shop"),
    Story(10, "optIn", LEFT, later="is deleted"),
    Story(20, "optIn", IN, later="is renamed"),
    Story(10, "notSet", JOINED, later="confirms"),
    Story(20, "optIn", LEFT, later="unsubscribe of list"),
    Story(10, "optIn", IN, later="unsubscribe"),
    Story(5, "optIn", IN, later="spam"),
    Story(10, "optIn", IN, later="leave of list"),
    Story(10, "", OUT, later="joins in Klaviyo"),
    Story(5, "optIn", IN, later="unsubscribe of list, and returns"),
)
"""Of a thousand. Whoever opts out of everything stays a member in Klaviyo, and is mailed no more."""

PEOPLE: Final = [story for story in STORIES for _ in range(story.share)]
CHUNK: Final = 1_000


class Sides(Protocol):
    """The shop and Klaviyo. Rows are Shopware's, profiles those of the simulator's seed."""

    def put(self, rows: Sequence[Row]) -> object: ...
    def delete(self, id_: str) -> object: ...
    def sow(self, profiles: Sequence[Row]) -> object: ...
    def act(self, email: str, act: str, *, of_list: bool) -> object: ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` people; `at` is some time before both sides opened. `lists` are the ids of ours and another list."""

    count: int
    at: datetime
    lists: dict[str, str]

    def told(self) -> Iterator[tuple[int, Story]]:
        return ((number, PEOPLE[number * 7 % 1_000]) for number in range(self.count))

    def begin(self, sides: Sides) -> None:
        """Both sides as the first run finds them."""
        _in_chunks(sides.put, (self.row(number, story) for number, story in self.told() if story.shop))
        _in_chunks(sides.sow, (self._profile(n, story) for n, story in self.told() if story.member or story.opt_outs))

    def go_on(self, sides: Sides, afterwards: Callable[[], datetime]) -> None:
        """What happens between the runs; opt-ins happen when all the rest has, at the time `afterwards`."""
        changed = {"leaves the shop": {"status": "optOut"}, "is renamed": {"firstName": "Robin"}}
        rows, back = [], []
        for number, story in self.told():
            act, _, returns = story.later.partition(", ")
            if story.later in changed:
                rows.append({**self.row(number, story), **changed[story.later]})
            elif story.later == "is deleted":
                sides.delete(identity(number))
            elif story.later == "joins in Klaviyo":
                sides.sow([{"email": email(number), "consent": "SUBSCRIBED", "lists": [self.lists["ours"]]}])
            elif act and act != "confirms":
                sides.act(email(number), act.removesuffix(" of list"), of_list=act.endswith(" of list"))
            if returns or act == "confirms":
                back.append(self.row(number, story))
        confirmed = {"status": "optIn", "confirmedAt": _stamp(afterwards())}
        _in_chunks(sides.put, [*rows, *({**row, **confirmed} for row in back)])

    def members(self, run: int) -> set[str]:
        """Who is on the list after the first run (0) or the second (1)."""
        return {email(number) for number, story in self.told() if story.ends[run]}

    def lifted(self, run: int) -> int:
        """How many opt-outs had a newer opt-in, and so were lifted until then."""
        back = (story.returned and story.ends[0] for _, story in self.told())
        again = ("returns" in story.later for _, story in self.told())
        return sum(back) + (sum(again) if run else 0)

    def of(self, *stories: str) -> int:
        """How many people live one of these lives between the runs."""
        return sum(story.later in stories for _, story in self.told())

    def row(self, number: int, story: Story) -> Row:
        """Whoever returned did so a year after they had opted out."""
        opted_in = self.at + timedelta(days=365) if story.returned else self.at
        is_confirmed = story.shop in ("optIn", "optOut")
        return {
            "id": identity(number),
            "email": email(number),
            "status": story.shop,
            "createdAt": _stamp(self.at + timedelta(milliseconds=number)),
            "updatedAt": None,
            "confirmedAt": _stamp(opted_in + timedelta(milliseconds=number)) if is_confirmed else None,
            "firstName": "Kim",
            "lastName": f"Berg {number}",
        }

    def _profile(self, number: int, story: Story) -> Row:
        at = (self.at + timedelta(days=100)).timestamp()
        opt_outs = [
            {"reason": reason, "at": at, **({"list_id": self.lists[which]} if which else {})}
            for reason, which in story.opt_outs
        ]
        lists = {"lists": [self.lists["ours"]], "consent": "SUBSCRIBED", "joined_at": at} if story.member else {}
        return {"email": email(number), "suppressions": opt_outs, **lists}


def planned(plan: Row) -> Counter[str]:
    """A plan's counts by what is done and why."""
    counted = Counter(
        {f"{act} {why}": n for act in ("subscribe", "remove", "excluded") for why, n in plan[act].items()}
    )
    return counted + Counter(update=plan["update"])


def email(number: int) -> str:
    return f"kim.berg.{number}@shop-customer.net"


def identity(number: int) -> str:
    return f"{number:032x}"


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _in_chunks(tell: Callable[[Sequence[Row]], object], rows: Iterable[Row]) -> None:
    rest = iter(rows)
    while some := list(islice(rest, CHUNK)):
        tell(some)
