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

from companion import bootstrap, config, key_checks, serve
from companion.demo_shops import SHOPS, DemoShop
from companion.errors import CompanionError
from companion.simulator import klaviyo as simulator

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


def demo(platform: str, port: int, data: Path) -> None:
    """Run until interrupted. Raises DemoFailed naming the part and the fix."""
    places = Places(*(f"http://127.0.0.1:{port + offset}" for offset in range(3)))
    _check_ports(port)
    data.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(9)
    environ = _environ(port, data, places, password)
    services = bootstrap.build(config.load(environ))
    serve.upgrade(services.settings)
    shop = SHOPS[platform]
    application, shop_environ = shop.prepared(services, data, port + 2)
    parts: dict[str, subprocess.Popen[bytes]] = {}
    with _interruptible() as stopped, _ended_at_last(parts):
        parts["the Klaviyo simulator"] = _gunicorn("companion.simulator.klaviyo:create_app()", port + 1, _klaviyo())
        parts["the service"] = _start([sys.executable, "-m", "companion", "serve"], environ)
        _wait(parts, port + 1, port)
        parts["the demo shop"] = _gunicorn(application, port + 2, shop_environ)
        _wait(parts, port + 2)
        _connect(services, shop, places.shop, parts)
        _greet(places, password, shop.hint)
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


def _connect(
    services: bootstrap.Services, shop: DemoShop, url: str, parts: Mapping[str, subprocess.Popen[bytes]]
) -> None:
    """Wait until the shop is a store, then paste the simulator's key, as a merchant would."""
    deadline = time.monotonic() + START_WITHIN_S
    while not (keys := shop.connected(services, url)):
        _check(parts)
        if time.monotonic() > deadline:
            raise DemoFailed("the demo shop did not register: delete the demo's data folder and start again")
        time.sleep(0.1)
    for key in keys:
        key_checks.check_now(services, key, "the demo", simulator.DEFAULT_KEY)


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


def _greet(places: Places, password: str, hint: str) -> None:
    click.echo(
        f"""
Companion is running.

  1  Demo shop            {places.shop}/
     {hint}
  2  Klaviyo simulator    {places.klaviyo}/
     every event, as it arrives; {places.klaviyo}/onsite shows what pages told
  3  Companion's admin    {places.service}/admin/
     password (for this start only): {password}

Press Ctrl+C to stop.
"""
    )
