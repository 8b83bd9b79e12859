"""Rows of the ledger through the one pure decision, `mappings.consent.plan`, and back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from companion import consent
from companion.audiences import Audience
from companion.consent_models import Subscriber
from companion.db import AnyRow
from mappings.consent import Decision, InKlaviyo, Known, OnPlatform, Status, plan


def decision(audience: Audience, row: AnyRow | Subscriber) -> Decision:
    """What to do about an address, and why."""
    rules = audience.rules(row.channel_id)
    return plan(
        OnPlatform(cast("Status", row.status), row.opted_in_at),
        InKlaviyo(row.member, row.consent, consent.unpacked(row.suppressions)),
        Known(changed=row.profile is not None, refused=row.refused is not None),
        rules.policy,
        audience.list_id,
    )


def decide(
    session: Session, audience: Audience, rows: Iterable[AnyRow], now: datetime
) -> Sequence[tuple[AnyRow, Decision]]:
    """Decide about these, write it down, and return it."""
    found = [(row, decision(audience, row)) for row in rows]
    consent.decided(session, found, now)
    return found
