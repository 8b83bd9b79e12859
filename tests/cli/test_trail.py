"""The trail holds what is changed by commands, as it holds what is changed on pages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from companion import audit, outbox, runs, samples
from companion.bootstrap import Services
from companion.models import Store
from mappings import custom_fields
from mappings.shopware import records
from tests.build import order_body, put
from tests.cli.conftest import Command

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def trail(services: Services) -> list[tuple[str, str, object, object]]:
    with services.database.read() as session:
        return [(one.who, one.what, one.before, one.after) for one, _ in audit.listed(session)]


def test_a_stores_changes_are_in_the_trail_with_before_and_after(
    command: Command, services: Services, store: Store
) -> None:
    command("store", "set", store.key, 'events={"Paid Order": true}')
    command("store", "pause", store.key, "--reason", "Stocktaking")
    command("store", "resume", store.key)
    assert trail(services) == [
        ("command line", "resumed sending", {"paused": "Stocktaking"}, {"paused": None}),
        ("command line", "paused sending", {"paused": None}, {"paused": "Stocktaking"}),
        ("command line", "changed settings", {}, {"events": {"Paid Order": True}}),
    ]


def test_what_is_refused_is_not_in_the_trail(command: Command, services: Services, store: Store) -> None:
    command("store", "set", store.key, 'events={"No Such": true}', code=1)
    command("store", "pause", "nobody", code=1)
    assert trail(services) == []


def test_burying_and_trying_again_are_in_the_trail(command: Command, services: Services, store: Store) -> None:
    put(services, store, 2)
    assert command("messages", "bury", store.key, "1", "--reason", "a trial") == "1 messages are buried.\n"
    with services.database.read() as session:
        assert [one.reason for one in outbox.listed(session, state="buried")] == [
            "Put aside by the command line: a trial"
        ]
    command("messages", "bury", store.key, "1")
    command("messages", "replay", store.key, "1")
    assert [what for _, what, _, _ in trail(services)] == [
        "tried 0 webhooks and 1 messages again",
        "buried 1 messages",
    ]


def test_what_is_done_to_a_run_is_in_the_trail(command: Command, services: Services, store: Store) -> None:
    with services.database.write() as session:
        run = runs.request(session, store.id, "history", services.now())
    for verb in ("pause", "resume", "cancel"):
        command("run", verb, str(run.id))
    assert [what for _, what, _, _ in trail(services)] == [
        f"{done} run {run.id}" for done in ("cancelled", "resumed", "paused")
    ]


def test_a_new_store_and_a_built_app_are_in_the_trail(command: Command, services: Services, tmp_path: Path) -> None:
    command("store", "add", "--id", "Sh0pOfHats", "--url", "https://hats.shop-owner.net")
    command("shopware-app", "build", "--out", str(tmp_path), "--merchant", "Hats")
    assert [(what, after) for _, what, _, after in trail(services)] == [
        ("built the app of Hats", None),
        ("added the store", {"shop_url": "https://hats.shop-owner.net"}),
    ]


def test_changes_are_read_from_the_command_line(command: Command, store: Store) -> None:
    command("store", "pause", store.key, "--reason", "Stocktaking")
    said = command("store", "changes", store.key)
    assert said.endswith('command line   paused sending: {"paused": null} → {"paused": "Stocktaking"}\n')


def test_messages_are_found_from_the_command_line(command: Command, services: Services, store: Store) -> None:
    put(services, store, 2)
    assert "Placed Order 10001 due" in command("messages", "find", store.key, "10001")
    assert command("messages", "find", store.key, "nothing") == ""


def test_custom_fields_are_set_and_previewed_from_the_command_line(
    command: Command, services: Services, store: Store
) -> None:
    assert "No order with custom fields" in command("store", "preview", store.key)
    (told,) = records.facts("order", order_body(42))
    custom = custom_fields.documents({"order": {"wish": "am"}}, {"wish": {"am": {"en-GB": "Morning"}}}, "en-GB")
    with services.database.write() as session:
        samples.keep(session, store.id, [replace(told, custom=custom)], services.now())
    row = {"source": "order.wish", "property": "Wish", "form": "text"}
    command("store", "set", store.key, f"custom_fields={json.dumps({'order': [row], 'profile': []})}")
    assert 'Wish                     order.wish as text: "Morning"' in command("store", "preview", store.key)
    wrong = f"custom_fields={json.dumps({'order': [{**row, 'source': 'wish'}]})}"
    refused = command("store", "set", store.key, wrong, code=1)
    assert "custom_fields.order.0.source: The path begins with order. or customer." in refused
