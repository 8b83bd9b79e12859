"""`companion store add`, `keys`, `connection`: a shop that a person connects by its keys, and how that does."""

import sys
from collections.abc import Sequence

import click

from companion import connection, stores
from companion.bootstrap import PLATFORMS
from companion.cli.common import build, note, told
from companion.cli.stores import store
from companion.platforms.base import Finding, Key


@store.command("add")
@click.option("--platform", type=click.Choice(sorted(PLATFORMS)), default="shopware", show_default=True)
@click.option("--url", "shop_url", required=True, help="The shop's own address.")
@click.option("--id", "shop_id", default="", help="The shop's own id, where it has one (Shopware).")
@click.option("--key", default="", help="Name of the store; made of the host when missing.")
@click.option("--set", "said", multiple=True, metavar="NAME=VALUE", help="A key that is no secret, e.g. username=kim.")
@told
def store_add(platform: str, shop_url: str, shop_id: str, key: str, said: tuple[str, ...]) -> None:
    """Add a store by hand, with its keys (asked for, or read from standard input line by line), and look how it does.

    A Shopware shop that installs the app becomes a store by itself.
    """
    services = build()
    typed = _typed(services.platforms[platform].keys, said)
    added = connection.connect(services, platform, shop_url, typed, shop_id=shop_id, key=key)
    with services.database.write() as session:
        note(session, services, "added the store", added.id, after={"shop_url": added.shop_url})
    click.echo(f"Added: {added.key}")
    if address := connection.webhook_url(services, added):
        click.echo(f"Address for webhooks, to be entered in the shop: {address}")
    if typed:
        _show(connection.check(services, added.key))


@store.command("keys")
@click.argument("key")
@click.option("--set", "said", multiple=True, metavar="NAME=VALUE", help="A key that is no secret, e.g. username=kim.")
@told
def store_keys(key: str, said: tuple[str, ...]) -> None:
    """Replace the keys of a shop (asked for, or read from standard input), and look how the connection does."""
    services = build()
    with services.database.read() as session:
        keys = services.platforms[stores.by_key(session, key).platform].keys
    connection.replace_keys(services, key, _typed(keys, said))
    _show(connection.check(services, key))


@store.command("connection")
@click.argument("key")
@told
def store_connection(key: str) -> None:
    """Look at the connection with the shop: what works, what does not, and what to do about it."""
    _show(connection.check(build(), key))


def _typed(keys: Sequence[Key], said: Sequence[str]) -> dict[str, str]:
    """What was said in options, and the secrets: they must not get into a shell's history."""
    typed = dict(one.partition("=")[::2] for one in said)
    wanted = [one for one in keys if one.secret and (one.required or sys.stdin.isatty()) and one.name not in typed]
    for one in wanted:
        default = None if one.required else ""
        asked = sys.stdin.isatty()
        typed[one.name] = (
            click.prompt(one.label, hide_input=True, default=default, show_default=False)
            if asked
            else sys.stdin.readline().strip()
        )
    return typed


def _show(findings: Sequence[Finding]) -> None:
    marks = {"good": "ok", "warn": "look", "bad": "BAD"}
    for one in findings:
        click.echo(f"  {marks[one.tone]:<5}{one.about}: {one.said}")
