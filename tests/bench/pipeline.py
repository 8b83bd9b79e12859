"""Processor time of an event, record to accepted, against the official package merely sending the same events in bulk.

Both send to the same server in another process, which accepts everything unread.
"""

import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from klaviyo_api import KlaviyoAPI

import mappings
from companion import bootstrap, config, delivery, outbox, resolve, serve, stores
from companion.bootstrap import Services
from companion.klaviyo import payloads
from companion.models import Outbox, Store
from mappings.model import Event
from tests.bench.figures import Figure
from tests.build import order_body
from tests.world import GUNICORN, SECRET_KEY, free_port

ORDERS = 2500


def figures() -> Iterator[Figure]:
    port = free_port()
    command = (*GUNICORN, "--bind", f"127.0.0.1:{port}", "tests.bench.bare:create_klaviyo()")
    server = subprocess.Popen(command)
    try:
        time.sleep(2)
        yield _figure(f"http://127.0.0.1:{port}")
    finally:
        server.kill()


def _figure(url: str) -> Figure:
    records = [orjson.dumps(record(number)) for number in range(ORDERS)]
    with tempfile.TemporaryDirectory() as folder:
        ours, count = _ours(Path(folder), url, records)
        theirs = _theirs(url, records)
    ratio = ours / theirs
    return Figure(
        "processor time of an event, record to accepted",
        f"{ours * 1e6:.0f} us = {ratio:.2f} x the package's",
        f"<= 0.5 x {theirs * 1e6:.0f} us ({count:,} events)",
        ratio <= 0.5,
    )


def record(number: int) -> dict[str, Any]:
    """An order of three lines that was completed: five events."""
    body = order_body(number, lines=3, states=("in_progress", "completed"))
    address = {"firstName": "Kim", "lastName": "Berg", "street": "Hauptstr. 5", "zipcode": "53111", "city": "Bonn"}
    body["order"]["billingAddress"] = {**address, "country": {"iso": "DE", "name": "Germany"}}
    for line in body["order"]["lineItems"]:
        line["payload"] = {"productNumber": "HAT-M", "options": [{"group": "Size", "option": "M"}]}
        line["cover"] = {"url": "https://cdn.shop-owner.net/media/hat.jpg"}
    return body


def _ours(folder: Path, url: str, records: Sequence[bytes]) -> tuple[float, int]:
    """Everything the service does with a record: decode, map, store, claim, assemble, send, settle."""
    services, store = _services(folder, url)
    began = time.process_time()
    for start in range(0, len(records), resolve.BATCH):
        rows = [
            resolve.outbox_row(event)
            for record in records[start : start + resolve.BATCH]
            for event in _events(services, store, orjson.loads(record))
        ]
        with services.database.write() as session:
            outbox.add(session, store.id, rows, services.now(), services.now())
    while (wait_s := delivery.deliver_volume(services, store.id)) is not None:
        time.sleep(wait_s)
    spent = time.process_time() - began
    with services.database.read() as session:
        count = session.query(Outbox).filter_by(state="delivered").count()
    services.database.dispose()
    return spent / count, count


def _services(folder: Path, url: str) -> tuple[Services, Store]:
    environ = {
        "COMPANION_DATA_DIR": str(folder),
        "COMPANION_SECRET_KEY": SECRET_KEY,
        "COMPANION_PUBLIC_URL": "http://127.0.0.1",
        "COMPANION_KLAVIYO_URL": url,
    }
    services = bootstrap.build(config.load(environ))
    serve.upgrade(services.settings)
    with services.database.write() as session:
        store = stores.add(
            session,
            services.vault,
            platform="shopware",
            shop_id=uuid.uuid4().hex[:16],
            shop_url="https://shop.shop-owner.net",
            now=services.now(),
        )
        store.klaviyo_key, store.klaviyo_account = services.vault.seal("pk_bench"), "BENCH1"
    return services, store


def _events(services: Services, store: Store, record: Any) -> list[Event]:
    tracking = stores.tracking(store, services.now(), services.settings.flow_window_h)
    return mappings.messages(mappings.facts("shopware", "order", record), tracking)


def _theirs(url: str, records: Sequence[bytes]) -> float:
    """The package: the same events, ready as dictionaries, a thousand a call."""
    with tempfile.TemporaryDirectory() as folder:
        services, store = _services(Path(folder), url)
        entries = [
            orjson.loads(payloads.entry(payloads.profile_bytes(event), payloads.event_bytes(event), event.backfill))
            for record in records
            for event in _events(services, store, orjson.loads(record))
        ]
    api = KlaviyoAPI("pk_bench", max_delay=1, max_retries=1, test_host=url)
    began = time.process_time()
    for start in range(0, len(entries), payloads.BULK_EVENTS):
        data = {"events-bulk-create": {"data": entries[start : start + payloads.BULK_EVENTS]}}
        body = {"data": {"type": "event-bulk-create-job", "attributes": data}}
        api.Events.bulk_create_events(body)
    return (time.process_time() - began) / len(entries)
