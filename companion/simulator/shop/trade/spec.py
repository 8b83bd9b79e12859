"""What somebody wants to buy, as the page's form and the control API say it; everything left open is chosen."""

from typing import Literal

import msgspec

By = Literal["customer", "administrator", "import"]


class WantedLine(msgspec.Struct, frozen=True):
    """A product by its number."""

    number: str
    quantity: int = 1


class OrderSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One order. An empty text means: choose.

    `customer` is an e-mail address, `guest`, or empty; `products` come before `lines`, the number of lines to choose.
    `state`, `payment_state` and `delivery_state` hold for imports only, which have no history. `custom` and `credit`
    are amounts of lines an administrator adds, `bundle` packs two products into a container.
    """

    by: By = "customer"
    customer: str = ""
    country: str = ""
    products: tuple[WantedLine, ...] = ()
    lines: int = 0
    codes: tuple[str, ...] = ()
    channel: str = ""
    currency: str = ""
    locale: str = ""
    payment: str = ""
    shipping: str = ""
    comment: str = ""
    custom: str = ""
    credit: str = ""
    bundle: bool = False
    deleted_product: bool = False
    no_delivery: bool = False
    state: str = "open"
    payment_state: str = "open"
    delivery_state: str = "open"
