"""The demo shop's cart, by Shopware's own routes: forms of the storefront in, `cart.json` out, one cart a session."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from companion.simulator.shop.app import EXTENSION, create_app
from companion.simulator.shop.config import Config


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = create_app(Config(data=Path(tmp_path_factory.mktemp("shop"))))
    yield made
    made.extensions[EXTENSION].close()


@pytest.fixture
def shopper(app: Flask) -> FlaskClient:
    return app.test_client()


def products(app: Flask) -> list[str]:
    return [article.id for article in app.extensions[EXTENSION].articles.values()]


def add(shopper: FlaskClient, **quantities: int) -> None:
    form: dict[str, Any] = {"redirectTo": "frontend.checkout.cart.page"}
    for id_, quantity in quantities.items():
        line = {"id": id_, "referencedId": id_, "type": "product", "quantity": quantity, "stackable": 1, "removable": 1}
        form |= {f"lineItems[{id_}][{name}]": value for name, value in line.items()}
    reply = shopper.post("/checkout/line-item/add", data=form)
    assert (reply.status_code, reply.location) == (302, "/checkout/cart")


def cart(shopper: FlaskClient) -> dict[str, int]:
    told = shopper.get("/checkout/cart.json").get_json()
    return {line["referencedId"]: line["quantity"] for line in told["lineItems"]}


def test_lines_are_added_and_counted_together(app: Flask, shopper: FlaskClient) -> None:
    first, second, *_ = products(app)
    add(shopper, **{first: 2})
    add(shopper, **{first: 1, second: 5})
    assert cart(shopper) == {first: 3, second: 5}
    assert shopper.get("/checkout/cart").text.count('role="listitem"') == 2


def test_prices_add_up(app: Flask, shopper: FlaskClient) -> None:
    first, second, *_ = products(app)
    add(shopper, **{first: 2, second: 1})
    told = shopper.get("/checkout/cart.json").get_json()
    assert told["price"]["totalPrice"] == pytest.approx(sum(line["price"]["totalPrice"] for line in told["lineItems"]))


def test_every_session_has_its_own_cart(app: Flask, shopper: FlaskClient) -> None:
    add(shopper, **{products(app)[0]: 1})
    assert cart(app.test_client()) == {}
    shopper.post("/checkout/cart/empty")
    assert cart(shopper) == {}


def test_what_is_not_sold_is_left_out_and_said(app: Flask, shopper: FlaskClient) -> None:
    add(shopper, **{"f" * 32: 1, products(app)[0]: 1})
    assert list(cart(shopper)) == [products(app)[0]]
    page = app.test_client()
    add(page, **{"f" * 32: 1})
    assert "cannot be bought any more" in page.get("/checkout/cart").text


def test_the_session_is_not_sent_along_with_forms_of_other_sites(app: Flask, shopper: FlaskClient) -> None:
    reply = shopper.post("/checkout/line-item/add", data={"lineItems[x][id]": products(app)[0]})
    assert "session-=" in reply.headers["Set-Cookie"]
    assert "SameSite=Lax" in reply.headers["Set-Cookie"]
