"""`make run`: the service beside a simulated Klaviyo and a demo shop, connected, on this machine only.

Each runs as a process of its own and speaks the real protocols. State is kept under one folder, so the next start
goes on where this one ended; the admin password is a new one each time.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from companion import bootstrap, config, key_checks, serve, shopware_app, stores
from companion.config import Settings
from companion.errors import CompanionError
from companion.platforms.shopware import app_build
from companion.simulator import klaviyo as simulator
from companion.simulator.shop.world.settings import CHANNELS

START_WITHIN_S: Final = 30.0
GUNICORN: Final = ("-m", "gunicorn", "--worker-class", "gthread", "--threads", "16", "--log-level", "warning")


class DemoFailed(CompanionError):
    """A part of the demo did not start, or ended."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the three parts are reached."""

    service: str
    klaviyo: str
    shop: str


def demo(port: int, data: Path) -> None:
    """Run until interrupted. Raises DemoFailed naming the part and the fix."""
    places = Places(*(f"http://127.0.0.1:{port + offset}" for offset in range(3)))
    _check_ports(port)
    data.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(9)
    environ = _environ(port, data, places, password)
    services = bootstrap.build(config.load(environ))
    app = _app(services.settings, data, services)
    parts: dict[str, subprocess.Popen[bytes]] = {}
    with _interruptible() as stopped, _ended_at_last(parts):
        parts["the Klaviyo simulator"] = _gunicorn("companion.simulator.klaviyo:create_app()", port + 1, _klaviyo())
        parts["the service"] = _start([sys.executable, "-m", "companion", "serve"], environ)
        _wait(parts, port + 1, port)
        shop = _shop(port + 2, data, app, places)
        parts["the demo shop"] = _gunicorn("companion.simulator.shop:create_app()", port + 2, shop)
        _wait(parts, port + 2)
        _connect(services, parts)
        _greet(places, password)
        while not stopped.wait(1.0):
            _check(parts)


def _environ(port: int, data: Path, places: Places, password: str) -> dict[str, str]:
    secret = data / "secret_key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32))
    return {
        "COMPANION_DATA_DIR": str(data),
        "COMPANION_SECRET_KEY": secret.read_text(),
        "COMPANION_PUBLIC_URL": places.service,
        "COMPANION_PORT": str(port),
        "COMPANION_KLAVIYO_URL": places.klaviyo,
        "COMPANION_KLAVIYO_ONSITE_URL": places.klaviyo,
        "COMPANION_ADMIN_PASSWORD": password,
        "COMPANION_LOG_LEVEL": "WARNING",
    }


def _klaviyo() -> dict[str, str]:
    return {"KLAVIYO_SIM_LATENCY": "realistic"}


def _shop(port: int, data: Path, app: Path, places: Places) -> dict[str, str]:
    """The shop's pages load the snippets, of the store that the registration will make."""
    snippet = f"{places.service}/snippets/v1/{stores.key_of('127.0.0.1')}/companion.js?channel={CHANNELS['store'].id}"
    return {
        "DEMO_SHOP_PORT": str(port),
        "DEMO_SHOP_DATA": str(data / "shop"),
        "DEMO_SHOP_MANIFEST": str(app),
        "DEMO_SHOP_SNIPPET": snippet,
        "DEMO_SHOP_ALLOWED": f"{places.service} {places.klaviyo}",
    }


def _app(settings: Settings, data: Path, services: bootstrap.Services) -> Path:
    """Build the demo merchant's app; return its folder."""
    serve.upgrade(settings)
    with services.database.write() as session:
        app = shopware_app.ensure_app(session, services.vault, "demo", shopware_app.DEFAULT_NAME, services.now())
    app_build.build(data / "app", settings.public_url, app.name, app.secret, "1.0.0")
    return data / "app" / app.name / "manifest.xml"


def _connect(services: bootstrap.Services, parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Wait until the shop has registered, then paste the simulator's key, as a merchant would."""
    deadline = time.monotonic() + START_WITHIN_S
    while not (keys := _registered(services)):
        _check(parts)
        if time.monotonic() > deadline:
            raise DemoFailed("the demo shop did not register: delete the demo's data folder and start again")
        time.sleep(0.1)
    for key in keys:
        key_checks.check_now(services, key, "the demo", simulator.DEFAULT_KEY)


def _registered(services: bootstrap.Services) -> list[str]:
    with services.database.read() as session:
        return [store.key for store in stores.listed(session) if store.state == "active"]


def _check_ports(port: int) -> None:
    for number in range(port, port + 3):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                raise DemoFailed(f"port {number} is taken: choose another, e.g. `make run PORT={port + 100}`") from None


def _gunicorn(application: str, port: int, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return _start([sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{port}", application], environ)


def _start(command: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(config.PREFIX)}  # noqa: TID251
    return subprocess.Popen(command, env={**inherited, **environ}, start_new_session=True)  # noqa: S603 ours alone


def _wait(parts: Mapping[str, subprocess.Popen[bytes]], *ports: int) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    for port in ports:
        while True:
            _check(parts)
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise DemoFailed(f"nothing answers on port {port}; see the lines above") from None
                time.sleep(0.05)


def _check(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, process in parts.items():
        if process.poll() is not None:
            raise DemoFailed(f"{name} ended with exit code {process.returncode}; see the lines above")


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    yield stopped


@contextmanager
def _ended_at_last(parts: Mapping[str, subprocess.Popen[bytes]]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in parts.values():
            process.terminate()
        for process in parts.values():
            process.wait(40)


def _greet(places: Places, password: str) -> None:
    click.echo(
        f"""
Companion is running.

  1  Demo shop            {places.shop}/
     place an order, mark it as Done, cancel it, refund it
  2  Klaviyo simulator    {places.klaviyo}/
     every event, as it arrives
  3  Companion's admin    {places.service}/admin/
     password (for this start only): {password}

Press Ctrl+C to stop.
"""
    )
