"""Telephone numbers: read from what people type or say, kept as E.164."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

from domain.errors import Invalid


def parse_phone(text: str, *, region: str, field: str = "phone") -> str:
    """E.164 form of `text`; `region` (ISO 3166-1 alpha-2) fills in a missing country code.

    Raises Invalid on `field` when no such number can exist; the message never repeats the number.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Invalid(field, "is not a telephone number") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid(field, "is too short or too long for a telephone number")
    if not phonenumbers.is_valid_number(number):
        raise Invalid(field, "is not a number that is in use in its country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spoken_phone(e164: str) -> str:
    """Digits in groups for reading back, without the country code where it is +1.

    `+12025550123` → `2 0 2, 5 5 5, 0 1 2 3`.
    """
    number = phonenumbers.parse(e164, None)
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 1
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    groups = phonenumbers.format_number(number, style)
    for separator in "()-+":
        groups = groups.replace(separator, " ")
    return ", ".join(" ".join(group) for group in groups.split())


@lru_cache(maxsize=1024)
def zones_of_phone(e164: str) -> tuple[str, ...]:
    """The IANA zones in which somebody with this number may be, as its numbering plan tells; empty when
    it tells nothing."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ()
    zones: tuple[str, ...] = timezone.time_zones_for_number(number)
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
