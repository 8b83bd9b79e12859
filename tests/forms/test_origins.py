"""Which pages belong to a store: by scheme, host and port, as a browser writes them, and no way around it."""

import pytest

from companion import origins, store_settings
from companion.models import Store
from companion.store_settings import InvalidSettings


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://Shop.Example/de/?a=b#c", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://127.0.0.1:8082", "http://127.0.0.1:8082"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://kim:secret@shop.example", "https://shop.example"),
        ("shop.example", ""),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://shop.example:port", ""),
        ("https://shop.example;script-src *", ""),
        ("https://*.example", ""),
        ("null", ""),
        ("", ""),
    ],
)
def test_an_address_has_one_origin_or_none(address: str, expected: str) -> None:
    assert origins.origin(address) == expected


def test_a_store_has_its_registered_address_and_the_domains_entered() -> None:
    store = Store(shop_url="https://shop.example/de", settings={"domains": ["https://www.shop.example"]})
    assert origins.of(store) == {"https://shop.example", "https://www.shop.example"}


@pytest.mark.parametrize(
    "domain", ["shop.example", "https://shop.example/", "https://SHOP.example", "https://*.example"]
)
def test_a_domain_is_entered_as_an_origin(domain: str) -> None:
    with pytest.raises(InvalidSettings, match="is no domain"):
        store_settings.checked({"domains": [domain]})
