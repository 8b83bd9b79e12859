"""`companion shopware-app`: the app's package for one merchant."""

from pathlib import Path

import click

from companion import serve, shopware_app
from companion.cli.common import build, note, told
from companion.platforms.shopware import app_build


@click.group("shopware-app")
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
        note(session, services, f"built the app of {merchant[:80]}")
    click.echo(app_build.build(out, services.settings.public_url, app.name, app.secret, app_version))
