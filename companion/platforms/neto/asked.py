"""What a merchant may set for a Neto shop beside events and subscribers: what is read, how often, what is left out.

What is valid is decided by `companion.store_settings`.
"""

from collections.abc import Collection, Sequence
from typing import Final

from companion.platforms.base import Choice, Setting
from companion.platforms.neto import about

choices: Final[Collection[Choice]] = frozenset()
"""None: an order is known by its number alone, keeps no history that could repeat, and has no custom fields."""

channel_id: Final[str] = "its name as orders have it, e.g. Website"

settings: Final[Sequence[Setting]] = (
    Setting(
        "hold_minutes",
        "An unpaid order on hold is an order after",
        "Before that, its checkout may still be under way. One that is paid is told at once.",
        unit="minutes",
        usual=about.HOLD_MINUTES,
    ),
    Setting(
        "idle_minutes",
        "A cart is left behind after",
        "Started Checkout is told once nothing has changed in a cart for so long.",
        unit="minutes",
        usual=about.IDLE_MINUTES,
    ),
    Setting(
        "ignored_channels",
        "Sales channels to leave out",
        "One a line, by name or a part of it; nothing of their orders is told. Marketplaces hide buyers' addresses.",
        kind="list",
    ),
    Setting(
        "splits_count",
        "Count what is taken out of an order as an order of its own",
        "Else its Placed Order and Ordered Product are not told again, its Fulfilled Order is.",
        kind="switch",
    ),
    Setting(
        "refills_carts",
        "Where the shop has no link for a cart, tell one that adds its products",
        "It adds to what is in the cart by then, so what is still there counts twice. Try one before mails rely on it.",
        kind="switch",
    ),
    Setting(
        "currency",
        "Currency",
        "Only where the shop does not tell its own, or another is meant.",
        kind="text",
        usual="the shop's own",
    ),
    Setting(
        "shop_times",
        "Times in the shop's answers are",
        "Local ones are in the time zone of the page Subscribers. The page Connection says how the clock does.",
        kind="choice",
        options={"auto": "found out by the shop's clock", "utc": "UTC", "local": "local"},
    ),
    Setting(
        "shop_calls_per_minute",
        "Calls to the shop",
        "Neto allows 500 a minute to all of a shop's tools together.",
        unit="a minute",
    ),
    Setting(
        "sweep_minutes",
        "Look for changes every",
        "How late an order without a notification may be. 0: never, so notifications alone tell of anything.",
        unit="minutes",
    ),
)
