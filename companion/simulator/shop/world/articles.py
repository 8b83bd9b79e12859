"""What the demo shop sells, in words: plain tables, made into records by `catalogue`."""

from dataclasses import dataclass
from decimal import Decimal

MAKERS = {
    "skjold": ("Skjold Outdoor", "https://skjold.shop-customer.net"),
    "birkhahn": ("Birkhahn", "https://birkhahn.shop-customer.net"),
    "lumen": ("Lumen & Co.", "https://lumen.shop-customer.net"),
    "kontor": ("Kaffeekontor Nord", "https://kaffeekontor.shop-customer.net"),
    "papier": ("Papier Königsberg", "https://papier.shop-customer.net"),
}
"""Key → name and web site of a manufacturer."""

CATEGORIES = {
    "Home": ("", "Home", "Startseite"),
    "Apparel": ("Home", "Apparel", "Bekleidung"),
    "Jackets": ("Apparel", "Jackets & Layers", "Jacken & Schichten"),
    "Feet": ("Apparel", "Shoes & Socks", "Schuhe & Socken"),
    "Camp": ("Home", "Camp & Kitchen", "Camping & Küche"),
    "Light": ("Camp", "Light", "Licht"),
    "Provisions": ("Home", "Coffee, Tea & Provisions", "Kaffee, Tee & Proviant"),
    "Paper": ("Home", "Paper", "Papeterie"),
}
"""Key → the parent's key, English name, German name."""

OPTION_GROUPS = {"size": ("Size", "Größe"), "color": ("Color", "Farbe")}


@dataclass(frozen=True, slots=True)
class Article:
    """One product, or the parent of variants. `price` is gross in euros; `options` are (group, (option, german))."""

    number: str
    name: str
    german: str
    price: Decimal
    maker: str
    category: str
    shape: str
    color: str
    tax: str = "standard"
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    text: str = ""


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


ARTICLES = (
    Article(
        "NL-1001",
        "Fjord Rain Jacket",
        "Regenjacke Fjord",
        Decimal("149.90"),
        "skjold",
        "Jackets",
        "jacket",
        "#2f6f8f",
        group="size",
        options=_same("S", "M", "L", "XL"),
        text="Two and a half layers against weather that comes from the side.",
    ),
    Article(
        "NL-1002",
        "Merino Base Layer",
        "Merino-Unterhemd",
        Decimal("69.95"),
        "birkhahn",
        "Jackets",
        "shirt",
        "#7a5c8e",
        group="size",
        options=_same("S", "M", "L"),
        text="Warm when wet, and never smells of effort.",
    ),
    Article(
        "NL-1003",
        "Wool Socks, two pairs",
        "Wollsocken, zwei Paar",
        Decimal("18.50"),
        "birkhahn",
        "Feet",
        "socks",
        "#b5533c",
        group="size",
        options=_same("36–39", "40–43", "44–47"),
        text="Knitted on old machines by people who like cold floors.",
    ),
    Article(
        "NL-1004",
        "Trail Shoe “Geröll”",
        "Trailschuh „Geröll“",
        Decimal("129.00"),
        "skjold",
        "Feet",
        "shoe",
        "#4f7a4a",
        group="size",
        options=_same("39", "40", "41", "42", "43", "44"),
        text="A sole for scree, an upper for streams.",
    ),
    Article(
        "NL-2001",
        "Enamel Mug",
        "Emaille-Becher",
        Decimal("14.90"),
        "lumen",
        "Camp",
        "mug",
        "#c9772b",
        group="color",
        options=(("Rust", "Rost"), ("Ivory", "Elfenbein"), ("Night blue", "Nachtblau")),
        text="Chips with dignity. 0.35 l.",
    ),
    Article(
        "NL-2002",
        "Trail Bottle 0.75 l",
        "Trinkflasche Trail 0,75 l",
        Decimal("24.90"),
        "skjold",
        "Camp",
        "bottle",
        "#2d8c84",
        text="Steel, one wall, one lid that cannot be lost.",
    ),
    Article(
        "NL-2003",
        "Camp Stove “Föhn”",
        "Campingkocher „Föhn“",
        Decimal("89.00"),
        "lumen",
        "Camp",
        "stove",
        "#5b6470",
        text="Boils a litre in two minutes and forty seconds.",
    ),
    Article(
        "NL-2004",
        "Down Sleeping Bag −5 °C",
        "Daunenschlafsack −5 °C",
        Decimal("279.00"),
        "birkhahn",
        "Camp",
        "bag",
        "#37517e",
        text="Nine hundred grams of sleep.",
    ),
    Article(
        "NL-2005",
        "Head Torch 400 lm",
        "Stirnlampe 400 lm",
        Decimal("39.95"),
        "lumen",
        "Light",
        "torch",
        "#d0a12c",
        text="Finds the path, spares the others.",
    ),
    Article(
        "NL-3001",
        "Espresso “Crema” 1 kg",
        "Espresso „Crema“ 1 kg",
        Decimal("19.99"),
        "kontor",
        "Provisions",
        "coffee",
        "#6b4a36",
        tax="reduced",
        text="Roasted slowly, on Thursdays.",
    ),
    Article(
        "NL-3002",
        "Green Tea, loose, 250 g",
        "Grüner Tee, lose, 250 g",
        Decimal("12.49"),
        "kontor",
        "Provisions",
        "tea",
        "#5f8d3e",
        tax="reduced",
        text="Steep at 75 °C; patience included.",
    ),
    Article(
        "NL-3003",
        "Oat Bars, box of 12",
        "Haferriegel, Karton mit 12",
        Decimal("21.60"),
        "kontor",
        "Provisions",
        "bars",
        "#c0863d",
        tax="reduced",
        text="Oats, honey, salt. Nothing else was invited.",
    ),
    Article(
        "NL-4001",
        "Field Notebook",
        "Feldbuch",
        Decimal("9.95"),
        "papier",
        "Paper",
        "notebook",
        "#a23f4c",
        tax="reduced",
        group="color",
        options=(("Red", "Rot"), ("Moss", "Moos")),
        text="Writes in the rain, lies flat on the knee.",
    ),
    Article(
        "NL-4002",
        "Postcards, set of 8",
        "Postkarten, acht Stück",
        Decimal("12.00"),
        "papier",
        "Paper",
        "cards",
        "#3f7d9c",
        text="Eight places to be missed from.",
    ),
)
