"""The command line: everything an operator does, with clear errors. Commands call the same verbs as the pages."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from companion import bootstrap, config, inbox, outbox, serve, shopware_app, status, stores
from companion.bootstrap import Services
from companion.config import PREFIX, Settings
from companion.demo import demo as run_demo
from companion.errors import CompanionError
from companion.platforms.shopware import app_build
from companion.webhooks import registration


def build() -> Services:
    """The services of one command."""
    return bootstrap.build(config.load())


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say what the service raises on purpose as a sentence, with exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except CompanionError as error:
            raise click.ClickException(str(error)) from None

    return run


@click.group()
@click.version_option(package_name="companion")
def main() -> None:
    """Connects storefronts with Klaviyo."""


@main.command("serve")
@told
def serve_command() -> None:
    """Start the service (applies migrations first)."""
    serve.serve()


@main.command()
@click.option("--port", default=8080, show_default=True, help="Port of the service; the next two are used as well.")
@click.option("--data", default="var/demo", show_default=True, help="Where the demo keeps its state.")
@told
def demo(port: int, data: str) -> None:
    """Start the service beside a simulated Klaviyo and a demo shop."""
    run_demo(port, Path(data))


@main.command()
@told
def worker() -> None:
    """Run the jobs without the web (distributed engine)."""
    settings = config.load()
    serve.upgrade(settings)
    os.execv(sys.executable, [sys.executable, "-m", "worker"])  # noqa: S606 our own module, by our own interpreter


@main.command("settings")
def settings_command() -> None:
    """List every setting: name, default, meaning."""
    for spec in fields(Settings):
        click.echo(f"{PREFIX}{spec.name.upper():<24} {spec.default!s:<28} {spec.metadata['help']}")


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@told
def db_upgrade() -> None:
    """Bring the database to the newest schema."""
    serve.upgrade(config.load())
    click.echo("The database has the newest schema.")


@main.command("status")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@told
def status_command(as_json: bool) -> None:
    """How every store does."""
    found = status.status(build())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for key, store in found["stores"].items():
        click.echo(f"{key} ({store['platform']}): {store['paused'] or 'flowing'}")
        click.echo(f"  inbox   {_counts(store['inbox'])}")
        click.echo(f"  outbox  {_counts(store['outbox'])}")
        click.echo(f"  oldest due {store['oldest_due_s'] or 0} s, lag p95 {store['lag_p95_s'] or 0} s")
    if not found["stores"]:
        click.echo("No store yet: build the app (`companion shopware-app build`) and install it in a shop.")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


@main.group()
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


@store.command("add")
@click.argument("platform", type=click.Choice(["shopware"]))
@click.argument("shop_id")
@click.argument("shop_url")
@click.option("--key", default="", help="Name of the store; made of the host when missing.")
@told
def store_add(platform: str, shop_id: str, shop_url: str, key: str) -> None:
    """Add a store by hand. A Shopware shop that installs the app becomes a store by itself."""
    services = build()
    with services.database.write() as session:
        added = stores.add(
            session, services.vault, platform=platform, shop_id=shop_id, shop_url=shop_url, now=services.now(), key=key
        )
        click.echo(added.key)


@store.command("set")
@click.argument("key")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=JSON…")
@told
def store_set(key: str, changes: tuple[str, ...]) -> None:
    """Change settings, e.g. 'events={"Paid Order": true}'."""
    services = build()
    with services.database.write() as session:
        stores.change_settings(stores.by_key(session, key), dict(_change(change) for change in changes))
    click.echo("Saved.")


def _change(change: str) -> tuple[str, Any]:
    name, equals, value = change.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        raise click.BadParameter(f"{change!r}: write NAME=JSON{'' if equals else ' (there is no =)'}") from None


@store.command("key")
@click.argument("key")
@told
def store_key(key: str) -> None:
    """Set the Klaviyo private key (read from standard input or asked for, so that no shell history keeps it)."""
    private_key = click.prompt("Private API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    account = stores.connect_klaviyo(build(), key, private_key)
    click.echo(f"Connected with {account.name} ({account.id}).")


@store.command("approve")
@click.argument("key")
@told
def store_approve(key: str) -> None:
    """Say yes to a registration that waits."""
    registration.approve(build(), key)
    click.echo("Approved.")


@store.command("reject")
@click.argument("key")
@told
def store_reject(key: str) -> None:
    """Say no to a registration that waits."""
    registration.reject(build(), key)
    click.echo("Rejected.")


@store.command("pause")
@click.argument("key")
@click.option("--reason", default="Paused by an operator.", show_default=True)
@told
def store_pause(key: str, reason: str) -> None:
    """Stop sending; webhooks are still accepted."""
    with build().database.write() as session:
        stores.pause(stores.by_key(session, key), reason)
    click.echo("Paused.")


@store.command("resume")
@click.argument("key")
@told
def store_resume(key: str) -> None:
    """Send again."""
    services = build()
    with services.database.write() as session:
        stores.resume(session, stores.by_key(session, key), services.now())
    click.echo("Resumed.")


@main.group()
def messages() -> None:
    """What is stuck: quarantined webhooks and buried messages."""


@messages.command("list")
@click.option("--store", "key", help="Only this store's.")
@click.option("--state", default="buried", show_default=True, help="due, delivered, buried, held; quarantined, ignored")
@click.option("--limit", default=50, show_default=True)
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


@messages.command("replay")
@click.argument("key")
@click.argument("ids", nargs=-1, type=int)
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
    click.echo(f"{quarantined} webhooks and {buried} messages are due again.")


@messages.command("bury")
@click.argument("key")
@click.argument("ids", nargs=-1, type=int, required=True)
@click.option("--reason", default="Buried by an operator.", show_default=True)
@told
def messages_bury(key: str, ids: tuple[int, ...], reason: str) -> None:
    """Give messages up."""
    services = build()
    with services.database.write() as session:
        outbox.give_up(session, stores.by_key(session, key).id, ids, reason, services.now())
    click.echo("Buried.")


@main.group("shopware-app")
def shopware_app_group() -> None:
    """The Shopware app."""


@shopware_app_group.command("build")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--merchant", default="default", show_default=True, help="Each merchant's app has a secret of its own.")
@click.option("--name", default=shopware_app.DEFAULT_NAME, show_default=True, help="Technical name of the app.")
@click.option("--app-version", default="1.0.0", show_default=True)
@told
def shopware_app_build(out: Path, merchant: str, name: str, app_version: str) -> None:
    """Build a merchant's app: folder and zip."""
    services = build()
    serve.upgrade(services.settings)
    with services.database.write() as session:
        app = shopware_app.ensure_app(session, services.vault, merchant, name, services.now())
    click.echo(app_build.build(out, services.settings.public_url, app.name, app.secret, app_version))
