"""Where an order's products are shown: the address of a product in the order's own sales channel and language.

Source: Shopware, SEO URLs and sales channel domains; a path that has no SEO URL answers at /detail/<id>.
"""

from dataclasses import dataclass

from mappings.shopware import schemas


@dataclass(frozen=True, slots=True)
class Storefront:
    """`base` is the domain's address without a slash at its end, empty where the channel has none (headless).

    `speaks` tells that the domain is in the order's language, so that the product's SEO path answers there.
    """

    base: str
    speaks: bool
    channel_id: str | None
    language_id: str | None

    @classmethod
    def of(cls, order: schemas.Order) -> "Storefront":
        """The domain that fits the order's language, then its currency, then the one that is encrypted."""
        channel = order.sales_channel
        found = [
            domain for domain in (channel and channel.domains) or () if domain.url.startswith(("https://", "http://"))
        ]
        if not found:
            return cls("", False, order.sales_channel_id, order.language_id)

        def fitness(domain: schemas.Domain) -> tuple[bool, bool, bool]:
            speaks = domain.language_id == order.language_id
            return speaks, domain.currency_id == order.currency_id, domain.url.startswith("https://")

        best = max(found, key=fitness)
        return cls(best.url.rstrip("/"), fitness(best)[0], order.sales_channel_id, order.language_id)

    def product_url(self, product: schemas.Product) -> str:
        """The product's address, empty where the channel has no storefront."""
        if not self.base:
            return ""
        path = self._seo_path(product) if self.speaks else ""
        return f"{self.base}/{path or f'detail/{product.id}'}"

    def _seo_path(self, product: schemas.Product) -> str:
        paths = {
            url.sales_channel_id: url.seo_path_info
            for url in product.seo_urls or ()
            if url.is_canonical and not url.is_deleted and url.language_id == self.language_id
        }
        return (paths.get(self.channel_id) or paths.get(None) or "").lstrip("/")
