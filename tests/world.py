"""The whole world as processes: a simulated Klaviyo, a demo shop, and the service, which may be killed at any time.

Used by the walks, the fault tests and the benchmark. Nothing here reaches into the service's process.
"""

import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import orjson
import requests

from companion import bootstrap, config, key_checks, serve, shopware_app, stores
from companion.bootstrap import Services
from companion.platforms.shopware import app_build
from companion.platforms.shopware.credentials import opened
from companion.simulator.klaviyo import DEFAULT_KEY

SECRET_KEY = "the secret key of a world that ends with its test"
GUNICORN = (sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "16", "--log-level", "warning")
FINAL = {"completed": "Fulfilled Order", "cancelled": "Cancelled Order", "refunded": "Refunded Order"}
Told = tuple[str, str, str, float | None]
"""(metric, unique_id, e-mail, value)."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], seconds: float = 30, every: float = 0.05) -> Any:
    """The first true answer; an AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)
    return found


class World:
    """One shop, one Klaviyo, one service, all on loopback. Use it as a context."""

    def __init__(
        self,
        folder: Path,
        database_url: str = "",
        klaviyo: Mapping[str, str] | None = None,
        service: Mapping[str, str] | None = None,
        webhooks: str = "sync",
    ) -> None:
        self.folder = folder
        self.port, self.klaviyo_port, self.shop_port = free_port(), free_port(), free_port()
        self.url, self.klaviyo_url, self.shop_url = (
            f"http://127.0.0.1:{port}" for port in (self.port, self.klaviyo_port, self.shop_port)
        )
        self.webhooks = webhooks
        self.klaviyo_env = dict(klaviyo or {})
        self.environ = {
            "COMPANION_DATA_DIR": str(folder),
            "COMPANION_SECRET_KEY": SECRET_KEY,
            "COMPANION_PUBLIC_URL": self.url,
            "COMPANION_PORT": str(self.port),
            "COMPANION_KLAVIYO_URL": self.klaviyo_url,
            "COMPANION_LOG_LEVEL": "WARNING",
            "COMPANION_LEASE_S": "5",
            **({"COMPANION_DATABASE_URL": database_url} if database_url else {}),
            **(service or {}),
        }
        self.http = requests.Session()
        self.http.trust_env = False
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.services: Services = bootstrap.build(config.load(self.environ))
        self.store_key = ""
        self.shop_secret = ""
        self.shop_id = ""

    def __enter__(self) -> Self:
        self.start_klaviyo()
        manifest = self._app()
        self.start_service()
        self.start_shop(manifest)
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
        self.http.close()
        self.services.database.dispose()

    def start_klaviyo(self) -> None:
        self._gunicorn("klaviyo", "companion.simulator.klaviyo:create_app()", self.klaviyo_port, self.klaviyo_env)

    def start_service(self) -> None:
        self._start("service", (sys.executable, "-m", "companion", "serve"), self.environ)
        self._answers(self.port)

    def start_shop(self, manifest: Path) -> None:
        environ = {
            "DEMO_SHOP_PORT": str(self.shop_port),
            "DEMO_SHOP_DATA": str(self.folder / "shop"),
            "DEMO_SHOP_MANIFEST": str(manifest),
            "DEMO_SHOP_WEBHOOKS": self.webhooks,
        }
        self._gunicorn("shop", "companion.simulator.shop:create_app()", self.shop_port, environ)

    def kill_service(self) -> None:
        """kill -9, arbiter and worker alike."""
        process = self.processes.pop("service")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)

    def connect(self) -> None:
        """Paste the Klaviyo key."""
        key_checks.check_now(self.services, self.store_key, "the test", DEFAULT_KEY)

    def shop(self, method: str, path: str, **body: Any) -> Any:
        """Ask the demo shop's control API."""
        answer = self.http.request(method, f"{self.shop_url}/_shop{path}", json=body or None, timeout=120)
        assert answer.ok, answer.text
        return answer.json()

    def klaviyo(self, method: str, path: str, **body: Any) -> Any:
        """Ask the simulator's control API."""
        answer = self.http.request(method, f"{self.klaviyo_url}/_sim{path}", json=body or None, timeout=120)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def place(self, count: int) -> list[str]:
        return list(self.shop("POST", "/orders", count=count)["ids"])

    def webhook(self, topic: str, order_id: str, event_id: str = "") -> tuple[bytes, dict[str, str]]:
        """A webhook's body and headers, signed as the shop signs."""
        body = json.dumps(
            {
                "data": {"payload": {"order": {"id": order_id}}, "event": topic},
                "source": {
                    "url": self.shop_url,
                    "eventId": event_id or secrets.token_hex(16),
                    "shopId": self.shop_id,
                    "appVersion": "1.0.0",
                },
                "timestamp": int(time.time()),
            }
        ).encode()
        signature = hmac.new(self.shop_secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {"Content-Type": "application/json", "shopware-shop-signature": signature}

    def send(self, topic: str, order_id: str, event_id: str = "", within_s: float = 300) -> None:
        """Send a webhook as a patient shop would: again until it is answered 202."""
        event_id = event_id or secrets.token_hex(16)
        deadline = time.monotonic() + within_s
        while True:
            body, headers = self.webhook(topic, order_id, event_id)
            try:
                answer = requests.post(f"{self.url}/shopware/webhook", data=body, headers=headers, timeout=10)
                if answer.status_code == 202:
                    return
            except requests.RequestException:
                pass
            assert time.monotonic() < deadline, "the service never took the webhook"
            time.sleep(0.1)

    def command(self, *words: str, code: int = 0, within_s: float = 60) -> str:
        """Run `companion …` on the service's database; what it prints."""
        command, environ = (sys.executable, "-m", "companion", *words), self.environment()
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=within_s)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The service's environment."""
        return self._environ(self.environ)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command("status", "--json"))["stores"][self.store_key]
        return found

    def settled(self) -> bool:
        """Whether nothing waits any more."""
        now = self.status()
        return not now["inbox"]["due"] and not now["outbox"]["due"]

    def stored(self) -> Counter[Told]:
        """What Klaviyo keeps, each event with how often."""
        answer = self.http.get(f"{self.klaviyo_url}/_sim/ledger", timeout=300)
        lines = (orjson.loads(line) for line in answer.content.splitlines() if line)
        kept = (one for one in lines if one["verdict"] in {"stored", "test_address"})
        return Counter((one["metric"], one["unique_id"], one["email"], _value(one["value"])) for one in kept)

    def expected(self) -> Counter[Told]:
        """What Klaviyo should keep, by the shop's own books."""
        return Counter(told for order in self.shop("GET", "/ledger")["orders"] for told in _events(order))

    def _app(self) -> Path:
        serve.upgrade(self.services.settings)
        with self.services.database.write() as session:
            app = shopware_app.ensure_app(
                session, self.services.vault, "world", shopware_app.DEFAULT_NAME, self.services.now()
            )
        app_build.build(self.folder / "app", self.url, app.name, app.secret, "1.0.0")
        return self.folder / "app" / app.name / "manifest.xml"

    def _connect(self) -> None:
        def connected() -> bool:
            with self.services.database.read() as session:
                for store in stores.listed(session):
                    shop = opened(self.services.vault.open_json(store.credentials))
                    self.store_key, self.shop_id, self.shop_secret = store.key, store.shop_id, shop.secret
                    return bool(shop.secret)
            return False

        wait_for(connected)
        self.connect()

    def _gunicorn(self, name: str, application: str, port: int, environ: Mapping[str, str]) -> None:
        self._start(name, (*GUNICORN, "--bind", f"127.0.0.1:{port}", application), environ)
        self._answers(port)

    def _start(self, name: str, command: tuple[str, ...], environ: Mapping[str, str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command, env=self._environ(environ), stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def _environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(config.PREFIX)}
        return {**inherited, **environ}

    def _answers(self, port: int) -> None:
        def connects() -> bool:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
            return False

        wait_for(connects)


def _value(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _events(order: dict[str, Any]) -> Iterator[Told]:
    """The events of one order in the shop's ledger, with nothing but the first of each state."""
    email, total = order["email"], float(order["total"])
    yield "Placed Order", order["id"], email, total
    for line in order["lines"]:
        if line["type"] == "product":
            yield "Ordered Product", f"{order['id']}:{line['id']}", email, float(line["total"])
    entered = {(one["machine"], one["to"]) for one in order["transitions"]}
    for state, metric in (("completed", "Fulfilled Order"), ("cancelled", "Cancelled Order")):
        if ("order", state) in entered:
            yield metric, order["id"], email, total
    yield from _refunds(order)
    yield from _imported(order)


def _refunds(order: dict[str, Any]) -> Iterator[Told]:
    """Parts at their own amount, unknown where the shop keeps none; the whole at its own, or at what the parts left."""
    left = Decimal(order["total"])
    for one in order["transitions"]:
        amount = None if one["refunded"] is None else Decimal(one["refunded"])
        if one["to"] == "refunded_partially":
            yield "Refunded Order", one["id"], order["email"], None if amount is None else float(amount)
            left -= amount or 0
        if one["to"] == "refunded":
            yield "Refunded Order", order["id"], order["email"], float(left if amount is None else amount)


def _imported(order: dict[str, Any]) -> Iterator[Told]:
    """What the states tell that an order was imported in: no history has them, so the whole order counts."""
    moved = {one["machine"] for one in order["transitions"]}
    for machine in ("order", "order_transaction") if order["imported"] else ():
        metric = FINAL.get(order["states"][machine])
        if metric and machine not in moved:
            yield metric, order["id"], order["email"], float(order["total"])
