"""What a theme developer pastes: the right text for the platform."""

import pytest
from click.testing import CliRunner

from companion import cli
from companion.bootstrap import Services
from companion.forms import sightings
from companion.models import Store
from companion.snippets import pasted


@pytest.mark.parametrize("platform", ["shopware", "neto", "netsuite", "other"])
def test_every_platform_has_something_to_paste_with_the_stores_address(platform: str) -> None:
    found = pasted.blocks(platform, "https://companion.shop-owner.net/", "hats", "c1")
    texts = "\n".join(block.text for block in found)
    assert "https://companion.shop-owner.net/snippets/v1/hats/companion.js?channel=c1" in texts
    assert "__SCRIPT__" not in texts


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_prints_it(services: Services, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_DATABASE_URL", services.settings.database_url)
    monkeypatch.setenv("COMPANION_SECRET_KEY", services.settings.secret_key)
    monkeypatch.setenv("COMPANION_PUBLIC_URL", services.settings.public_url)
    said = CliRunner().invoke(cli.main, ["snippet", store.key])
    assert (said.exit_code, f"/snippets/v1/{store.key}/companion.js" in said.output) == (0, True)
    assert "page (not seen in the shop yet):" in said.output
    with services.database.write() as session:
        sightings.note(session, store.id, sightings.SCRIPT, "", "checkout", "hats.shop-owner.net", services.now())
    seen = f"(seen {services.now():%Y-%m-%d %H:%M} UTC on hats.shop-owner.net, in the checkout):"
    assert seen in CliRunner().invoke(cli.main, ["snippet", store.key]).output
    assert "there is no store" in CliRunner().invoke(cli.main, ["snippet", "nobody"]).output
