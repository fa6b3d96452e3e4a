"""The call log in the browser: calls are filtered, searched, opened and read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from playwright.async_api import expect

from domain.calls.events import (
    AppointmentBooked,
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    Event,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    ProviderFailed,
    StaffJoined,
    StaffLeft,
    StaffSaid,
    ToolCalled,
    TurnLatency,
)
from domain.calls.record import append
from domain.contacts import operations as contacts
from domain.messages import operations as messages
from tests.console.booked_day import make_booked_day
from tests.console.conftest import (
    DESK,
    PHONE,
    Console,
    keep_screenshot,
    violations,
)

USER = UUID("01a20959-a680-7000-8000-00000000aaaa")


async def _tell(
    console: Console,
    events: Sequence[Event],
    *,
    caller: str = "",
    contact_id: UUID | None = None,
    days_ago: float = 0.1,
    call_id: UUID | None = None,
    sandbox: tuple[str, ...] = (),
) -> UUID:
    """A call of which these events tell, four seconds apart."""
    seam = console.database.seam
    call_id = call_id or seam.new_id()
    begun = seam.now() - timedelta(days=days_ago)
    started = CallStarted(
        room=f"call-{call_id}",
        channel="sip",
        dialled="+12025550100",
        caller=caller,
        contact_id=contact_id,
        sandbox=sandbox,
    )
    entries = [
        JournalEntry(
            call_id=call_id, epoch=1, seq=seq, at=begun + timedelta(seconds=4 * seq), event=event
        )
        for seq, event in enumerate([started, *events], start=1)
    ]
    async with console.database.scope(business_id=console.business_id) as scope:
        await append(scope, entries)
    return call_id


async def _tell_short_calls(console: Console, *, count: int) -> None:
    """Calls of a hundred days ago, in one transaction."""
    seam = console.database.seam
    entries = []
    for number in range(count):
        call_id, at = seam.new_id(), seam.now() - timedelta(days=100, minutes=number)
        started = CallStarted(room=f"call-{call_id}", channel="sip", dialled="+12025550100")
        for seq, event in enumerate((started, CallEnded(reason="silence")), start=1):
            entries.append(JournalEntry(call_id=call_id, epoch=1, seq=seq, at=at, event=event))
    async with console.database.scope(business_id=console.business_id) as scope:
        await append(scope, entries)


async def _long_call(console: Console) -> UUID:
    """A call with everything that the page of a call shows."""
    booked = await make_booked_day(console.database, console.business_id)
    call_id = console.database.seam.new_id()
    async with console.database.scope(business_id=console.business_id) as scope:
        message = await messages.take(
            scope,
            text="Please send the x-rays to my new dentist.",
            call_id=call_id,
            caller_name="Jane Doe",
            caller_phone="+12025550123",
        )
    latency = TurnLatency(end_of_turn=0.42, transcription=0.18, model=0.31, speech=0.22, total=0.97)
    return await _tell(
        console,
        [
            CallAnswered(setup_seconds=0.31, greeting_ready=True),
            FloorChanged(before="answering", after="assistant"),
            AssistantSaid(text="Riverside Dental, how can I help?", kind="greeting"),
            CallerSaid(text="I would like a check-up, my molar feels odd."),
            ToolCalled(
                name="find_times",
                arguments={"service": "Check-up", "part_of_day": "morning", "person": ""},
                result="Two times are free: 10:00 and 10:30 | Offer the first and ask.",
                outcome="done",
                seconds=0.04,
            ),
            AssistantSaid(
                text="Dr. Chen is free at ten, shall I", interrupted=True, latency=latency
            ),
            CallerSaid(text="Yes, ten please."),
            AppointmentBooked(
                appointment_id=booked.jane,
                service_id=booked.check_up_id,
                person_id=booked.chen_id,
                starts_at=booked.at(10),
            ),
            AssistantSaid(
                text="You are booked.",
                latency=TurnLatency(
                    end_of_turn=0.5, transcription=0.2, model=0.9, speech=0.4, total=1.75
                ),
            ),
            MessageTaken(message_id=message.id, urgency="normal"),
            StaffJoined(user_id=USER, identity="staff-x"),
            StaffSaid(text="Hello Jane, Riley here.", user_id=USER),
            StaffLeft(user_id=USER, identity="staff-x", reason="left"),
            ProviderFailed(kind="model", provider="openai", error="APITimeoutError"),
            CallEnded(reason="caller_hung_up"),
        ],
        caller="+12025550123",
        contact_id=booked.jane_id,
        call_id=call_id,
        sandbox=("deepgram", "openai"),
    )


async def test_a_call_is_searched_opened_and_read(console: Console) -> None:
    call_id = await _long_call(console)
    await _tell(
        console,
        [CallerSaid(text="Where can I park?"), CallEnded(reason="silence")],
        caller="+12025550188",
    )
    async with console.sign_in("viewer") as page:
        await page.goto(console.url + "calls")
        rows = page.locator("tbody tr")
        await expect(rows.filter(has_text="Jane Doe")).to_contain_text("Booked")
        await page.get_by_label("Words that were said").fill("molar")
        await page.get_by_role("button", name="Search").click()
        await expect(rows).to_have_count(1)
        await expect(page).to_have_url(re.compile("search=molar"))
        await rows.get_by_role("link", name="Jane Doe").click()

        await expect(page.get_by_role("heading", name="Jane Doe", level=1)).to_be_visible()
        assert page.url.endswith(str(call_id))
        said = page.get_by_role("region", name="Conversation")
        await expect(said).to_contain_text("Dr. Chen is free at ten, shall I — interrupted")
        await expect(said.get_by_text("Hello Jane, Riley here.")).to_be_visible()
        await expect(said).to_contain_text("A colleague came into the call")
        tool = said.get_by_text("Looked for free times")
        await tool.click()
        await expect(said).to_contain_text("Two times are free: 10:00 and 10:30")
        await expect(said.get_by_text("Part of day")).to_be_visible()
        assert not await said.locator("pre").is_visible()
        await said.get_by_text("As it was sent").click()
        await expect(said.locator("pre")).to_contain_text('"part_of_day": "morning"')

        came = page.get_by_role("region", name="What came of it")
        await expect(came).to_contain_text("Please send the x-rays")
        await expect(came.get_by_role("link", name="Check-up")).to_be_visible()
        latency = page.get_by_role("region", name="How fast it answered")
        await expect(latency).to_contain_text("half of them within 1.4 s")
        await latency.get_by_text("As a table").click()
        await expect(latency.get_by_role("row").nth(2)).to_contain_text("1.8 s")

        await page.get_by_role("heading", name=re.compile("Events")).click()
        events = page.locator(".event-list li")
        await expect(events).to_have_count(16)
        await page.get_by_label("Show").select_option("trouble")
        await expect(events).to_have_text(
            [re.compile(r"The language model \(openai\) failed: APITimeoutError")]
        )

        await page.get_by_role("link", name="← Calls").click()
        await expect(page).to_have_url(re.compile("search=molar"))
        await page.get_by_role("button", name="Clear the filters").click()
        await expect(rows.filter(has_text="+12025550188")).to_be_visible()


async def test_filters_narrow_the_list_and_wrong_ones_say_so(console: Console) -> None:
    await _tell(console, [CallEnded(reason="silence")], caller="+12025550171", days_ago=40)
    await _tell(
        console,
        [MessageTaken(message_id=USER, urgency="urgent"), CallEnded(reason="caller_hung_up")],
        caller="+12025550172",
        days_ago=50,
    )
    async with console.sign_in("staff") as page:
        await page.goto(console.url + "calls?to=2026-01-01&from=2026-02-01")
        await expect(page.get_by_text("is before the first day")).to_be_visible()
        await page.goto(console.url + "calls?phone=202-555-0171")
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("Nobody spoke any more")
        await page.get_by_text("More filters").click()
        await page.get_by_label("What came of it").select_option("message")
        await expect(page.get_by_text("No call is like that.")).to_be_visible()
        await page.get_by_label("Caller’s number").fill("")
        await page.get_by_label("Caller’s number").press("Enter")
        await expect(rows.filter(has_text="+12025550172")).to_be_visible()
        assert await rows.filter(has_text="+12025550171").count() == 0
        await page.get_by_label("Caller’s number").fill("nobody")
        await page.get_by_label("Caller’s number").press("Enter")
        await expect(page.get_by_role("alert").first).to_be_visible()
        await page.go_back()
        await expect(rows.filter(has_text="+12025550172")).to_be_visible()


async def test_more_is_loaded_and_still_there_on_coming_back(console: Console) -> None:
    async with console.database.scope(business_id=console.business_id) as scope:
        contact = await contacts.save(scope, name="Oldest Caller", phone="+12025550199")
    await _tell_short_calls(console, count=60)
    await _tell(
        console,
        [CallEnded(reason="caller_hung_up")],
        caller="+12025550199",
        contact_id=contact.id,
        days_ago=101,
    )
    seam = console.database.seam
    until = (seam.now() - timedelta(days=99)).date().isoformat()
    async with console.sign_in("staff") as page:
        await page.goto(f"{console.url}calls?to={until}")
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(50)
        await page.get_by_role("button", name="Load more").click()
        await expect(rows).to_have_count(61)
        await page.get_by_role("link", name="Oldest Caller").click()
        await expect(page.get_by_role("heading", name="Oldest Caller", level=1)).to_be_visible()
        await page.go_back()
        await expect(rows).to_have_count(61)
        await page.reload()
        await expect(rows).to_have_count(61)


async def test_a_call_in_progress_goes_on_before_ones_eyes(console: Console) -> None:
    call_id = await _tell(
        console,
        [FloorChanged(before="answering", after="assistant"), CallerSaid(text="Hello?")],
        caller="+12025550155",
        days_ago=0.0001,
    )
    async with console.sign_in("staff") as page:
        await page.goto(f"{console.url}calls/{call_id}")
        live = page.get_by_role("link", name="Listen and take part on Live")
        assert await live.get_attribute("href") == f"/console/live?call={call_id}"
        async with console.database.scope(business_id=console.business_id) as scope:
            await append(
                scope,
                [
                    JournalEntry(
                        call_id=call_id, epoch=1, seq=seq, at=scope.seam.now(), event=event
                    )
                    for seq, event in enumerate(
                        [AssistantSaid(text="I am here."), CallEnded(reason="time_limit")], start=4
                    )
                ],
            )
        await expect(page.get_by_text("I am here.", exact=True)).to_be_visible()
        await expect(live).not_to_be_visible()
        await expect(
            page.get_by_role("region", name="Conversation").get_by_text("longest time")
        ).to_be_visible()


async def test_a_call_that_is_not_there_is_told(console: Console) -> None:
    async with console.sign_in("viewer") as page:
        await page.goto(f"{console.url}calls/{USER}")
        await expect(page.get_by_role("alert")).to_be_visible()


async def test_calls_are_accessible_at_every_width_in_light_and_dark(console: Console) -> None:
    call_id = await _long_call(console)
    await _tell(
        console,
        [FloorChanged(before="answering", after="assistant"), CallerSaid(text="Hello?")],
        days_ago=0.001,
    )
    # The colours of a telephone in the dark are those of a desk in the dark.
    for viewport, dark in ((DESK, False), (DESK, True), (PHONE, False)):
        name = f"{viewport['width']}-{'dark' if dark else 'light'}"
        async with console.sign_in("staff", viewport=viewport, dark=dark) as page:
            await page.goto(console.url + "calls")
            await expect(page.get_by_role("link", name="Jane Doe").first).to_be_visible()
            await keep_screenshot(page, f"calls-{name}")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await violations(page) == []
            await page.goto(f"{console.url}calls/{call_id}")
            await page.get_by_text("Looked for free times", exact=True).click()
            await expect(page.get_by_text("Please send the x-rays")).to_be_visible()
            await keep_screenshot(page, f"call-{name}")
            await page.get_by_role("heading", name=re.compile("Events")).click()
            await page.get_by_text("As a table").click()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await violations(page) == []
