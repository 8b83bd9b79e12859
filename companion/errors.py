"""Errors, named by their remedy. A caller that catches one knows what to do; nobody looks at a status code.

This module must not import anything of the service.
"""

from dataclasses import dataclass


class CompanionError(Exception):
    """Root of everything the service raises on purpose."""


class ConfigurationError(CompanionError):
    """The service must not start: `problems` names each setting and its fix."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class WebhookRejected(CompanionError):
    """A request at the webhook door that is answered with `status` and stored nowhere."""

    status = 400


class MalformedWebhook(WebhookRejected):
    """The body is not what the platform sends."""

    status = 400


class InvalidSignature(WebhookRejected):
    """No secret in force signs these bytes."""

    status = 401


class StaleWebhook(WebhookRejected):
    """Signed correctly, but outside the replay window."""

    status = 401


class UnknownStore(WebhookRejected):
    """No store of ours has this shop id."""

    status = 404


class RemoteError(CompanionError):
    """A remote system could not do what was asked. Raised only by the clients, always as one of the three below."""


@dataclass(eq=False)
class Retry(RemoteError):
    """Try again: after `after` seconds where the remote said so, else with backoff.

    `unknown` is true when the remote may have done the work (a time-out or reset after sending).
    """

    reason: str
    after: float | None = None
    unknown: bool = False

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class Bury(RemoteError):
    """The remote will never accept this. `pointer` is the JSON pointer it blamed, if it named one."""

    reason: str
    pointer: str | None = None

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class Pause(RemoteError):
    """A person has to act (credentials, permissions): stop this store's traffic to the remote and say why."""

    reason: str

    def __str__(self) -> str:
        return self.reason
