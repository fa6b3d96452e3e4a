"""Signing in to the console, and what its frame shows on every page."""

from __future__ import annotations

import re
from itertools import product

from playwright.async_api import expect

from tests.console.conftest import (
    DESK,
    PASSWORD,
    PHONE,
    Console,
    keep_screenshot,
    violations,
)


async def test_signing_in_is_accessible_at_every_width_in_light_and_dark(console: Console) -> None:
    for viewport, dark in product((DESK, PHONE), (False, True)):
        async with console.context(viewport=viewport, dark=dark) as context:
            page = await context.new_page()
            await page.goto(console.url)
            await expect(page.get_by_role("heading", name="Sign in to Reception")).to_be_visible()
            await expect(page).to_have_title("Sign in · Reception")
            await expect(page.get_by_label("E-mail")).to_be_focused()
            await keep_screenshot(
                page, f"sign-in-{viewport['width']}-{'dark' if dark else 'light'}"
            )
            assert await violations(page) == []


async def test_who_signs_in_gets_back_to_where_they_were(console: Console) -> None:
    email = await console.make_user("manager")
    async with console.context() as context:
        page = await context.new_page()
        await page.goto(console.url + "calendar")
        await page.get_by_label("E-mail").fill(email)
        await page.get_by_label("Password", exact=True).fill("not the passphrase")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await keep_screenshot(page, "sign-in-refused")
        password = page.get_by_label("Password", exact=True)
        await expect(password).to_be_focused()
        await expect(password).to_have_value("")
        await password.fill(PASSWORD)
        await password.press("Enter")
        await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        await expect(page).to_have_url(re.compile("/console/calendar$"))
        await expect(page).to_have_title(re.compile("^Calendar · Riverside Dental"))


async def test_a_session_that_ended_asks_to_sign_in_and_goes_on(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(console.url + "live?call=one")
        await page.get_by_role("button", name="Assistant: On").click()
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("You were signed out")).to_be_visible()
        await expect(page.get_by_label("Password", exact=True)).to_be_focused()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        await expect(page).to_have_url(re.compile(r"/console/live\?call=one$"))


async def test_an_idle_session_is_warned_before_it_ends(console: Console) -> None:
    async with console.sign_in("staff") as page:
        await page.clock.install()
        await page.goto(console.url + "live")
        await expect(page.get_by_role("heading", name="Calls in progress")).to_be_visible()
        # Thirty minutes of the server's, less the minute to which it counts.
        await page.clock.fast_forward("28:10")
        warning = page.get_by_role("dialog", name="Are you still there?")
        await expect(warning).to_be_visible()
        await warning.get_by_role("button", name="Stay signed in").click()
        await expect(warning).to_be_hidden()
        await page.clock.fast_forward("29:30")
        await expect(page.get_by_text("You were signed out")).to_be_visible()


async def test_the_frame_works_by_keyboard(console: Console) -> None:
    async with console.sign_in("viewer") as page:
        await page.goto(console.url + "live")
        await expect(page.get_by_role("heading", name="Calls in progress")).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#main")).to_be_focused()
        await page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        await expect(keys).to_be_visible()
        await keep_screenshot(page, "keys")
        # Who steers by voice can switch the single keys off.
        await keys.get_by_role("checkbox").uncheck()
        await page.keyboard.press("Escape")
        await expect(keys).to_be_hidden()
        await page.locator("#main").focus()
        await page.keyboard.press("?")
        await expect(keys).to_be_hidden()


async def test_a_page_that_breaks_leaves_the_frame(console: Console) -> None:
    async with console.sign_in("viewer") as page:
        await page.route(re.compile(r"/assets/Calendar-.*\.js$"), lambda route: route.abort())
        await page.goto(console.url + "live")
        await page.get_by_role("link", name="Calendar").click()
        await expect(page.get_by_role("heading", name="This page broke")).to_be_visible()
        await page.get_by_role("link", name="Live").click()
        await expect(page.get_by_role("heading", name="Calls in progress")).to_be_visible()


async def test_managers_switch_the_assistant_and_everybody_sees_it(console: Console) -> None:
    async with console.sign_in("manager") as manager, console.sign_in("viewer") as viewer:
        await manager.goto(console.url + "live")
        await manager.get_by_role("button", name="Assistant: On").click()
        dialog = manager.get_by_role("dialog", name="Switch the assistant")
        await dialog.get_by_role("radio", name="Off").check()
        await dialog.get_by_role("textbox", name="Calls go to").fill("nonsense")
        await dialog.get_by_role("button", name="Switch to “Off”").click()
        await expect(dialog.locator(".field-error")).to_be_visible()
        await dialog.get_by_role("textbox", name="Calls go to").fill("202 555 0144")
        await keep_screenshot(manager, "switch")
        await dialog.get_by_role("button", name="Switch to “Off”").click()
        banner = "The assistant is off: calls go to +12025550144."
        await expect(manager.get_by_text(banner)).to_be_visible()
        await viewer.goto(console.url + "calls")
        await expect(viewer.get_by_text(banner)).to_be_visible()
        await expect(viewer.get_by_role("button", name="Assistant")).to_have_count(0)
        await expect(viewer.get_by_role("link", name="Settings")).to_have_count(0)
