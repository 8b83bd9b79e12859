"""The account's forms as they were last read: kept, listed, forgotten. Klaviyo itself is asked by `sync.forms` only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from companion.form_models import CachedForm
from companion.klaviyo.forms import Form, FormVersion

EMBED: Final = "embed"
LIVE: Final = "live"


def is_embeddable(form: CachedForm) -> bool:
    """Whether the form fills an element of the theme now; all other live ones show themselves."""
    return form.type == EMBED and form.status == LIVE


def listed(session: Session, store_id: int) -> Sequence[CachedForm]:
    """All of a store's forms, by name."""
    found = session.scalars(select(CachedForm).where(CachedForm.store_id == store_id))
    return sorted(found, key=lambda form: (form.name.casefold(), form.form_id))


def find(session: Session, store_id: int, form_id: str) -> CachedForm | None:
    """One form of a store."""
    return session.get(CachedForm, (store_id, form_id))


def keep(session: Session, store_id: int, forms: Sequence[Form], at: datetime, *, again: bool) -> None:
    """Keep a page of forms. The type of a new or changed one, or with `again` of all, has still to be read."""
    for one in forms:
        known = find(session, store_id, one.id)
        if known is None:
            known = CachedForm(store_id=store_id, form_id=one.id, type="", version="", stale=True)
            session.add(known)
        known.stale = known.stale or again or known.version != one.version
        known.name, known.status, known.version, known.seen_at = one.name[:500], one.status, one.version, at


def forget_unseen(session: Session, store_id: int, since: datetime) -> None:
    """Forget forms that the account has no longer."""
    session.execute(delete(CachedForm).where(CachedForm.store_id == store_id, CachedForm.seen_at < since))


def stale(session: Session, store_id: int) -> Sequence[str]:
    """Ids of the forms whose type has still to be read."""
    query = select(CachedForm.form_id).where(CachedForm.store_id == store_id, CachedForm.stale)
    return session.scalars(query.order_by(CachedForm.form_id)).all()


def learn(session: Session, store_id: int, form_id: str, versions: Sequence[FormVersion]) -> None:
    """Keep what kind of form it is: that of its live variations, an embedded one before all others."""
    running = [one for one in versions if one.status == LIVE] or list(versions)
    types = sorted({one.type for one in running}, key=lambda type_: (type_ != EMBED, type_))
    which = (CachedForm.store_id == store_id, CachedForm.form_id == form_id)
    session.execute(update(CachedForm).where(*which).values(type=types[0] if types else "", stale=False))
