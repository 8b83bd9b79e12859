"""The demo shop as a process of its own, as it is started in earnest."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[str]:
    """Start it on a free port and give its address; it is stopped at the end."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "companion.simulator.shop", "--port", str(port), "--data", str(data), *arguments]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/_shop/state", process)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, "the demo shop ended"
            assert time.monotonic() < deadline, "the demo shop did not answer"
            time.sleep(0.05)
