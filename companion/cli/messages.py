"""`companion messages`: what is stuck, and what to do about it."""

import click

from companion import inbox, outbox, stores
from companion.admin import search
from companion.cli.common import HOW_MANY, ROW_ID, WHO, build, note, told


@click.group()
def messages() -> None:
    """What is stuck: quarantined webhooks and buried messages."""


@messages.command("list")
@click.option("--store", "key", help="Only this store's.")
@click.option("--state", default="buried", show_default=True, help="due, delivered, buried, held; quarantined, ignored")
@click.option("--limit", type=HOW_MANY, default=50, show_default=True)
@told
def messages_list(key: str | None, state: str, limit: int) -> None:
    """List webhooks or messages in one state, newest first."""
    services = build()
    with services.database.read() as session:
        store_id = stores.by_key(session, key).id if key else None
        for message in outbox.listed(session, store_id, state, limit=limit):
            click.echo(f"message {message.id} {message.metric} {message.unique_id}: {message.reason or message.state}")
        for webhook in inbox.listed(session, store_id, state, limit):
            where = f"{webhook.path}: {webhook.reason}" if webhook.path else webhook.reason or webhook.state
            click.echo(f"webhook {webhook.id} {webhook.topic}: {where}")


@messages.command("find")
@click.argument("key", metavar="STORE")
@click.argument("words")
@told
def messages_find(key: str, words: str) -> None:
    """Find messages by order number, e-mail address (or a part with its @) or any id, newest first."""
    with build().database.read() as session:
        for message in search.messages(session, stores.by_key(session, key).id, words):
            became = f"{message.state}: {message.reason}" if message.reason else message.state
            at = f"{message.created_at:%Y-%m-%d %H:%M:%S}"
            click.echo(f"message {message.id} {at} {message.metric} {message.label} {became}")


@messages.command("replay")
@click.argument("key")
@click.argument("ids", nargs=-1, type=ROW_ID)
@click.option("--webhooks", is_flag=True, help="The ids are webhooks' ids.")
@told
def messages_replay(key: str, ids: tuple[int, ...], webhooks: bool) -> None:
    """Try a store's buried messages and quarantined webhooks again, all or those named."""
    services = build()
    now = services.now()
    with services.database.write() as session:
        store_id = stores.by_key(session, key).id
        quarantined = inbox.replay(session, store_id, now, ids or None) if webhooks or not ids else 0
        buried = outbox.replay(session, store_id, now, ids or None) if not webhooks else 0
        if quarantined or buried:
            note(session, services, f"tried {quarantined} webhooks and {buried} messages again", store_id)
    click.echo(f"{quarantined} webhooks and {buried} messages are due again.")


@messages.command("bury")
@click.argument("key")
@click.argument("ids", nargs=-1, type=ROW_ID, required=True)
@click.option("--reason", default="", help="Kept with them.")
@told
def messages_bury(key: str, ids: tuple[int, ...], reason: str) -> None:
    """Give messages up."""
    services = build()
    with services.database.write() as session:
        store_id = stores.by_key(session, key).id
        count = outbox.give_up(session, store_id, ids, f"the {WHO}", services.now(), reason)
        if count:
            note(session, services, f"buried {count} messages", store_id)
    click.echo(f"{count} messages are buried.")
