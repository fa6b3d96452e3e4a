"""Masks for private values that must appear in logs or to people who may not see them whole."""

from __future__ import annotations


def mask_phone(number: str | None) -> str:
    """`+12025550123` → `XXX-XXX-0123`; too short to mask safely → `XXX`."""
    digits = [character for character in number or "" if character.isdigit()]
    return f"XXX-XXX-{''.join(digits[-4:])}" if len(digits) >= 8 else "XXX"
