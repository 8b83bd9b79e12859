"""What tests and scripts do in the shop, as JSON under `/_shop`."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from companion.simulator.neto.books import Books
from companion.simulator.neto.habits import Habits
from companion.simulator.neto.trade import Trade, Unknown


def blueprint(books: Books, trade: Trade, habits: Habits) -> Blueprint:
    """`/orders`, `/orders/<id>/<step>`, `/carts`, `/customers`, `/history`, `/habits`, `/notify`, `/calls`."""
    door = Blueprint("control", __name__, url_prefix="/_shop")
    _add_trade(door, books, trade)
    _add_shop(door, books, habits)

    @door.errorhandler(Unknown)
    @door.errorhandler(ValueError)
    def refused(error: Exception) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    return door


def _said() -> Any:
    return request.get_json(silent=True) or {}


def _add_trade(door: Blueprint, books: Books, trade: Trade) -> None:
    @door.post("/orders")
    def place() -> Response:
        return jsonify(trade.place(_said()))

    @door.get("/orders")
    def orders() -> Response:
        return jsonify(orders=books.newest("Order", 100_000))

    @door.post("/orders/<order_id>/<step>")
    def step(order_id: str, step: str) -> Response:
        return jsonify(trade.split(order_id) if step == "split" else trade.step(order_id, step))

    @door.post("/carts")
    def cart() -> Response:
        return jsonify(trade.cart(_said()))

    @door.post("/customers")
    def customer() -> Response:
        return jsonify(trade.customer(**_said()))

    @door.post("/history")
    def history() -> Response:
        asked = _said()
        trade.history(asked["orders"], asked.get("days", 365), asked.get("email", "buyer*@shop-customer.net"))
        return jsonify(orders=books.count("Order"))


def _add_shop(door: Blueprint, books: Books, habits: Habits) -> None:
    @door.route("/habits", methods=["GET", "POST"])
    def switch() -> Response:
        return jsonify(habits.change(_said()) if request.method == "POST" else habits.now())

    @door.post("/notify")
    def notify() -> Response:
        books.set_note("notify_url", _said()["url"])
        return jsonify(notify_url=books.note("notify_url"))

    @door.get("/calls")
    def calls() -> Response:
        return jsonify(total=len(habits.calls), busiest_minute=habits.busiest_minute())
