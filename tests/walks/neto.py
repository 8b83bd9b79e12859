"""The world of `tests.world` with a Neto shop in it, connected by its API key and read every few seconds."""

from collections import Counter
from decimal import Decimal
from typing import Any, Self

from companion import connection, serve, stores
from companion.simulator.neto import KEY
from tests.world import Told, World

SETTINGS = {"sweep_minutes": 0.03, "hold_minutes": 0.05, "idle_minutes": 0.02, "shop_calls_per_minute": 3000}


class NetoWorld(World):
    """One Neto shop, one Klaviyo, one service."""

    def __enter__(self) -> Self:
        self.start_klaviyo()
        serve.upgrade(self.services.settings)
        environ = {
            "DEMO_NETO_PORT": str(self.shop_port),
            "DEMO_NETO_DATA": str(self.folder / "shop"),
            "GUNICORN_CMD_ARGS": "--header-map dangerous",
        }
        self._gunicorn("shop", "companion.simulator.neto:create_app()", self.shop_port, environ)
        self.habits(calls_per_minute=100_000)
        store = connection.connect(self.services, "neto", self.shop_url, {"api_key": KEY})
        self.store_key = store.key
        with self.services.database.write() as session:
            stores.change_settings(stores.by_key(session, store.key), SETTINGS)
        self.shop("POST", "/notify", url=connection.webhook_url(self.services, store))
        self.start_service()
        self.connect()
        return self

    def habits(self, **changes: Any) -> None:
        self.shop("POST", "/habits", **changes)

    def order(self, *skus: str, **spec: Any) -> str:
        """Place an order; paid unless something else is said."""
        spec = {"email": "kim.nguyen@shop-customer.net", "paid": "status" not in spec, **spec}
        return str(self.shop("POST", "/orders", skus=list(skus), **spec)["OrderID"])

    def step(self, order_id: str, *steps: str) -> None:
        for step in steps:
            self.shop("POST", f"/orders/{order_id}/{step}")

    def events(self, metric: str = "") -> list[dict[str, Any]]:
        """What Klaviyo keeps, whole."""
        found: list[dict[str, Any]] = self.klaviyo("GET", "/events")
        return [one for one in found if metric in ("", one["metric"])]

    def expected(self) -> Counter[Told]:
        """Placed and Ordered Product of every order in the shop's books, and Fulfilled where it is dispatched."""
        told: Counter[Told] = Counter()
        for order in self.shop("GET", "/orders")["orders"]:
            id_, email, total = order["OrderID"], order["Email"], float(order["GrandTotal"])
            told["Placed Order", id_, email, total] += 1
            for line in order["OrderLine"]:
                value = float(Decimal(line["UnitPrice"]) * Decimal(line["Quantity"]))
                told["Ordered Product", f"{id_}:{line['OrderLineID']}", email, value] += 1
            if order["OrderStatus"] == "Dispatched":
                told["Fulfilled Order", id_, email, total] += 1
        return told
