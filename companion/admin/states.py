"""How a store does, in one word, a colour and a sentence that says why. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from companion.models import Store

Tone = Literal["good", "warn", "bad", "info", "quiet"]

PATIENCE_S: Final = 60.0
"""A store whose oldest work waits longer than this is behind."""


@dataclass(frozen=True, slots=True)
class State:
    """`word` and `tone` are for the eye; `why` is empty where there is nothing to say."""

    word: str
    tone: Tone
    why: str = ""


def state(store: Store, shop_trouble: str | None, klaviyo_trouble: str | None, oldest_s: float | None) -> State:
    """What an admin sees first. The troubles are why calls to a remote are blocked right now, if they are."""
    if store.approval:
        return State("waiting", "warn", "A registration of the shop waits for a yes.")
    if store.state == "removed":
        return State("uninstalled", "quiet", "The app was uninstalled in the shop.")
    if store.state == "inactive":
        return State("switched off", "quiet", "The app is not active in the shop: activate it there under Extensions.")
    if store.paused is not None:
        return State("paused", "bad", store.paused)
    if store.klaviyo_key is None:
        return State("not connected", "warn", "There is no Klaviyo key yet. Orders are kept until there is one.")
    if trouble := shop_trouble or klaviyo_trouble:
        return State("behind", "warn", trouble)
    if oldest_s is not None and oldest_s > PATIENCE_S:
        return State("behind", "warn", "More comes in than goes out just now; nothing is lost.")
    return State("flowing", "good")
