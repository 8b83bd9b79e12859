"""A load on one address: keep-alive connections in threads of a process of its own, requests made beforehand.

`closed`: every connection sends again as soon as it is answered. `paced`: so many a second, whatever the answers.
"""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context


@dataclass(frozen=True, slots=True)
class Result:
    """`seconds` from the first request to the last answer; `latencies` in seconds, sorted."""

    seconds: float
    latencies: list[float]
    refused: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]

    @property
    def median(self) -> float:
        return statistics.median(self.latencies)


def request(path: str, port: int, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a POST."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closed(port: int, requests: Sequence[bytes], connections: int = 16) -> Result:
    """Send all requests as fast as they are answered."""
    return _elsewhere(_closed, port, requests, connections)


def paced(port: int, requests: Sequence[bytes], per_second: float, connections: int = 32) -> Result:
    """Send all requests at a steady rate; a latency counts from when the request was to be sent."""
    return _elsewhere(_paced, port, requests, per_second, connections)


def _elsewhere(work: Callable[..., Result], *args: object) -> Result:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def _closed(port: int, requests: Sequence[bytes], connections: int) -> Result:
    return _run(port, requests, connections, lambda _: 0.0)


def _paced(port: int, requests: Sequence[bytes], per_second: float, connections: int) -> Result:
    return _run(port, requests, connections, lambda number: number / per_second)


def _run(port: int, requests: Sequence[bytes], connections: int, due: Callable[[int], float]) -> Result:
    latencies: list[float] = []
    refused = [0]
    turn = iter(range(len(requests)))
    began = time.monotonic() + 0.2

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in turn:
                at = began + due(number)
                time.sleep(max(0.0, at - time.monotonic()))
                start = at if due(1) else time.monotonic()
                connection.sendall(requests[number])
                if not _answer(connection).startswith(b"HTTP/1.1 2"):
                    refused[0] += 1
                latencies.append(time.monotonic() - start)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Result(time.monotonic() - began, sorted(latencies), refused[0])


def _answer(connection: socket.socket) -> bytes:
    """One answer, headers and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += _more(connection)
    return received


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part
