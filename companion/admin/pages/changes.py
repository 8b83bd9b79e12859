"""Who changed what: the audit trail of the house, and of a store."""

from flask import Blueprint, render_template

from companion import audit
from companion.admin import guard
from companion.bootstrap import Services


def add_house(door: Blueprint, services: Services) -> None:
    """`/changes`: everyone's."""

    @door.get("/changes")
    def all_changes() -> str:
        with services.database.read() as session:
            rows = audit.listed(session)
        return render_template("admin/changes.html", rows=rows, store=None)


def add(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/changes`: one store's."""

    @door.get("/stores/<key>/changes")
    def changes(key: str) -> str:
        store = guard.found(services, key)
        with services.database.read() as session:
            rows = audit.listed(session, store.id)
        return render_template("admin/changes.html", rows=rows, store=store)
