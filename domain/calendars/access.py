"""What each kind of calendar needs to be spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid

_LONGEST = 4000


@dataclass(frozen=True, kw_only=True)
class _Field:
    required: bool = False
    place: bool = False
    """Says which calendar it is: with another one there, our entries would be left behind."""


_OAUTH = {
    "calendar_id": _Field(place=True),
    "refresh_token": _Field(),
    "access_token": _Field(),
    "expires_at": _Field(),
}

FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "caldav": {
        "url": _Field(required=True, place=True),
        "user": _Field(required=True),
        "password": _Field(required=True),
    },
    "ics": {"url": _Field(required=True), "user": _Field(), "password": _Field()},
    "google": _OAUTH,
    "microsoft": _OAUTH,
    "fhir": {
        "base_url": _Field(required=True, place=True),
        "schedule": _Field(place=True),
        "actor": _Field(place=True),
        "location": _Field(),
        "token": _Field(),
        "token_url": _Field(),
        "client_id": _Field(),
        "client_secret": _Field(),
        "scope": _Field(),
        "access_token": _Field(),
        "expires_at": _Field(),
    },
}

ADDRESSES = ("url", "base_url", "token_url")
"""Fields that say where requests go."""
KINDS = tuple(FIELDS)
SIGNED_IN = ("google", "microsoft")
"""Kinds that somebody allows us by signing in at the vendor."""


def check_access(kind: str, access: Mapping[str, Any]) -> dict[str, Any]:
    """`access` if it has what `kind` needs and nothing else. Raises Invalid naming the field; a value
    never stands in the error."""
    fields = FIELDS[kind]
    for name in access:
        if name not in fields:
            raise Invalid("access", f"takes only {', '.join(fields)} for this kind of calendar")
    checked: dict[str, Any] = {}
    for name, field in fields.items():
        value = access.get(name)
        if value is None or value == "":
            if field.required:
                raise Invalid(f"access.{name}", "is required")
            continue
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise Invalid(f"access.{name}", f"must be text of at most {_LONGEST} characters")
        if any(ord(character) < 32 or ord(character) == 127 for character in value):
            # They would end a header or a line of the protocol early.
            raise Invalid(f"access.{name}", "must not hold control characters")
        checked[name] = value
    return checked


def place_of(kind: str, access: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what two connections to the same calendar are told."""
    return (kind, *(access.get(name) for name, field in FIELDS[kind].items() if field.place))
