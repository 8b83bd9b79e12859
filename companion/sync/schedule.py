"""Which runs are due by themselves. Each kind says when; here they are requested."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from companion import runs, stores
from companion.bootstrap import Services
from companion.models import Store
from companion.sync import account_lists, changes, forms, hours, subscribers

IsDue = Callable[[Services, Session, Store], bool]

DUE: Final[Mapping[str, IsDue]] = {
    changes.KIND: changes.is_due,
    subscribers.KIND: hours.is_due,
    account_lists.KIND: account_lists.is_due,
    forms.KIND: forms.is_due,
}
"""The kinds that are requested by the clock."""

LOOKED_UP: Final = (account_lists.KIND, account_lists.NEW, forms.KIND)
"""Kinds that only keep the pages' names of lists and forms current: nobody looks for those in a list of runs."""


def request_due(services: Services) -> None:
    """Request every run whose time has come; one that is under way already stays as it is."""
    with services.database.read() as session:
        wanted = [
            (store.id, kind)
            for store in stores.listed(session)
            for kind, is_due in DUE.items()
            if is_due(services, session, store)
        ]
    for store_id, kind in wanted:
        with services.database.write() as session:
            runs.request(session, store_id, kind, services.now(), who=runs.CLOCK)
        services.wake("advance", store_id)
