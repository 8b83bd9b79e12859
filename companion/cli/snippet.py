"""`companion snippet`: what a theme developer pastes for a store."""

import click

from companion import stores
from companion.cli.common import build, told
from companion.snippets import pasted


@click.command()
@click.argument("key")
@click.option("--channel", default="", help="Sales channel; without one, the store's choices hold.")
@click.option("--platform", default="", help="Of another platform than the store's, e.g. any.")
@told
def snippet(key: str, channel: str, platform: str) -> None:
    """Print what to paste into a store's theme."""
    services = build()
    with services.database.read() as session:
        store = stores.by_key(session, key)
    for where, text in pasted.blocks(platform or store.platform, services.settings.public_url, key, channel):
        click.echo(f"{where}:\n\n{text}\n")
