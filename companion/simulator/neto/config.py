"""The shop's few settings, from `DEMO_NETO_*` variables. The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

PREFIX: Final = "DEMO_NETO_"
KEY: Final = "demo-neto-api-key"
DEFAULT_PORT: Final = 8082


@dataclass(frozen=True, slots=True)
class Config:
    """`url` is the shop's own address, without a slash at its end; `data` the folder that it is kept in."""

    url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    data: Path = Path("var/demo-neto")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        port = environment.get(f"{PREFIX}PORT", str(DEFAULT_PORT))
        folder = Path(environment.get(f"{PREFIX}DATA", "var/demo-neto"))
        return cls(environment.get(f"{PREFIX}URL", f"http://127.0.0.1:{port}").rstrip("/"), folder)
