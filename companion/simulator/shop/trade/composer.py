"""Make an order's documents of what somebody wants to buy. Pure but for chance: nothing is kept or sent.

Source: orders, their parts and their prices observed on 6.6.7.1.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import code, new_id, stamp
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.trade.pricing import Price, amount, calculated, cents, shares_of, summed
from companion.simulator.shop.trade.purchase import Purchase
from companion.simulator.shop.trade.states import state_id
from companion.simulator.shop.trade.till import Line, Till
from companion.simulator.shop.world.made import Made
from companion.simulator.shop.world.promotions import Promotion
from companion.simulator.shop.world.settings import (
    ADMINISTRATOR,
    PAYMENTS,
    ROUNDING,
    SHIPPINGS,
    Channel,
    currency_id,
    payment_id,
    shipping_id,
)

ADDRESS_FIELDS = (
    *("countryId", "countryStateId", "salutationId", "firstName", "lastName", "street", "zipcode", "city", "company"),
    *("phoneNumber", "additionalAddressLine1"),
)


@dataclass(frozen=True, slots=True)
class Cart:
    """Everything decided: who buys what, where, and how it is paid and sent."""

    till: Till
    lines: Sequence[Line]
    promotions: Sequence[tuple[Promotion, str]]
    customer: Document
    billing: Document
    shipping: Document
    channel: Channel
    currency: str
    payment: str
    delivery: str
    number: str
    count: int
    by: str = "customer"
    comment: str = ""
    states: tuple[str, str, str] = ("open", "open", "open")
    delivered: bool = True


def compose(cart: Cart) -> tuple[Purchase, list[Made]]:
    """The purchase and all documents it consists of."""
    till = cart.till
    lines = list(cart.lines)
    for promotion, promotion_code in cart.promotions:
        lines.append(till.promotion(promotion, promotion_code, [line for line in lines if line["type"] == "product"]))
    for position, line in enumerate(lines, start=1):
        line["position"] = position
    counted = [line["price"] for line in lines if not line.get("parentId")]
    addresses = _addresses(cart)
    deliveries = _deliveries(cart, addresses[-1]["id"], counted) if cart.delivered else []
    order = _order(cart, addresses[0]["id"], counted, [one["shippingCosts"] for one in deliveries])
    transaction = _transaction(cart, order["price"])
    made: list[Made] = [("order", order), ("order_customer", _customer(cart))]
    made += [("order_address", one) for one in addresses]
    made += [("order_delivery", one) for one in deliveries]
    made += [("order_line_item", one) for one in lines]
    made.append(("order_transaction", transaction))
    delivery = deliveries[0] if deliveries else None
    return Purchase(order, transaction, delivery, PAYMENTS[cart.payment][3]), made


def _base(cart: Cart) -> dict[str, Any]:
    return {
        "id": new_id(cart.till.at, cart.till.chance),
        "createdAt": stamp(cart.till.at),
        "orderId": cart.till.order_id,
    }


def _addresses(cart: Cart) -> list[Document]:
    """The billing address and, where it is another, the shipping address."""
    sources = [cart.billing] if cart.billing["id"] == cart.shipping["id"] else [cart.billing, cart.shipping]
    return [_base(cart) | {name: source.get(name) for name in ADDRESS_FIELDS} for source in sources]


def _customer(cart: Cart) -> Document:
    copied = ("email", "salutationId", "firstName", "lastName", "company", "vatIds")
    known = cart.by != "import"
    return (
        _base(cart)
        | {name: cart.customer.get(name) for name in copied}
        | {
            "customerNumber": cart.customer["customerNumber"] if known else None,
            "customerId": cart.customer["id"] if known else None,
            "remoteAddress": "127.0.0.0" if known else None,
            "customFields": {"loyalty_tier": ("silver", "gold")[cart.count % 2]} if known else None,
        }
    )


def _deliveries(cart: Cart, address_id: str, counted: Sequence[Price]) -> list[Document]:
    """One delivery; a discount on its costs is a second one with negative costs."""
    till = cart.till
    costs = _shipping_costs(cart, counted)
    shares = shares_of(counted)
    deliveries = [_delivery(cart, address_id, calculated(costs, 1, shares, till.status))]
    if costs and any(promotion.scope == "delivery" for promotion, _ in cart.promotions):
        deliveries.append(_delivery(cart, address_id, calculated(-costs, 1, shares, till.status)))
    return deliveries


def _shipping_costs(cart: Cart, counted: Sequence[Price]) -> Decimal:
    """Free from a value of goods on, before discounts."""
    _, _, _, costs, free_from = SHIPPINGS[cart.delivery]
    goods = sum((max(amount(price), Decimal(0)) for price in counted), Decimal(0))
    if free_from is not None and goods >= free_from * cart.till.factor:
        return Decimal(0)
    return cents(costs * cart.till.factor / (Decimal(1) if cart.till.status == "gross" else Decimal("1.19")))


def _delivery(cart: Cart, address_id: str, costs: Price) -> Document:
    day = cart.till.at.replace(hour=0, minute=0, second=0, microsecond=0)
    return _base(cart) | {
        "shippingOrderAddressId": address_id,
        "shippingMethodId": shipping_id(cart.delivery),
        "trackingCodes": [],
        "shippingDateEarliest": stamp(day + timedelta(days=1)),
        "shippingDateLatest": stamp(day + timedelta(days=3)),
        "shippingCosts": costs,
        "stateId": state_id("order_delivery", cart.states[2]),
    }


def _transaction(cart: Cart, price: Price) -> Document:
    total = {"unitPrice": price["totalPrice"], "quantity": 1, "totalPrice": price["totalPrice"]}
    return _base(cart) | {
        "paymentMethodId": payment_id(cart.payment),
        "amount": total | {"calculatedTaxes": price["calculatedTaxes"], "taxRules": price["taxRules"]},
        "stateId": state_id("order_transaction", cart.states[1]),
        "validationData": [],
    }


def _order(cart: Cart, billing_id: str, counted: Sequence[Price], costs: Sequence[Price]) -> Document:
    till = cart.till
    price = summed(counted, costs, till.status)
    shipping = sum((amount(one) for one in costs), Decimal(0))
    shipping_price = calculated(shipping, 1, shares_of(costs) if costs else (), till.status)
    return {
        "id": till.order_id,
        "createdAt": stamp(till.at),
        "orderNumber": cart.number,
        "autoIncrement": cart.count,
        "currencyId": currency_id(cart.currency),
        "currencyFactor": 1 if till.factor == 1 else float(till.factor),
        "salesChannelId": cart.channel.id,
        "billingAddressId": billing_id,
        "orderDateTime": stamp(till.at),
        "orderDate": stamp(till.at.replace(hour=0, minute=0, second=0, microsecond=0)),
        "price": price,
        "amountTotal": price["totalPrice"],
        "amountNet": price["netPrice"],
        "positionPrice": price["positionPrice"],
        "taxStatus": till.status,
        "shippingCosts": shipping_price,
        "shippingTotal": shipping_price["totalPrice"],
        "languageId": till.language,
        "deepLinkCode": code(till.chance),
        "stateId": state_id("order", cart.states[0]),
        "customerComment": cart.comment or None,
        "customFields": {"delivery_wish": ("morning", "evening")[cart.count % 2], "gift_note": cart.comment or None},
        "affiliateCode": _sometimes(till.chance, "spring-mail"),
        "campaignCode": _sometimes(till.chance, "nordlicht-autumn"),
        "ruleIds": [],
        "tagIds": [],
        "createdById": ADMINISTRATOR if cart.by == "administrator" else None,
        "itemRounding": ROUNDING,
        "totalRounding": ROUNDING,
    }


def _sometimes(chance: random.Random, text: str) -> str | None:
    return text if chance.random() < 0.1 else None


def moments_later(at: datetime, chance: random.Random, hours: float) -> datetime:
    """A moment within some hours, at least a minute later."""
    return at + timedelta(minutes=1, seconds=chance.random() * hours * 3600)
