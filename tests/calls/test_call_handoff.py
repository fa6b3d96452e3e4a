"""Handing a caller to a person's telephone: real livekit-sip, a caller's phone and telephones of staff."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import numpy as np
import pytest

from domain.calls.events import (
    AssistantSaid,
    BriefingSaid,
    Event,
    FloorChanged,
    PersonAnswered,
    PersonRung,
    RingEnded,
    TransferEnded,
    TransferStarted,
)
from reception.caller.audio import PHONE_RATE, tone
from reception.caller.caller import CallEnded
from reception.caller.sip_call import SipCall
from tests.calls.events import of_type, until
from tests.calls.handoff import (
    CALLER_HZ,
    STAFF_HZ,
    Hum,
    Office,
    heard_tone,
    longest_silence,
    open_office,
    until_tone,
)
from tests.calls.stack import find_livekit_server

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]

SILENCE_SECONDS = 3.0
JOIN_CEILING = 1.5
"""Three times the promise: other work runs on the machine of a test."""


@pytest.fixture(scope="module")
async def office() -> AsyncIterator[Office]:
    """Skips where livekit-server, livekit-sip or redis-server is absent."""
    binary = find_livekit_server()
    missing = [name for name in ("livekit-sip", "redis-server") if not shutil.which(name)]
    if binary is None or missing:
        pytest.skip(f"not on PATH: {', '.join(missing) or 'livekit-server'}")
    async with open_office(binary) as made:
        yield made


@pytest.fixture(autouse=True)
def vendors_are_well(office: Office) -> None:
    """What is hummed is a word to the recogniser: over tones its search would not come to an end."""
    office.stack.sandbox("POST", "reset")
    all_say(office, "Well.")


def all_say(office: Office, text: str) -> None:
    """Whatever is spoken from now on, by whom ever, is heard as `text`."""
    script = {"lines": [{"text": text}], "streams": 0, "repeat": True}
    office.stack.sandbox("PUT", "scripts", [script])


def rings(events: list[Event]) -> list[str]:
    ended = of_type(events, RingEnded)
    print([one.detail for one in ended])
    return [one.outcome for one in ended]


def floors(events: list[Event]) -> list[str]:
    return [one.after for one in of_type(events, FloorChanged)]


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_person_is_briefed_apart_takes_the_call_and_both_hear_each_other(
    office: Office,
) -> None:
    await office.open()
    async with office.call() as caller:
        await caller.hear()
        since = now()
        async with Hum(caller, CALLER_HZ):
            await caller.press("0")
            staff = await office.rung()
            # At once, and speaking: the moment in which everything is connected is the dangerous one.
            await staff.answer()
            async with Hum(staff, STAFF_HZ):
                await asyncio.sleep(1)
            await staff.hear(timeout=20)
            alone, waiting = staff.ear.recording(), caller.ear.recording(since=since)
            pressed = now()
            await staff.press("1")
            async with Hum(staff, STAFF_HZ):
                joined = await until_tone(caller, STAFF_HZ, since=pressed)
                await until_tone(staff, CALLER_HZ, since=pressed)
        await staff.hang_up()
        await caller.wait_for_end()
    kept, events = await office.ended()
    print(f"joined after {joined:.2f} s, longest silence {longest_silence(waiting):.2f} s")
    assert staff.remote_user == office.number
    assert not heard_tone(alone, CALLER_HZ)
    assert not heard_tone(waiting, STAFF_HZ)
    assert longest_silence(waiting) <= SILENCE_SECONDS
    assert joined <= JOIN_CEILING
    assert rings(events) == ["accepted"]
    assert floors(events) == ["assistant", "briefing", "person", "ended"]
    order = [TransferStarted, PersonRung, PersonAnswered, BriefingSaid, RingEnded, TransferEnded]
    assert [type(event) for event in events if type(event) in order] == order
    assert kept.end_reason == "person_hung_up"


async def test_one_is_busy_one_declines_and_the_assistant_comes_back(office: Office) -> None:
    await office.open()
    await office.add_department(ring="in_order")
    async with office.call() as caller:
        await caller.hear()
        since = now()
        await caller.press("0")
        (await office.rung()).refuse(486)
        staff = await office.rung()
        await staff.answer()
        await staff.hear(timeout=20)
        await decide(staff, "2")
        await staff.wait_for_end()
        # The music ends, and two voices are heard: the recording's and the assistant's own.
        await _until_back(office, caller)
        waiting = caller.ear.recording(since=since)
        assert not caller.ended.is_set()
    _, events = await office.ended()
    assert rings(events) == ["busy", "declined"]
    assert floors(events) == ["assistant", "briefing", "assistant", "ended"]
    assert of_type(events, TransferEnded)[0].detail == "declined"
    assert longest_silence(waiting) <= SILENCE_SECONDS


async def _refused(office: Office, staff: SipCall) -> None:
    staff.refuse(503, "Service Unavailable")


async def _declined_by_sip(office: Office, staff: SipCall) -> None:
    staff.refuse(603)


async def _rings_on(office: Office, staff: SipCall) -> None:
    await staff.wait_for_end(timeout=20)


async def _machine_speaks(office: Office, staff: SipCall) -> None:
    all_say(office, "Please leave a message.")
    await staff.answer()
    with suppress(CallEnded):
        await staff.speak(
            "hello you have reached the voice mail of doctor lee i am not available right now so please"
            " leave your name and your number and i will call you back as soon as i can thank you"
        )
    await staff.wait_for_end()


async def _machine_beeps(office: Office, staff: SipCall) -> None:
    await staff.answer()
    beep = tone(frequency=1000, seconds=0.6, rate=PHONE_RATE)
    with suppress(CallEnded):
        await staff.speak(np.concatenate([np.zeros(PHONE_RATE * 3 // 2, np.int16), beep]))
    await staff.wait_for_end()


async def _hangs_up(office: Office, staff: SipCall) -> None:
    await staff.answer()
    await until_heard(staff)
    await staff.hang_up()


async def _wrong_key(office: Office, staff: SipCall) -> None:
    await staff.answer()
    await staff.hear(timeout=20)
    await staff.press("7")
    await staff.hear(timeout=20)
    await decide(staff, "9")
    await staff.wait_for_end()


async def _says_no(office: Office, staff: SipCall) -> None:
    all_say(office, "No, thank you.")
    await staff.answer()
    await staff.hear(timeout=20)
    await staff.speak("no thank you")
    await staff.wait_for_end()


Act = Callable[[Office, SipCall], Awaitable[None]]


@pytest.mark.long
@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (_refused, "failed"),
        (_declined_by_sip, "declined"),
        (_rings_on, "no_answer"),
        (_machine_speaks, "voicemail"),
        (_machine_beeps, "voicemail"),
        (_hangs_up, "hung_up"),
        (_wrong_key, "unclear"),
        (_says_no, "declined"),
    ],
)
async def test_the_caller_gets_the_assistant_back(office: Office, act: Act, outcome: str) -> None:
    await office.open(transfer_number="")
    await office.add_department(ring="in_order", ring_seconds=6, people=1)
    async with office.call() as caller:
        await caller.hear()
        since = now()
        await caller.press("0")
        await act(office, await office.rung())
        await _until_back(office, caller)
        waiting = caller.ear.recording(since=since)
    _, events = await office.ended()
    assert rings(events) == [outcome]
    assert floors(events) == ["assistant", "briefing", "assistant", "ended"]
    assert longest_silence(waiting) <= SILENCE_SECONDS


@pytest.mark.long
async def test_yes_takes_the_call(office: Office) -> None:
    await office.open()
    all_say(office, "Yes, please.")
    async with office.call() as caller:
        await caller.hear()
        await caller.press("0")
        staff = await office.rung()
        await staff.answer()
        await staff.hear(timeout=20)
        await staff.speak("yes please")
        since = now()
        async with Hum(caller, CALLER_HZ):
            await until_tone(staff, CALLER_HZ, since=since)
    _, events = await office.ended()
    assert rings(events) == ["accepted"]


@pytest.mark.long
async def test_the_caller_hangs_up_during_the_briefing(office: Office) -> None:
    await office.open()
    async with office.call() as caller:
        await caller.hear()
        await caller.press("0")
        staff = await office.rung()
        await staff.answer()
        await until_heard(staff)
        gone = now()
        await caller.hang_up()
        await staff.wait_for_end()
        assert staff.ear.since(gone), "they are told"
    kept, events = await office.ended()
    assert rings(events) == ["caller_gone"]
    assert kept.end_reason == "caller_hung_up"


@pytest.mark.long
async def test_the_caller_hangs_up_while_it_rings(office: Office) -> None:
    await office.open()
    async with office.call() as caller:
        await caller.hear()
        await caller.press("0")
        staff = await office.rung()
        await caller.hang_up()
        await staff.wait_for_end()
        assert staff.end_reason == "cancelled"
    _, events = await office.ended()
    assert rings(events) == ["caller_gone"]


@pytest.mark.long
async def test_the_first_of_several_gets_the_caller(office: Office) -> None:
    await office.open()
    await office.add_department(ring="all_at_once")
    async with office.call() as caller:
        await caller.hear()
        await caller.press("0")
        first, second = await office.rung(), await office.rung()
        await asyncio.gather(first.answer(), second.answer())
        await asyncio.gather(first.hear(timeout=20), second.hear(timeout=20))
        taken = now()
        await first.press("1")
        await second.wait_for_end()
        assert second.ear.since(taken), "the other one is told"
        async with Hum(caller, CALLER_HZ):
            await until_tone(first, CALLER_HZ, since=taken)
        assert not heard_tone(second.ear.recording(), CALLER_HZ)
        await caller.hang_up()
        await first.wait_for_end()
    kept, events = await office.ended()
    assert sorted(rings(events)) == ["accepted", "cancelled"]
    assert kept.end_reason == "caller_hung_up"


@pytest.mark.long
async def test_the_assistant_comes_back_after_the_person(office: Office) -> None:
    await office.open(handoff={"after_person": "assistant"})
    async with office.call() as caller:
        await caller.hear()
        await caller.press("0")
        staff = await office.rung()
        await staff.answer()
        await staff.hear(timeout=20)
        await staff.press("1")
        await asyncio.sleep(1)
        since = now()
        await staff.hang_up()

        async def spoken_to() -> bool:
            return bool(caller.ear.since(since))

        await until(spoken_to, timeout=20)
    _, events = await office.ended()
    assert floors(events) == ["assistant", "briefing", "person", "assistant", "ended"]


@pytest.mark.long
async def test_a_refused_refer_returns_to_the_assistant(office: Office) -> None:
    await office.open(handoff={"kind": "cold"})
    async with office.call() as caller:
        caller.transfer_status = (486, "Busy Here")
        await caller.hear()
        await caller.press("0")
        await _until_back(office, caller)
        assert not caller.ended.is_set()
    _, events = await office.ended()
    assert [one.outcome for one in of_type(events, TransferEnded)] == ["failed"]
    assert of_type(events, TransferStarted)[0].kind == "cold"


@pytest.mark.long
@pytest.mark.parametrize("taken", [True, False])
async def test_the_desk_rings_before_the_assistant(office: Office, taken: bool) -> None:
    await office.open(handoff={"staff_first_seconds": 5})
    async with office.call() as caller:
        staff = await office.rung()
        if taken:
            await staff.answer()
            await staff.hear(timeout=20)
            await staff.press("1")
            since = now()
            async with Hum(caller, CALLER_HZ):
                await until_tone(staff, CALLER_HZ, since=since)
        else:
            await staff.wait_for_end(timeout=20)
            await _until_back(office, caller)
            await caller.hear()
    _, events = await office.ended()
    greeted = any(one.kind == "greeting" for one in of_type(events, AssistantSaid))
    assert greeted is not taken
    assert rings(events) == (["accepted"] if taken else ["no_answer"])


async def decide(call: SipCall, key: str) -> None:
    """Press a key that ends the call, maybe before its last packet has gone."""
    with suppress(ConnectionError):
        await call.press(key)


async def until_heard(call: SipCall) -> None:
    """Wait until somebody speaks to this telephone."""

    async def look() -> bool:
        return call.ear.first_voiced is not None

    await until(look, timeout=20, every=0.05)


async def _until_back(office: Office, caller: SipCall) -> None:
    """Wait until the assistant has the floor again, and is heard."""

    async def look() -> bool:
        room = await office.line.newest_room()
        call = None if room is None else await office.line.find(room)
        return call is not None and floors(await office.line.events(call))[2:] == ["assistant"]

    await until(look, timeout=45)
    back = now()

    async def spoken() -> bool:
        return bool(caller.ear.since(back)) or caller.ear.talking(at=now())

    await until(spoken, timeout=20)
