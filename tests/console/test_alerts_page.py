"""Alerts on every page, and what staff see of a call that something went wrong on."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from domain.alerts import operations as alerts
from domain.alerts.models import AlertKind
from domain.calls.events import (
    CallEnded,
    CallerSaid,
    CallFlagged,
    ClaimWithheld,
    FloorChanged,
    ProviderFailed,
)
from tests.console.conftest import (
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


async def _open(
    console: Console, kind: AlertKind, subject: str, *, urgent: bool, call_id: UUID | None = None
) -> None:
    async with console.database.scope(business_id=console.business_id) as scope:
        await alerts.open_alert(scope, kind=kind, subject=subject, urgent=urgent, call_id=call_id)


def _banner(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("list", name="Urgent")


async def test_an_emergency_is_told_on_every_page_until_somebody_has_seen_it(
    console: Console,
) -> None:
    async with (
        console.sign_in("staff") as staff,
        console.sign_in("viewer", viewport=PHONE, dark=True) as viewer,
    ):
        await staff.goto(console.url + "calls")
        await viewer.goto(console.url + "calendar")
        await expect(staff.locator(".alert-bell summary")).to_have_attribute(
            "aria-label", "Alerts: none"
        )
        await expect(viewer.get_by_text("Live", exact=True).last).to_be_visible()
        call = await begin_call(console, caller="+12025550166")
        await call.tell(
            CallerSaid(text="My father is not breathing."), CallFlagged(flag="emergency")
        )
        await _open(console, "emergency", str(call.id), urgent=True, call_id=call.id)
        for page in (staff, viewer):
            await expect(_banner(page)).to_contain_text("An emergency was mentioned on a call.")
            # Screen readers say it at once, wherever one is.
            assert (
                await page.locator("[aria-live=assertive]").filter(has=_banner(page)).count() == 1
            )
            assert await violations(page) == []
            wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, "the page is wider than the screen"
        await keep_screenshot(staff, "alert-1280-light")
        await keep_screenshot(viewer, "alert-390-dark")
        # Who only reads is led to the call, and says nothing of having seen it.
        await expect(viewer.get_by_role("button", name="I have seen it")).to_have_count(0)
        await _banner(viewer).get_by_role("link", name="Go to the call").click()
        await expect(viewer).to_have_url(re.compile(rf"/live\?call={call.id}$"))
        panel = viewer.get_by_role("region", name="Call with +12025550166")
        await expect(panel.get_by_text("Emergency", exact=True)).to_be_visible()

        await _banner(staff).get_by_role("button", name="I have seen it").click()
        for page in (staff, viewer):
            await expect(_banner(page)).to_have_count(0)
        await call.tell(CallEnded(reason="caller_hung_up"))
        await staff.reload()
        await expect(staff.get_by_role("row", name="+12025550166")).to_contain_text("Emergency")


async def test_the_bell_holds_what_can_wait(console: Console) -> None:
    async with console.sign_in("manager") as page:
        await page.goto(console.url + "live")
        bell = page.locator(".alert-bell summary")
        await expect(bell).to_be_visible()
        await _open(console, "provider_down", "speech elevenlabs", urgent=False)
        await _open(console, "provider_down", "speech elevenlabs", urgent=False)
        await expect(bell).to_have_attribute("aria-label", "Alerts: 1 not seen yet")
        await bell.click()
        listed = page.get_by_role("list", name="Alerts")
        await expect(listed).to_contain_text("What speaks (elevenlabs) fails too often")
        await expect(listed).to_contain_text("2 times")
        await keep_screenshot(page, "alert-bell")
        assert await violations(page) == []
        await listed.get_by_role("button", name="I have seen it").click()
        # It still fails, whoever has seen it: the health page holds it until it works again.
        await expect(bell).to_have_attribute("aria-label", "Alerts: 1 open, all seen")
        await listed.get_by_role("link", name="Health").click()
        log = page.get_by_role("region", name="Alerts")
        await expect(log).to_contain_text("seen, and still so")
        async with console.database.scope(business_id=console.business_id) as scope:
            await alerts.resolve_alert(scope, kind="provider_down", subject="speech elevenlabs")
        await expect(bell).to_have_attribute("aria-label", "Alerts: none")
        await expect(log).to_contain_text("over")


async def test_a_call_that_was_rescued_tells_so_and_what_else_went_wrong(console: Console) -> None:
    call = await begin_call(console, caller="+12025550177")
    await talk(call)
    await call.tell(
        ClaimWithheld(said="You are booked for Friday.", deed="booked"),
        ProviderFailed(kind="speech", provider="elevenlabs", error="APITimeoutError"),
    )
    async with console.sign_in("staff", viewport=PHONE) as page:
        await page.goto(f"{console.url}live?call={call.id}")
        said = page.get_by_role("region", name="What is said")
        await expect(said).to_contain_text("Is there anything later in the week?")
        call.another_process()
        await call.tell(
            FloorChanged(before="answering", after="assistant", reason="resumed"),
            CallerSaid(text="Are you still there?"),
        )
        await expect(said).to_contain_text("another process took over")
        await call.tell(CallEnded(reason="caller_hung_up"))
        await page.goto(f"{console.url}calls/{call.id}")
        conversation = page.get_by_role("region", name="Conversation")
        await expect(conversation).to_contain_text("another process took over")
        await expect(conversation).to_contain_text(
            "about to claim something that had not been done: You are booked for Friday."
        )
        await expect(conversation).to_contain_text("The voice (elevenlabs) failed")
        await page.get_by_text("Events (").click()
        await page.get_by_label("Show").select_option(label="Trouble")
        events = page.locator(".event-list")
        await expect(events).to_contain_text("2 processes served this call")
        await expect(events.get_by_role("listitem")).to_have_count(2)
        await keep_screenshot(page, "call-rescued-390")
        assert await violations(page) == []
