"""The slots' verbs: assign, empty, clear. A theme holds a slot once; which form fills it is the merchant's choice.

A sales channel's choice goes before the store's, a language's before that for all languages. An empty form is a
choice, too: there the slot keeps what the theme put into it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from companion.errors import CompanionError
from companion.form_models import Slot
from companion.forms import account, names
from companion.models import Store


class NotEmbeddable(CompanionError):
    """The form cannot fill a slot; the text says why and what could."""


def slots_for(session: Session, store: Store, channel: str) -> dict[str, dict[str, str]]:
    """What a storefront has to know: `{slot: {language or "" for all: form id or "" for none}}`."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for slot in listed(session, store.id):
        if slot.channel_id in ("", channel):
            found.setdefault(slot.name, {}).setdefault(slot.channel_id, {})[slot.language] = slot.form_id
    return {name: _merged(levels.get("", {}), levels.get(channel, {})) for name, levels in found.items()}


def listed(session: Session, store_id: int) -> Sequence[Slot]:
    """All choices of a store, by slot, channel and language."""
    query = select(Slot).where(Slot.store_id == store_id)
    return session.scalars(query.order_by(Slot.name, Slot.channel_id, Slot.language)).all()


def assign(
    session: Session, store: Store, slot: str, form_id: str, now: datetime, channel: str = "", language: str = ""
) -> str | None:
    """Let a live, embedded form of the account fill a slot; return the form's id that did before, None for no choice.

    Raises names.InvalidName, NotEmbeddable.
    """
    _check_form(session, store, names.form_id(form_id))
    return _choose(session, store, slot, form_id, now, channel, language)


def empty(
    session: Session, store: Store, slot: str, now: datetime, channel: str = "", language: str = ""
) -> str | None:
    """Leave a slot to the theme, on purpose, whatever the other levels say. Returns and raises as `assign`."""
    return _choose(session, store, slot, "", now, channel, language)


def clear(session: Session, store: Store, slot: str, channel: str = "", language: str = "") -> str | None:
    """Take a choice back, so that the next level's holds; return what it was. Raises names.InvalidName."""
    found = session.get(Slot, _key(store, slot, channel, language))
    if found is None:
        return None
    session.delete(found)
    session.flush()
    return found.form_id


def _choose(
    session: Session, store: Store, slot: str, form_id: str, now: datetime, channel: str, language: str
) -> str | None:
    store_id, name, channel_id, tongue = _key(store, slot, channel, language)
    found = session.get(Slot, (store_id, name, channel_id, tongue))
    if found is None:
        session.add(
            Slot(
                store_id=store_id,
                name=name,
                channel_id=channel_id,
                language=tongue,
                form_id=form_id,
                changed_at=now,
            )
        )
        return None
    before = found.form_id
    found.form_id, found.changed_at = form_id, now
    return before


def _key(store: Store, slot: str, channel: str, language: str) -> tuple[int, str, str, str]:
    return store.id, names.slot(slot), names.channel(channel), names.language(language)


def _check_form(session: Session, store: Store, form_id: str) -> None:
    form = account.find(session, store.id, form_id)
    if form is None:
        raise NotEmbeddable(
            f"the account has no form {form_id}, as far as is known: `companion forms list {store.key} --refresh`"
        )
    if form.type != account.EMBED:
        kind = form.type.replace("_", " ") or "form of unknown type"
        raise NotEmbeddable(f"“{form.name}” is a {kind}: only embedded forms fill a slot, the others show themselves")
    if form.status != account.LIVE:
        raise NotEmbeddable(f"“{form.name}” is a draft: publish it in Klaviyo, then read the forms again")


def _merged(of_store: dict[str, str], of_channel: dict[str, str]) -> dict[str, str]:
    """A channel that has chosen for all languages inherits nothing."""
    return dict(of_channel) if "" in of_channel else {**of_store, **of_channel}
