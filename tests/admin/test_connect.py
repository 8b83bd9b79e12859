"""A new shop: the app built on the fly for its merchant, with a secret of its own."""

import zipfile
from io import BytesIO

from companion import audit
from companion.bootstrap import Services
from companion.shopware_app import known_apps
from tests.admin.conftest import Desk


def manifest(body: bytes) -> str:
    with zipfile.ZipFile(BytesIO(body)) as packed:
        return packed.read("CompanionForKlaviyo/manifest.xml").decode()


def test_the_app_is_downloaded_with_the_address_and_a_secret_of_its_own(admin: Desk, services: Services) -> None:
    admin.get("/admin/connect")
    page = admin.page
    found = []
    for merchant in ("Hats", "Shoes", "Hats"):
        admin.page = page
        reply = admin.post("/admin/connect", 200, merchant=merchant)
        assert reply.headers["Content-Type"] == "application/zip"
        assert "CompanionForKlaviyo.zip" in reply.headers["Content-Disposition"]
        found.append(manifest(reply.data))
    assert "https://companion.shop-owner.net/shopware/register" in found[0]
    with services.database.read() as session:
        secrets = {app.merchant: app.secret for app in known_apps(session, services.vault)}
    assert secrets["Hats"] in found[0]
    assert secrets["Shoes"] in found[1]
    assert secrets["Hats"] != secrets["Shoes"]
    assert found[2] == found[0]


def test_a_download_is_in_the_trail_and_its_secret_on_no_page(admin: Desk, services: Services) -> None:
    admin.get("/admin/connect")
    admin.post("/admin/connect", 200, merchant="Hats")
    with services.database.read() as session:
        assert audit.listed(session)[0][0].what == "downloaded the app of Hats"
        (app,) = known_apps(session, services.vault)
    for page in ("/admin/connect", "/admin/changes"):
        admin.get(page)
        assert "Hats" in admin.page
        assert app.secret not in admin.page


def test_a_merchant_needs_a_name(admin: Desk, services: Services) -> None:
    for typed, said in (("", "Name the merchant."), ("a\nb", "Write it on one line."), ("x" * 201, "At most 200")):
        admin.get("/admin/connect")
        admin.post("/admin/connect", 400, merchant=typed)
        assert said in admin.page
    with services.database.read() as session:
        assert list(known_apps(session, services.vault)) == []
