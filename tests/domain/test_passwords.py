"""Which passwords may be chosen, and how they are kept."""

from __future__ import annotations

import pytest

from domain.accounts import passwords
from domain.errors import Invalid
from domain.seam import SystemSeam

EMAIL = "ann.baker@riverside.example"


@pytest.mark.parametrize(
    "password",
    [
        "four quiet herons",
        "aaaa bbbb cccc dddd",
        "vierstilleReiher",
        "Ёлки зелёные стоят",
        "🦩🐘🦔🐙🦀🐝🦋🐌🐞🕷🦂🦟",
        "w" * 50 + "xyz" * 50,
        "  one   two  ",
    ],
)
def test_any_characters_will_do(password: str) -> None:
    passwords.check(password, email=EMAIL)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 12"),
        ("short horse", "at least 12"),
        ("x7" * 101, "at most 200"),
        ("four quiet\x00herons", "control"),
        ("four quiet \ud800 herons", "control"),
        ("Ann.Baker@Riverside.EXAMPLE", "e-mail"),
        ("password1234", "guessed"),
        ("P@ssw0rd2026!", "guessed"),
        ("Welcome2026!!", "guessed"),
        ("Summer 2026 !!!", "guessed"),
        ("qwertyqwerty", "guessed"),
        ("qwertyuiop12", "guessed"),
        ("123456789012", "guessed"),
        ("1qaz2wsx3edc", "guessed"),
        ("Reception123", "guessed"),
        ("aaaaaaaaaaaaaa", "guessed"),
        ("ababcbabcabcab", "guessed"),
        ("correct horse battery staple", "guessed"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check(password, email=EMAIL)
    assert refusal.value.field == "password" and reason in refusal.value.reason
    assert len(password) < 3 or password not in str(refusal.value)


def test_the_part_before_the_at_is_refused_too() -> None:
    with pytest.raises(Invalid):
        passwords.check("Katharina.Baker", email="katharina.baker@riverside.example")


async def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", passwords.STRONG)
    seam = SystemSeam()
    first = await passwords.make_hash("four quiet herons", seam=seam)
    second = await passwords.make_hash("four quiet herons", seam=seam)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and first != second
    assert await passwords.matches("four quiet herons", first)
    assert not await passwords.matches("four quiet heronS", first)
    assert not await passwords.matches("\ud800", first)
    assert not passwords.is_outdated(first)


async def test_letters_that_are_typed_in_two_ways_are_one() -> None:
    composed, decomposed = "caf\u00e9 sur le quai", "cafe\u0301 sur le quai"
    made = await passwords.make_hash(composed, seam=SystemSeam())
    assert await passwords.matches(decomposed, made)


async def test_nobody_has_no_password() -> None:
    for guess in ("nobody's password", "", "four quiet herons"):
        assert not await passwords.matches(guess, None)
