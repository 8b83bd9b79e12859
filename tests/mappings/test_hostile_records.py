"""Whatever a shop or an extension of it returns is mapped or refused with a path; nothing else ever happens."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.klaviyo import payloads
from mappings.errors import InvalidRecord
from mappings.metrics import order_events
from mappings.model import Order
from tests.mappings import build

WHOLE = build.record(
    build.line(1, payload={"productNumber": "SKU-1", "options": [{"group": "Size", "option": "M"}]}),
    build.line(2, type="container", total=9.0),
    build.line(3, -2.0, type="promotion", payload={"code": "TEN"}),
    history=[
        build.entry("h1", build.PAYMENT, "open", "paid", "2026-03-15T08:00:00.000+00:00"),
        build.entry("h2", build.PAYMENT, "paid", "refunded", "2026-03-16T08:00:00.000+00:00"),
    ],
    transactions=[
        build.payment(24.99, captures=[{"refunds": [build.refund("r", 5.0, "2026-03-16T08:00:00.000+00:00")]}])
    ],
)

Path = tuple[str | int, ...]


def _paths(node: Any, path: Path = ()) -> list[Path]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, value in inner for found in _paths(value, (*path, key)))]


def _replaced(node: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copy = node.copy()
    copy[path[0]] = _replaced(node[path[0]], path[1:], value)
    return copy


dates = st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-14T10:15:30+00:00"])
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | dates
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_paths(WHOLE)[1:]), values), min_size=1, max_size=3))
def test_any_record_is_mapped_or_refused_with_its_path(changes: list[tuple[Path, Any]]) -> None:
    body = WHOLE
    for path, value in changes:
        try:
            body = _replaced(body, path, value)
        except (LookupError, TypeError, AttributeError):
            continue  # an earlier change took away what this one is about
    order = _mapped(body)
    if isinstance(order, Order):
        for event in order_events(order, build.tracking()):
            assert payloads.event_bytes(event)
            assert payloads.profile_bytes(event)
    else:
        assert order.path.startswith("$")
        assert order.reason


def _mapped(body: Any) -> Order | InvalidRecord:
    try:
        return build.order(body)
    except InvalidRecord as refused:
        return refused
