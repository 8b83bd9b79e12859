"""The catalogue as records: manufacturers, categories, products with variants, images and their addresses.

Variants hold only what is their own; the rest is their parent's, as in Shopware.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from companion.simulator.shop.marks import SYSTEM_CURRENCY, fixed_id
from companion.simulator.shop.trade.pricing import cents, number
from companion.simulator.shop.world.articles import ARTICLES, CATEGORIES, MAKERS, OPTION_GROUPS, Article
from companion.simulator.shop.world.made import Made, german, made
from companion.simulator.shop.world.settings import CHANNELS, LANGUAGES, STOREFRONT_TYPE

TAX_RATES = {"standard": Decimal(19), "reduced": Decimal(7)}


def catalogue() -> Iterator[Made]:
    yield from _categories()
    for key, (name, link) in MAKERS.items():
        yield made("product_manufacturer", key, name=name, link=link)
    for position, (key, (name, own)) in enumerate(OPTION_GROUPS.items(), start=1):
        yield made(
            "property_group",
            key,
            name=name,
            displayType="text",
            sortingType="alphanumeric",
            position=position,
            filterable=True,
            visibleOnProductDetailPage=True,
            texts=german(name=own),
        )
    for count, article in enumerate(ARTICLES):
        yield from _article(article, count * 10 + 1)


def product_id(product_number: str) -> str:
    return fixed_id(f"product/{product_number}")


def _categories() -> Iterator[Made]:
    for count, (key, (parent, name, own)) in enumerate(CATEGORIES.items(), start=1):
        path = lineage(key)
        ids = [fixed_id(f"category/{one}") for one in path]
        yield made(
            "category",
            key,
            parentId=fixed_id(f"category/{parent}") if parent else None,
            autoIncrement=count,
            name=name,
            breadcrumb=[CATEGORIES[one][1] for one in path],
            path="|" + "|".join(ids[:-1]) + "|" if parent else None,
            level=len(path),
            active=True,
            visible=True,
            type="page",
            productAssignmentType="product",
            displayNestedProducts=True,
            childCount=sum(one[0] == key for one in CATEGORIES.values()),
            visibleChildCount=0,
            texts=german(name=own, breadcrumb=[CATEGORIES[one][2] for one in path]),
        )


def lineage(category: str) -> list[str]:
    """A category's key with those above it, the root first."""
    parent = CATEGORIES[category][0]
    return [*(lineage(parent) if parent else ()), category]


def _article(article: Article, first: int) -> Iterator[Made]:
    yield from _image(article)
    yield from _product(article, first)
    for position, (option, own) in enumerate(article.options, start=1):
        yield made(
            "property_group_option",
            f"{article.group}/{option}",
            groupId=fixed_id(f"property_group/{article.group}"),
            name=option,
            position=position,
            texts=german(name=own),
        )
        yield from _variant(article, first + position, option)


def _image(article: Article) -> Iterator[Made]:
    slug = slugged(article.name).lower()
    yield made(
        "media",
        article.number,
        mimeType="image/svg+xml",
        fileExtension="svg",
        fileSize=1400,
        fileName=slug,
        title=article.name,
        alt=article.name,
        mediaType={"name": "IMAGE", "flags": ["vectorGraphic"]},
        url=f"/media/{article.number}/{slug}.svg?ts=1546848000",
        path=f"media/{article.number}/{slug}.svg",
        hasFile=True,
        private=False,
        texts=german(title=article.german, alt=article.german),
    )
    yield made(
        "product_media",
        article.number,
        productId=product_id(article.number),
        mediaId=fixed_id(f"media/{article.number}"),
        position=0,
    )


def _product(article: Article, count: int) -> Iterator[Made]:
    net = article.price / (1 + TAX_RATES[article.tax] / 100)
    price = {"currencyId": SYSTEM_CURRENCY, "gross": number(article.price), "net": number(cents(net)), "linked": True}
    yield made(
        "product",
        article.number,
        **_common(article, count, article.number),
        childCount=len(article.options),
        variation=[],
        taxId=fixed_id(f"tax/{article.tax}"),
        manufacturerId=fixed_id(f"product_manufacturer/{article.maker}"),
        active=True,
        price=[price],
        isCloseout=False,
        purchaseSteps=1,
        minPurchase=1,
        shippingFree=False,
        markAsTopseller=False,
        weight=0.4,
        name=article.name,
        description=f"<p>{article.text}</p>",
        texts=german(name=article.german),
        coverId=fixed_id(f"product_media/{article.number}"),
        assignedCategoryIds=[fixed_id(f"category/{article.category}")],
        customFields={"nordlicht_season": "all year"},
    )
    yield from _addresses(article, article.number)
    yield from _translations(article)
    for key, channel in CHANNELS.items():
        yield made(
            "product_visibility",
            f"{article.number}/{key}",
            productId=product_id(article.number),
            salesChannelId=channel.id,
            visibility=30,
        )


def _variant(article: Article, count: int, option: str) -> Iterator[Made]:
    variant_number = f"{article.number}-{slugged(option).upper()}"
    yield made(
        "product",
        variant_number,
        **_common(article, count, variant_number),
        parentId=product_id(article.number),
        optionIds=[fixed_id(f"property_group_option/{article.group}/{option}")],
        variation=[{"group": OPTION_GROUPS[article.group][0], "option": option}],
    )
    yield from _addresses(article, variant_number)


def _common(article: Article, count: int, product_number: str) -> dict[str, Any]:
    """What the shop's indexer keeps for parents and variants alike."""
    return {
        "autoIncrement": count,
        "productNumber": product_number,
        "stock": 500,
        "availableStock": 500,
        "available": True,
        "sales": 0,
        "displayGroup": fixed_id(f"display/{article.number}"),
        "categoryTree": [fixed_id(f"category/{one}") for one in lineage(article.category)],
        "categoryIds": [fixed_id(f"category/{article.category}")],
        "states": ["is-physical"],
    }


def _translations(article: Article) -> Iterator[Made]:
    for locale, name in (("en-GB", article.name), ("de-DE", article.german)):
        yield made(
            "product_translation",
            "",
            id=f"{product_id(article.number)}-{LANGUAGES[locale]}",
            productId=product_id(article.number),
            languageId=LANGUAGES[locale],
            name=name,
            description=f"<p>{article.text}</p>" if locale == "en-GB" else None,
        )


def _addresses(article: Article, product_number: str) -> Iterator[Made]:
    for key, channel in CHANNELS.items():
        for locale in LANGUAGES if channel.type_id == STOREFRONT_TYPE else ():
            name = article.german if locale == "de-DE" else article.name
            yield made(
                "seo_url",
                f"{product_number}/{key}/{locale}",
                salesChannelId=channel.id,
                languageId=LANGUAGES[locale],
                routeName="frontend.detail.page",
                foreignKey=product_id(product_number),
                pathInfo=f"/detail/{product_id(product_number)}",
                seoPathInfo=f"{slugged(name)}/{product_number}",
                isCanonical=True,
                isModified=False,
                isDeleted=False,
            )


def slugged(name: str) -> str:
    """A name as a part of an address."""
    spelt = name.replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("Ü", "Ue")
    letters = unicodedata.normalize("NFKD", spelt.replace("–", "-").replace("−", "-")).encode("ascii", "ignore")
    return re.sub(r"[^A-Za-z0-9.]+", "-", letters.decode()).strip("-")
