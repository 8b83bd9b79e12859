"""The orders' pages: the list with the form to place one, and a single order with its states and its webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from companion.simulator.shop.marks import read_stamp
from companion.simulator.shop.records.criteria import read
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.records.entities import ENTITIES
from companion.simulator.shop.records.reader import Reader
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade import checkout, ledger, office
from companion.simulator.shop.trade.choice import InvalidSpec
from companion.simulator.shop.trade.spec import OrderSpec, WantedLine
from companion.simulator.shop.trade.states import TRANSITIONS, Machine
from companion.simulator.shop.web import activity, labels
from companion.simulator.shop.web.door import Door
from companion.simulator.shop.world.articles import ARTICLES
from companion.simulator.shop.world.catalogue import slugged
from companion.simulator.shop.world.countries import COUNTRIES
from companion.simulator.shop.world.promotions import INDIVIDUAL_CODES, PROMOTIONS
from companion.simulator.shop.world.settings import CHANNELS, CURRENCIES, PAYMENTS

PAGE_SIZE = 12
SHOWN_WEBHOOKS = 9
SHOWN_CUSTOMERS = 60
MANY = (10, 100)
BY = {"customer": "A shopper", "administrator": "An administrator", "import": "Import by API"}
STEPS: dict[str, Machine] = {machine: machine for machine in TRANSITIONS}


@dataclass(frozen=True, slots=True)
class Row:
    """An order in the list."""

    id: str
    number: str
    at: str
    name: str
    by: str
    total: str
    states: list[labels.State]
    offers: list[labels.Offer]


def show_orders(door: Door) -> str:
    page = max(1, request.args.get("page", 1, int))
    total = activity.count(door.shop, "order")
    return render_template(
        "orders.html",
        rows=_rows(door.shop, page),
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        total=total,
        log=_log(door.shop),
        **_choices(door.shop),
    )


def place_order(door: Door) -> Response:
    order_id = checkout.place(door.shop, _spec(request.form))
    order = door.shop.database.get("order", order_id)
    flash(f"Order {order['orderNumber']} is placed.", order_id)
    return redirect(url_for("pages.show_orders"))


def place_many(door: Door) -> Response:
    count = request.form.get("count", 0, int)
    if count not in MANY:
        raise InvalidSpec(f"{count} orders are not offered")
    checkout.place_any(door.shop, count)
    flash(f"{count} orders are placed.")
    return redirect(url_for("pages.show_orders"))


def show_order(door: Door, order_id: str) -> str:
    database = door.shop.database
    order = database.get("order", order_id)
    purchase = office.purchase_of(database, order_id)
    found = ledger.entry(database, order)
    currency = database.get("currency", order["currencyId"])["isoCode"]
    return render_template(
        "order.html",
        order=order,
        entry=found,
        at=_when(order["orderDateTime"]),
        by=BY[_by(order, found["customerId"])],
        currency=currency,
        money=lambda amount: labels.money(amount, currency),
        channel=database.get("sales_channel", order["salesChannelId"])["name"],
        payment=database.get("payment_method", purchase.transaction["paymentMethodId"])["name"]
        if purchase.transaction
        else "",
        addresses=database.of("order_address", "orderId", order_id),
        countries={country.id: country.name for country in COUNTRIES.values()},
        purchase=purchase,
        states=labels.states(purchase),
        offers=labels.offers(purchase),
        history=[_step(one) for one in reversed(found["transitions"])],
        log=_log(door.shop, order_id),
        images=_images(),
    )


def take_step(door: Door, order_id: str) -> Response:
    """A button's step is `machine:action`; an amount goes with partial payments and refunds only."""
    machine, _, action = request.form.get("step", "").partition(":")
    if machine not in STEPS:
        raise LookupError(f"there is no state of {machine!r}")
    if (machine, action) == ("order", "complete"):
        office.complete(door.shop, order_id)
    else:
        money = _money(request.form.get("amount", "")) if action.endswith("partially") else None
        office.transition(door.shop, order_id, STEPS[machine], action, money)
    order = door.shop.database.get("order", order_id)
    flash(f"{order['orderNumber']}: {labels.MACHINE_LABELS[machine].lower()} – {labels.ACTIONS[action].lower()}.")
    return _back(order_id)


def change_order(door: Door, order_id: str) -> Response:
    """A tracking code, of which nobody hears, or an edit in a draft."""
    if request.form.get("tracking"):
        office.set_tracking_code(door.shop, order_id, request.form["tracking"])
        flash("The tracking code is saved. The shop tells no app of it.")
    else:
        office.edit(door.shop, order_id, request.form.get("comment", ""))
        flash("The order is edited, in a draft that was merged.")
    return _back(order_id)


