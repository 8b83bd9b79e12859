"""Bring webhooks to the app's server: inside the request that caused them, or from a queue with retries.

What a shop on default settings does is `sync`: five seconds, no retry, no count of errors. From the `queue` an event
is tried four times within seven seconds and then given up; ten events given up switch its subscription off.
Source: Shopware's webhook dispatcher and retry settings; behaviour observed on 6.6.7.1.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import orjson

from companion.simulator.shop import marks
from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps.handshake import VERSION
from companion.simulator.shop.protocol import php_json, wire
from companion.simulator.shop.protocol.signature import sign
from companion.simulator.shop.records.database import Database

SYNC_TIMEOUT_S = 5.0
QUEUE_TIMEOUT_S = 20.0
RETRY_AFTER_S = (1.0, 2.0, 4.0)
ERRORS_TO_SWITCH_OFF = 10
KEPT_LOG_ROWS = 50_000


class Signal(msgspec.Struct, frozen=True):
    """One webhook on its way. The secret is the one in force when the event was raised."""

    event: str
    event_id: str
    payload: Any
    url: str
    secret: str
    shop_id: str
    shop_url: str
    app_version: str
    language: str = marks.SYSTEM_LANGUAGE
    locale: str = "en-GB"
    order_id: str | None = None

    def body(self, at: datetime) -> bytes:
        source = {
            "url": self.shop_url,
            "eventId": self.event_id,
            "shopId": self.shop_id,
            "appVersion": self.app_version,
        }
        data = {"payload": self.payload, "event": self.event}
        return php_json.encode({"data": data, "source": source, "timestamp": int(at.timestamp())})

    def headers(self, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "sw-version": VERSION,
            "sw-context-language": self.language,
            "sw-user-language": self.locale,
            "shopware-shop-signature": sign(body, self.secret),
        }


class Courier:
    """Sends signals; a thread of its own empties the queue. `stop` it when the shop closes."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._wake = threading.Event()
        self.stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def deliver(self, signal: Signal) -> None:
        """As the shop is set to: at once, by the queue, or, for a test, not at all."""
        if self._database.setting("lose_webhooks", False):
            self._log(signal, 1, "lost", wire.Reply(0, b"", 0), b"")
        elif self._database.setting("webhooks") == "queue" and not signal.event.startswith("app."):
            self._enqueue(signal)
        else:
            self._attempt(signal, 1, SYNC_TIMEOUT_S)

    def start(self) -> None:
        """Begin to empty the queue."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._consume, name="demo-shop-queue", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        self.stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=QUEUE_TIMEOUT_S)

    def waiting(self) -> int:
        """How many signals are in the queue."""
        return int(self._database.rows("SELECT COUNT(*) FROM webhook_queue")[0][0])

    def _enqueue(self, signal: Signal) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO webhook_queue (due, attempts, signal) VALUES (?, 0, ?)",
                (self._now().timestamp(), orjson.dumps(msgspec.to_builtins(signal)).decode()),
            )
        self.start()

    def _consume(self) -> None:
        """One consumer, as a shop with one worker has."""
        while not self.stopped.is_set():
            self._wake.clear()
            if self.stopped.is_set():
                return
            now = self._now().timestamp()
            due = self._database.rows("SELECT id, due, attempts, signal FROM webhook_queue ORDER BY due, id LIMIT 1")
            if not due:
                self._wake.wait(5)
            elif due[0][1] > now:
                self._wake.wait(min(due[0][1] - now, 5))
            else:
                self._take(*due[0])

    def _take(self, row: int, _due: float, attempts: int, text: str) -> None:
        signal = msgspec.json.decode(text, type=Signal)
        attempt = attempts + 1
        delivered = self._attempt(signal, attempt, QUEUE_TIMEOUT_S)
        with self._database.write() as connection:
            if delivered or attempt > len(RETRY_AFTER_S):
                connection.execute("DELETE FROM webhook_queue WHERE id = ?", (row,))
                self._count(signal, delivered=delivered)
            else:
                due = self._now().timestamp() + RETRY_AFTER_S[attempt - 1]
                connection.execute("UPDATE webhook_queue SET due = ?, attempts = ? WHERE id = ?", (due, attempt, row))

    def _count(self, signal: Signal, *, delivered: bool) -> None:
        """A success forgets the failures before it."""
        app = apps.installed(self._database)
        for subscription in app.subscriptions if app else ():
            if subscription.event == signal.event and (subscription.errors or not delivered):
                subscription.errors = 0 if delivered else subscription.errors + 1
                if subscription.errors >= ERRORS_TO_SWITCH_OFF:
                    subscription.active, subscription.errors = False, 0
                apps.keep(self._database, app)

    def _attempt(self, signal: Signal, attempt: int, timeout_s: float) -> bool:
        body = signal.body(self._now())
        reply = wire.send("POST", signal.url, signal.headers(body), body, timeout_s)
        self._log(signal, attempt, "delivered" if reply.ok else reply.error or "refused", reply, body)
        return reply.ok

    def _log(self, signal: Signal, attempt: int, outcome: str, reply: wire.Reply, body: bytes) -> None:
        with self._database.write() as connection:
            row = connection.execute(
                "INSERT INTO webhook_log (at, order_id, event, event_id, attempt, outcome, status, ms, bytes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    marks.stamp(self._now()),
                    signal.order_id,
                    signal.event,
                    signal.event_id,
                    attempt,
                    outcome,
                    reply.status,
                    reply.ms,
                    len(body),
                ),
            ).lastrowid
            if row and row % 1000 == 0:
                connection.execute("DELETE FROM webhook_log WHERE id <= ?", (row - KEPT_LOG_ROWS,))
