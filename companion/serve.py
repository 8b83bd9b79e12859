"""The production start: settings checked, migrations applied, then gunicorn with threads in one worker process.

One worker, because the threads share one group commit and one set of tokens; more machines are added with the
distributed engine, not with more workers here.
"""

from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

from companion import config, logs, migrations
from companion.config import Settings
from companion.db import Database


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": settings.threads,
            "keepalive": 75,
            "timeout": 120,
            "graceful_timeout": 30,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # whose word is taken is decided in one place, by TRUSTED_PROXIES
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application in the worker, after the fork: threads do not survive one."""
        return import_app("wsgi:create()")


def serve() -> None:
    """Serve until told to stop. Raises ConfigurationError."""
    settings = config.load()
    logs.configure(settings.log_level)
    upgrade(settings)
    _Server(settings).run()


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest schema."""
    database = Database(settings.database)
    migrations.upgrade(database.engine)
    database.dispose()
