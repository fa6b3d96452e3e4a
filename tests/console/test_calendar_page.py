"""The calendar in the browser: appointments are seen, moved, refused, booked, confirmed and cancelled."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from domain.scheduling.models import Appointment
from tests.console.booked_day import ZONE, BookedDay, make_booked_day
from tests.console.conftest import (
    DESK,
    PHONE,
    Console,
    keep_screenshot,
    violations,
)

PIXELS_OF_AN_HOUR = 72


@pytest.fixture
async def booked(console: Console) -> BookedDay:
    return await make_booked_day(console.database, console.business_id)


async def _open(page: Page, console: Console, booked: BookedDay, query: str = "") -> None:
    await page.goto(f"{console.url}calendar?day={booked.day.isoformat()}{query}")
    await expect(_block(page, booked.jane)).to_be_visible()


def _block(page: Page, appointment_id: UUID) -> Locator:
    return page.locator(f'[data-appointment="{appointment_id}"]')


def _column(page: Page, key: UUID | str) -> Locator:
    return page.locator(f'[data-column="{key}"]')


async def _below(upper: Locator, lower: Locator) -> float:
    """How many hours one block stands below another."""
    boxes = [await one.bounding_box() for one in (upper, lower)]
    assert boxes[0] is not None and boxes[1] is not None
    return (boxes[1]["y"] - boxes[0]["y"]) / PIXELS_OF_AN_HOUR


async def _drag(page: Page, block: Locator, *, hours: float = 0, to: Locator | None = None) -> None:
    """Drag a block down by hours, into the middle of another column if one is given."""
    await block.scroll_into_view_if_needed()
    box = await block.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    end_x = x
    if to is not None:
        column = await to.bounding_box()
        assert column is not None
        end_x = column["x"] + column["width"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    for share in (0.3, 0.7, 1):
        await page.mouse.move(x + (end_x - x) * share, y + hours * PIXELS_OF_AN_HOUR * share)
    await page.mouse.up()


async def test_a_drag_moves_an_appointment_and_undo_brings_it_back(
    console: Console, booked: BookedDay
) -> None:
    day = booked.day.isoformat()
    async with console.sign_in("staff") as page:
        await _open(page, console, booked)
        assert "Booked by the assistant" in await _block(page, booked.john).inner_html()
        await expect(_column(page, booked.patel_id).get_by_text("Busy")).to_be_visible()
        jane, john = _block(page, booked.jane), _block(page, booked.john)
        assert await _below(jane, john) == pytest.approx(1, abs=0.02)

        await _drag(page, jane, hours=4.5)
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        assert await booked.starts(booked.jane) == f"{day} 14:30"
        assert await _below(john, jane) == pytest.approx(3.5, abs=0.02)

        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_text(", 10:00 AM with")).to_be_visible()
        assert await booked.starts(booked.jane) == f"{day} 10:00"

        patel = _column(page, booked.patel_id)
        await _drag(page, _block(page, booked.jane), to=patel)
        await expect(page.get_by_text("AM with Dr. Michael Patel.")).to_be_visible()
        assert (await booked.read(booked.jane)).person_id == booked.patel_id


async def test_a_drag_onto_a_taken_time_is_refused_and_goes_back(
    console: Console, booked: BookedDay
) -> None:
    day = booked.day.isoformat()
    async with console.sign_in("staff") as page:
        await _open(page, console, booked)
        await _drag(page, _block(page, booked.jane), hours=1)
        refusal = page.get_by_role("alert")
        await expect(refusal).to_contain_text("The time has been taken.")
        back = await _below(_block(page, booked.jane), _block(page, booked.john))
        assert back == pytest.approx(1, abs=0.02)
        await keep_screenshot(page, "calendar-refused")
        assert await booked.starts(booked.jane) == f"{day} 10:00"

        await refusal.get_by_role("button", name="Dr. Sarah Chen").first.click()
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        assert await booked.starts(booked.jane) != f"{day} 10:00"


async def test_hours_and_outside_calendars_are_set_aside_only_when_staff_say_so(
    console: Console, booked: BookedDay
) -> None:
    day = booked.day.isoformat()
    async with console.sign_in("staff") as page:
        await _open(page, console, booked)
        await _drag(page, _block(page, booked.jane), hours=2)
        await expect(page.get_by_role("alert")).to_contain_text("outside working hours")
        assert await booked.starts(booked.jane) == f"{day} 10:00"
        await page.get_by_role("button", name="Outside the hours").click()
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        assert await booked.starts(booked.jane) == f"{day} 12:00"

        patel = _column(page, booked.patel_id)
        await _drag(page, _block(page, booked.jane), hours=2, to=patel)
        await expect(page.get_by_role("alert")).to_contain_text("their own calendar")
        await page.get_by_role("button", name="Over their own calendar").click()
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        assert await booked.starts(booked.jane) == f"{day} 14:00"


async def test_a_click_on_free_time_books_there(console: Console, booked: BookedDay) -> None:
    async with console.sign_in("staff") as page:
        await _open(page, console, booked)
        jane = await _block(page, booked.jane).bounding_box()
        assert jane is not None
        await page.mouse.click(jane["x"] + 40, jane["y"] - PIXELS_OF_AN_HOUR + 5)
        dialog = page.get_by_role("dialog", name="New appointment")
        await expect(dialog.get_by_label("Time")).to_have_value("09:00")
        await dialog.get_by_role("button", name="Book", exact=True).click()
        await expect(dialog.get_by_text("Choose who comes.")).to_be_visible()

        await dialog.get_by_label("Service").select_option(str(booked.check_up_id))
        await expect(dialog.get_by_label("With")).to_have_value(str(booked.chen_id))
        await dialog.get_by_label("Time").fill("10:15")
        await dialog.get_by_label("Who comes").fill("roe")
        await dialog.get_by_role("button", name="John Roe").click()
        await dialog.get_by_label("Note").fill("likes the window")
        await dialog.get_by_role("button", name="Book", exact=True).click()
        await expect(dialog.get_by_role("alert")).to_contain_text("The time has been taken.")
        assert await dialog.get_by_role("button", name="Dr. Sarah Chen").count() > 0

        await dialog.get_by_label("Time").fill("09:00")
        await dialog.get_by_role("button", name="Book", exact=True).click()
        await expect(dialog).not_to_be_visible()
        async with console.database.scope(business_id=console.business_id) as scope:
            found = await scope.session.scalar(
                select(Appointment).where(Appointment.starts_at == booked.at(9))
            )
        assert found is not None
        assert (found.person_id, found.note) == (booked.chen_id, "likes the window")
        await expect(_block(page, found.id)).to_be_visible()


async def test_the_keyboard_moves_confirms_and_cancels(console: Console, booked: BookedDay) -> None:
    day = booked.day.isoformat()
    async with console.sign_in("staff") as page:
        await _open(page, console, booked)
        block = _block(page, booked.jane)
        await block.focus()
        for key in ("m", "ArrowDown", "Escape"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("group", name="Moving an appointment")).not_to_be_visible()
        for key in ("m", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"):
            await page.keyboard.press(key)
        bar = page.get_by_role("group", name="Moving an appointment")
        await expect(bar).to_contain_text("10:15 AM, with Dr. Michael Patel")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        assert await booked.starts(booked.jane) == f"{day} 10:15"
        assert (await booked.read(booked.jane)).person_id == booked.patel_id

        await expect(block).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Confirm", exact=True).click()
        await expect(block).to_have_accessible_name(
            "Jane Doe Check-up 10:15 AM – 10:45 AM with Dr. Michael Patel, confirmed"
        )
        assert (await booked.read(booked.jane)).confirmed_at is not None
        await block.click()
        await page.get_by_role("button", name="Cancel the appointment").click()
        await page.get_by_label("Why").fill("is ill")
        await page.get_by_role("button", name="Cancel it").click()
        await expect(block).not_to_be_visible()
        assert (await booked.read(booked.jane)).state == "cancelled"


async def test_what_somebody_else_moved_meanwhile_is_not_moved_over(
    console: Console, booked: BookedDay
) -> None:
    day = booked.day.isoformat()
    async with console.sign_in("staff") as page, console.sign_in("staff") as colleague:
        await _open(page, console, booked)
        await _open(colleague, console, booked)
        await _drag(colleague, _block(colleague, booked.jane), hours=3)
        await expect(colleague.get_by_text("Jane Doe moved to")).to_be_visible()
        await _drag(page, _block(page, booked.jane), hours=4)
        await expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed it")
        assert await booked.starts(booked.jane) == f"{day} 13:00"


async def test_a_week_shows_everybody_and_a_viewer_changes_nothing(
    console: Console, booked: BookedDay
) -> None:
    async with console.sign_in("viewer") as page:
        await _open(page, console, booked, "&view=week")
        assert await page.locator("[data-column]").count() == 7
        await expect(_column(page, booked.day.isoformat())).to_contain_text("Dr. Sarah Chen")
        assert await page.get_by_role("button", name="New appointment").count() == 0
        jane, john = _block(page, booked.jane), _block(page, booked.john)
        await _drag(page, jane, hours=4)
        assert await _below(jane, john) == pytest.approx(1, abs=0.02)
        await _block(page, booked.john).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Booked by the assistant")
        assert await dialog.get_by_role("button", name="Move").count() == 0
        await dialog.get_by_role("link", name="See the call").click()
        await expect(page.get_by_role("heading", name="John Roe")).to_be_visible()


async def test_a_telephones_width_shows_one_person_and_moves_by_buttons(
    console: Console, booked: BookedDay
) -> None:
    async with console.sign_in("staff", viewport=PHONE) as page:
        await _open(page, console, booked, "&view=week")
        assert await page.locator("[data-column]").count() == 1
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await _block(page, booked.jane).click()
        await page.get_by_role("dialog").get_by_role("button", name="Move").click()
        for _ in range(2):
            await page.get_by_role("button", name="Earlier").click()
        await page.get_by_role("button", name="Put it here").click()
        await expect(page.get_by_text("Jane Doe moved to")).to_be_visible()
        found = (await booked.read(booked.jane)).starts_at.astimezone(ZONE)
        assert found.strftime("%H:%M") == "09:30"


async def test_the_calendar_is_accessible_at_every_width_in_light_and_dark(
    console: Console, booked: BookedDay
) -> None:
    # The colours of a telephone in the dark are those of a desk in the dark.
    for viewport, dark in ((DESK, False), (DESK, True), (PHONE, False)):
        name = f"{viewport['width']}-{'dark' if dark else 'light'}"
        async with console.sign_in("staff", viewport=viewport, dark=dark) as page:
            await _open(page, console, booked)
            await keep_screenshot(page, f"calendar-day-{name}")
            assert await violations(page) == []
            await _block(page, booked.john).click()
            await keep_screenshot(page, f"calendar-appointment-{name}")
            assert await violations(page) == []
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="New appointment").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_label("Who comes").fill("jan")
            await expect(dialog.get_by_role("button", name="Jane Doe")).to_be_visible()
            await keep_screenshot(page, f"calendar-booking-{name}")
            assert await violations(page) == []
            await page.keyboard.press("Escape")
            if viewport == DESK:
                await _open(page, console, booked, "&view=week")
                await keep_screenshot(page, f"calendar-week-{name}")
                assert await violations(page) == []
