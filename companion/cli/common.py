"""What every command shares: the services, and errors told as sentences."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click
from sqlalchemy.orm import Session

from companion import audit, bootstrap, config
from companion.bootstrap import Services
from companion.errors import CompanionError

WHO: Final = "command line"
"""Who did it, in the trail and in the reasons that are kept."""

LARGEST: Final = 2**63 - 1
ROW_ID: Final = click.IntRange(1, LARGEST)
"""A row's number. What no table can hold is refused here: a database would only break off."""

HOW_MANY: Final = click.IntRange(0, LARGEST)
PER_MINUTE: Final = 1_000_000
"""The most that a history can be limited to, on the page as here."""


def build() -> Services:
    """The services of one command, whose database is closed at its end."""
    services = bootstrap.build(config.load())
    click.get_current_context().call_on_close(services.database.dispose)
    return services


def note(session: Session, services: Services, what: str, store_id: int | None = None, **values: Any) -> None:
    """Write a change by a command into the trail; `before` and `after` as `audit.record` has them."""
    audit.record(session, services.now(), WHO, what, store_id, **values)


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say what the service raises on purpose as a sentence, with exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except CompanionError as error:
            raise click.ClickException(str(error)) from None

    return run
