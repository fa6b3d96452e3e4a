"""On which public holidays a business is closed, at its main address and at its other places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses import operations as businesses
from domain.businesses.settings import BusinessSettings, PublicHolidays
from domain.businesses.versions import change_settings, current_settings
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.holidays.calendar import FIRST_YEAR, LAST_YEAR, Holiday, holidays_of
from domain.places import operations as places
from domain.places.models import Place

_YEARS_AHEAD = 10
"""Some holidays do not come every year (those that are observed on another day, elections)."""


@dataclass(frozen=True, kw_only=True)
class HolidaySwitch:
    """A public holiday of a year, and whether the business is closed on it."""

    id: str
    """Its name as it can stand in an address: `thanksgiving-day`."""
    name: str
    day: date
    closed: bool


@dataclass(frozen=True, kw_only=True)
class Holidays:
    """The public holidays of a year, with the version of the settings that switch them."""

    days: Sequence[HolidaySwitch]
    settings_version: int


def closed_days(
    *, country: str, subdivision: str, first_day: date, last_day: date, open_on: Collection[str]
) -> dict[date, str]:
    """The public holidays from `first_day` to `last_day`, both included, with their English names, but
    for those named in `open_on`. A day with two holidays is closed if one of them is.

    `country` is ISO 3166-1 alpha-2; one whose holidays are not known has none.
    """
    closed: dict[date, str] = {}
    for day, name in _between(country, subdivision, first_day, last_day):
        if name not in open_on:
            closed.setdefault(day, name)
    return closed


async def list_holidays(
    scope: Scope, *, year: int | None = None, place_id: UUID | None = None
) -> Holidays:
    """The public holidays of a year (the current one in the business's zone) at the main address or at
    a place. Raises Invalid on `year`, NotFound for the place."""
    business = await businesses.get(scope)
    settings, version = await current_settings(scope)
    year = year or scope.seam.now().astimezone(ZoneInfo(business.time_zone)).year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid("year", f"must be from {FIRST_YEAR} to {LAST_YEAR}")
    place = await places.find(scope, place_id=place_id)
    country, subdivision = (
        (business.country, settings.public_holidays.subdivision)
        if place is None
        else (place.country, place.subdivision)
    )
    return Holidays(
        days=[
            _switch(settings.public_holidays, day, name)
            for day, name in holidays_of(country, subdivision, year)
        ],
        settings_version=version,
    )


async def switch_holiday(
    scope: Scope, *, holiday: str, closed: bool, expected_version: int | None = None
) -> int:
    """Close on the public holiday with this name or id, every year and at every place, or open on it;
    the version of the settings that says so.

    Where public holidays were off altogether, closing on one turns them on and leaves all the others
    open. Raises NotFound for a holiday that no place of the business has, Conflict when
    `expected_version` is no longer the one in force.
    """
    # Locked first: two switches at once must not undo one another.
    await businesses.get(scope, lock=True)
    settings, version = await current_settings(scope)
    known = await _known_names(scope, settings)
    name = next((one for one in known if holiday in (one, id_of(one))), None)
    if name is None:
        raise NotFound("public holiday")
    before = settings.public_holidays
    if is_closed_on(before, name) == closed and expected_version in (None, version):
        return version
    open_on = before.open_on if before.closed else tuple(known)
    switched = before.model_copy(
        update={
            "closed": before.closed or closed,
            "open_on": (
                *(one for one in open_on if one != name),
                *(() if closed else (name,)),
            ),
        }
    )
    document = settings.model_copy(update={"public_holidays": switched}).model_dump(mode="json")
    changed = await change_settings(scope, document=document, expected_version=expected_version)
    return changed.version


def id_of(name: str) -> str:
    """A holiday's name in small letters, digits and hyphens; empty where it has none of these."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", ""))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def is_closed_on(rules: PublicHolidays, name: str) -> bool:
    """Whether the business is closed on the holiday of this name."""
    return rules.closed and name not in rules.open_on


def _switch(rules: PublicHolidays, day: date, name: str) -> HolidaySwitch:
    return HolidaySwitch(id=id_of(name), name=name, day=day, closed=is_closed_on(rules, name))


async def _known_names(scope: Scope, settings: BusinessSettings) -> list[str]:
    """The names of the holidays at all places, each once, and of those that were switched before."""
    business = await businesses.get(scope)
    calendars = {(business.country, settings.public_holidays.subdivision)}
    for country, subdivision in await scope.session.execute(
        select(Place.country, Place.subdivision).where(Place.active)
    ):
        calendars.add((country, subdivision))
    this_year = scope.seam.now().year
    names = {
        name: None
        for country, subdivision in sorted(calendars)
        for year in range(this_year - 1, this_year + _YEARS_AHEAD)
        for _, name in holidays_of(country, subdivision, year)
    }
    return [*names, *(name for name in settings.public_holidays.open_on if name not in names)]


def _between(country: str, subdivision: str, first_day: date, last_day: date) -> Iterator[Holiday]:
    first_year, last_year = max(first_day.year, FIRST_YEAR), min(last_day.year, LAST_YEAR)
    for year in range(first_year, last_year + 1):
        for day, name in holidays_of(country, subdivision, year):
            if first_day <= day <= last_day:
                yield day, name
