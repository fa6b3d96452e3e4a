"""The job of a call dies while a telephone of staff rings, or after somebody took the call on one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest

from domain.calls.events import CallStarted, FloorChanged, RingEnded, TransferEnded
from tests.calls.events import of_type
from tests.calls.handoff import CALLER_HZ, STAFF_HZ, Hum, Office, open_office, until_tone
from tests.calls.rescue import call_of_newest, first_sound, job_of, keeper, now, silent
from tests.calls.stack import find_livekit_server

pytestmark = [pytest.mark.sip, pytest.mark.long, pytest.mark.timeout(300)]

BACK_CEILING = 15.0


@pytest.fixture(scope="module")
async def office() -> AsyncIterator[Office]:
    """Skips where livekit-server, livekit-sip or redis-server is absent."""
    binary = find_livekit_server()
    missing = [name for name in ("livekit-sip", "redis-server") if not shutil.which(name)]
    if binary is None or missing:
        pytest.skip(f"not on PATH: {', '.join(missing) or 'livekit-server'}")
    async with open_office(binary) as made:
        # What is hummed is a word to the recogniser.
        script = {"lines": [{"text": "Well."}], "streams": 0, "repeat": True}
        made.stack.sandbox("PUT", "scripts", [script])
        yield made


async def test_a_telephone_that_rang_rings_no_more_and_the_caller_is_helped(office: Office) -> None:
    await office.open()
    async with keeper(office.stack), office.call() as caller:
        await caller.hear()
        room = (await call_of_newest(office.line)).room
        await caller.press("0")
        staff = await office.rung()
        died = (await job_of(office.line, room)).kill()
        # The music ends with it.
        await silent(caller, seconds=0.3)
        back = now() - died + await first_sound(caller, since=now())
        await staff.wait_for_end(timeout=30)
        await caller.hear()
        assert not caller.ended.is_set()
    call, events = await office.ended()
    print(f"death to first sound: {back:.2f} s")
    assert back < BACK_CEILING
    assert call.end_reason == "caller_hung_up"
    assert len(of_type(events, CallStarted)) == 2
    assert [(one.outcome, one.detail) for one in of_type(events, RingEnded)] == [
        ("failed", "worker_lost")
    ]
    assert [one.outcome for one in of_type(events, TransferEnded)] == ["failed"]


async def test_who_took_the_call_on_a_telephone_keeps_the_caller(office: Office) -> None:
    await office.open()
    async with keeper(office.stack), office.call() as caller:
        await caller.hear()
        room = (await call_of_newest(office.line)).room
        async with Hum(caller, CALLER_HZ):
            await caller.press("0")
            staff = await office.rung()
            await staff.answer()
            async with Hum(staff, STAFF_HZ):
                await asyncio.sleep(1)
            await staff.hear(timeout=20)
            pressed = now()
            await staff.press("1")
            async with Hum(staff, STAFF_HZ):
                await until_tone(caller, STAFF_HZ, since=pressed)
                (await job_of(office.line, room)).kill()
                await job_of(office.line, room, epoch=2)
                await asyncio.sleep(3)
                later = now()
                await until_tone(caller, STAFF_HZ, since=later)
                await until_tone(staff, CALLER_HZ, since=later)
        await staff.hang_up()
        await caller.wait_for_end()
    call, events = await office.ended()
    assert call.end_reason == "person_hung_up"
    assert [one.after for one in of_type(events, FloorChanged)] == [
        "assistant",
        "briefing",
        "person",
        "assistant",
        "person",
        "ended",
    ]
    assert [one.outcome for one in of_type(events, TransferEnded)] == ["connected"]
