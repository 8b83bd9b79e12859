"""Everything the simulator holds, made once by `create_app` and handed to every view."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from companion.simulator.klaviyo import demo
from companion.simulator.klaviyo.accounts import DEFAULT_ID, DEFAULT_KEY, Accounts
from companion.simulator.klaviyo.clock import Clock
from companion.simulator.klaviyo.config import Config
from companion.simulator.klaviyo.faults import Faults
from companion.simulator.klaviyo.journal import Journal
from companion.simulator.klaviyo.onsite import Onsite
from companion.simulator.klaviyo.operations import Operation
from companion.simulator.klaviyo.windows import Windows


@dataclass(frozen=True, slots=True)
class World:
    """The simulator's state. `rest` sleeps; it is not called when answers are instant."""

    config: Config
    clock: Clock
    accounts: Accounts
    windows: Windows
    faults: Faults
    journal: Journal
    onsite: Onsite
    rest: Callable[[float], None] = time.sleep

    @classmethod
    def create(cls, config: Config) -> "World":
        """A world with the first account in it."""
        clock = Clock(config.now)
        windows = Windows(config.unlimited)
        world = cls(config, clock, Accounts(config), windows, Faults(clock), Journal(), Onsite())
        world.begin()
        return world

    def begin(self) -> None:
        """Add the first account, with its demo content where that is wanted."""
        account = self.accounts.add(DEFAULT_ID, DEFAULT_KEY, name="Demo Shop")
        if self.config.demo:
            with account.lock:
                demo.furnish(account, self.clock())

    def reset(self) -> None:
        """Forget everything that happened, every added account, fault and shift of the clock."""
        self.faults.lift()
        self.accounts.forget()
        self.windows.forget()
        self.journal.forget()
        self.onsite.forget()
        self.clock.restore()
        self.begin()

    def dawdle(self, operation: Operation) -> None:
        """Take as long as the real thing would, where that is wanted."""
        if self.config.latency == "realistic":
            self.rest(min(2.0, operation.median_s * random.lognormvariate(0.0, 0.35)))
