"""Public holidays and their switches."""

from __future__ import annotations

from datetime import date, time

import pytest

from domain.businesses import operations as businesses
from domain.businesses.profile_loader import load_profile
from domain.businesses.settings import BusinessSettings, PublicHolidays
from domain.businesses.versions import change_settings, current_settings
from domain.database import Database, Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.holidays import operations as holidays
from domain.holidays.calendar import check_subdivision
from domain.holidays.operations import closed_days, list_holidays, switch_holiday
from domain.hours import dates, operations as hours
from domain.hours.spans import DateSpan
from domain.places import operations as places
from domain.scheduling import appointments
from domain.scheduling.outside import outside_hours
from tests.domain.practice import Practice, at, at_once, make_practice

THANKSGIVING = date(2026, 11, 26)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _set(scope: Scope, **rules: object) -> None:
    settings, _ = await current_settings(scope)
    document = settings.model_dump(mode="json")
    document["public_holidays"] |= rules
    await change_settings(scope, document=document)


async def _closed(scope: Scope) -> set[str]:
    return {one.name for one in (await list_holidays(scope, year=2026)).days if one.closed}


def test_the_days_of_a_country_and_of_its_part() -> None:
    def days(country: str, subdivision: str = "") -> dict[date, str]:
        return closed_days(
            country=country,
            subdivision=subdivision,
            first_day=date(2026, 12, 24),
            last_day=date(2027, 1, 6),
            open_on=(),
        )

    christmas, boxing, new_year = date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)
    assert days("US") == {christmas: "Christmas Day", new_year: "New Year's Day"}
    assert list(days("DE")) == [christmas, boxing, new_year]
    assert list(days("DE", "BY")) == [christmas, boxing, new_year, date(2027, 1, 6)]
    assert days("AC") == {}


def test_those_on_which_it_is_open_are_left_out() -> None:
    closed = closed_days(
        country="US",
        subdivision="",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        open_on=["Independence Day", "Christmas Day"],
    )
    assert date(2026, 12, 25) not in closed
    # Observed on the Friday before: another switch.
    assert date(2026, 7, 4) not in closed and date(2026, 7, 3) in closed


def test_all_time_is_looked_through_at_once() -> None:
    closed = closed_days(
        country="US", subdivision="", first_day=date.min, last_day=date.max, open_on=()
    )
    assert min(closed).year == 2000 and max(closed).year == 2099


def test_a_part_that_the_country_does_not_have_is_refused() -> None:
    assert check_subdivision("US", "NY") == "NY"
    assert check_subdivision("AQ", "") == ""
    for country, subdivision in (("US", "BY"), ("AQ", "X"), ("XX", "NY")):
        with pytest.raises(Invalid, match="subdivision"):
            check_subdivision(country, subdivision)


