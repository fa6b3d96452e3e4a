"""The live page: calls as they happen, and what staff do with them."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import Page, expect

from domain.calls.events import (
    BriefingSaid,
    CallEnded,
    CallerSaid,
    FloorChanged,
    PersonAnswered,
    PersonRung,
    RingEnded,
    StaffJoined,
    TransferEnded,
    TransferStarted,
)
from tests.console.conftest import (
    DESK,
    PHONE,
    Console,
    keep_screenshot,
    violations,
)
from tests.console.told_calls import begin_call, talk


@pytest.fixture(scope="module")
def background() -> bool:
    """The feed tells what happens at once."""
    return True


def _row(page: Page, caller: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("list", name="Calls in progress").get_by_role("button", name=caller)


async def test_everybody_sees_a_call_come_speak_and_go(console: Console) -> None:
    async with console.sign_in("staff") as staff, console.sign_in("viewer") as viewer:
        for page in (staff, viewer):
            await page.goto(console.url + "live")
            await expect(page.get_by_text("No calls at the moment")).to_be_visible()
        call = await begin_call(console, caller="+12025550111")
        for page in (staff, viewer):
            await expect(_row(page, "+12025550111")).to_contain_text("How can I help you today?")
        await talk(call)
        for page in (staff, viewer):
            await _row(page, "+12025550111").click()
            panel = page.get_by_role("region", name="Call with +12025550111")
            await expect(panel).to_contain_text("Is there anything later in the week?")
            await expect(panel).to_contain_text("Looked for free times")
        # Who only reads can do nothing with a call.
        await expect(viewer.get_by_role("button", name="Take over")).to_have_count(0)
        await expect(staff.get_by_role("button", name="Take over")).to_be_enabled()

        numbers = staff.get_by_role("img", name="Seconds to each of the last answers: 0.8, 1.5")
        await numbers.last.focus()
        await expect(staff.locator(".latency-numbers").last).to_contain_text("1.5 s")
        await expect(staff.locator(".latency-numbers").last).to_be_visible()

        await call.tell(CallerSaid(text="Goodbye."), CallEnded(reason="caller_hung_up"))
        for page in (staff, viewer):
            await expect(page.get_by_text("No calls at the moment")).to_be_visible()
            await expect(page.get_by_text("The call has ended.")).to_be_visible()


async def test_the_feed_comes_back_without_loss(console: Console) -> None:
    async with console.sign_in("staff") as page:
        await page.goto(console.url + "live")
        await expect(page.get_by_text("Live", exact=True).last).to_be_visible()
        call = await begin_call(console, caller="+12025550122")
        await expect(_row(page, "+12025550122")).to_be_visible()
        await page.context.set_offline(True)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(page.get_by_text("Not live: reconnecting…")).to_be_visible()
        await call.tell(CallerSaid(text="Said while nobody listened."))
        await page.context.set_offline(False)
        await expect(_row(page, "+12025550122")).to_contain_text("Said while nobody listened.")
        await expect(page.get_by_text("Not live: reconnecting…")).to_be_hidden()
        await call.tell(CallEnded(reason="caller_hung_up"))


async def test_a_colleague_who_has_the_floor_is_named(console: Console) -> None:
    colleague = await console.user_id("staff")
    async with console.sign_in("manager") as page:
        await page.goto(console.url + "live")
        call = await begin_call(console, caller="")
        await _row(page, "Number withheld").click()
        await call.tell(
            StaffJoined(user_id=colleague, identity="staff-one"),
            FloorChanged(
                before="assistant", after="person", by=str(colleague), identity="staff-one"
            ),
        )
        await expect(page.get_by_text("Staff Riley has the floor.")).to_be_visible()
        await expect(_row(page, "Number withheld")).to_contain_text("With Staff Riley")
        await call.tell(CallEnded(reason="staff_ended"))


async def test_a_transfer_is_followed_to_its_end(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(console.url + "live")
        call = await begin_call(console, caller="+12025550199")
        await _row(page, "+12025550199").click()
        panel = page.get_by_role("region", name="Call with +12025550199")
        # Before it is there, the key means nothing.
        await expect(panel.get_by_role("button", name="Transfer")).to_be_enabled()
        await page.keyboard.press("x")
        dialog = page.get_by_role("dialog", name="Transfer the call")
        await dialog.get_by_role("radio", name="A number").check()
        await dialog.get_by_role("textbox", name="Number").fill("+12025550145")
        await dialog.get_by_label("How").select_option("warm")
        await dialog.get_by_role("button", name="Transfer").click()
        # There is no room here for it: the dialog says so, and nothing has changed.
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await dialog.get_by_role("button", name="Cancel").click()
        # As the assistant's process tells it where there is one (tests/calls/test_call_handoff.py).
        for events, told in (
            ([TransferStarted(reason="staff_asked", kind="warm")], "Looking for a person"),
            ([FloorChanged(before="assistant", after="briefing")], "On hold"),
            ([PersonRung(attempt=1)], "Ringing a telephone"),
            ([RingEnded(attempt=1, outcome="busy")], "The telephone rung is busy"),
            ([PersonRung(attempt=2)], "Ringing a telephone (2)"),
            ([PersonAnswered(attempt=2)], "Somebody answered"),
            ([BriefingSaid(attempt=2, text="A caller about a bill.")], "A caller about a bill."),
            ([RingEnded(attempt=2, outcome="accepted")], "The telephone rung took the call"),
            (
                [
                    TransferEnded(outcome="connected"),
                    FloorChanged(before="briefing", after="person"),
                ],
                "A person is speaking with the caller",
            ),
        ):
            await call.tell(*events)
            await expect(panel).to_contain_text(told)
        await expect(panel).to_contain_text("Somebody on a telephone has the floor.")
        await call.tell(CallEnded(reason="person_hung_up"))
        await expect(panel).to_contain_text("The call has ended.")


async def test_a_call_that_cannot_be_reached_says_so_and_nothing_is_half_done(
    console: Console,
) -> None:
    async with console.sign_in("staff") as page:
        await page.goto(console.url + "live")
        call = await begin_call(console, caller="+12025550133")
        await _row(page, "+12025550133").click()
        await expect(page.get_by_text("can't be reached from this browser")).to_be_visible()
        # No microphone in this browser.
        await page.keyboard.press("t")
        await expect(page.get_by_role("alert")).to_contain_text("microphone")
        await expect(page.get_by_role("button", name="Take over")).to_be_enabled()
        await page.keyboard.press("e")
        dialog = page.get_by_role("dialog", name="End the call?")
        await dialog.get_by_role("button", name="End the call").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(dialog).to_be_hidden()
        await call.tell(CallEnded(reason="caller_hung_up"))


async def test_the_page_is_accessible_at_every_width_in_light_and_dark(console: Console) -> None:
    call = await begin_call(console, caller="+12025550144", minutes_ago=2)
    await talk(call)
    other = await begin_call(console, caller="+12025550155", minutes_ago=0.2)
    for viewport, dark in product((DESK, PHONE), (False, True)):
        name = f"live-{viewport['width']}-{'dark' if dark else 'light'}"
        async with console.sign_in("manager", viewport=viewport, dark=dark) as page:
            await page.goto(console.url + "live")
            await expect(_row(page, "+12025550144")).to_be_visible()
            await keep_screenshot(page, f"{name}-list")
            assert await violations(page) == []
            await _row(page, "+12025550144").click()
            await expect(page.get_by_role("button", name="Take over")).to_be_visible()
            await keep_screenshot(page, name)
            assert await violations(page) == []
            await page.keyboard.press("x")
            await expect(page.get_by_role("dialog", name="Transfer the call")).to_be_visible()
            await keep_screenshot(page, f"{name}-transfer")
            assert await violations(page) == []
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], "the page is wider than the screen"
    for one in (call, other):
        await one.tell(CallEnded(reason="caller_hung_up"))
