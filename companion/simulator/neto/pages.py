"""The shop's pages: its orders and carts with what can be done to them, its customers, its awkward habits."""

from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from companion.simulator.neto.books import Books
from companion.simulator.neto.courier import Courier
from companion.simulator.neto.goods import THINGS
from companion.simulator.neto.habits import Habits
from companion.simulator.neto.trade import COUPONS, LABELS, Trade, Unknown, bought

PICTURES: Final = {
    "pack": ("bag", "#4c7a4a"),
    "STOVE": ("stove", "#a0542c"),
    "MUG-BLU": ("mug", "#2f6f9f"),
    "JACKET": ("jacket", "#8a6a3f"),
    "TORCH": ("torch", "#5a5f73"),
}
MOST_ADDED: Final = 100
CHANNELS: Final = ("Website", "POS", "eBay")
OFFERS: Final = {
    "On Hold": ("pay", "cancel"),
    "New": ("pick", "ship_part", "dispatch", "hold", "cancel"),
    "New Backorder": ("pick", "dispatch", "cancel"),
    "Pick": ("pack", "ship_part", "dispatch", "cancel"),
    "Pack": ("ship_part", "dispatch", "cancel"),
    "Pending Dispatch": ("dispatch",),
    "Dispatched": ("refund_line", "refund"),
    "Cancelled": (),
}
TONES: Final = {"Dispatched": "good", "Cancelled": "bad", "On Hold": "part", "Pending Dispatch": "part"}
SWITCHES: Final = {
    "notify": "Sends notifications",
    "addon": "Has the Abandoned Cart Saver",
    "duplicates": "Shows records twice, on two pages",
    "local": "Tells local times (10 hours ahead)",
    "failing": "Fails one call in ten",
}


def blueprint(books: Books, trade: Trade, habits: Habits, courier: Courier) -> Blueprint:
    """`/`, `/customers`, `/habits`, the ways back to a cart, and the pictures."""
    door = Blueprint("pages", __name__, template_folder="templates")
    _add_shown(door, books, habits, courier)
    _add_done(door, trade, habits)
    return door


def _add_shown(door: Blueprint, books: Books, habits: Habits, courier: Courier) -> None:
    @door.get("/")
    def home() -> str:
        return render_template(
            "neto/home.html",
            orders=books.newest("Order", 25),
            carts=books.newest("Cart", 5),
            total=books.count("Order"),
            sent=list(courier.sent)[:10],
            goods={sku: thing[:2] for sku, thing in THINGS.items()},
            **{"channels": CHANNELS, "coupons": COUPONS, "offers": OFFERS, "labels": LABELS, "tones": TONES},
            notifies=habits.now()["notify"] and books.note("notify_url"),
        )

    @door.get("/customers")
    def customers() -> str:
        return render_template("neto/customers.html", customers=books.newest("Customer", 50))

    @door.get("/habits")
    def switches() -> str:
        now, calls = habits.now(), (len(habits.calls), habits.busiest_minute())
        on = {**now, "local": bool(now["clock_hours"]), "failing": now["fail_share"] > 0}
        return render_template("neto/habits.html", switches=SWITCHES, on=on, calls=calls)

    @door.get("/_restorecart")
    def restore() -> str:
        """The cart as it was, on whatever device the link is opened."""
        cart = books.get("Cart", request.args.get("cart", ""))
        if cart is None or not cart["RestoreCartUrl"].endswith(f"token={request.args.get('token', '')}"):
            abort(404)
        held = cart["OrderLines"][0]["OrderLine"]
        return render_template("neto/cart.html", cart=cart, lines=held if isinstance(held, list) else [held])

    @door.get("/_mycart")
    def add() -> str:
        """A cart with the things that the address names: one, or `multi` of them."""
        asked, many = request.args, request.args.get("multi", 0, int)
        places = range(min(many, MOST_ADDED)) if many else [""]
        wanted = {asked.get(f"sku{place}", ""): asked.get(f"qty{place}", 1, int) for place in places}
        skus = [sku for sku, some in wanted.items() if sku in THINGS for _ in range(min(some, MOST_ADDED))]
        lines = bought({"skus": skus}) if skus else []
        return render_template("neto/cart.html", cart=None, lines=lines)

    @door.get("/pictures/<name>.svg")
    def picture(name: str) -> Response:
        shape, color = PICTURES.get(name, ("bag", "#39606b"))
        return Response(render_template(f"pictures/{shape}.svg", color=color, name=name), mimetype="image/svg+xml")


def _add_done(door: Blueprint, trade: Trade, habits: Habits) -> None:
    def back(page: str) -> AnyResponse:
        return redirect(url_for(f".{page}"), 303)

    @door.post("/orders")
    def place() -> AnyResponse:
        form = request.form
        spec: dict[str, Any] = {name: form[name] for name in ("email", "coupon", "channel") if form.get(name)}
        spec["skus"] = form.getlist("sku")
        if form.get("do") == "cart":
            trade.cart(spec)
        else:
            trade.place({**spec, "status": "On Hold"} if form.get("do") == "hold" else {**spec, "paid": True})
        return back("home")

    @door.post("/orders/<order_id>/<step>")
    def step(order_id: str, step: str) -> AnyResponse:
        try:
            trade.step(order_id, step)
        except Unknown:
            abort(404)
        return back("home")

    @door.post("/customers")
    def customer() -> AnyResponse:
        form = request.form
        email = form["email"].strip().lower()
        trade.customer(email, form.get("first", ""), form.get("last", ""), form.get("newsletter") == "yes")
        return back("customers")

    @door.post("/habits")
    def switch() -> AnyResponse:
        on = {name: name in request.form for name in SWITCHES}
        habits.change(
            {
                **{name: on[name] for name in ("notify", "addon", "duplicates")},
                "clock_hours": 10.0 if on["local"] else 0.0,
                "fail_share": 0.1 if on["failing"] else 0.0,
            }
        )
        return back("switches")
