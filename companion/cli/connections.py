"""`companion store`, further: a store's Klaviyo key, a test event, its registrations, pausing."""

import sys
from collections.abc import Callable
from typing import Final, cast

import click

from companion import key_checks, stores, trial
from companion.bootstrap import Services
from companion.cli.common import WHO, build, note, told
from companion.cli.stores import store
from companion.models import Outbox
from companion.set_up_models import KeyCheck
from companion.webhooks import registration
from mappings import fields

LOOK_S: Final = 0.2
OF_ACCOUNT: Final = ("timezone", "currency")


@store.command("key")
@click.argument("key")
@told
def store_key(key: str) -> None:
    """Set the Klaviyo private key (read from standard input or asked for, so that no shell history keeps it)."""
    private_key = click.prompt("Private API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    _show_check(key_checks.check_now(build(), key, WHO, private_key))


@store.command("check")
@click.argument("key")
@told
def store_check(key: str) -> None:
    """Ask Klaviyo whose key the store has and what it may do."""
    _show_check(key_checks.check_now(build(), key, WHO))


def _show_check(check: KeyCheck) -> None:
    account, scopes = check.account or {}, check.scopes or {}
    click.echo(f"The key of {account['name']} ({account['id']}) is in force.")
    for name, value in (("public key", account["public_key"]), *((name, account[name]) for name in OF_ACCOUNT)):
        click.echo(f"  {name:<22} {value or 'not told'}")
    for scope, why in key_checks.NEEDED.items():
        said = {True: "present", False: "MISSING"}.get(cast("bool", scopes.get(scope)), "not known")
        click.echo(f"  {scope:<22} {said:<10} {why}")


@store.command("test")
@click.argument("key")
@click.argument("email")
@click.option("--wait", is_flag=True, help="Follow it to its arrival.")
@told
def store_test(key: str, email: str, wait: bool) -> None:
    """Send a test event to an address."""
    if not fields.email(email):
        raise click.BadParameter(f"{email!r} is no e-mail address")
    services = build()
    with services.database.read() as session:
        found = stores.by_key(session, key)
    id_ = trial.send(services, found, fields.email(email), WHO)
    click.echo(f"Message {id_}: {trial.METRIC}.")
    if wait:
        _follow(services, id_)


def _follow(services: Services, id_: int) -> None:
    """Say each thing that becomes of a message, until it has arrived or is buried."""
    said = ""
    while True:
        with services.database.read() as session:
            message = session.get_one(Outbox, id_)
        now = f"{message.state}: {message.reason}" if message.reason else message.state
        if now != said:
            click.echo(now)
        if message.state in ("delivered", "buried"):
            raise click.exceptions.Exit(int(message.state == "buried"))
        said = now
        services.sleep(LOOK_S)


@store.command("approve")
@click.argument("key")
@told
def store_approve(key: str) -> None:
    """Say yes to a registration that waits."""
    _decide(key, registration.approve, "approved a registration")
    click.echo("Approved.")


@store.command("reject")
@click.argument("key")
@told
def store_reject(key: str) -> None:
    """Say no to a registration that waits."""
    _decide(key, registration.reject, "rejected a registration")
    click.echo("Rejected.")


def _decide(key: str, verb: Callable[[Services, str], None], what: str) -> None:
    services = build()
    with services.database.read() as session:
        before = stores.by_key(session, key).shop_url
    verb(services, key)
    with services.database.write() as session:
        found = stores.by_key(session, key)
        note(session, services, what, found.id, before={"shop_url": before}, after={"shop_url": found.shop_url})


@store.command("pause")
@click.argument("key")
@click.option("--reason", default="Paused by an operator.", show_default=True)
@told
def store_pause(key: str, reason: str) -> None:
    """Stop sending; webhooks are still accepted."""
    services = build()
    with services.database.write() as session:
        found = stores.by_key(session, key)
        before = {"paused": found.paused}
        stores.pause(found, reason)
        note(session, services, "paused sending", found.id, before=before, after={"paused": reason})
    click.echo("Paused.")


@store.command("resume")
@click.argument("key")
@told
def store_resume(key: str) -> None:
    """Send again."""
    services = build()
    with services.database.write() as session:
        found = stores.by_key(session, key)
        before = {"paused": found.paused}
        stores.resume(session, found, services.now())
        note(session, services, "resumed sending", found.id, before=before, after={"paused": None})
    click.echo("Resumed.")
