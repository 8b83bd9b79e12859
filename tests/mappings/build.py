"""Made-up Shopware orders, whole and consistent: say what is special, the rest is ordinary."""

from typing import Any

from mappings.metrics import DEFAULTS, order_events
from mappings.model import Event, Order, Tracking
from mappings.shopware.records import facts

ORDER = "0rder000000000000000000000000001"
PAYMENT = "payment0000000000000000000000001"
DELIVERY = "delivery000000000000000000000001"
CHANNEL = "channel0000000000000000000000001"
ENGLISH = "english0000000000000000000000001"
GERMAN = "german00000000000000000000000001"
EURO = "euro0000000000000000000000000001"
PLACED = "2026-03-14T10:15:30.101+00:00"

Json = dict[str, Any]


def line(number: int = 1, total: float = 20.0, quantity: int = 1, **changes: Any) -> Json:
    """A line; a product unless `type` says otherwise."""
    type_ = changes.pop("type", "product")
    product = f"product{number:025}" if type_ == "product" else None
    return {
        "id": f"line{number:028}",
        "type": type_,
        "label": f"Thing {number}",
        "quantity": quantity,
        "unitPrice": total / quantity,
        "totalPrice": total,
        "position": number,
        "parentId": None,
        "productId": product,
        "referencedId": product,
        "payload": {"productNumber": f"SKU-{number}"} if product else [],
        "cover": None,
        **changes,
    }


def product(number: int = 1, **changes: Any) -> Json:
    id_ = f"product{number:025}"
    return {
        "id": id_,
        "parentId": None,
        "productNumber": f"SKU-{number}",
        "manufacturer": {"name": None, "translated": {"name": "Nordwind"}},
        "categories": [{"name": "Hats", "translated": {"name": "Hüte"}}],
        "cover": {"media": {"url": f"https://shop.shop-owner.net/media/{number}.jpg"}},
        "seoUrls": [
            {"seoPathInfo": f"hat-{number}", "languageId": ENGLISH, "salesChannelId": CHANNEL, "isCanonical": True}
        ],
        **changes,
    }


def delivery(costs: float = 4.99, state: str = "open", **changes: Any) -> Json:
    return {
        "id": DELIVERY,
        "createdAt": PLACED,
        "shippingCosts": {"totalPrice": costs},
        "trackingCodes": [],
        "stateMachineState": {"technicalName": state},
        "shippingOrderAddress": address(),
        "shippingMethod": {"name": "Standard", "translated": []},
        **changes,
    }


def payment(amount: float, state: str = "open", **changes: Any) -> Json:
    return {
        "id": PAYMENT,
        "createdAt": PLACED,
        "amount": {"totalPrice": amount},
        "stateMachineState": {"technicalName": state},
        "paymentMethod": {"name": "Invoice", "translated": {"name": "Invoice"}},
        "captures": [],
        **changes,
    }


def refund(id_: str, amount: float, at: str, state: str = "completed", **changes: Any) -> Json:
    return {
        "id": id_,
        "amount": {"totalPrice": amount},
        "createdAt": at,
        "reason": None,
        "stateMachineState": {"technicalName": state},
        **changes,
    }


def address(**changes: Any) -> Json:
    return {
        "firstName": "Kim",
        "lastName": "Berg",
        "company": None,
        "street": "Hauptstr. 5",
        "additionalAddressLine1": None,
        "zipcode": "53111",
        "city": "Bonn",
        "phoneNumber": "0228 5550100",
        "country": {"iso": "DE", "name": "Germany"},
        "countryState": {"shortCode": "DE-NW", "name": "North Rhine-Westphalia"},
        **changes,
    }


def customer(**changes: Any) -> Json:
    """The order's customer; `customer` is the account behind it."""
    return {
        "email": "Kim@Shop-Customer.net",
        "firstName": "Kim",
        "lastName": "Berg",
        "title": None,
        "salutation": {"salutationKey": "mrs", "displayName": "Mrs."},
        "customer": {
            "id": "account0000000000000000000000001",
            "guest": False,
            "birthday": "1988-05-21T00:00:00.000+00:00",
            "group": {"name": "Standard"},
            "salesChannel": {"id": CHANNEL, "name": "Storefront"},
            "boundSalesChannel": None,
        },
        **changes,
    }


def entry(id_: str, subject: str, from_: str, to: str, at: str) -> Json:
    """One entry of the state history."""
    return {
        "id": id_,
        "referencedId": subject,
        "createdAt": at,
        "fromStateMachineState": {"technicalName": from_},
        "toStateMachineState": {"technicalName": to},
    }


def record(*lines: Json, history: list[Json] | None = None, products: list[Json] | None = None, **changes: Any) -> Json:
    """A record of an order with these lines, in gross prices, shipped for 4.99; `changes` are fields of the order."""
    items = list(lines) or [line()]
    deliveries = changes.setdefault("deliveries", [delivery()])
    roots = sum(item["totalPrice"] for item in items if item["parentId"] is None)
    total = round(roots + sum(one["shippingCosts"]["totalPrice"] for one in deliveries), 2)
    order = {
        "id": ORDER,
        "orderNumber": "10042",
        "orderDateTime": PLACED,
        "createdAt": PLACED,
        "amountTotal": total,
        "taxStatus": "gross",
        "price": {"calculatedTaxes": [{"tax": 3.99}]},
        "salesChannelId": CHANNEL,
        "languageId": ENGLISH,
        "currencyId": EURO,
        "currency": {"isoCode": "EUR"},
        "language": {"locale": {"code": "en-GB"}},
        "salesChannel": {
            "id": CHANNEL,
            "name": "Storefront",
            "domains": [
                {"url": "https://shop.shop-owner.net/", "languageId": ENGLISH, "currencyId": EURO},
                {"url": "https://shop.shop-owner.net/de", "languageId": GERMAN, "currencyId": EURO},
            ],
        },
        "orderCustomer": customer(),
        "billingAddress": address(),
        "stateMachineState": {"technicalName": "open"},
        "lineItems": items,
        "transactions": [payment(changes.get("amountTotal", total))],
        **changes,
    }
    for part in (order, *order["transactions"], *order["deliveries"]):
        _move(part, history or [])
    found = products if products is not None else [product()]
    return {"order": order, "history": history or [], "products": {one["id"]: one for one in found}}


def _move(part: Json, history: list[Json]) -> None:
    """Put a part that stands at the beginning into the state its history led to, as a shop's answer has it."""
    steps = sorted((step for step in history if step["referencedId"] == part["id"]), key=lambda step: step["createdAt"])
    if steps and part.get("stateMachineState") == {"technicalName": "open"}:
        part["stateMachineState"] = steps[-1]["toStateMachineState"]


def order(body: Json) -> Order:
    """The one fact in a record."""
    (fact,) = facts("order", body)
    assert isinstance(fact, Order)
    return fact


def tracking(**changes: Any) -> Tracking:
    """Every metric on, under its own name."""
    return Tracking(**{"dialect": "shopware", "names": {metric: metric for metric in DEFAULTS}, **changes})


def events(body: Json, **changes: Any) -> list[Event]:
    return order_events(order(body), tracking(**changes))


def told(body: Json, metric: str, **changes: Any) -> list[Event]:
    """The events of one metric."""
    return [event for event in events(body, **changes) if event.metric == metric]
