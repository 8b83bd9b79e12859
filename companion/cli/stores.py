"""`companion store`: the stores and their settings."""

import json
from typing import Any

import click

from companion import audit, samples, status, stores
from companion.cli.common import HOW_MANY, WHO, build, told
from mappings import custom_fields


@click.group()
def store() -> None:
    """Stores: one shop of one merchant each."""


@store.command("list")
@told
def store_list() -> None:
    """List the stores."""
    services = build()
    with services.database.read() as session:
        for found in stores.listed(session):
            account = found.klaviyo_account_name or "no Klaviyo key"
            click.echo(f"{found.key:<32} {found.platform:<10} {found.state:<9} {found.shop_url}  {account}")


@store.command("show")
@click.argument("key")
@told
def store_show(key: str) -> None:
    """Show one store and its settings."""
    services = build()
    with services.database.read() as session:
        found = stores.by_key(session, key)
        shown = {
            "key": found.key,
            "platform": found.platform,
            "name": found.name,
            "shop_url": found.shop_url,
            "state": found.state,
            "waits_for": found.approval or None,
            "paused": status.trouble(session, found, services.now()),
            "klaviyo_account": found.klaviyo_account or None,
            "settings": found.settings,
        }
    click.echo(json.dumps(shown, indent=2))


@store.command("set")
@click.argument("key")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=JSON…")
@told
def store_set(key: str, changes: tuple[str, ...]) -> None:
    """Change settings, e.g. 'events={"Paid Order": true}'; null takes one back."""
    services = build()
    chosen = dict(_change(change) for change in changes)
    with services.database.write() as session:
        stores.choose(session, key, lambda _: chosen, WHO, services.now())
    click.echo("Saved.")


def _change(change: str) -> tuple[str, Any]:
    name, equals, value = change.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        raise click.BadParameter(f"{change!r}: write NAME=JSON{'' if equals else ' (there is no =)'}") from None


@store.command("preview")
@click.argument("key")
@click.option("--channel", default="", help="Id of a sales channel; the store's own choices when missing.")
@told
def store_preview(key: str, channel: str) -> None:
    """Show what the custom fields in force say of the newest order that has some."""
    services = build()
    with services.database.read() as session:
        found = stores.by_key(session, key)
        sample = samples.of(session, found.id)
    if sample is None:
        click.echo("No order with custom fields has come in yet.")
        return
    label, custom = sample
    click.echo(f"Order {label} has {json.dumps(custom.ids, ensure_ascii=False)}")
    tracking = stores.tracking(found, services.now(), services.settings.flow_window_h)(channel)
    for group, wanted in (("order", tracking.order_fields), ("profile", tracking.profile_fields)):
        for one in wanted:
            said = json.dumps(custom_fields.value(one, custom), ensure_ascii=False)
            click.echo(f"{group:<8} {one.property:<24} {one.source} as {one.form}: {said}")


@store.command("changes")
@click.argument("key")
@click.option("--limit", type=HOW_MANY, default=50, show_default=True)
@told
def store_changes(key: str, limit: int) -> None:
    """Show who changed what, newest first."""
    with build().database.read() as session:
        for change, _ in audit.listed(session, stores.by_key(session, key).id, limit):
            said = (
                "" if change.before == change.after else f": {json.dumps(change.before)} → {json.dumps(change.after)}"
            )
            click.echo(f"{change.at:%Y-%m-%d %H:%M:%S} {change.who:<14} {change.what}{said}")
