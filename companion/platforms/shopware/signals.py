"""Which of a shop's webhooks tell of which fact, and how to make them come again once the shop switched them off.

A shop switches a single webhook off after ten deliveries that it gave up. Switching it on again would take the right to
change webhooks, which includes those of every other app: it is not worth asking a merchant for.
Source: Shopware, webhook events reference; observed on 6.5.8.14 and 6.6.7.1.
"""

from typing import Final

from companion.platforms.base import Signals

PLACED: Final = ("checkout.order.placed", "order.written")
PAYMENT: Final = "state_enter.order_transaction.state."
DELIVERY: Final = "state_enter.order_delivery.state."

signals: Final = Signals(
    topics={
        "Placed Order": PLACED,
        "Ordered Product": PLACED,
        "Fulfilled Order": ("state_enter.order.state.completed", "order.written"),
        "Cancelled Order": ("state_enter.order.state.cancelled", "order.written"),
        "Refunded Order": (f"{PAYMENT}refunded", f"{PAYMENT}refunded_partially"),
        "Paid Order": (f"{PAYMENT}paid",),
        "Partially Paid Order": (f"{PAYMENT}paid_partially",),
        "Shipped Order": (f"{DELIVERY}shipped",),
        "Partially Shipped Order": (f"{DELIVERY}shipped_partially",),
    },
    remedy=(
        "In the shop's administration, see that the app is active and its permissions are accepted, and that the "
        "message queue is running. If so, the shop has switched the webhook off: uninstall the app there, keeping its "
        "data, and install it again. Nothing is lost meanwhile."
    ),
)
