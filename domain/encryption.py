"""Encryption of private columns at rest, and look-up of encrypted values by keyed blind index."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Keyring:
    """The installation's encryption keys: the first encrypts, all decrypt, so that keys can rotate.

    `encryption_keys` are Fernet keys (32 bytes, URL-safe base64); `index_key` is any secret of
    32 characters or more. Raises ValueError naming the setting when one is malformed.
    """

    def __init__(self, *, encryption_keys: Sequence[str], index_key: str) -> None:
        if not encryption_keys:
            raise ValueError("RECEPTION_ENCRYPTION_KEYS: at least one key is needed")
        if len(index_key) < 32:
            raise ValueError("RECEPTION_INDEX_KEY: at least 32 characters are needed")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])
        except ValueError as error:
            raise ValueError(
                "RECEPTION_ENCRYPTION_KEYS: each key must be 32 bytes in URL-safe base64"
            ) from error
        self._index_key = index_key.encode()

    def encrypt(self, clear: bytes) -> bytes:
        return self._fernet.encrypt(clear)

    def decrypt(self, secret: bytes) -> bytes:
        """Raises ValueError when no key of the ring opens it; the message holds no content."""
        try:
            return self._fernet.decrypt(secret)
        except InvalidToken:
            raise ValueError("no key in RECEPTION_ENCRYPTION_KEYS opens this value") from None

    def blind_index(self, *, business_id: UUID, kind: str, value: str) -> bytes:
        """HMAC-SHA-256 of a normalised value, so that equal values of one business can be found
        without being read. Differs between businesses and kinds, so that rows can't be correlated."""
        message = b"\x00".join([business_id.bytes, kind.encode(), value.encode()])
        return hmac.new(self._index_key, message, hashlib.sha256).digest()


_keyring: Keyring | None = None


def use_keyring(keyring: Keyring) -> None:
    """Set the keyring of this process: column types have no other way to reach it."""
    global _keyring
    _keyring = keyring


def current_keyring() -> Keyring:
    if _keyring is None:
        raise RuntimeError("no keyring: create a Database (or call use_keyring) first")
    return _keyring


class EncryptedText(TypeDecorator[str]):
    """Text stored as Fernet ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else current_keyring().encrypt(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else current_keyring().decrypt(bytes(value)).decode()


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON document stored as Fernet ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return current_keyring().encrypt(json.dumps(value, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(current_keyring().decrypt(bytes(value)))
