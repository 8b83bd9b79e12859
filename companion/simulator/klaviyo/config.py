"""Settings of the simulator: arguments of `create_app`, or KLAVIYO_SIM_<NAME> in the environment.

This package stands outside the service and must not import anything of it.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar, get_args

PREFIX: Final = "KLAVIYO_SIM_"
SWITCH: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
Latency = Literal["none", "realistic"]
Keep = Literal["all", "ledger"]
Value = TypeVar("Value")


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True, slots=True)
class Config:
    """How the simulator behaves.

    `latency` "realistic" answers as slowly as the real thing. `unlimited` lifts the rate windows (their headers go
    on, with a very large limit). `keep` "ledger" keeps what identifies an event but not its payload. Accepted jobs
    (imports, consent, deletions) take effect after `lag_s` seconds. `demo` fills the first account with lists,
    forms and flows. `now` returns an aware datetime.
    """

    latency: Latency = "none"
    unlimited: bool = False
    keep: Keep = "all"
    lag_s: float = 0.0
    demo: bool = True
    now: Callable[[], datetime] = utc_now

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read KLAVIYO_SIM_LATENCY, _UNLIMITED, _KEEP, _LAG_S and _DEMO. Raises ValueError naming a wrong one."""
        environ = os.environ if environ is None else environ
        latency: dict[str, Latency] = {word: word for word in get_args(Latency)}
        keep: dict[str, Keep] = {word: word for word in get_args(Keep)}
        return cls(
            latency=_choice(environ, "LATENCY", latency, "none"),
            unlimited=_choice(environ, "UNLIMITED", SWITCH, "no"),
            keep=_choice(environ, "KEEP", keep, "all"),
            lag_s=_seconds(environ, "LAG_S"),
            demo=_choice(environ, "DEMO", SWITCH, "yes"),
        )


def _choice(environ: Mapping[str, str], name: str, values: Mapping[str, Value], default: str) -> Value:
    raw = environ.get(PREFIX + name, default).lower()
    if raw not in values:
        raise ValueError(f"{PREFIX}{name}: {raw!r} is none of {', '.join(values)}")
    return values[raw]


def _seconds(environ: Mapping[str, str], name: str) -> float:
    raw = environ.get(PREFIX + name, "0")
    try:
        return float(raw)
    except ValueError:
        raise ValueError(f"{PREFIX}{name}: {raw!r} is not a number of seconds") from None
