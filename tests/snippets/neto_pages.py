"""Pages as a Neto shop sends them: our blocks with the shop's words in them, and the platform's Ajax cart.

The cart empties the lists of callbacks as it loads, in the footer, and writes prices as the shopper reads them.
Source: Neto's designer guide, add to cart callbacks.
"""

from typing import Any, Final

from companion.snippets import pasted
from companion.snippets.bundle import SOURCES
from tests.snippets.base_tags import rendered

KIM: Final = {
    "user:email": "kim@shop-customer.net",
    "user:username": "kim",
    "user:bill_first_name": "Kim",
    "user:bill_last_name": "O'Neill",
}
TEE: Final = {
    "sku": "TSH-NAVY-M",
    "parent_sku": "TSH",
    "name": 'Tee "Navy" & Co',
    "brand": "Sample & Co",
    "store_price": "39.95",
    "inpromo": "1",
    "promo_price": "34.95",
    "url": "/tee~214",
}
AJAX_CART: Final = """
nAddItemCallbacks = []; nAddMultiItemsCallbacks = [];
const cached = [], last = [];
window.$ = { getCartCache: () => cached, getLastItemAdded: () => last[0], getLastItemsAdded: () => last };
window.take = (callbacks, ...items) => {
  last.splice(0, last.length, ...items);
  cached.push(...items);
  callbacks.forEach((act) => act());
};
"""


def page(service: str, store: str, body: str = "", **words: str) -> str:
    """A whole page; `words` are the shop's, beside those of every page."""
    known = {"config:defaultcurrency": "AUD", "config:current_page_type": "content", **words}
    header = rendered(pasted.blocks("neto", service, store)[0].text, known)
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Neto</title>{header}</head>'
        f"<body>{body}<script>{AJAX_CART}</script></body></html>"
    )


def product(**words: str) -> str:
    """The product page's block, as it is printed again for a variation."""
    block = (SOURCES / "neto" / "product_page.html").read_text()
    return f'<div id="_buying_options">{rendered(block, {**TEE, **words}, ["Clothing", "T-Shirts & Tops"])}</div>'


def item(sku: str = "CAP-BLK", **fields: Any) -> dict[str, Any]:
    """An item as the cart's cache holds it."""
    return {
        "SKU": sku,
        "name": "Cap",
        "price": "$1,029.95",
        "qty": "2",
        "producturl": "/cap",
        "thumb": "/cap.jpg",
        **fields,
    }
