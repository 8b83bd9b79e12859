"""The lines of an order: what was bought, what it cost besides, what was taken off. Each amount is counted once.

A line without a parent carries its price; the lines inside it say what the price is made of. Lines that are no
products stay in the sum and never become products.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from mappings import fields
from mappings.model import LineItem, LineKind
from mappings.shopware import schemas
from mappings.shopware.storefront import Storefront

REDUCTIONS: Final = frozenset({"promotion", "discount", "credit"})

Children = Mapping[str, Sequence[schemas.LineItem]]
Products = Mapping[str, schemas.Product]


def lines(order: schemas.Order, products: Products) -> tuple[LineItem, ...]:
    """All lines in the order's own sequence, then the discounts on shipping."""
    items = sorted(order.line_items or (), key=lambda item: (item.position, item.id))
    known = {item.id for item in items}
    children: defaultdict[str, list[schemas.LineItem]] = defaultdict(list)
    roots = []
    for item in items:
        if item.parent_id in known:
            children[item.parent_id].append(item)
        else:
            roots.append(item)
    storefront = Storefront.of(order)
    counted = [line for item in roots for line in _counted(item, children, products, storefront)]
    return (*counted, *_shipping_discounts(order))


def shipping(order: schemas.Order) -> Decimal:
    """What is charged for shipping before discounts on it."""
    return sum((cost for cost in _costs(order) if cost > 0), Decimal())


def name(named: schemas.Named) -> str:
    """The name with its fall-backs, where the shop tells them."""
    translated = named.translated.get("name") if isinstance(named.translated, dict) else None
    return fields.text(translated) or fields.text(named.name)


def _counted(
    item: schemas.LineItem, children: Children, products: Products, storefront: Storefront
) -> Iterator[LineItem]:
    """The line itself; or, of a container, its parts and what its price differs from theirs by."""
    parts = children.get(item.id)
    if parts is None or _is_product(item):
        yield _line(item, products, storefront)
        return
    rest = fields.money(item.total_price)
    for part in parts:
        for line in _counted(part, children, products, storefront):
            rest -= line.total
            yield line
    if rest:
        yield LineItem(item.id, _kind(item, rest), fields.text(item.label), 1, rest, rest)


def _line(item: schemas.LineItem, products: Products, storefront: Storefront) -> LineItem:
    total = fields.money(item.total_price)
    kind = _kind(item, total)
    payload = item.payload if isinstance(item.payload, dict) else {}
    bought = _product(item, payload, products, storefront) if kind == "product" else {}
    return LineItem(
        id=item.id,
        kind=kind,
        name=fields.text(item.label),
        quantity=item.quantity,
        unit_price=fields.money(item.unit_price),
        total=total,
        code=fields.text(payload.get("code")) if kind == "discount" else "",
        **bought,
    )


def _product(
    item: schemas.LineItem, payload: Mapping[str, Any], products: Products, storefront: Storefront
) -> dict[str, Any]:
    """What is known of the product; of a deleted one, what the line itself remembers."""
    variant_id = item.product_id or fields.text(item.referenced_id)
    kept = products.get(variant_id)
    product = kept or schemas.Product(variant_id)
    return {
        "product_id": product.parent_id or fields.text(payload.get("parentId")) or variant_id,
        "variant_id": variant_id,
        "sku": fields.text(payload.get("productNumber")) or fields.text(product.product_number),
        "url": storefront.product_url(kept) if kept else "",
        "image_url": _image(item, product),
        "brand": name(product.manufacturer) if product.manufacturer else "",
        "categories": tuple(filter(None, map(name, product.categories or ()))),
        "options": _options(payload.get("options")),
    }


def _is_product(item: schemas.LineItem) -> bool:
    return item.type == "product" or item.product_id is not None


def _kind(item: schemas.LineItem, total: Decimal) -> LineKind:
    if _is_product(item):
        return "product"
    return "discount" if total < 0 or (item.type in REDUCTIONS and not total) else "charge"


def _image(item: schemas.LineItem, product: schemas.Product) -> str:
    """The picture the shopper saw, else the product's."""
    if item.cover and item.cover.url:
        return item.cover.url
    media = product.cover.media if product.cover else None
    return (media.url if media else None) or ""


def _options(options: Any) -> dict[str, str]:
    found = options if isinstance(options, list) else ()
    return {
        fields.text(option.get("group")): fields.text(option.get("option"))
        for option in found
        if isinstance(option, dict)
    }


def _shipping_discounts(order: schemas.Order) -> Iterator[LineItem]:
    """The promotion's own line holds the code and no amount; the amount is in a delivery of negative costs."""
    for delivery, cost in zip(order.deliveries or (), _costs(order), strict=True):
        if cost < 0:
            yield LineItem(delivery.id, "discount", "", 1, cost, cost)


def _costs(order: schemas.Order) -> list[Decimal]:
    return [fields.money(delivery.shipping_costs.total_price) for delivery in order.deliveries or ()]
