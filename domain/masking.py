"""Masks for private values that must appear in logs or to people who may not see them whole."""

from __future__ import annotations


def mask_phone(number: str | None) -> str:
    """`+12025550123` → `XXX-XXX-0123`; too short to mask safely → `XXX`."""
    digits = [character for character in number or "" if character.isdigit()]
    return f"XXX-XXX-{''.join(digits[-4:])}" if len(digits) >= 8 else "XXX"


def mask_name(name: str | None) -> str:
    """`Jane Doe` → `J. D.`"""
    return " ".join(f"{part[0]}." for part in (name or "").split())


def mask_email(address: str | None) -> str:
    """`jane@example.com` → `j****@example.com`"""
    local, _, host = (address or "").partition("@")
    return f"{local[:1]}****@{host}" if host else "****"
