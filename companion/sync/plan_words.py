"""What a subscribers run planned, in the words of a merchant: for pages and for the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

WORDS: Final = {
    "new": "new",
    "no_consent": "on the list, but without consent there",
    "opted_in_again": "opted in again after opting out in Klaviyo",
    "opted_out_on_platform": "no longer active in the shop",
    "not_on_platform": "not known to the shop",
    "refused": "Klaviyo refuses the address",
    "opted_out_in_klaviyo": "opted out in Klaviyo",
}
OPT_OUTS: Final = {
    "UNSUBSCRIBE": "unsubscribed",
    "SPAM_COMPLAINT": "complained of spam",
    "USER_SUPPRESSED": "suppressed by hand",
    "HARD_BOUNCE": "the address bounces",
    "INVALID_EMAIL": "no valid address",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: what is done, to how many, and why: words and how many each is true of."""

    act: str
    count: int
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def why(self) -> str:
        """The reasons in one sentence; a single one needs no number."""
        if len(self.reasons) == 1:
            return self.reasons[0][0]
        return ", ".join(f"{words} ({count:,})" for words, count in self.reasons)


def lines(planned: Mapping[str, Any]) -> list[Line]:
    """What a run planned for one list, as `companion.sync.planning` counts it."""
    acts = (("To subscribe", "subscribe"), ("To take off the list", "remove"), ("Excluded", "excluded"))
    subscribe, remove, excluded = (_line(act, planned[name]) for act, name in acts)
    rest = (Line("Profiles to update", planned["update"]), Line("Left as they are", planned["unchanged"]))
    return [subscribe, rest[0], remove, excluded, rest[1]]


def _line(act: str, counts: Mapping[str, int]) -> Line:
    reasons = sorted(counts.items(), key=lambda pair: -pair[1])
    return Line(act, sum(counts.values()), tuple((_words(reason), count) for reason, count in reasons))


def _words(reason: str) -> str:
    """`opted_out_in_klaviyo:HARD_BOUNCE` as a person says it."""
    why, _, opt_out = reason.partition(":")
    said = WORDS.get(why, why.replace("_", " "))
    return f"{said}: {OPT_OUTS.get(opt_out, opt_out.replace('_', ' ').lower())}" if opt_out else said
