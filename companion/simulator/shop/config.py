"""The demo shop's few settings, from `DEMO_SHOP_*` variables. The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

Delivery = Literal["sync", "queue"]
PREFIX = "DEMO_SHOP_"
DEFAULT_PORT = 8082


@dataclass(frozen=True, slots=True)
class Config:
    """`url` is the shop's own address, without a slash at its end. `manifest` is installed at the start.

    `webhooks` is how they are sent at first: inside the shopper's request (`sync`, Shopware's default) or from a
    queue with retries. `dual_signatures`: sign re-registrations with the shop's secret, too, as newer shops do.
    `snippet` is a script that every page loads, `allowed` the other origins that its pages may use.
    """

    url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    data: Path = Path("var/demo-shop")
    manifest: Path | None = None
    webhooks: Delivery = "sync"
    dual_signatures: bool = False
    snippet: str = ""
    allowed: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises ValueError naming the variable."""
        given = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
        port = given.get("PORT", str(DEFAULT_PORT))
        if not port.isdecimal():
            raise ValueError(f"{PREFIX}PORT: {port!r} is not a port")
        webhooks = given.get("WEBHOOKS", "sync")
        if webhooks not in get_args(Delivery):
            raise ValueError(f"{PREFIX}WEBHOOKS: {webhooks!r} is neither sync nor queue")
        return cls(
            url=given.get("URL", f"http://127.0.0.1:{port}").rstrip("/"),
            data=Path(given.get("DATA", "var/demo-shop")),
            manifest=Path(given["MANIFEST"]) if given.get("MANIFEST") else None,
            webhooks="queue" if webhooks == "queue" else "sync",
            dual_signatures=given.get("DUAL_SIGNATURES", "") not in ("", "0", "false"),
            snippet=given.get("SNIPPET", ""),
            allowed=tuple(given.get("ALLOWED", "").split()),
        )
