"""What can be bought, ready to be put on an order: products with their parents' values, tax and texts at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import SYSTEM_LANGUAGE, read_stamp
from companion.simulator.shop.records.database import Database
from companion.simulator.shop.records.reader import inherited
from companion.simulator.shop.world.articles import ARTICLES


@dataclass(frozen=True, slots=True)
class Saleable:
    """A product or variant. `price` is gross in euros, `net` net; `tax` is the key of its rate."""

    id: str
    number: str
    names: Mapping[str, str]
    options: str
    price: Decimal
    net: Decimal
    tax: str
    cover_id: str
    payload: Mapping[str, Any]

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names[SYSTEM_LANGUAGE]


def assortment(database: Database) -> dict[str, Saleable]:
    """Product number → what can be bought: every product that has no variants."""
    documents = database.all("product")
    parents = {document["id"]: document for document in documents}
    covers = {document["id"]: document["mediaId"] for document in database.all("product_media")}
    taxes = {article.number: article.tax for article in ARTICLES}
    found = {}
    for document in documents:
        if document.get("childCount"):
            continue
        whole = inherited(document, parents.get(document.get("parentId"), {}))
        found[whole["productNumber"]] = _saleable(whole, covers[whole["coverId"]], taxes[whole["productNumber"][:7]])
    return found


def _saleable(product: dict[str, Any], cover_id: str, tax: str) -> Saleable:
    price = product["price"][0]
    own = {language: texts["name"] for language, texts in product.get("texts", {}).items()}
    return Saleable(
        id=product["id"],
        number=product["productNumber"],
        names={SYSTEM_LANGUAGE: product["name"], **own},
        options=", ".join(one["option"] for one in product["variation"]),
        price=Decimal(str(price["gross"])),
        net=Decimal(str(price["net"])),
        tax=tax,
        cover_id=cover_id,
        payload=_payload(product),
    )


def _payload(product: dict[str, Any]) -> dict[str, Any]:
    """What a line item remembers of its product; dates are written as the database has them."""
    return {
        "isCloseout": product["isCloseout"],
        "customFields": product.get("customFields") or [],
        "createdAt": read_stamp(product["createdAt"]).strftime("%Y-%m-%d %H:%M:%S.000"),
        "releaseDate": None,
        "isNew": False,
        "markAsTopseller": product["markAsTopseller"],
        "purchasePrices": None,
        "productNumber": product["productNumber"],
        "manufacturerId": product["manufacturerId"],
        "taxId": product["taxId"],
        "tagIds": None,
        "categoryIds": product["categoryTree"],
        "propertyIds": None,
        "optionIds": product.get("optionIds"),
        "options": product["variation"],
        "streamIds": None,
        "parentId": product.get("parentId"),
        "stock": product["stock"],
        "features": [],
    }
