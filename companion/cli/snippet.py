"""`companion snippet`: what a theme developer pastes for a store."""

from collections.abc import Sequence

import click

from companion import stores
from companion.cli.common import build, told
from companion.form_models import SlotSighting
from companion.forms import sightings
from companion.snippets import pasted


@click.command()
@click.argument("key")
@click.option("--channel", default="", help="Sales channel; without one, the store's choices hold.")
@click.option("--platform", default="", help="Of another platform than the store's, e.g. any.")
@told
def snippet(key: str, channel: str, platform: str) -> None:
    """Print what to paste into a store's theme, and whether it was seen there."""
    services = build()
    with services.database.read() as session:
        store = stores.by_key(session, key)
        for block in pasted.blocks(platform or store.platform, services.settings.public_url, key, channel):
            seen = sightings.of_block(session, store.id, block.sign, channel)
            click.echo(f"{block.where} ({_seen(seen)}):\n\n{block.text}\n")


def _seen(places: Sequence[SlotSighting]) -> str:
    """Where and when a block was seen last."""
    if not places:
        return "not seen in the shop yet"
    last = places[0]
    page = pasted.PAGES.get(last.language) or f"on a page in {last.language}"
    return f"seen {last.seen_at:%Y-%m-%d %H:%M} UTC on {last.host}{', ' + page if last.language else ''}"
