"""Sends order notifications, as XML to the one address that the shop knows; what is not taken is tried a few times."""

import queue
import threading
import urllib.error
import urllib.request
from collections import deque
from typing import Final
from xml.sax.saxutils import escape

from companion.simulator.neto.books import Books, stamp
from companion.simulator.neto.habits import Habits

PAUSES_S: Final = (1.0, 5.0, 15.0)
TIMEOUT_S: Final = 5.0


class Courier:
    """A thread of its own. `sent` are the last notifications: (time, order, status, answer)."""

    def __init__(self, books: Books, habits: Habits) -> None:
        self._books = books
        self._habits = habits
        self._waiting: queue.Queue[tuple[str, str, int] | None] = queue.Queue()
        self.sent: deque[tuple[str, str, str, str]] = deque(maxlen=30)
        self._stop = threading.Event()
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def tell(self, order_id: str, status: str) -> None:
        if self._habits.now()["notify"] and self._books.note("notify_url"):
            self._waiting.put((order_id, status, self._books.next_number("event", 3001)))

    def stop(self) -> None:
        self._stop.set()
        self._waiting.put(None)

    def _run(self) -> None:
        while (one := self._waiting.get()) is not None:
            for pause_s in (*PAUSES_S, 0.0):
                answer = self._send(*one)
                self.sent.appendleft((stamp(), one[0], one[1], answer))
                if answer.startswith("2") or self._stop.wait(pause_s):
                    break

    def _send(self, order_id: str, status: str, number: int) -> str:
        body = (
            f'<?xml version="1.0" encoding="utf-8"?>\n<Event><CurrentTime>{stamp()}</CurrentTime>'
            f"<EventID>{number}</EventID><EventType>Order</EventType><Order><OrderID>{escape(order_id)}</OrderID>"
            f"<OrderStatus>{escape(status)}</OrderStatus></Order></Event>"
        )
        headers = {"Content-Type": "text/xml", "NETO_NOTIFICATION": "Order", "NETOAPI_KEY": "verify-token"}
        address = str(self._books.note("notify_url"))
        asked = urllib.request.Request(address, body.encode(), headers)  # noqa: S310 set by whoever runs the demo
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(error.code)
        except OSError:
            return "no answer"
