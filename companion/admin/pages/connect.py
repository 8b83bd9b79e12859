"""A new shop: the app for its merchant, built on the fly, and the steps from there to a store."""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, render_template, request, send_file

from companion import audit, shopware_app
from companion.admin import guard, queries
from companion.admin.forms import NewApp
from companion.bootstrap import Services
from companion.platforms.shopware import app_build
from companion.shopware_app import ShopwareApp

APP_VERSION: Final = "1.0.0"


def add(door: Blueprint, services: Services) -> None:
    """`/connect`: the steps, and the app as a download."""

    @door.get("/connect")
    def connect() -> Any:
        return _page(services, NewApp(), 200)

    @door.post("/connect")
    def download() -> Any:
        form = NewApp(request.form)
        if not form.validate():
            return _page(services, form, 400)
        app = _app(services, (form.merchant.data or "").strip())
        return send_file(
            BytesIO(_zip(services, app)), "application/zip", as_attachment=True, download_name=f"{app.name}.zip"
        )


def _page(services: Services, form: NewApp, status: int) -> Any:
    with services.database.read() as session:
        apps = queries.apps(session)
    base = services.settings.public_url.rstrip("/")
    return render_template("admin/connect.html", form=form, apps=apps, base=base), status


def _app(services: Services, merchant: str) -> ShopwareApp:
    now = services.now()
    with services.database.write() as session:
        known = next((app.name for app in queries.apps(session) if app.merchant == merchant), None)
        name = known or shopware_app.DEFAULT_NAME
        app = shopware_app.ensure_app(session, services.vault, merchant, name, now)
        audit.record(session, now, guard.visitor().who, f"downloaded the app of {merchant[:80]}")
    return app


def _zip(services: Services, app: ShopwareApp) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        built = app_build.build(Path(folder), services.settings.public_url, app.name, app.secret, APP_VERSION)
        return built.read_bytes()
