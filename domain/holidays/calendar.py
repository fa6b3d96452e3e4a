"""The public holidays of the world's countries and their regions, by the `holidays` package.

https://holidays.readthedocs.io. Names are English, so that a switch set once means the same day in
every language of a business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays

from domain.errors import Invalid

FIRST_YEAR, LAST_YEAR = 2000, 2099

_COUNTRIES: Mapping[str, Sequence[str]] = holidays.list_supported_countries(include_aliases=False)
_LANGUAGES: Mapping[str, Sequence[str]] = holidays.list_localized_countries()

Holiday = tuple[date, str]


def check_subdivision(country: str, subdivision: str, *, field: str = "subdivision") -> str:
    """`subdivision` (ISO 3166-2 without the country) if it is empty or has a calendar of its own.

    Raises Invalid on `field`. `country` is ISO 3166-1 alpha-2; one whose holidays are not known has no
    subdivisions either.
    """
    if subdivision and subdivision not in _COUNTRIES.get(country, ()):
        raise Invalid(field, f"is not a part of {country} whose public holidays are known")
    return subdivision


def is_known(country: str) -> bool:
    """Whether the public holidays of the country (ISO 3166-1 alpha-2) are known at all."""
    return country in _COUNTRIES


@lru_cache(maxsize=512)
def holidays_of(
    country: str, subdivision: str, year: int, language: str = "en-US"
) -> tuple[Holiday, ...]:
    """The public holidays of a year, in their order; a day may have two. `language` (BCP 47) is that of
    the names, where the country's are known in it. An unknown country has none, an unknown
    subdivision those of the whole country.
    """
    if not is_known(country) or not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    found = holidays.country_holidays(
        country,
        subdiv=subdivision if subdivision in _COUNTRIES[country] else None,
        years=year,
        expand=False,
        language=_language(country, language),
    )
    return tuple((day, name) for day in sorted(found) for name in found.get_list(day))


def _language(country: str, wanted: str) -> str | None:
    known = _LANGUAGES.get(country, ())
    for prefix in (wanted.replace("-", "_"), wanted[:2], "en_US", "en"):
        for one in known:
            if one.startswith(prefix):
                return one
    # The country's only language; where it is not English the package has no English names.
    return None
