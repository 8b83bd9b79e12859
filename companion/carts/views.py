"""The routes by which a shop's page gets a link for its cart, and by which the link's page gets the cart's lines.

No cookie, nothing of the visitor, nothing kept: the token holds it all.
"""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, jsonify, request

from companion import origins
from companion.bootstrap import Services
from companion.carts import lines, tokens
from companion.carts.lines import UnusableCart
from companion.carts.tokens import ExpiredCart, TamperedCart
from companion.models import Store
from companion.pages_door import Gate, furnish, refusal, shared

PARAMETER: Final = "companion-cart"


def blueprint(services: Services) -> Blueprint:
    """The cart door of these services."""
    door = Blueprint("carts", __name__)
    gate = Gate(services)
    furnish(door)

    @door.route("/carts/v1/<key>", methods=["POST", "OPTIONS"])
    def make_link(key: str) -> Response:
        store = gate.store(key)
        if request.method == "OPTIONS":
            return shared(store, Response(status=204))
        try:
            return shared(store, jsonify(url=_link(services, store)))
        except UnusableCart as error:
            return shared(store, refusal(400, error.field, error.message))

    @door.get("/carts/v1/<key>/<token>")
    def read_cart(key: str, token: str) -> Response:
        store = gate.store(key)
        try:
            found, ends_at = tokens.unpack(services.vault, store.key, token, services.now())
        except TamperedCart:
            return shared(store, refusal(400, "token", "was not made by this service, or was changed"))
        except ExpiredCart:
            return shared(store, refusal(410, "token", "has expired"))
        items = [{"id": line.id, "quantity": line.quantity} for line in found]
        return shared(store, jsonify(items=items, expires_at=ends_at.isoformat()))

    return door


def _link(services: Services, store: Store) -> str:
    """The address on the shop that rebuilds the cart. Raises UnusableCart."""
    wanted, back = lines.read(request.get_data(cache=False))
    ends_at = services.now() + timedelta(days=services.settings.cart_link_days)
    token = tokens.pack(services.vault, store.key, wanted, ends_at)
    return f"{request.headers.get('Origin') or origins.origin(store.shop_url)}{back}?{PARAMETER}={token}"
