"""The Neto demo shop as a Flask application: the API, the pages and the control API on one set of books."""

import atexit
from pathlib import Path

from flask import Flask, request
from jinja2 import FileSystemLoader

from companion.simulator.neto import api, control, pages
from companion.simulator.neto.books import Books
from companion.simulator.neto.config import Config
from companion.simulator.neto.courier import Courier
from companion.simulator.neto.habits import Habits
from companion.simulator.neto.trade import Trade

SHOP = Path(__file__).parent.parent / "shop"
"""Both demo shops look alike: their style and their pictures are the same."""


def create_app(config: Config | None = None) -> Flask:
    """The shop kept under `config.data`; settings come from the environment without a `config`."""
    config = config or Config.from_environment()
    books = Books(config.data)
    habits = Habits(books)
    courier = Courier(books, habits)
    trade = Trade(books, config.url, courier.tell)
    app = Flask(__name__, static_folder=str(SHOP / "static"))
    app.jinja_loader = FileSystemLoader([Path(__file__).parent / "templates", SHOP / "templates"])
    app.config["MAX_CONPACK_LENGTH"] = 4_000_000
    app.before_request(_take_body)
    app.register_blueprint(api.blueprint(books, habits))
    app.register_blueprint(control.blueprint(books, trade, habits))
    app.register_blueprint(pages.blueprint(books, trade, habits, courier))
    atexit.register(courier.stop)
    return app


def _take_body() -> None:
    """Read what was sent whether a view wants it or not: a connection closed on an unread body is reset."""
    request.get_data()
