"""`companion subscribers`: the list they go to, how they do, and why somebody is subscribed or not."""

import json

import click

from companion import stores
from companion.cli.common import build, note, told
from companion.sync import explain, lists, overview


@click.group()
def subscribers() -> None:
    """Newsletter subscribers and consent."""


@subscribers.command("lists")
@click.argument("key", metavar="STORE")
@told
def subscribers_lists(key: str) -> None:
    """Show all lists of the store's Klaviyo account."""
    for found in lists.listed(build(), key):
        click.echo(f"{found.id:<8} {found.name}")


@subscribers.command("choose")
@click.argument("key", metavar="STORE")
@click.argument("name", default="")
@click.option("--id", "list_id", default="", help="The list's id, where several have the name.")
@click.option("--create", is_flag=True, help="Create a list of this name.")
@click.option("--channel", default="", help="Id of a sales channel, whose subscribers alone go there.")
@told
def subscribers_choose(key: str, name: str, list_id: str, create: bool, channel: str) -> None:
    """Choose the list that the store's subscribers go to, or a sales channel's, by its exact name."""
    if bool(name) == bool(list_id) or (create and not name):
        raise click.UsageError("give either the list's NAME or its --id; --create needs a NAME")
    services = build()
    chosen = lists.choose(services, key, name, list_id, create=create, channel=channel)
    with services.database.write() as session:
        after = {"subscriber_list": {"id": chosen.id, "name": chosen.name}}
        what = f"chose the list of sales channel {channel}" if channel else "chose the subscribers' list"
        note(session, services, what, stores.by_key(session, key).id, after=after)
    click.echo(f"Subscribers of {f'sales channel {channel}' if channel else key} go to “{chosen.name}” ({chosen.id}).")


@subscribers.command("show")
@click.argument("key", metavar="STORE")
@told
def subscribers_show(key: str) -> None:
    """Show the store's lists, the next run, and what the last one planned and did."""
    click.echo(json.dumps(overview.overview(build(), key), indent=2, ensure_ascii=False))


@subscribers.command("explain")
@click.argument("email")
@click.option("--store", "key", help="Only this store's lists.")
@told
def subscribers_explain(email: str, key: str | None) -> None:
    """Say why an address is subscribed or not, with times and sources."""
    found = explain.explain(build(), email, key)
    for one in found:
        click.echo(f"{one.store}, list “{one.list_name}” ({one.list_id}): {one.answer}")
        for fact in one.facts:
            when = f"{fact.at:%Y-%m-%d %H:%M:%S} UTC" if fact.at else "at a time nobody told"
            click.echo(f"  {when:<24} {fact.source}: {fact.what}")
    if not found:
        click.echo("Nothing is known of this address.")
