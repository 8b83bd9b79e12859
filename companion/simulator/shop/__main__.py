"""`python -m companion.simulator.shop`: open the demo shop and serve it, in one process with threads."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gunicorn.app.base import BaseApplication

from companion.simulator.shop.app import create_app
from companion.simulator.shop.config import DEFAULT_PORT, Config

THREADS = 16


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """One worker, because the shop's queue has one consumer and its faults are kept in memory."""

    def __init__(self, config: Config, bind: str) -> None:
        self._config = config
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 15,
            "timeout": 120,
            "graceful_timeout": 2,
            "control_socket_disable": True,
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Open the shop in the worker, after the fork: threads do not survive one."""
        return create_app(self._config)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stopped. What is not given comes from `DEMO_SHOP_*` variables."""
    known = Config.from_environment()
    parser = argparse.ArgumentParser(prog="python -m companion.simulator.shop", description=__doc__)
    parser.add_argument("--port", type=int, help="port to listen on, and of the shop's address if --url is missing")
    parser.add_argument("--host", default="127.0.0.1", help="interface to listen on")
    parser.add_argument("--url", help="the shop's own address, as apps reach it")
    parser.add_argument("--data", type=Path, default=known.data, help="folder of the shop's database")
    parser.add_argument("--manifest", type=Path, default=known.manifest, help="app to install: manifest, folder or zip")
    parser.add_argument(
        "--webhooks", choices=("sync", "queue"), default=known.webhooks, help="how they go out at first"
    )
    parser.add_argument("--dual-signatures", action="store_true", default=known.dual_signatures)
    given = parser.parse_args(arguments)
    url = given.url or (f"http://127.0.0.1:{given.port}" if given.port else known.url)
    config = replace(
        known,
        url=url.rstrip("/"),
        data=given.data,
        manifest=given.manifest,
        webhooks=given.webhooks,
        dual_signatures=given.dual_signatures,
    )
    port = given.port or urlsplit(url).port or DEFAULT_PORT
    _Server(config, f"{given.host}:{port}").run()


if __name__ == "__main__":
    main()
