"""What a merchant does with orders in the administration: states, tracking codes, edits. Keeps it and tells the app.

Source: which webhooks follow which action, observed on 6.6.7.1.
"""

from decimal import Decimal

from companion.simulator.shop.apps import events
from companion.simulator.shop.marks import new_id, stamp
from companion.simulator.shop.records.database import Database, Document
from companion.simulator.shop.shop import Shop
from companion.simulator.shop.trade.checkout import ADDRESS_FIELDS, ORDER_FIELDS
from companion.simulator.shop.trade.purchase import Purchase
from companion.simulator.shop.trade.states import TRANSITIONS, Machine, Step
from companion.simulator.shop.world.settings import ADMINISTRATOR, keeps_captures

STATE_FIELDS = ("versionId", "billingAddressVersionId", "stateId", "updatedById", "updatedAt", "id")
MERGED_FIELDS = (
    *("versionId", "billingAddressVersionId", "currencyId", "languageId", "salesChannelId", "stateId", "updatedById"),
    *("orderNumber", "price", "shippingCosts", "currencyFactor", "deepLinkCode", "affiliateCode", "campaignCode"),
    *("customerComment", "source", "ruleIds", "itemRounding", "totalRounding", "updatedAt", "id"),
)


def purchase_of(database: Database, order_id: str) -> Purchase:
    """An order with what its states hang on. Raises LookupError for an unknown id."""
    order = database.get("order", order_id)
    transaction = _newest(database.of("order_transaction", "orderId", order_id))
    deliveries = database.of("order_delivery", "orderId", order_id)
    captures: list[Document] = []
    if transaction:
        captures = database.of("order_transaction_capture", "orderTransactionId", transaction["id"])
    method = database.get("payment_method", transaction["paymentMethodId"]) if transaction else {"refundable": False}
    return Purchase(
        order=order,
        transaction=transaction,
        delivery=deliveries[0] if deliveries else None,
        keeps_captures=keeps_captures(method),
        captures=captures,
        refunds=[
            refund
            for capture in captures
            for refund in database.of("order_transaction_capture_refund", "captureId", capture["id"])
        ],
    )


def transition(shop: Shop, order_id: str, machine: Machine, action: str, money: Decimal | None = None) -> Step:
    """Take a transition and tell the app. Raises LookupError, NotAllowed or UnknownAmount.

    Only the order's own state is also told as `order.written`; payments and deliveries are not.
    """
    with shop.database.write():
        purchase = purchase_of(shop.database, order_id)
        taken = purchase.advance(machine, action, shop.now(), shop.chance, money=money, user=ADMINISTRATOR)
        shop.keep(purchase.changed)
    if machine == "order":
        events.written(shop, "order", "update", [(order_id, STATE_FIELDS)], order_id=order_id)
    events.state_entered(shop, order_id, machine, taken.target, purchase.order["languageId"])
    return taken


def complete(shop: Shop, order_id: str) -> Step:
    """Mark an order as Done, by way of In Progress where it is still open, as a merchant clicks it."""
    if purchase_of(shop.database, order_id).state("order") == "open":
        transition(shop, order_id, "order", "process")
    return transition(shop, order_id, "order", "complete")


def allowed(purchase: Purchase) -> list[tuple[Machine, str]]:
    """The transitions an order can take now. Some have two names for the same; the first is offered."""
    offered: list[tuple[Machine, str]] = []
    for machine, transitions in TRANSITIONS.items():
        state = purchase.state(machine)
        seen: set[str] = set()
        for action, target in transitions.get(state, {}).items():
            if target not in seen:
                seen.add(target)
                offered.append((machine, action))
    return offered


def set_tracking_code(shop: Shop, order_id: str, tracking_code: str) -> None:
    """The shop tells nobody. Raises LookupError where there is no delivery."""
    with shop.database.write():
        delivery = purchase_of(shop.database, order_id).delivery
        if delivery is None:
            raise LookupError("the order has no delivery")
        delivery["trackingCodes"] = [*delivery["trackingCodes"], tracking_code]
        delivery["updatedAt"] = stamp(shop.now())
        shop.database.put("order_delivery", delivery)


def edit(shop: Shop, order_id: str, comment: str) -> None:
    """Edit an order as the panel does: in a draft that is told, too, and then merged into the live version."""
    with shop.database.write():
        order = shop.database.get("order", order_id)
        order |= {"customerComment": comment, "updatedAt": stamp(shop.now()), "updatedById": ADMINISTRATOR}
        shop.database.put("order", order)
        addresses = shop.database.of("order_address", "orderId", order_id)
    draft = new_id(shop.now(), shop.chance)
    told = [(one["id"], ADDRESS_FIELDS) for one in addresses]
    events.written(shop, "order", "insert", [(order_id, ORDER_FIELDS)], version=draft, order_id=order_id)
    events.written(shop, "order_address", "insert", told, version=draft, order_id=order_id)
    for _ in range(2):
        events.written(shop, "order", "update", [(order_id, MERGED_FIELDS)], version=draft, order_id=order_id)
    events.written(shop, "order", "update", [(order_id, MERGED_FIELDS)], order_id=order_id)


def _newest(transactions: list[Document]) -> Document | None:
    return max(transactions, key=lambda one: (one["createdAt"], one["id"]), default=None)
