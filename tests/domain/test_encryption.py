"""Private values: unreadable at rest, found by blind index, readable through a key rotation."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from domain.encryption import Keyring

ONE, TWO = UUID(int=1), UUID(int=2)
_INDEX_KEY = "i" * 32


def _ring(*keys: str) -> Keyring:
    return Keyring(encryption_keys=keys, index_key=_INDEX_KEY)


def test_a_value_comes_back_and_is_never_written_twice_the_same() -> None:
    ring = _ring(Fernet.generate_key().decode())
    first, second = ring.encrypt(b"Jane"), ring.encrypt(b"Jane")
    assert first != second and b"Jane" not in first
    assert ring.decrypt(first) == ring.decrypt(second) == b"Jane"


def test_keys_rotate_without_losing_what_was_written() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    written = _ring(old).encrypt(b"Jane")
    rotated = _ring(new, old)
    assert rotated.decrypt(written) == b"Jane"
    assert _ring(new).decrypt(rotated.encrypt(b"Jane")) == b"Jane"
    with pytest.raises(ValueError, match="RECEPTION_ENCRYPTION_KEYS") as refusal:
        _ring(new).decrypt(written)
    assert "Jane" not in str(refusal.value)


def test_a_changed_value_is_not_opened() -> None:
    ring = _ring(Fernet.generate_key().decode())
    secret = bytearray(ring.encrypt(b"Jane"))
    secret[-5] ^= 1
    with pytest.raises(ValueError, match="opens"):
        ring.decrypt(bytes(secret))


def test_blind_indexes_find_equal_values_of_one_business_and_kind_only() -> None:
    ring = _ring(Fernet.generate_key().decode())
    index = ring.blind_index(business_id=ONE, kind="phone", value="+12025550123")
    assert index == ring.blind_index(business_id=ONE, kind="phone", value="+12025550123")
    assert b"2025550123" not in index
    others = [
        ring.blind_index(business_id=TWO, kind="phone", value="+12025550123"),
        ring.blind_index(business_id=ONE, kind="email", value="+12025550123"),
        ring.blind_index(business_id=ONE, kind="phone", value="+12025550124"),
    ]
    assert index not in others


@pytest.mark.parametrize(
    ("keys", "index_key", "named"),
    [
        ([], _INDEX_KEY, "RECEPTION_ENCRYPTION_KEYS"),
        (["short"], _INDEX_KEY, "RECEPTION_ENCRYPTION_KEYS"),
        ([Fernet.generate_key().decode()], "short", "RECEPTION_INDEX_KEY"),
    ],
)
def test_weak_or_broken_keys_are_refused_by_name(
    keys: list[str], index_key: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        Keyring(encryption_keys=keys, index_key=index_key)
