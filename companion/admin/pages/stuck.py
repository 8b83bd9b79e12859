"""What does not go on by itself, grouped by cause; one press tries a whole cause again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from companion import audit, inbox, outbox
from companion.admin import causes, guard, queries
from companion.admin.causes import SHOWN, Cause
from companion.admin.shown import counted
from companion.bootstrap import Services
from companion.models import Store


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/stuck`."""

    @door.get("/stores/<key>/stuck")
    def stuck(key: str) -> str:
        store = guard.found(services, key)
        with services.database.read() as session:
            line = queries.line(session, store, services.now())
            found = causes.causes(session, store.id)
        return render_template("admin/stuck.html", store=store, line=line, causes=found, most=SHOWN)

    @door.post("/stores/<key>/stuck")
    def act(key: str) -> Any:
        store = guard.found(services, key)
        with services.database.write() as session:
            found = {cause.mark: cause for cause in causes.causes(session, store.id)}
            cause = found.get(request.form.get("cause", ""))
            done = _act(session, services, store, cause) if cause else "Nothing to do: this cause is gone."
        services.wake("resolve", store.id)
        services.wake("deliver", store.id)
        services.wake("deliver-volume", store.id)
        flash(done, "good" if cause else "warn")
        return redirect(url_for(".stuck", key=key), 303)


def _act(session: Session, services: Services, store: Store, cause: Cause) -> str:
    """Try a cause's rows again, or bury those that are still tried; say what was done."""
    now, who = services.now(), guard.visitor().who
    if cause.kind == "failing":
        what = f"buried {counted(outbox.give_up(session, store.id, cause.ids, who, now), 'message')}"
    elif cause.kind == "webhook":
        what = f"tried {counted(inbox.replay(session, store.id, now, cause.ids), 'webhook')} again"
    else:
        what = f"tried {counted(outbox.replay(session, store.id, now, cause.ids), 'message')} again"
    audit.record(session, now, who, what, store.id, before={"cause": cause.reason})
    return f"You {what}."
