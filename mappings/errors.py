"""Why something is not mapped. Both are outcomes, not accidents: nothing is lost by either."""


class MappingError(Exception):
    """Root of the two."""


class IgnoredTopic(MappingError):
    """A signal this product has no use for."""


class InvalidRecord(MappingError):
    """A record that cannot be mapped: `path` says where (`$.lineItems[2].quantity`), `reason` what is wrong."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
