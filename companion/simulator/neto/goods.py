"""What the shop sells: variants whose parent has the pictures and categories, plain things, and a freight line."""

from decimal import Decimal
from typing import Any, Final

Json = dict[str, Any]

PARENT: Final = ("PACK", "Hiking pack", "Westwind", ("Outdoor", "Packs"))
THINGS: Final[dict[str, tuple[str, Decimal, str, str, tuple[str, ...]]]] = {
    "PACK-GRN": ("Hiking pack [Colour: Green]", Decimal("249.00"), "PACK", "", ()),
    "PACK-SND": ("Hiking pack [Colour: Sand]", Decimal("249.00"), "PACK", "", ()),
    "STOVE": ("Camping stove", Decimal("89.90"), "", "Westwind", ("Outdoor", "Cooking")),
    "MUG-BLU": ("Enamel mug, blue", Decimal("14.95"), "", "Billabong Ware", ("Cooking",)),
    "JACKET": ("Waxed jacket", Decimal("64.50"), "", "Dusty & Sons", ("Clothing", "Jackets")),
    "TORCH": ("Head torch", Decimal("39.95"), "", "Westwind", ("Outdoor",)),
}


def items(url: str) -> list[Json]:
    """Everything as GetItem tells it, the parent included."""
    sku, name, brand, categories = PARENT
    parent = item(sku, name, "", brand, categories, f"{url}/pictures/pack.svg")
    rest = [
        item(sku, name.split(" [")[0], parent_sku, brand, categories, "" if parent_sku else f"{url}/pictures/{sku}.svg")
        for sku, (name, _, parent_sku, brand, categories) in THINGS.items()
    ]
    freight = item("FREIGHT", "Oversize freight", "", "", (), "")
    return [parent, *rest, {**freight, "IsNetoUtility": "True"}]


def item(sku: str, name: str, parent: str, brand: str, categories: tuple[str, ...], image: str) -> Json:
    told = [{"CategoryID": str(place), "Priority": "0", "CategoryName": one} for place, one in enumerate(categories)]
    picture = {"Name": "Main", "URL": image, "ThumbURL": image}
    return {
        "SKU": sku,
        "InventoryID": sku,
        "ParentSKU": parent,
        "Brand": brand,
        "Name": name,
        "ItemURL": name.lower().replace(" ", "-").replace(",", ""),
        "IsNetoUtility": "False",
        "Categories": [{"Category": told[0] if len(told) == 1 else told}] if told else [""],
        "Images": [picture] if image else [],
    }
