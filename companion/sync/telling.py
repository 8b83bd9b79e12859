"""Records to messages, as `resolve` makes them: the same facts, the same identities, whoever asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import mappings
from companion import resolve, signups
from companion.models import Store
from companion.outbox import OutboxRow
from companion.platforms.base import Ref
from companion.run_failures import Failure
from companion.sync.reading import Read
from mappings.errors import InvalidRecord
from mappings.model import Event, Recipient, Tracking

LONGEST_PATH: Final = 300


@dataclass(frozen=True, slots=True)
class Told:
    """What records tell: `rows` are the events on their way out, `failures` the records that cannot be told.

    `people` are the newsletter recipients among the records, all of an address together.
    """

    events: Sequence[Event]
    rows: Sequence[OutboxRow]
    failures: Sequence[Failure]
    people: Mapping[Ref, Sequence[Recipient]] = field(default_factory=dict)


def tell(store: Store, read: Read, tracking: Callable[[str], Tracking], before: datetime | None = None) -> Told:
    """What was read, told by record id; only what happened `before` a time, where one is given.

    Whoever adds several orders' messages in one transaction goes by their ids, so that no two wait for each other.
    """
    labels = {ref.id: ref.label for ref in read.refs}
    events: list[Event] = []
    failures = list(read.refused)
    people: dict[Ref, Sequence[Recipient]] = {}
    for record in sorted(read.records, key=lambda record: record.id):
        try:
            if record.resource == signups.RESOURCE:
                found = [mappings.recipient(store.platform, body) for body in record.body["recipients"]]
                people[Ref(record.resource, record.id)] = found
                continue
            told = mappings.messages(mappings.facts(store.platform, record.resource, record.body), tracking)
            events += [event for event in told if before is None or event.at < before]
        except InvalidRecord as error:
            path, label = error.path[:LONGEST_PATH], labels.get(record.id, "")
            failures.append(Failure(record.resource, record.id, path, error.reason, label))
    return Told(events, [resolve.outbox_row(event) for event in events], failures, people)
