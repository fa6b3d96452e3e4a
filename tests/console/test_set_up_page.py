"""The set-up wizard in a browser: from a business that has nothing to one that can be called."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from domain.database import Database
from tests.console.conftest import ACTION_MS, PHONE, Console, violations
from tests.factories import make_business

expect.set_options(timeout=ACTION_MS)


@pytest.fixture
async def fresh(own_console: Console) -> Console:
    """The console of a business that has nothing yet."""
    database: Database = own_console.database
    own_console.business_id = await make_business(database, name="Harbour Salon")
    return own_console


async def _next(page: Page, title: str) -> None:
    await (
        page.get_by_role("button", name="Next")
        .or_(page.get_by_role("button", name="Skip for now"))
        .click()
    )
    await expect(page.get_by_role("heading", name=title, level=2)).to_be_focused()


async def test_a_business_is_set_up_from_nothing(fresh: Console) -> None:
    async with fresh.sign_in("owner") as page:
        # Whoever signs in to a business that has nothing begins here.
        await page.goto(fresh.url)
        await expect(page.get_by_role("heading", name="Set up your receptionist")).to_be_visible()
        await page.get_by_label("Name of the business").fill("Harbor Salon")
        await page.get_by_label("Time zone").select_option("America/Chicago")
        await page.get_by_label("Country").select_option("US")
        await page.get_by_role("button", name="Suggest one").click()
        await expect(page.get_by_label("Greeting", exact=True)).to_have_value(
            "Thank you for calling Harbor Salon. How can I help you today?"
        )
        await page.get_by_role("button", name="Save and go on").click()

        await expect(page.get_by_role("heading", name="Hours", level=2)).to_be_visible()
        await expect(page.get_by_text("Harbor Salon", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Mon–Fri 9–5").click()
        await expect(page.get_by_label("Friday opens")).to_have_value("09:00")

        await _next(page, "Services")
        await page.get_by_label("Your trade").select_option(label="Hair or beauty salon")
        await page.get_by_label("Manicure").uncheck()
        await page.get_by_role("button", name="Add these 5").click()
        await expect(page.get_by_role("button", name="Change Haircut", exact=True)).to_be_visible()

        await _next(page, "People")
        await page.get_by_role("button", name="Add a person").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("Nora")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_role("button", name="Change Nora")).to_be_visible()

        await _next(page, "Knowledge")
        await page.get_by_label("Your trade").select_option(label="Hair or beauty salon")
        await page.get_by_role("textbox", name="How can I pay?").fill("By card or in cash.")
        await page.get_by_role("button", name="Keep the answer to: How can I pay?").click()
        await page.get_by_label("A question, as a caller would ask it").fill("How can I pay?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator("blockquote")).to_contain_text("card")

        # Left here, and come back to where one was.
        await page.goto(f"{fresh.url}live")
        await page.goto(f"{fresh.url}set-up")
        await expect(page.get_by_role("status").filter(has_text="Step 5 of 7")).to_be_visible()

        await _next(page, "Call it now")
        await page.get_by_role("button", name="Add a number").click()
        await dialog.get_by_label("Number").fill("not a number")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        await expect(dialog.get_by_label("Number")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("Number").fill("+12025550177")
        await dialog.get_by_role("button", name="Add", exact=True).click()
        step = page.get_by_role("region", name="Call it now")
        await expect(step.get_by_role("button", name="Call it now")).to_be_visible()

        await _next(page, "Your number")
        await expect(page.get_by_text("+12025550177")).to_be_visible()
        await page.get_by_text("Twilio (Elastic SIP Trunking)").click()
        await expect(page.get_by_text("sip:YOUR.PUBLIC.IP:5060")).to_be_visible()
        await page.get_by_role("button", name="Finish").click()
        await page.wait_for_url("**/live")
        # A business that has something begins with its calls.
        await page.goto(fresh.url)
        await page.wait_for_url("**/live")


async def test_the_steps_serve_everybody(own_console: Console) -> None:
    async with own_console.sign_in("owner") as page:
        for step in ("basics", "services", "number"):
            await page.goto(f"{own_console.url}set-up?step={step}")
            await expect(page.get_by_role("heading", level=2).first).to_be_visible()
            await expect(page.get_by_text("Loading")).to_have_count(0)
            assert await violations(page) == [], step
    async with own_console.sign_in("manager", viewport=PHONE, dark=True) as page:
        await page.goto(f"{own_console.url}set-up?step=hours")
        await expect(page.get_by_label("Friday opens")).to_be_visible()
        assert await violations(page) == []
        # The name is an owner's to change.
        await page.goto(f"{own_console.url}set-up?step=basics")
        await expect(page.get_by_label("Name of the business")).to_be_disabled()
