"""Storey 1, words: a platform's record in, canonical facts and Klaviyo events out.

Pure by contract: no I/O, no database, no clock, no web framework, nothing of `companion`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mappings import metrics
from mappings.errors import IgnoredTopic, InvalidRecord, MappingError
from mappings.model import Event, Fact, Recipient, Tracking
from mappings.neto import recipients as neto_recipients
from mappings.neto import records as neto
from mappings.shopware import recipients as shopware_recipients
from mappings.shopware import records as shopware

FACTS: Mapping[str, Callable[[str, Any], Sequence[Fact]]] = {
    "shopware": shopware.facts,
    "neto": neto.facts,
}
RECIPIENTS: Mapping[str, Callable[[Any], Recipient]] = {
    "shopware": shopware_recipients.recipient,
    "neto": neto_recipients.recipient,
}


def facts(platform: str, resource: str, body: Any) -> Sequence[Fact]:
    """Translate one record into facts. Raises InvalidRecord with path and reason."""
    return FACTS[platform](resource, body)


def recipient(platform: str, body: Any) -> Recipient:
    """Translate one newsletter recipient. Raises InvalidRecord with path and reason."""
    return RECIPIENTS[platform](body)


def messages(found: Iterable[Fact], tracking: Callable[[str], Tracking]) -> list[Event]:
    """Tell facts as events; `tracking` gives the merchant's choices for a sales channel id."""
    return [event for fact in found for event in metrics.events(fact, tracking(fact.channel_id))]
