"""Whether everything flows: every store for the house, one store for itself."""

from flask import Blueprint, render_template

from companion import audit, watchdog
from companion.admin import guard, queries
from companion.bootstrap import Services


def add_house(door: Blueprint, services: Services) -> None:
    """`/`: every store."""

    @door.get("/")
    def overview() -> str:
        now = services.now()
        with services.database.read() as session:
            lines = queries.lines(session, now)
            day = queries.day(session, [line.store.id for line in lines], now)
        return render_template("admin/overview.html", lines=lines, day=day)


def add_store(door: Blueprint, services: Services) -> None:
    """`/stores/<key>/`: one store."""

    @door.get("/stores/<key>/")
    def store(key: str) -> str:
        found, now = guard.found(services, key), services.now()
        with services.database.read() as session:
            line = queries.line(session, found, now)
            day = queries.day(session, [found.id], now)
            changes = audit.listed(session, found.id, limit=5)
            note = watchdog.note(session, found, services.platforms[found.platform].signals)
        return render_template("admin/store.html", line=line, store=found, day=day, changes=changes, note=note)
