"""Passwords: which may be chosen (NIST SP 800-63B section 5.1.1.2), and how they are kept (Argon2id)."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from domain.accounts.common_passwords import is_common
from domain.errors import Invalid
from domain.seam import Seam

SHORTEST = 12
LONGEST = 200
"""Characters, after normalisation."""

_SALT_BYTES = 16
_GENERATED_BYTES = 10

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# RFC 9106 section 4, the second recommended option: three passes over 64 MiB, four lanes.
STRONG = Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_HASHER = STRONG

# Two at once: each takes 64 MiB, and a flood of sign-ins must take neither the memory nor the threads
# that everything else runs in.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="argon2")


def check(password: str, *, email: str, field: str = "password") -> None:
    """Raises Invalid on `field` for a password that is too short or long, known to everybody, or the
    user's own address. Any character will do, and none must be there."""
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST:
        raise Invalid(field, f"must have at least {SHORTEST} characters")
    if len(normal) > LONGEST:
        raise Invalid(field, f"must have at most {LONGEST} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in normal):
        raise Invalid(field, "must not hold control characters")
    address, chosen = email.casefold(), normal.casefold()
    if chosen in (address, address.partition("@")[0]):
        raise Invalid(field, "must not be the e-mail address")
    if is_common(normal):
        raise Invalid(field, "is among those that are guessed first")


def generate(seam: Seam) -> str:
    """A password of 80 random bits, such as `3f2a-91bc-07de-c4b1-5a60`."""
    text = seam.token(_GENERATED_BYTES)
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


async def make_hash(password: str, *, seam: Seam) -> str:
    """The Argon2id hash, in PHC string format; `seam` gives the salt."""
    salt = bytes.fromhex(seam.token(_SALT_BYTES))
    return await _in_thread(_hash, password, salt)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the password of this hash. Without a hash never, and it takes as long: how long it
    takes must not tell whether there is such a user."""
    return await _in_thread(_verify, password, password_hash)


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other costs than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


async def _in_thread(
    work: Callable[[str, Argument], Result], password: str, rest: Argument
) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, password, rest)


def _hash(password: str, salt: bytes) -> str:
    return _HASHER.hash(_bytes_of(password), salt=salt)


def _verify(password: str, password_hash: str | None) -> bool:
    if password_hash is None:
        _hash(password, bytes(_SALT_BYTES))
        return False
    return _HASHER.verify(_bytes_of(password), password_hash)


def _bytes_of(password: str) -> bytes:
    # Normalised: the same letter is typed as one character here and as two there. JSON can carry lone
    # surrogates, which UTF-8 can't; such a password is just wrong.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