def _back(order_id: str) -> Response:
    """To where the button was."""
    if request.form.get("from") == "list":
        return redirect(url_for("pages.show_orders", page=request.form.get("page", 1, int)))
    return redirect(url_for("pages.show_order", order_id=order_id))


def _spec(form: Mapping[str, str]) -> OrderSpec:
    by = form.get("by", "customer")
    if by not in BY:
        raise InvalidSpec(f"{by!r} cannot place orders")
    chosen = request.form.getlist("product")
    code = form.get("code", "")
    return OrderSpec(
        by="administrator" if by == "administrator" else "import" if by == "import" else "customer",
        customer=form.get("customer", ""),
        country=form.get("country", ""),
        products=tuple(WantedLine(number) for number in chosen),
        codes=(code,) if code else (),
        channel=form.get("channel", ""),
        currency=form.get("currency", ""),
        payment=form.get("payment", ""),
    )


def _rows(shop: Shop, page: int) -> list[Row]:
    payload = {
        "page": page,
        "limit": PAGE_SIZE,
        "sort": [{"field": "createdAt", "order": "DESC"}, {"field": "id", "order": "DESC"}],
    }
    found = Reader(shop.database).search(read(ENTITIES["order"], payload))
    codes = {one["id"]: one["isoCode"] for one in shop.database.all("currency")}
    rows = []
    for record in found.records:
        order, buyer = record.document, record.related["orderCustomer"].document
        purchase = office.purchase_of(shop.database, record.id)
        rows.append(
            Row(
                id=record.id,
                number=order["orderNumber"],
                at=_when(order["orderDateTime"]),
                name=f"{buyer['firstName']} {buyer['lastName']}",
                by=BY[_by(order, buyer["customerId"])],
                total=labels.money(order["amountTotal"], codes[order["currencyId"]]),
                states=labels.states(purchase),
                offers=[offer for offer in labels.offers(purchase) if not offer.is_minor],
            )
        )
    return rows


def _choices(shop: Shop) -> dict[str, Any]:
    customers = shop.database.rows(
        "SELECT json_extract(body, '$.email'), json_extract(body, '$.firstName') || ' ' || json_extract(body,"
        " '$.lastName') FROM customer WHERE json_extract(body, '$.guest') = 0 ORDER BY rowid LIMIT ?",
        (SHOWN_CUSTOMERS,),
    )
    return {
        "customers": customers,
        "articles": [(_first_number(one.number, shop), one, _images()[one.number]) for one in ARTICLES],
        "promotions": [(one.code or INDIVIDUAL_CODES[0], one.name) for one in PROMOTIONS if one.code or one.individual],
        "countries": COUNTRIES.values(),
        "channels": [one for one in CHANNELS.values() if one.key != "headless"],
        "currencies": CURRENCIES,
        "payments": PAYMENTS,
        "by": BY,
        "many": MANY,
    }


def _first_number(article: str, shop: Shop) -> str:
    return next(number for number in shop.articles if number.startswith(article))


def _images() -> dict[str, str]:
    return {one.number: f"/media/{one.number}/{slugged(one.name).lower()}.svg" for one in ARTICLES}


def _by(order: Document, customer_id: str | None) -> str:
    if order["createdById"]:
        return "administrator"
    return "customer" if customer_id else "import"


def _log(shop: Shop, order_id: str | None = None) -> list[dict[str, Any]]:
    rows = activity.webhooks(shop, order_id, limit=SHOWN_WEBHOOKS if order_id is None else 200)
    return [row | {"at": read_stamp(row["at"])} for row in rows]


def _step(transition: dict[str, Any]) -> dict[str, Any]:
    return transition | {
        "label": labels.MACHINE_LABELS[transition["machine"]],
        "from": labels.state(transition["machine"], transition["from"]),
        "to": labels.state(transition["machine"], transition["to"]),
        "at": _when(transition["at"]),
    }


def _money(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return Decimal(text.replace(",", ".").strip())
    except InvalidOperation:
        raise InvalidSpec(f"{text!r} is not an amount") from None


def _when(stamp: str) -> str:
    return read_stamp(stamp).strftime("%-d %b %Y, %H:%M:%S")


ROUTES = (
    ("GET", "/", show_orders),
    ("POST", "/orders", place_order),
    ("POST", "/orders/many", place_many),
    ("GET", "/orders/<order_id>", show_order),
    ("POST", "/orders/<order_id>/steps", take_step),
    ("POST", "/orders/<order_id>/changes", change_order),
)
