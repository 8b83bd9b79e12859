"""Calls to Klaviyo within its limits, for whoever synchronises subscribers or reads forms.

A call waits a little for the quota; for longer it raises Retry. What a reply says of the limit is obeyed, a failure
blocks the endpoint for everybody. Facts: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from sqlalchemy.orm import Session

from companion import limits
from companion.bootstrap import Services
from companion.errors import Pause, Retry
from companion.klaviyo import audience, forms
from companion.klaviyo.audience import Audience
from companion.models import Store
from companion.quota import Quota

PACES: Final = {**audience.PACES, **forms.PACES}

PATIENCE_S: Final = 5.0
"""A wait longer than this is not worth holding the work for."""

PAUSE_S: Final = 300.0
"""A key without the scope, or one that is refused, is tried again after this long: it heals by itself."""


class Answered(Protocol):
    """Any answer of Klaviyo's."""

    @property
    def quota(self) -> Quota: ...


Answer = TypeVar("Answer", bound=Answered)


def nothing(_session: Session) -> None:
    """What has to be kept up beside a call: nothing."""


@dataclass(slots=True)
class Caller:
    """One store's access to Klaviyo. `keep` is called in the transaction that takes from the quota.

    Raises Retry with the seconds to wait, Bury or Pause.
    """

    services: Services
    store: Store
    key: str
    keep: Callable[[Session], None] = nothing
    calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, endpoint: str, ask: Callable[[Audience, str], Answer]) -> Answer:
        """Make a call as soon as the quota allows."""
        self._take(endpoint)
        self.calls[endpoint] += 1
        try:
            answer = ask(self.services.klaviyo.audience, self.key)
        except (Retry, Pause) as problem:
            after = problem.after if isinstance(problem, Retry) else PAUSE_S
            with self.services.database.write() as session:
                now, account = self.services.now(), self.store.klaviyo_account
                pause = limits.back_off(session, account, endpoint, str(problem), now, after)
            if isinstance(problem, Pause):
                raise
            raise Retry(problem.reason, after=pause, unknown=problem.unknown) from problem
        now, share = self.services.now(), self.services.settings.klaviyo_share
        with self.services.database.write() as session:
            limits.obey(session, self.store.klaviyo_account, endpoint, answer.quota, share, now)
        return answer

    def _take(self, endpoint: str) -> None:
        account, share = self.store.klaviyo_account, self.services.settings.klaviyo_share
        while True:
            with self.services.database.write() as session:
                self.keep(session)
                grant = limits.take(session, account, endpoint, PACES[endpoint], share, self.services.now())
            if grant.count:
                return
            if grant.wait_s > PATIENCE_S:
                raise Retry("Klaviyo's limit is used up for now.", after=grant.wait_s)
            self.services.sleep(grant.wait_s)
