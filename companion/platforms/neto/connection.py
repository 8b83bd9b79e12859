"""A look at the connection, in a merchant's words: key, currency, clock, and what the key's user may read.

Every action is tried once, and nothing is kept of what it returns.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from companion.platforms.base import Access, Finding
from companion.platforms.neto import about, client, spans
from companion.platforms.neto.api import api
from companion.platforms.neto.replies import Refused
from mappings.neto import values

LATELY: Final = timedelta(days=30)
SKEW: Final = timedelta(minutes=5)

NEEDED: Final = {
    "GetOrder": ("Orders", "No event of an order can be told without it."),
    "GetItem": ("Products", "Categories, brands, pictures and addresses of products come from it."),
    "GetCustomer": ("Customers", "Newsletter subscribers come from it."),
}
WANTED: Final = {
    "GetRma": ("Returns", "Refunded Order is told from returns; without them it is not told."),
    "GetCart": (
        "Carts",
        "Started Checkout is told from carts, which Neto keeps only with its add-on Abandoned Cart Saver: switch it on "
        "there, and let the key's permission group read carts. Everything else works without.",
    ),
}
OUTPUTS: Final = {
    "GetOrder": ("ID", "DatePlaced"),
    "GetItem": ("Name",),
    "GetCustomer": ("Username",),
    "GetRma": ("RmaID",),
    "GetCart": ("CartID",),
}


def check(access: Access) -> Sequence[Finding]:
    """What works and what does not. Raises Retry or Pause where the shop cannot be asked at all."""
    standing = about.asked(access)
    found = [_currency(access, standing), _clock(access, standing)]
    rows: dict[str, spans.Rows] = {}
    refusals: list[str] = []
    for action, (subject, why) in {**NEEDED, **WANTED}.items():
        try:
            rows[action] = api.get(access, action, _lately(access), OUTPUTS[action], limit=client.MOST).rows
            found.append(_open(action, subject, rows[action]))
        except Refused as refused:
            refusals.append(refused.reason)
            found.append(Finding(subject, "bad" if action in NEEDED else "warn", f"{refused.reason} {why}"))
    if not rows:  # nothing is open to the key: that is one trouble, not seven
        return [Finding("API key", "bad", refusals[0])]
    return [*found, *_from_the_future(access, rows.get("GetOrder", []))]


def _open(action: str, subject: str, rows: spans.Rows) -> Finding:
    """A shop without the add-on may show no carts rather than refuse them."""
    if action == "GetCart" and not rows:
        said = "The shop shows none of the last 30 days: if it should, see that its add-on Abandoned Cart Saver is on."
        return Finding(subject, "warn", said)
    return Finding(subject, "good", f"The key may read them ({action}).")


def _currency(access: Access, standing: about.Standing) -> Finding:
    own, chosen = standing.currency, str(access.settings.get("currency", ""))
    if chosen and own and chosen != own:
        said = f"The store is set to {chosen}, and the shop's own currency is {own}. Amounts are told as {chosen}."
        return Finding("Currency", "warn", said)
    if not (chosen or own):
        said = "The key may not read the shop's currency (GetCurrencySettings): allow it, or set the store's currency."
        return Finding("Currency", "bad", said)
    return Finding("Currency", "good", f"Amounts are in {chosen or own}.")


def _clock(access: Access, standing: about.Standing) -> Finding:
    if standing.offset_s is None:
        return Finding("Clock", "warn", "The shop does not tell its time, so its times are taken as UTC.")
    zone, off = about.zone(access), timedelta(seconds=standing.offset_s)
    if abs(off) <= SKEW:
        return Finding("Clock", "good", f"The shop's clock is right, and its times are read as {zone}.")
    hours = abs(standing.offset_s) / 3600
    ahead = "ahead of" if standing.offset_s > 0 else "behind"
    said = f"The shop's clock is {hours:.1f} hours {ahead} UTC: it tells local times. They are read as {zone}."
    if zone == "UTC":
        said = f"The shop's clock is {hours:.1f} hours {ahead} ours, and its times are read as UTC: see its time zone."
    return Finding("Clock", "warn", said)


def _from_the_future(access: Access, orders: spans.Rows) -> Iterator[Finding]:
    """An order placed later than now shows that its times are local ones, whatever the shop's clock says."""
    zone = values.zone(about.zone(access))
    placed = [at for row in orders if (at := values.moment(row.get("DatePlaced"), zone))]
    if placed and max(placed) > access.now() + SKEW:
        yield Finding(
            "Times of orders",
            "bad",
            "The newest order lies in the future: the shop tells local times. Set the store's time_zone, and its "
            "shop_times to local.",
        )


def _lately(access: Access) -> Mapping[str, Any]:
    now = access.now()
    return spans.bounds(access, "DateUpdated", (now - LATELY).isoformat(), (now + LATELY).isoformat())
