"""Messages: found by order number, e-mail address or id, each with its way from the shop to Klaviyo."""

from typing import Final, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from companion import audit, inbox, outbox
from companion.admin import causes, guard, search, shown, timeline
from companion.bootstrap import Services
from companion.models import Inbox, Outbox, Store

Row = TypeVar("Row", Inbox, Outbox)

ID: Final = "int(max=9223372036854775807):id_"


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/messages`, one message, one webhook, and their buttons."""
    _add_pages(door, services)
    _add_buttons(door, services)


def _add_pages(door: Blueprint, services: Services) -> None:
    @door.get("/stores/<key>/messages")
    def messages(key: str) -> str:
        store, words = guard.found(services, key), request.args.get("q", "").strip().removeprefix("#")
        with services.database.read() as session:
            rows = search.messages(session, store.id, words) if words else search.newest(session, store.id)
            webhook = search.webhook(session, store.id, words) if words else None
        told = [shown.message(row, store.platform) for row in rows]
        return render_template("admin/messages.html", store=store, words=words, messages=told, webhook=webhook)

    @door.get(f"/stores/<key>/messages/<{ID}>")
    def message(key: str, id_: int) -> str:
        store = guard.found(services, key)
        with services.database.read() as session:
            row = _mine(session, Outbox, store, id_)
            heard = search.cause(session, row)
            others = search.messages(session, store.id, row.label) if row.label else []
        told = shown.message(row, store.platform)
        path, reason = causes.split(row.reason or "")
        return render_template(
            "admin/message.html",
            store=store,
            message=told,
            steps=timeline.steps(told, heard, store),
            payload=shown.payload(row),
            heard=heard,
            heard_body=shown.indented(heard.body) if heard and heard.body else "",
            others=[shown.message(other, store.platform) for other in others if other.id != row.id],
            path=path,
            reason=reason,
            remedy=causes.remedy("buried", row.reason or "") if row.state == "buried" else None,
        )

    @door.get(f"/stores/<key>/webhooks/<{ID}>")
    def webhook(key: str, id_: int) -> str:
        store = guard.found(services, key)
        with services.database.read() as session:
            row = _mine(session, Inbox, store, id_)
            led_to = search.caused(session, row)
        return render_template(
            "admin/webhook.html",
            store=store,
            webhook=row,
            body=shown.indented(row.body) if row.body else "",
            messages=[shown.message(message, store.platform) for message in led_to],
            remedy=causes.remedy("webhook", row.reason or "") if row.outcome == "quarantined" else None,
        )


def _add_buttons(door: Blueprint, services: Services) -> None:
    @door.post(f"/stores/<key>/messages/<{ID}>/replay")
    def replay_message(key: str, id_: int) -> Response:
        store, now = guard.found(services, key), services.now()
        with services.database.write() as session:
            count = outbox.replay(session, store.id, now, [id_])
            _note(session, services, store, f"tried message {id_} again", count)
        services.wake("deliver", store.id)
        return _back(count, "message", key, id_, "It is on its way again.")

    @door.post(f"/stores/<key>/messages/<{ID}>/bury")
    def bury_message(key: str, id_: int) -> Response:
        store = guard.found(services, key)
        with services.database.write() as session:
            _mine(session, Outbox, store, id_)
            count = outbox.give_up(session, store.id, [id_], guard.visitor().who, services.now())
            _note(session, services, store, f"buried message {id_}", count)
        return _back(count, "message", key, id_, "It is buried: kept here, and not sent.")

    @door.post(f"/stores/<key>/webhooks/<{ID}>/replay")
    def replay_webhook(key: str, id_: int) -> Response:
        store = guard.found(services, key)
        with services.database.write() as session:
            count = inbox.replay(session, store.id, services.now(), [id_])
            _note(session, services, store, f"tried webhook {id_} again", count)
        services.wake("resolve", store.id)
        return _back(count, "webhook", key, id_, "It is read again.")


def _note(session: Session, services: Services, store: Store, what: str, count: int) -> None:
    if count:
        audit.record(session, services.now(), guard.visitor().who, what, store.id)


def _back(count: int, page: str, key: str, id_: int, done: str) -> Response:
    flash(*((done, "good") if count else ("Nothing to do: it is no longer in that state.", "warn")))
    return redirect(url_for(f".{page}", key=key, id_=id_), 303)


def _mine(session: Session, table: type[Row], store: Store, id_: int) -> Row:
    """The store's own row; aborts with 404 for another's."""
    row = session.get(table, id_)
    if row is None or row.store_id != store.id:
        abort(404, "There is no such message here.")
    return row
