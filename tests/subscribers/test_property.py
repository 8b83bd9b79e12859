"""Anything may happen in the shop and in Klaviyo, at any time, and the service may die at any call.

No opt-out is ever lifted but by a newer opt-in of the same person, and in the end everybody is where they belong.
"""

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings

from tests.subscribers.life import Life, Step, acts


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts())
def test_no_opt_out_is_lifted_and_the_end_state_is_exact(steps: list[Step]) -> None:
    life = Life()
    with closing(_Ending(life)):
        for step in steps:
            life.act(step)
        life.check_end()


class _Ending:
    """Ends a life, however it went."""

    def __init__(self, life: Life) -> None:
        self.close = life.end
