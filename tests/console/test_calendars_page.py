"""Connecting outside calendars in a browser: to a real CalDAV server, a feed, and the vendors' stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete

from domain.calendars.models import Calendar
from domain.encryption import Keyring
from domain.environment import Environment
from domain.seam import PinnedSeam
from tests.connectors.radicale import USER, Radicale, event
from tests.connectors.vendors import Vendor, vendor_of
from tests.connectors.web import Answer, Web, serving
from tests.console.booked_day import BookedDay, make_booked_day
from tests.console.conftest import (
    PHONE,
    Console,
    environment_of,
    keep_screenshot,
    own_database,
    serve_console,
    violations,
)


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(tmp_path)
    server.start()
    server.make_calendar()
    try:
        yield server
    finally:
        server.kill()


async def _connect(page: Page, *, kind: str, whose: str, name: str) -> None:
    await page.get_by_role("button", name="Connect a calendar").click()
    dialog = page.get_by_role("dialog", name="Connect a calendar")
    await dialog.get_by_label("Kind").select_option(kind)
    await dialog.get_by_label("Whose it is").select_option(label=whose)
    if name:
        await dialog.get_by_label("Name", exact=True).fill(name)


def _line(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


async def test_a_caldav_calendar_is_found_kept_in_step_and_disconnected(
    console: Console, radicale: Radicale
) -> None:
    day: BookedDay = await make_booked_day(console.database, console.business_id)
    async with console.database.scope(business_id=console.business_id) as scope:
        # The day's own stands for busy times alone: it can't be asked.
        await scope.session.execute(delete(Calendar))
    # Jane is with Dr. Chen at ten, when Dr. Chen's own calendar says busy.
    radicale.put(
        "theirs.ics", f"DTSTART:{_line(day.at(10))}", f"DTEND:{_line(day.at(11))}", "SUMMARY:Away"
    )
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/calendars")
        await _connect(page, kind="caldav", whose="Dr. Sarah Chen", name="")
        dialog = page.get_by_role("dialog", name="Connect a calendar")
        await dialog.get_by_label("Address of the server").fill(radicale.address)
        await dialog.get_by_label("User").fill(USER)
        password = dialog.get_by_label("Password")
        await password.fill("wrong")
        await dialog.get_by_role("button", name="Look for calendars there").click()
        await expect(password).to_have_attribute("aria-invalid", "true")
        assert await violations(page) == []
        await password.fill(radicale.password)
        await dialog.get_by_role("button", name="Look for calendars there").click()
        await dialog.get_by_role("radio", name="Practice").check()
        await expect(dialog.get_by_label("Name", exact=True)).to_have_value("Practice")
        await dialog.get_by_role("button", name="Connect", exact=True).click()
        await expect(dialog).to_be_hidden()
        row = page.get_by_role("listitem").filter(has_text="Practice")
        await expect(row).to_contain_text("not read yet")
        await row.get_by_role("button", name="Sync now").click()
        await expect(row).to_contain_text("in step")
        assert len([one for one in radicale.names() if one.startswith("appointment-")]) == 2
        await expect(page.get_by_role("region", name="Conflicts")).to_contain_text(
            "overlaps something in the calendar"
        )
        await keep_screenshot(page, "calendars-1280-light")

        # Its password is changed there: the page says so, and takes the new one.
        radicale.change_password("changed")
        await row.get_by_role("button", name="Sync now").click()
        await expect(row).to_contain_text("needs a sign-in")
        await expect(row).to_contain_text("does not accept the user and password")
        await row.get_by_role("button", name="Set the password").click()
        mending = page.get_by_role("dialog", name="Password of Practice")
        await mending.get_by_label("Password").fill("changed")
        await mending.get_by_role("button", name="Save").click()
        await row.get_by_role("button", name="Sync now").click()
        await expect(row).to_contain_text("in step")

        # It is down: what we wrote can't be taken out, so one is asked.
        radicale.kill()
        await row.get_by_role("button", name="Disconnect").click()
        leaving = page.get_by_role("dialog", name="Disconnect Practice?")
        await leaving.get_by_role("button", name="Disconnect").click()
        await expect(leaving.get_by_role("alert")).to_contain_text("of our entries")
        await leaving.get_by_role("checkbox").check()
        await leaving.get_by_role("button", name="Disconnect").click()
        await expect(row).to_have_count(0)


@pytest.mark.long
async def test_a_feed_is_read_and_a_broken_one_says_what_is_wrong(console: Console) -> None:
    begins = console.database.seam.now() + timedelta(days=2)
    with serving() as feed:
        _answer(feed, begins)
        async with console.sign_in("manager", viewport=PHONE, dark=True) as page:
            await page.goto(f"{console.url}settings/calendars")
            await _connect(page, kind="ics", whose="Elena Rossi", name="Elena's feed")
            dialog = page.get_by_role("dialog", name="Connect a calendar")
            # What it can't do is not asked: it is read alone.
            await expect(dialog.get_by_label("Direction")).to_have_count(0)
            await dialog.get_by_label("Address").fill("ftp://example.com/feed.ics")
            await dialog.get_by_role("button", name="Connect", exact=True).click()
            await expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
            await keep_screenshot(page, "calendars-connect-390-dark")
            assert await violations(page) == []
            await dialog.get_by_label("Address").fill(f"{feed.address}/feed.ics")
            await dialog.get_by_role("button", name="Connect", exact=True).click()
            row = page.get_by_role("listitem").filter(has_text="Elena's feed")
            await row.get_by_role("button", name="Sync now").click()
            await expect(row).to_contain_text("in step")
            feed.answer = lambda _: Answer(status=500)
            await row.get_by_role("button", name="Sync now").click()
            await expect(row).to_contain_text("failing")
            await expect(row.locator(".field-error")).to_be_visible()
            assert await violations(page) == []
            await row.get_by_role("button", name="Change").click()
            change = page.get_by_role("dialog", name="Change Elena's feed")
            await change.get_by_label("Connected").uncheck()
            await change.get_by_role("button", name="Save").click()
            await expect(row).to_contain_text("off")


def _answer(feed: Web, begins: datetime) -> None:
    body = event(f"DTSTART:{_line(begins)}", f"DTEND:{_line(begins + timedelta(hours=1))}").encode()
    feed.answer = lambda _: Answer(body=body, headers={"Content-Type": "text/calendar"})


@pytest.fixture(params=["google", pytest.param("microsoft", marks=pytest.mark.long)])
async def vendor(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    async with vendor_of(request.param, PinnedSeam(datetime.now(UTC)), monkeypatch) as made:
        yield made


async def test_the_owner_of_a_calendar_signs_in_at_its_vendor(
    vendor: Vendor, keyring: Keyring, browser: Browser
) -> None:
    with own_database() as address:
        names = [name for name in Environment.model_fields if name.startswith(vendor.kind)]
        environment = environment_of(address).model_copy(
            update={name: getattr(Environment(), name) for name in names}
        )
        begins = vendor.seam.now() + timedelta(days=1)
        vendor.add((begins, begins + timedelta(hours=1)))
        async with (
            serve_console(environment, keyring, browser) as console,
            console.sign_in("manager") as page,
        ):
            await page.goto(f"{console.url}settings/calendars")
            await _connect(page, kind=vendor.kind, whose="Dr. Sarah Chen", name="Sarah's")
            async with page.context.expect_page() as opening:
                dialog = page.get_by_role("dialog", name="Connect a calendar")
                await dialog.get_by_role("button", name="Connect", exact=True).click()
            # The stand-in agrees at once and sends the browser back.
            vendors = await opening.value
            await expect(vendors.get_by_text("connected")).to_be_visible()
            assert "/oauth/calendars/callback" in vendors.url
            await vendors.close()
            row = page.get_by_role("listitem").filter(has_text="Sarah's")
            await row.get_by_role("button", name="Sync now").click()
            await expect(row).to_contain_text("in step")
            await expect(row.get_by_role("button", name="Sign in")).to_have_count(0)