async def test_settings_and_country_name_a_part_that_there_is(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await _set(scope, subdivision="BY")
        assert caught.value.field == "public_holidays.subdivision"
        await _set(scope, subdivision="NY")
        with pytest.raises(Invalid) as caught:
            await businesses.update(scope, name="Praxis", country="DE")
        assert caught.value.field == "country"
    async with database.scope(business_id=practice.business_id) as scope:
        kept = await businesses.get(scope)
        assert (kept.name, kept.country) == ("Riverside Dental", "US")
    async with database.scope(business_id=database.seam.new_id()) as scope:
        settings = BusinessSettings(
            greeting="Hello.", public_holidays=PublicHolidays(subdivision="NY")
        )
        with pytest.raises(Invalid, match="subdivision"):
            await businesses.create(
                scope, name="X", time_zone="Europe/Berlin", country="DE", settings=settings
            )


async def test_holidays_are_listed_with_whether_the_business_is_closed(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        assert await _closed(scope) == set()
        await _set(scope, closed=True, open_on=["Veterans Day"])
        listed = await list_holidays(scope)
        assert listed.settings_version == 2
        assert [one.day.year for one in listed.days] == [2026] * len(listed.days)
        by_id = {one.id: one for one in listed.days}
        assert (by_id["thanksgiving-day"].day, by_id["thanksgiving-day"].closed) == (
            THANKSGIVING,
            True,
        )
        assert not by_id["veterans-day"].closed
        berlin = await places.create(scope, name="Berlin", country="DE", subdivision="BE")
        there = await list_holidays(scope, year=2027, place_id=berlin.id)
        assert date(2027, 3, 8) in [one.day for one in there.days]
        with pytest.raises(Invalid, match="year"):
            await list_holidays(scope, year=1999)
        with pytest.raises(NotFound, match="place"):
            await list_holidays(scope, place_id=practice.lee_id)


async def test_one_is_switched_by_name_or_id_as_a_new_version(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await _set(scope, closed=True)
        everything = await _closed(scope)
        assert await switch_holiday(scope, holiday="labor-day", closed=False) == 3
        assert await _closed(scope) == everything - {"Labor Day"}
        # As it is already: no new version.
        assert await switch_holiday(scope, holiday="Labor Day", closed=False) == 3
        with pytest.raises(Conflict):
            await switch_holiday(scope, holiday="Labor Day", closed=True, expected_version=2)
        with pytest.raises(Conflict):
            await switch_holiday(scope, holiday="Labor Day", closed=False, expected_version=2)
        assert await switch_holiday(scope, holiday="Labor Day", closed=True, expected_version=3)
        assert await _closed(scope) == everything
        with pytest.raises(NotFound, match="public holiday"):
            await switch_holiday(scope, holiday="Queen's Birthday", closed=True)


async def test_closing_on_one_where_they_were_off_leaves_the_others_open(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await places.create(scope, name="Berlin", country="DE")
        await switch_holiday(scope, holiday="christmas-day", closed=True)
        assert await _closed(scope) == {"Christmas Day"}
        rules = (await current_settings(scope))[0].public_holidays
        assert "Easter Monday" in rules.open_on
        # One that comes every few years only.
        assert "Christmas Day (observed)" in rules.open_on


async def test_two_switches_at_once_both_hold(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await _set(scope, closed=True)

    async def open_on(name: str) -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            await switch_holiday(scope, holiday=name, closed=False)

    names = ["Labor Day", "Veterans Day", "Christmas Day", "Memorial Day"]
    await at_once(*(open_on(name) for name in names))
    async with database.scope(business_id=practice.business_id) as scope:
        assert not await _closed(scope) & set(names)


async def test_what_is_booked_on_a_holiday_is_told_and_kept(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            starts_at=at(10, day=THANKSGIVING),
            contact_id=practice.contact_id,
        )
        assert await outside_hours(scope) == []
        await switch_holiday(scope, holiday="Thanksgiving Day", closed=True)
        assert [one.id for one in await outside_hours(scope)] == [booked.id]
        await dates.set_date(
            scope, day=THANKSGIVING, spans=[DateSpan(opens=time(9), closes=time(12))]
        )
        assert await outside_hours(scope) == []


async def test_callers_are_told_of_the_holidays_of_the_next_weeks(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await _set(scope, closed=True, open_on=["Martin Luther King Jr. Day"])
        await hours.create_closure(
            scope, first_day=date(2026, 12, 24), last_day=date(2026, 12, 26), reason="Christmas"
        )
        await dates.set_date(
            scope, day=date(2027, 1, 1), spans=[DateSpan(opens=time(12), closes=time(14))]
        )
        profile = await load_profile(scope)
    assert [(one.first_day, one.last_day, one.reason) for one in profile.closures] == [
        (THANKSGIVING, THANKSGIVING, "Thanksgiving Day"),
        (date(2026, 12, 24), date(2026, 12, 26), "Christmas"),
    ]
    assert [(one.day, one.opens) for one in profile.date_hours] == [(date(2027, 1, 1), time(12))]


async def test_callers_are_told_in_their_language_where_the_names_are_known(
    database: Database,
) -> None:
    business_id = database.seam.new_id()
    settings = BusinessSettings(
        greeting="Hola.", language="es-US", public_holidays=PublicHolidays(closed=True)
    )
    async with database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope, name="Clínica", time_zone="America/Mexico_City", country="MX", settings=settings
        )
        told = [one.reason for one in (await load_profile(scope)).closures]
        switches = [one.name for one in (await holidays.list_holidays(scope)).days]
    assert told == ["Navidad", "Año Nuevo"]
    assert "Christmas Day" in switches
