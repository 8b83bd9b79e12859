"""Accounts: whose key it is, what it may do, and everything that account holds."""

import hmac
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from companion.simulator.klaviyo.audience import Audience
from companion.simulator.klaviyo.config import Config
from companion.simulator.klaviyo.jobs import Jobs
from companion.simulator.klaviyo.ledger import Ledger
from companion.simulator.klaviyo.operations import ALL_SCOPES

DEFAULT_KEY: Final = "pk_demo_6f1d8a27c94be350a1f7d2c68b94e0538c"
DEFAULT_ID: Final = "DEMO42"


class Account:
    """One Klaviyo account. Whoever reads or changes it holds `lock`."""

    def __init__(self, account_id: str, name: str, config: Config, timezone: str, currency: str) -> None:
        self.id = account_id
        self.name = name
        self.timezone = timezone
        self.currency = currency
        self.keeps_payloads = config.keep == "all"
        self.keys: dict[str, frozenset[str]] = {}
        self.audience = Audience(account_id)
        self.ledger = Ledger(account_id)
        self.jobs = Jobs(account_id, config.lag_s)
        self.lock = threading.RLock()


class Accounts:
    """All accounts. Adding and looking up are single dictionary operations, so no lock is needed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._accounts: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    def add(
        self,
        account_id: str,
        key: str,
        scopes: Iterable[str] = ALL_SCOPES,
        name: str = "",
        timezone: str = "Europe/Berlin",
        currency: str = "EUR",
    ) -> Account:
        """Create an account, or give an existing one another key. `scopes` are what the key may do."""
        account = self._accounts.get(account_id)
        if account is None:
            account = Account(account_id, name or account_id, self._config, timezone, currency)
            self._accounts[account_id] = account
        account.keys[key] = frozenset(scopes)
        return account

    def get(self, account_id: str) -> Account | None:
        """An account by its id, which is also its public key."""
        return self._accounts.get(account_id)

    def of_key(self, key: str) -> tuple[Account, frozenset[str]] | None:
        """The account a private key belongs to, and the key's scopes."""
        for account in self:
            for known, scopes in account.keys.items():
                if hmac.compare_digest(known.encode(), key.encode()):
                    return account, scopes
        return None

    def forget(self) -> None:
        """Drop every account."""
        self._accounts.clear()
