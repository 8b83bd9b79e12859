"""The simulator on a real socket, by either server it is meant for."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[3]


@contextmanager
def by_werkzeug(app: Flask) -> Iterator[str]:
    """Serve an application of this process; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def by_gunicorn(*arguments: str) -> Iterator[str]:
    """Run `python -m companion.simulator.klaviyo`; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "companion.simulator.klaviyo", f"--port={port}", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    try:
        _await(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _await(address: str) -> None:
    for _ in range(200):
        try:
            if requests.get(f"{address}/_sim/health", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            threading.Event().wait(0.05)
    raise TimeoutError(address)
