"""Sealing of stored credentials, so that a copy of the database alone opens nothing; and marks on what goes out."""

import base64
import hashlib
import hmac
import json
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from companion.errors import ConfigurationError

MARK_BYTES: Final = 16


class Vault:
    """Seals and opens small secrets, and marks what is our own, with keys derived from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"companion vault").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._marking = HKDF(hashes.SHA256(), 32, salt=None, info=b"companion marks").derive(secret_key.encode())

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

    def mark(self, purpose: str, content: bytes) -> bytes:
        """MARK_BYTES by which we know again, for this purpose, what we made; it hides nothing."""
        said = len(purpose.encode()).to_bytes(2) + purpose.encode() + content
        return hmac.new(self._marking, said, hashlib.sha256).digest()[:MARK_BYTES]

    def is_mark(self, purpose: str, content: bytes, mark: bytes) -> bool:
        """Whether we made it, in constant time."""
        return hmac.compare_digest(self.mark(purpose, content), mark)
