"""When the business, its places and its people work: the settings' pages of it, in a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.console.conftest import (
    PHONE,
    Console,
    violations,
)

NEW_YORK = ZoneInfo("America/New_York")


async def _api(page: Page, console: Console, path: str) -> Any:
    answer = await page.request.get(console.url.replace("/console/", "/api/v1") + path)
    assert answer.ok, await answer.text()
    return await answer.json()


def _day(console: Console, *, ahead: int) -> str:
    now = console.database.seam.now().astimezone(NEW_YORK)
    return (now.date() + timedelta(days=ahead)).isoformat()


async def test_a_holiday_is_worked_on_and_a_date_opens_specially(console: Console) -> None:
    day = _day(console, ahead=30)
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/holidays")
        await page.get_by_label("Year", exact=True).select_option(index=1)
        thanksgiving = page.get_by_role("checkbox", name="Closed on Thanksgiving Day")
        await expect(thanksgiving).to_be_checked()
        # It is unticked once the API has it.
        await thanksgiving.click()
        await expect(thanksgiving).not_to_be_checked()
        year = await page.get_by_label("Year", exact=True).input_value()
        listed = (await _api(page, console, f"/holidays?year={year}"))["items"]
        assert [one["closed"] for one in listed if one["name"] == "Thanksgiving Day"] == [False]

        await page.goto(f"{console.url}settings/hours")
        await page.get_by_role("button", name="Add a date").click()
        dialog = page.get_by_role("dialog", name="Hours of a date")
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_text("Choose a date.")).to_be_visible()
        await dialog.get_by_label("Date").fill(day)
        await dialog.get_by_label("Time 1 opens").fill("10:00")
        await dialog.get_by_label("Time 1 closes").fill("12:00")
        await dialog.get_by_role("button", name="+ Time").click()
        assert await violations(page) == []
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_hidden()
        dates = page.get_by_role("region", name="Dates with other hours")
        await expect(dates).to_contain_text("10:00–12:00, 13:00–17:00")

        closures = page.get_by_role("region", name="Closures")
        await closures.get_by_role("button", name="Add days off").click()
        away = page.get_by_role("dialog", name="Days off")
        await away.get_by_label("First day").fill(_day(console, ahead=40))
        await away.get_by_label("Last day").fill(_day(console, ahead=39))
        await away.get_by_role("button", name="Add", exact=True).click()
        await expect(away.get_by_label("Last day")).to_have_attribute("aria-invalid", "true")
        await away.get_by_label("Last day").fill(_day(console, ahead=42))
        await away.get_by_label("Reason").fill("Moving house")
        await away.get_by_role("button", name="Add", exact=True).click()
        await expect(closures).to_contain_text("Moving house")
        assert [one["day"] for one in (await _api(page, console, "/hours/dates"))["items"]] == [day]
        await dates.get_by_role("button", name="Remove the hours").click()
        await expect(dates).to_contain_text("No date to come")
        own = closures.get_by_role("listitem").filter(has_text="Moving house")
        await own.get_by_role("button", name="Remove").click()
        await expect(own).to_have_count(0)


async def test_people_have_hours_and_days_off_of_their_own(console: Console) -> None:
    async with console.sign_in("manager", viewport=PHONE, dark=True) as page:
        await page.goto(f"{console.url}settings/people")
        await page.get_by_role("button", name="Hours of Elena Rossi").click()
        dialog = page.get_by_role("dialog", name="Hours of Elena Rossi")
        await expect(dialog.get_by_text("Loading")).to_have_count(0)
        await dialog.get_by_role("button", name="Add a time on Saturday").click()
        await dialog.get_by_label("Saturday opens").fill("09:00")
        await dialog.get_by_label("Saturday closes").fill("11:30")
        await dialog.get_by_role("button", name="Save hours").click()
        await expect(dialog.get_by_text("Not saved yet")).to_be_hidden()
        await dialog.get_by_role("button", name="Add days off").click()
        away = page.get_by_role("dialog", name="Days off")
        await away.get_by_label("First day").fill(_day(console, ahead=50))
        await away.get_by_label("Reason").fill("A wedding")
        await away.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog).to_contain_text("A wedding")
        assert await violations(page) == []
        wide = await dialog.evaluate("one => one.scrollWidth - one.clientWidth")
        assert wide <= 0, "the dialog is wider than the screen"
        people = (await _api(page, console, "/people"))["items"]
        elena = next(one["id"] for one in people if one["name"] == "Elena Rossi")
        hours = (await _api(page, console, f"/hours?person_id={elena}"))["hours"]
        assert {"weekday": 5, "opens": "09:00", "closes": "11:30"} in hours
        closures = (await _api(page, console, f"/closures?person_id={elena}"))["items"]
        assert "A wedding" in [one["reason"] for one in closures]


@pytest.mark.long
async def test_places_and_rooms_are_added_and_taken_out_of_use(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/places")
        places = page.get_by_role("region", name="Places")
        await places.get_by_role("button", name="Add a place").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name", exact=True).fill("Harbour branch")
        await dialog.get_by_label("Address").fill("2 Quay Street")
        await dialog.get_by_label("Time zone").fill("Nowhere/City")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("Time zone").fill("America/Chicago")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(places).to_contain_text("2 Quay Street")

        rooms = page.get_by_role("region", name="Rooms")
        await rooms.get_by_role("button", name="Add a room").click()
        await dialog.get_by_label("Name", exact=True).fill("Chair 2")
        await dialog.get_by_label("Where").select_option(label="Harbour branch")
        await dialog.get_by_label("Seats").fill("0")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("Seats").fill("2")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(rooms).to_contain_text("Harbour branch · 2 seats")
        await page.get_by_role("button", name="Change Chair 2").click()
        await dialog.get_by_label("In use").uncheck()
        await dialog.get_by_role("button", name="Save").click()
        await expect(rooms).to_contain_text("not in use")
        assert await violations(page) == []

        # The place has a week of its own from now on, if one gives it one.
        await page.goto(f"{console.url}settings/hours")
        await page.get_by_label("Where").select_option(label="Harbour branch")
        await expect(page.get_by_text("it is open when the main address is")).to_be_visible()
        await page.get_by_role("button", name="Add a time on Monday").click()
        await page.get_by_role("button", name="Copy to Tue–Fri").click()
        await page.get_by_role("button", name="Save hours").click()
        await expect(page.get_by_text("Not saved yet")).to_be_hidden()
        listed = (await _api(page, console, "/places"))["items"]
        place = next(one["id"] for one in listed if one["name"] == "Harbour branch")
        week = (await _api(page, console, f"/hours?place_id={place}"))["hours"]
        assert [one["weekday"] for one in week] == [0, 1, 2, 3, 4]
