"""The numbers that a caller in danger is told, by the business's country (ISO 3166-1 alpha-2)."""

from __future__ import annotations

from typing import Final

_EUROPEAN_UNION: Final = [
    "AT",
    "BE",
    "BG",
    "HR",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HU",
    "IE",
    "IT",
    "LV",
    "LT",
    "LU",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]

EMERGENCY_NUMBERS: Final[dict[str, str]] = {
    # Directive (EU) 2018/1972, article 109: the single European emergency number.
    **dict.fromkeys(_EUROPEAN_UNION, "112"),
    **dict.fromkeys(["CH", "GE", "IS", "LI", "NO", "RU", "TR", "UA"], "112"),
    **dict.fromkeys(["IN", "ZA"], "112"),
    # 112 and 999 reach the same operators (Ofcom, General Condition A3).
    "GB": "999",
    **dict.fromkeys(["BD", "HK", "KE", "MY"], "999"),
    # 47 CFR 9.4; CRTC; the Federal Telecommunications Institute's plan of 2016 for MX.
    **dict.fromkeys(["US", "CA", "MX", "PR"], "911"),
    **dict.fromkeys(["AR", "BS", "CR", "DO", "EC", "PA", "PH", "PY", "SV", "UY", "VE"], "911"),
    "AU": "000",
    "NZ": "111",
    "CO": "123",
}
"""Where one number reaches police, fire brigade and ambulance. Each is an emergency number of its country also in
libphonenumber's ShortNumberMetadata (a test compares them). Countries with a number for each service are not
here: which one a caller needs, nobody can know from a few words."""

CRISIS_LINES: Final[dict[str, str]] = {
    # 988lifeline.org; 988.ca.
    "US": "988",
    "PR": "988",
    "CA": "988",
    # Samaritans, samaritans.org; a harmonised number of emotional support (Decision 2007/698/EC).
    "GB": "116123",
    "IE": "116123",
    # Ministerio de Sanidad, Línea 024.
    "ES": "024",
    # Tele-MANAS, Ministry of Health and Family Welfare, telemanas.mohfw.gov.in.
    "IN": "14416",
    # Lifeline Australia, lifeline.org.au.
    "AU": "131114",
    # Need to Talk?, 1737.org.nz.
    "NZ": "1737",
    # Numéro national de prévention du suicide, 3114.fr.
    "FR": "3114",
    # TelefonSeelsorge, telefonseelsorge.de.
    "DE": "116123",
    # TelefonSeelsorge Österreich, telefonseelsorge.at.
    "AT": "142",
    # 113 Zelfmoordpreventie, 113.nl.
    "NL": "113",
    # Línea de la Vida, gob.mx/lineadelavida.
    "MX": "8009112000",
}
"""Somebody to talk to for who thinks of suicide; open day and night, free of charge."""

FORMER_DEFAULT: Final = "911"
"""What every business's setting once held, whatever its country."""


def emergency_number(country: str, *, own: str = "") -> str:
    """The number to dial in an emergency, in digits; empty where none is known.

    `own` is what the business has set. The former default is not taken for it where it is another country's.
    """
    national = EMERGENCY_NUMBERS.get(country.upper(), "")
    if own == FORMER_DEFAULT and national:
        return national
    return own or national


def crisis_line(country: str, *, own_emergency: str = "") -> str:
    """The number for who thinks of suicide; the emergency number where no line is known."""
    line = CRISIS_LINES.get(country.upper(), "")
    return line or emergency_number(country, own=own_emergency)


def digit_by_digit(number: str) -> str:
    """As it is spoken: `9 1 1`."""
    return " ".join(number)
