"""What the console does when its server goes away, breaks or ends the session, and when two edit the same."""

from __future__ import annotations

import asyncio
import re

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from admin.app import create_app
from domain.calls.events import CallEnded, CallerSaid
from domain.database import Database
from domain.demo import seed_demo
from domain.encryption import Keyring
from tests.calls.stack import free_port
from tests.console.conftest import (
    PASSWORD,
    Console,
    admin_server,
    environment_of,
    keep_screenshot,
    own_database,
    until_started,
    violations,
)
from tests.console.told_calls import begin_call


class Restarting:
    """An admin service that can be stopped and started again at the same address."""

    def __init__(self, address: str, database: Database) -> None:
        self.port = free_port()
        self._address, self._database = address, database
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        app = create_app(environment_of(self._address), self._database, background=True)
        self._server = admin_server(app, port=self.port)
        self._serving = asyncio.create_task(self._server.serve())
        await until_started(self._server)

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._server = self._serving = None


async def test_a_restart_of_the_service_loses_nothing(keyring: Keyring, browser: Browser) -> None:
    with own_database() as address:
        database = Database(address, keyring=keyring)
        service = Restarting(address, database)
        console = Console(
            url=f"http://127.0.0.1:{service.port}/console/",
            database=database,
            business_id=await seed_demo(database),
            browser=browser,
        )
        await service.start()
        try:
            async with console.sign_in("manager") as page:
                await page.goto(f"{console.url}settings/greeting")
                await page.get_by_label("Greeting", exact=True).fill("Typed before the restart.")
                await expect(page.get_by_text("Live", exact=True).last).to_be_visible()
                call = await begin_call(console, caller="+12025550188")
                await expect(page.get_by_text("1 in progress")).to_be_attached()
                await service.stop()
                await expect(page.get_by_text("Not live: reconnecting…")).to_be_visible()
                await page.get_by_role("button", name="Save changes").click()
                await expect(page.get_by_text("The server can't be reached.")).to_be_visible()
                await call.tell(CallerSaid(text="Said while the service was away."))
                await service.start()
                # The same session, the same page, and what happened meanwhile.
                await expect(page.get_by_text("Not live: reconnecting…")).to_be_hidden()
                await page.get_by_role("button", name="Save changes").click()
                await expect(page.get_by_text("Saved. The next call")).to_be_visible()
                await page.get_by_role("link", name="Live", exact=False).first.click()
                row = page.get_by_role("list", name="Calls in progress")
                await expect(row).to_contain_text("Said while the service was away.")
                await call.tell(CallEnded(reason="caller_hung_up"))
        finally:
            await service.stop()
            await database.aclose()


@pytest.mark.long
async def test_what_is_on_the_page_stays_when_it_cannot_be_read_anew(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/people")
        await page.get_by_role("button", name="Change Elena Rossi").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Title").fill("hygienist and trainer")
        await page.route(
            "**/api/v1/people*", lambda route: route.fulfill(status=503, json={"detail": "Away."})
        )
        # The window is looked at again: everything is read anew, and that fails.
        await page.evaluate(
            "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
        )
        await expect(page.get_by_text("This may be out of date. Away.")).to_be_attached()
        await expect(dialog.get_by_label("Title")).to_have_value("hygienist and trainer")
        await page.route(
            "**/api/v1/people/*",
            lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"),
        )
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("The server has a problem (502)")
        await page.unroute_all()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_hidden()
        row = page.get_by_role("listitem").filter(has_text="Elena Rossi")
        await expect(row).to_contain_text("hygienist and trainer")
        # A page that could not be read at all says so, and reads when it can.
        await page.route("**/api/v1/knowledge*", lambda route: route.abort())
        await page.goto(f"{console.url}settings/knowledge")
        await expect(page.get_by_text("The server can't be reached.")).to_be_visible()
        await page.unroute_all()
        await page.evaluate(
            "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
        )
        await expect(page.get_by_role("button", name="Add an entry")).to_be_visible()


async def _sign_in_again(page: Page, email: str | None = None) -> None:
    again = page.get_by_role("dialog", name="Sign in again")
    await expect(again.get_by_text("what you typed is still there")).to_be_visible()
    await expect(again.get_by_label("Password", exact=True)).to_be_focused()
    # Nothing of the page shows through, and no key gets by.
    await expect(page.get_by_label("Greeting", exact=True)).to_be_hidden()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(again).to_be_visible()
    if email is not None:
        await again.get_by_label("E-mail").fill(email)
    await again.get_by_label("Password", exact=True).fill(PASSWORD)
    await again.get_by_role("button", name="Sign in").click()
    await expect(again).to_have_count(0)


async def test_what_was_typed_outlives_the_session(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(f"{console.url}settings/greeting")
        greeting = page.get_by_label("Greeting", exact=True)
        await greeting.fill("Half a greet")
        await page.get_by_role("link", name="Services").click()
        await page.get_by_role("button", name="Change Cleaning").click()
        dialog = page.get_by_role("dialog", name="Change Cleaning")
        await dialog.get_by_label("Description").fill("Half a descri")
        await page.context.clear_cookies()
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
        await keep_screenshot(page, "sign-in-again")
        assert await violations(page) == []
        await _sign_in_again(page)
        await expect(dialog.get_by_label("Description")).to_have_value("Half a descri")
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_hidden()
        await page.get_by_role("link", name="Greeting & voice").click()
        await expect(greeting).to_have_value("Half a greet")
        await page.get_by_role("button", name="Undo").click()

        # Somebody else who signs in instead gets nothing of it.
        await greeting.fill("Mine alone")
        other = await console.make_user("manager")
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Save changes").click()
        await _sign_in_again(page, other)
        await expect(greeting).not_to_have_value("Mine alone")
        await expect(page.get_by_text("Not saved yet:")).to_have_count(0)


async def test_two_who_edit_the_same_hours_are_told(console: Console) -> None:
    async with console.sign_in("manager") as one:
        other = await one.context.new_page()
        for page in (one, other):
            await page.goto(f"{console.url}settings/hours")
            await expect(page.get_by_label("Wednesday opens")).to_be_visible()
        await one.get_by_label("Wednesday opens").fill("07:00")
        await other.get_by_label("Thursday opens").fill("06:30")
        await one.get_by_role("button", name="Save hours").click()
        await expect(one.get_by_text("Not saved yet")).to_be_hidden()
        await other.get_by_role("button", name="Save hours").click()
        told = other.get_by_role("dialog", name="Somebody else saved these hours meanwhile")
        await expect(told).to_contain_text(re.compile("Wednesday: 07:00"))
        assert await violations(other) == []
        await told.get_by_role("button", name="Go on editing").click()
        await expect(other.get_by_label("Thursday opens")).to_have_value("06:30")
        await other.get_by_role("button", name="Save hours").click()
        await told.get_by_role("button", name="Take theirs").click()
        await expect(other.get_by_label("Wednesday opens")).to_have_value("07:00")
        await expect(other.get_by_label("Thursday opens")).not_to_have_value("06:30")
        # Now on top of theirs.
        await other.get_by_label("Thursday opens").fill("06:30")
        await other.get_by_role("button", name="Save hours").click()
        await expect(other.get_by_text("Not saved yet")).to_be_hidden()
        await one.reload()
        await expect(one.get_by_label("Wednesday opens")).to_have_value("07:00")
        await expect(one.get_by_label("Thursday opens")).to_have_value("06:30")
