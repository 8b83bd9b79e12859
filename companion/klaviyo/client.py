"""The only code that talks to Klaviyo. Every reply becomes a value or one of Retry, Bury, Pause.

Here: events and the account; `audience` holds lists, profiles and consent, `forms` the sign-up forms, `scopes` what a
key may do, `transport` the call itself.
Facts: https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling
"""

from dataclasses import dataclass
from typing import Final

from companion.errors import Retry
from companion.klaviyo import scopes
from companion.klaviyo.audience import Audience
from companion.klaviyo.forms import Forms
from companion.klaviyo.transport import Transport
from companion.quota import Pace, Quota

PACES: Final = {
    "events": Pace(burst=350, steady=3500),
    "event-bulk-create-jobs": Pace(burst=10, steady=150),
    "accounts": Pace(burst=1, steady=15),
}


@dataclass(frozen=True, slots=True)
class Account:
    """The account a key belongs to. `public_key` is what the storefront's script needs."""

    id: str
    name: str
    public_key: str
    timezone: str
    currency: str
    is_test: bool


class Client:
    """One connection pool to Klaviyo, safe to share between threads."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self.transport = Transport(base_url, timeout_s)
        self.audience = Audience(self.transport)
        self.forms = Forms(self.transport)

    def create_event(self, key: str, body: bytes) -> Quota:
        """Send one event (POST /api/events). Raises Retry, Bury or Pause."""
        return self.transport.call("POST", "/api/events", key, body, accepted=(202,)).quota

    def create_events(self, key: str, body: bytes) -> Quota:
        """Send up to 1,000 events, all or none (POST /api/event-bulk-create-jobs). Raises Retry, Bury or Pause."""
        return self.transport.call("POST", "/api/event-bulk-create-jobs", key, body, accepted=(202,)).quota

    def scopes(self, key: str) -> dict[str, bool | None]:
        """What the key may do, scope by scope; None where it cannot be told. Raises Retry, Bury or Pause."""
        return scopes.asked(self.transport, key)

    def account(self, key: str) -> Account:
        """Whose key this is (GET /api/accounts). Raises Retry, Bury or Pause."""
        document = self.transport.call("GET", "/api/accounts", key, accepted=(200,)).document()
        try:
            found = document["data"][0]
            attributes = found["attributes"]
            contact = attributes.get("contact_information") or {}
            return Account(
                id=str(found["id"]),
                name=str(contact.get("organization_name") or found["id"]),
                public_key=str(attributes.get("public_api_key") or ""),
                timezone=str(attributes.get("timezone") or ""),
                currency=str(attributes.get("preferred_currency") or ""),
                is_test=bool(attributes.get("test_account")),
            )
        except (LookupError, TypeError, AttributeError):
            raise Retry("Klaviyo's answer about the account is not readable") from None
