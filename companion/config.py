"""Settings: the one reader of the environment. Each field says what it is; a wrong value is named with its fix.

Every setting is `COMPANION_<NAME>`, or `COMPANION_<NAME>_FILE` naming a file that holds the value.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from companion.errors import ConfigurationError

PREFIX = "COMPANION_"
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def _setting(default: Any, help_: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set. `companion settings` prints this table."""

    database_url: str = _setting("", "SQLAlchemy URL; empty means SQLite in DATA_DIR", secret=True)
    data_dir: str = _setting("var", "where the embedded database and built apps are kept")
    secret_key: str = _setting("", "seals stored keys and signs sessions; at least 32 characters", secret=True)
    public_url: str = _setting("", "the address under which shops reach this service, e.g. https://companion.shop.tld")
    engine: Literal["embedded", "distributed"] = _setting(
        "embedded", "embedded: jobs run in the web process; distributed: jobs run in `companion worker`"
    )
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8080, "port to listen on")
    threads: int = _setting(16, "threads that answer requests")
    trusted_proxies: int = _setting(0, "proxies in front whose word on a visitor's address and on https is taken")
    klaviyo_url: str = _setting("https://a.klaviyo.com", "base URL of Klaviyo's API")
    klaviyo_onsite_url: str = _setting("https://static.klaviyo.com", "where shops' pages load Klaviyo's script from")
    klaviyo_timeout_s: float = _setting(20.0, "seconds until a call to Klaviyo counts as unknown")
    klaviyo_share: float = _setting(
        0.9, "share of Klaviyo's rate limits used, the rest is left to the account's other tools"
    )
    shop_calls_per_minute: int = _setting(300, "budget of Admin API calls a minute and shop")
    shop_page: int = _setting(100, "orders a run asks of a shop in one call; 50 for shops that allow few rows")
    sweep_minutes: float = _setting(5.0, "minutes between two looks for what no webhook told; 0: never")
    admin_password: str = _setting("", "password of the admin pages; empty closes them", secret=True)
    viewer_password: str = _setting("", "password that opens the admin pages for looking only", secret=True)
    metrics_token: str = _setting("", "bearer token that opens /metrics; empty closes it", secret=True)
    webhook_max_bytes: int = _setting(2_000_000, "largest webhook body accepted")
    webhook_tolerance_s: int = _setting(3600, "replay window: how far a webhook's own time may be off")
    flow_window_h: int = _setting(168, "events older than this many hours start no flows")
    lease_s: int = _setting(90, "seconds after which claimed work of a dead process is taken over")
    tick_s: float = _setting(1.0, "seconds between two looks for work that a lost wake left behind")
    cart_link_days: int = _setting(30, "days for which a link that rebuilds a cart is good")
    keep_days: int = _setting(30, "days after which bodies of settled work are forgotten")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting("INFO", "least severe log line written")

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{Path(self.data_dir).resolve() / 'companion.sqlite3'}"


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError listing every problem at once."""
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    values: dict[str, Any] = {}
    for spec in fields(Settings):
        raw = _raw(environ, PREFIX + spec.name.upper(), problems)
        if raw is not None:
            values[spec.name] = _parsed(spec.name, spec.type, raw, problems)
    known = {PREFIX + spec.name.upper() for spec in fields(Settings)}
    for name in environ:
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known:
            problems.append(f"{name}: no such setting; `companion settings` lists them")
    settings = Settings(**{**values, **overrides}) if not problems else Settings(**overrides)
    problems += _checked(settings) if not problems else []
    if problems:
        raise ConfigurationError(problems)
    return settings


def _raw(environ: Mapping[str, str], name: str, problems: list[str]) -> str | None:
    if name in environ:
        return environ[name]
    path = environ.get(name + "_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"{name}_FILE: cannot read {path} ({error.strerror}); name a readable file")
        return None


def _parsed(name: str, kind: Any, raw: str, problems: list[str]) -> Any:
    if getattr(kind, "__origin__", None) is Literal:
        if raw not in kind.__args__:
            problems.append(f"{PREFIX}{name.upper()}: {raw!r} is none of {', '.join(kind.__args__)}")
        return raw
    try:
        return kind(raw)
    except ValueError:
        problems.append(f"{PREFIX}{name.upper()}: {raw!r} is not {'a whole number' if kind is int else 'a number'}")
        return kind(0)


def _checked(settings: Settings) -> list[str]:
    local = urlsplit(settings.klaviyo_url).hostname in LOCAL
    checks = [
        (
            len(settings.secret_key) >= 32,
            "SECRET_KEY",
            "needs 32 characters or more; `openssl rand -hex 32` makes one",
        ),
        (
            _is_public(settings.public_url),
            "PUBLIC_URL",
            "needs the https:// address under which shops reach this service (http:// only on this machine)",
        ),
        (
            settings.klaviyo_url.startswith("https://") or local,
            "KLAVIYO_URL",
            "needs to start with https:// (http:// only for a simulator on this machine): it carries the key",
        ),
        (
            _is_public(settings.klaviyo_onsite_url),
            "KLAVIYO_ONSITE_URL",
            "needs to start with https:// (http:// only for a simulator on this machine)",
        ),
        (0 < settings.klaviyo_share <= 1, "KLAVIYO_SHARE", "needs a share above 0 and up to 1, e.g. 0.9"),
        (settings.klaviyo_timeout_s > 0, "KLAVIYO_TIMEOUT_S", "needs a number of seconds above 0"),
        (0 <= settings.port <= 65535, "PORT", "needs a port from 1 to 65535"),
        (settings.threads >= 2, "THREADS", "needs at least 2"),
        (0 <= settings.trusted_proxies <= 9, "TRUSTED_PROXIES", "needs a number of proxies, or 0 for none"),
        (settings.tick_s > 0, "TICK_S", "needs a number of seconds above 0"),
        (settings.lease_s >= 1, "LEASE_S", "needs at least 1 second"),
        (1 <= settings.cart_link_days <= 365, "CART_LINK_DAYS", "needs a number of days from 1 to 365"),
        (settings.keep_days >= 1, "KEEP_DAYS", "needs at least 1 day"),
        (settings.webhook_tolerance_s >= 60, "WEBHOOK_TOLERANCE_S", "needs at least 60 seconds"),
        (
            settings.webhook_max_bytes >= 100_000,
            "WEBHOOK_MAX_BYTES",
            "needs at least 100000: an order of 300 lines is that large",
        ),
        (settings.shop_calls_per_minute >= 1, "SHOP_CALLS_PER_MINUTE", "needs at least 1"),
        (1 <= settings.shop_page <= 500, "SHOP_PAGE", "needs a number from 1 to 500: shops allow no more"),
        (settings.sweep_minutes >= 0, "SWEEP_MINUTES", "needs a number of minutes, or 0 for never"),
        (
            settings.engine == "embedded" or settings.database.startswith("postgresql"),
            "ENGINE",
            "distributed needs PostgreSQL: set COMPANION_DATABASE_URL to postgresql://…, or use the embedded engine",
        ),
    ]
    return [f"{PREFIX}{name}: {fix}" for good, name, fix in checks if not good]


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))
