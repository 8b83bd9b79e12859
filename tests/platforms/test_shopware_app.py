"""The app's package: valid for every version it is for, able to do what we ask, and no merchant's is another's."""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from companion.platforms import shopware
from companion.platforms.shopware import app_build, criteria, storefront, webhook
from companion.platforms.shopware.app_build import TOPICS, WrongAppVersion
from companion.platforms.shopware.recipients_api import WHOLE
from mappings.shopware.schemas import PRIVILEGES
from tests.conftest import SHARED, missing

SCHEMAS = ("manifest-2.0_v6.5.8.14.xsd", "manifest-2.0_v6.6.7.1.xsd", "manifest-3.0.xsd")
SECRET = "5ec2e7" * 10
URL = "https://companion.shop-owner.net/behind/a/path"


@pytest.fixture
def manifest() -> Any:
    return etree.fromstring(app_build.manifest(f"{URL}/", "CompanionForKlaviyo", SECRET, "1.2.3"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_manifest_is_valid_for_each_version_it_is_for(manifest: Any, name: str) -> None:
    path = SHARED / "reference" / "shopware" / name
    if not path.exists():
        missing("the manifest's schema")
    schema = etree.XMLSchema(etree.parse(str(path)))
    schema.assertValid(manifest)
    manifest.find("webhooks").append(etree.Element("unknown"))
    assert not schema.validate(manifest)


def test_the_manifest_names_the_app_its_version_its_secret_and_the_doors_of_this_service(manifest: Any) -> None:
    assert manifest.findtext("meta/name") == "CompanionForKlaviyo"
    assert manifest.findtext("meta/version") == "1.2.3"
    assert manifest.findtext("setup/secret") == SECRET
    assert manifest.findtext("setup/registrationUrl") == f"{URL}/shopware/register"
    assert {one.get("url") for one in manifest.iterfind("webhooks/webhook")} == {f"{URL}/shopware/webhook"}
    assert [one.text for one in manifest.iterfind("allowed-hosts/host")] == [
        "companion.shop-owner.net",
        *storefront.HOSTS,
    ]


def test_the_app_asks_to_read_and_for_nothing_else(manifest: Any) -> None:
    permissions = manifest.find("permissions")
    assert {one.tag for one in permissions} == {"read"}
    assert [one.text for one in permissions] == list(PRIVILEGES)
    assert len(set(PRIVILEGES)) == len(PRIVILEGES)


def test_every_kind_of_record_that_is_read_is_permitted() -> None:
    """Without the permission for one association a shop refuses the whole search. Prices are no records."""
    values = {"calculated_price", "cart_price", "cart_tax_calculated"}
    asked = (set(criteria.INCLUDES) | set(WHOLE["includes"])) - values
    assert asked <= set(PRIVILEGES)


def test_the_webhooks_are_those_that_are_understood_each_once(manifest: Any) -> None:
    hooks = list(manifest.iterfind("webhooks/webhook"))
    assert [hook.get("event") for hook in hooks] == list(TOPICS)
    names = [hook.get("name") for hook in hooks]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-zA-Z]+", name) for name in names)
    needed = {topic for topics in shopware.signals.topics.values() for topic in topics}
    assert set(TOPICS) == needed | set(webhook.LIFECYCLE) | webhook.NEWSLETTER_TOPICS


def test_drafts_of_an_order_are_not_sent(manifest: Any) -> None:
    (written,) = manifest.iterfind("webhooks/webhook[@event='order.written']")
    assert written.get("onlyLiveVersion") == "true"


def test_the_zip_holds_the_folder_byte_for_byte_under_the_apps_name(tmp_path: Path) -> None:
    archive = app_build.build(tmp_path, URL, "CompanionForKlaviyo", SECRET, "1.2.3")
    assert archive == tmp_path / "CompanionForKlaviyo.zip"
    with zipfile.ZipFile(archive) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    assert {"CompanionForKlaviyo/manifest.xml", f"CompanionForKlaviyo/{app_build.ICON}"} < set(content)
    assert all((tmp_path / name).read_bytes() == kept for name, kept in content.items())
    assert content[f"CompanionForKlaviyo/{app_build.ICON}"].startswith(b"\x89PNG\r\n\x1a\n")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (
        app_build.build(tmp_path / name, URL, "CompanionForKlaviyo", SECRET, "1.2.3").read_bytes() for name in "ab"
    )
    assert one == other


@pytest.mark.parametrize("version", ["", "1.2", "1.2.3-beta", "v1.2.3", "1.2.3\n", "1.2.3.4"])
def test_a_version_that_a_shop_cannot_compare_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(WrongAppVersion, match="three numbers"):
        app_build.build(tmp_path, URL, "CompanionForKlaviyo", SECRET, version)
    assert list(tmp_path.iterdir()) == []
