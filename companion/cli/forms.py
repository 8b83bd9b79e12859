"""`companion forms`: the account's forms, and which of them fills which slot of the shop's theme."""

import time
from typing import Any, Final

import click

from companion import runs, stores
from companion.bootstrap import Services
from companion.cli.common import build, told
from companion.errors import CompanionError
from companion.forms import account, slots
from companion.sync import advance
from companion.sync.forms import ALL, KIND

LOOK_S: Final = 0.5
CHANNEL: Final = click.option("--channel", default="", help="Id of a sales channel; all when missing.")
LANGUAGE: Final = click.option("--language", default="", help="A page's language, e.g. de; all when missing.")


class NotRead(CompanionError):
    """The forms could not be read; the text says why."""


@click.group()
def forms() -> None:
    """Sign-up forms and the slots they fill."""


@forms.command("list")
@click.argument("key", metavar="STORE")
@click.option("--refresh", is_flag=True, help="Ask Klaviyo first and wait: about a second for each form.")
@told
def forms_list(key: str, refresh: bool) -> None:
    """Show the account's forms as they were last read, and the slots."""
    services = build()
    if refresh:
        _read(services, key)
    with services.database.read() as session:
        store = stores.by_key(session, key)
        for form in account.listed(session, store.id):
            can = "fills slots" if account.is_embeddable(form) else ""
            click.echo(f"{form.form_id}  {form.type or '?':<9} {form.status:<5} {can:<11} {form.name}")
        for slot in slots.listed(session, store.id):
            place = f"{slot.channel_id or 'all channels'}, {slot.language or 'all languages'}"
            click.echo(f"slot {slot.name} ({place}): {slot.form_id or 'no form'}")


@forms.command("assign")
@click.argument("key", metavar="STORE")
@click.argument("slot")
@click.argument("form")
@CHANNEL
@LANGUAGE
@told
def forms_assign(key: str, slot: str, form: str, channel: str, language: str) -> None:
    """Let a FORM fill a slot; `none` leaves the slot to the theme, on purpose."""
    services = build()
    with services.database.write() as session:
        store, now = stores.by_key(session, key), services.now()
        if form == "none":
            slots.empty(session, store, slot, now, channel, language)
        else:
            slots.assign(session, store, slot, form, now, channel, language)
    click.echo(f"Slot {slot} of {key} shows {'no form' if form == 'none' else form}.")


@forms.command("clear")
@click.argument("key", metavar="STORE")
@click.argument("slot")
@CHANNEL
@LANGUAGE
@told
def forms_clear(key: str, slot: str, **place: Any) -> None:
    """Take a choice back, so that the next level's holds."""
    services = build()
    with services.database.write() as session:
        before = slots.clear(session, stores.by_key(session, key), slot, place["channel"], place["language"])
    click.echo(f"Slot {slot} of {key}: " + ("there was no choice." if before is None else "the choice is gone."))


def _read(services: Services, key: str) -> None:
    """Request a reading and wait for the engine to end it; do its turns here where no engine does."""
    run = advance.start(services, key, KIND, ALL, "the command line")
    while run.state == "running":
        is_busy = advance.advance_store(services, run.store_id) != 0.0
        with services.database.read() as session:
            run = runs.by_id(session, run.id)
        if run.reason:
            raise NotRead(run.reason)
        if is_busy:
            time.sleep(LOOK_S)
    if run.state != "finished":
        raise NotRead(run.reason or f"The reading was {run.state}.")
