"""The command line: everything an operator does, with clear errors. Commands call the same verbs as the pages."""

import json
import os
import sys
from dataclasses import fields
from pathlib import Path

import click

from companion import config, serve, status
from companion.cli import connections, shops  # they add their commands to `companion store`
from companion.cli.common import build, told
from companion.cli.forms import forms
from companion.cli.messages import messages
from companion.cli.run import run as run_group
from companion.cli.shopware import shopware_app_group
from companion.cli.snippet import snippet
from companion.cli.stores import store
from companion.cli.subscribers import subscribers
from companion.config import PREFIX, Settings
from companion.demo import demo as run_demo
from companion.demo_shops import SHOPS


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
@click.option("--data", default="", help="Where the demo keeps its state: var/demo, or var/demo-<platform>.")
@click.option("--platform", type=click.Choice(sorted(SHOPS)), default="shopware", show_default=True)
@told
def demo(port: int, data: str, platform: str) -> None:
    """Start the service beside a simulated Klaviyo and a demo shop."""
    run_demo(platform, port, Path(data or ("var/demo" if platform == "shopware" else f"var/demo-{platform}")))


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
    for key, one in found["stores"].items():
        click.echo(f"{key} ({one['platform']}): {one['paused'] or 'flowing'}")
        click.echo(f"  inbox   {_counts(one['inbox'])}")
        click.echo(f"  outbox  {_counts(one['outbox'])}")
        if one["note"]:
            click.echo(f"  note    {one['note']}")
        click.echo(f"  oldest due {one['oldest_due_s'] or 0} s, lag p95 {one['lag_p95_s'] or 0} s")
    if not found["stores"]:
        click.echo("No store yet: build the app (`companion shopware-app build`) and install it in a shop.")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


main.add_command(store)
main.add_command(messages)
main.add_command(run_group)
main.add_command(subscribers)
main.add_command(forms)
main.add_command(shopware_app_group)
main.add_command(snippet)
