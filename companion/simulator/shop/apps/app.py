"""The installed app as the shop keeps it. This shop has room for one."""

from dataclasses import dataclass

import msgspec

from companion.simulator.shop.apps.manifest import Manifest, Subscription
from companion.simulator.shop.records.database import Database

SETTING = "app"


class App(msgspec.Struct):
    """`secret` signs what the shop sends, `client_id` and `client_secret` open the Admin API to the app."""

    name: str
    version: str
    registration_url: str
    app_secret: str
    permissions: list[str]
    subscriptions: list[Subscription]
    secret: str = ""
    previous_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    active: bool = False
    installed_at: str = ""
    module_url: str = ""


class NotInstalled(Exception):
    """There is no app to do this with."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The shop as apps know it. `resolved` is its address as they were last told; if it differs, the shop is silent."""

    shop_id: str
    url: str
    resolved: str

    @property
    def is_resolved(self) -> bool:
        return self.url == self.resolved


def installed(database: Database) -> App | None:
    kept = database.setting(SETTING)
    return msgspec.convert(kept, App) if kept else None


def required(database: Database) -> App:
    """Raises NotInstalled."""
    app = installed(database)
    if app is None:
        raise NotInstalled("no app is installed")
    return app


def keep(database: Database, app: App | None) -> None:
    database.set_setting(SETTING, msgspec.to_builtins(app) if app else None)


def of_manifest(manifest: Manifest) -> App:
    return App(
        name=manifest.name,
        version=manifest.version,
        registration_url=manifest.registration_url,
        app_secret=manifest.secret,
        permissions=list(manifest.permissions),
        subscriptions=list(manifest.webhooks),
        module_url=manifest.module_url,
    )


def identity(database: Database) -> Identity:
    return Identity(database.setting("shop_id"), database.setting("url"), database.setting("resolved_url"))
