"""Place orders: by a shopper, by an administrator, or imported past the checkout. Keeps them and tells the app.

Source: which webhooks follow which way of ordering, observed on 6.6.7.1.
"""

from companion.simulator.shop.apps import events
from companion.simulator.shop.records.database import Document
from companion.simulator.shop.shop import FIRST_ORDER_NUMBER, Shop
from companion.simulator.shop.trade.choice import Buyer, InvalidSpec, cart, random_spec
from companion.simulator.shop.trade.composer import compose
from companion.simulator.shop.trade.spec import OrderSpec
from companion.simulator.shop.world.countries import COUNTRIES
from companion.simulator.shop.world.made import Made
from companion.simulator.shop.world.people import customer, person

ORDER_FIELDS = (
    *("id", "versionId", "billingAddressId", "billingAddressVersionId", "currencyId", "languageId", "salesChannelId"),
    *("stateId", "orderNumber", "orderDateTime", "price", "shippingCosts", "currencyFactor", "deepLinkCode"),
    *("affiliateCode", "campaignCode", "customerComment", "source", "ruleIds", "itemRounding", "totalRounding"),
    "createdAt",
)
ADDRESS_FIELDS = (
    *("id", "versionId", "countryId", "orderId", "orderVersionId", "salutationId", "firstName", "lastName", "street"),
    *("zipcode", "city", "createdAt"),
)
CUSTOMER_FIELDS = (
    *("id", "groupId", "salesChannelId", "languageId", "defaultBillingAddressId", "defaultShippingAddressId"),
    *("salutationId", "defaultPaymentMethodId", "customerNumber", "firstName", "lastName", "email", "active", "guest"),
    *("firstLogin", "birthday", "accountType", "createdAt"),
)


def place(shop: Shop, spec: OrderSpec) -> str:
    """Place one order and tell the app; returns its id. Raises InvalidSpec."""
    with shop.database.write():
        buyer, newcomer = _buyer(shop, spec)
        count = shop.database.next_number("order", FIRST_ORDER_NUMBER)
        number = f"MP-{count + 890_000}" if spec.by == "import" else str(count)
        decided = cart(spec, buyer, shop.articles, shop.now(), number, count, shop.chance)
        purchase, made = compose(decided)
        shop.keep([*newcomer, *made])
    if newcomer:
        _tell_newcomer(shop, newcomer)
    _tell(shop, spec, purchase.order, [one for entity, one in made if entity == "order_address"])
    return str(purchase.order["id"])


def place_any(shop: Shop, count: int) -> list[str]:
    """Place some orders as they come in."""
    return [place(shop, random_spec(shop.chance)) for _ in range(count)]


def _buyer(shop: Shop, spec: OrderSpec) -> tuple[Buyer, list[Made]]:
    """Who buys, with the documents of one who was not there before."""
    if spec.country and spec.country not in COUNTRIES:
        raise InvalidSpec(f"country: {spec.country!r} is none of {', '.join(COUNTRIES)}")
    known = None if spec.customer == "guest" else _known_customer(shop, spec)
    made: list[Made] = []
    if known is None:
        made = _newcomer(shop, spec)
        known = made[0][1]
    addresses = [one for entity, one in made if entity == "customer_address"]
    addresses = addresses or shop.database.of("customer_address", "customerId", known["id"])
    by_id = {one["id"]: one for one in addresses}
    return Buyer(known, by_id[known["defaultBillingAddressId"]], by_id[known["defaultShippingAddressId"]]), made


def _known_customer(shop: Shop, spec: OrderSpec) -> Document | None:
    if spec.customer:
        found = shop.database.of("customer", "email", spec.customer)
        if not found:
            raise InvalidSpec(f"customer: nobody has the address {spec.customer!r}")
        return found[0]
    if spec.country:
        return None
    sql = "SELECT id FROM customer WHERE json_extract(body, '$.guest') = 0 ORDER BY rowid LIMIT 500"
    return shop.database.get("customer", shop.chance.choice(shop.database.rows(sql))[0])


def _newcomer(shop: Shop, spec: OrderSpec) -> list[Made]:
    number = shop.database.next_number("customer", FIRST_ORDER_NUMBER)
    who = person(shop.chance, number, spec.country)
    channel = spec.channel or "store"
    return customer(who, number, shop.now(), shop.chance, channel, guest=spec.customer == "guest")


def _tell_newcomer(shop: Shop, newcomer: list[Made]) -> None:
    known = newcomer[0][1]
    addresses = [(one["id"], ADDRESS_FIELDS) for _, one in newcomer[1:]]
    language = known["languageId"]
    events.written(shop, "customer", "insert", [(known["id"], CUSTOMER_FIELDS)], language=language)
    events.written(shop, "customer_address", "insert", addresses, language=language)
    event = "checkout.customer.guest_register" if known["guest"] else "checkout.customer.register"
    events.customer_event(shop, event, known["id"], language)


def _tell(shop: Shop, spec: OrderSpec, order: Document, addresses: list[Document]) -> None:
    """An import goes past the checkout, so nobody hears of a placed order."""
    id_, language = order["id"], order["languageId"]
    fields = [*ORDER_FIELDS, *(("createdById",) if order["createdById"] else ())]
    events.written(shop, "order", "insert", [(id_, fields)], language=language, order_id=id_)
    changes = [(one["id"], ADDRESS_FIELDS) for one in addresses]
    events.written(shop, "order_address", "insert", changes, language=language, order_id=id_)
    if spec.by != "import":
        events.order_placed(shop, id_, language)
