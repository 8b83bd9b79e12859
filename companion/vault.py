"""Sealing of stored credentials, so that a copy of the database alone opens nothing."""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from companion.errors import ConfigurationError


class Vault:
    """Seals and opens small secrets with a key derived from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"companion vault").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, value: str) -> bytes:
        return self._fernet.encrypt(value.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ConfigurationError when the value was sealed with another SECRET_KEY."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigurationError(
                ["COMPANION_SECRET_KEY: stored credentials were sealed with another key; set the former one again"]
            ) from None

    def seal_json(self, value: dict[str, Any]) -> bytes:
        return self.seal(json.dumps(value))

    def open_json(self, sealed: bytes | None) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(self.open(sealed)) if sealed else {}
        return opened
