"""Jobs and workers are killed and frozen in the middle of calls: callers are not left, and nothing is done twice."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from domain.calls.events import (
    AppointmentBooked,
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    FloorChanged,
    StaffJoined,
    StaffLeft,
)
from reception.caller.staff import StaffBrowser
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.events import of_type, until
from tests.calls.practice import CALLER, Practice, at, open_practice, starts
from tests.calls.proxy import DatabaseProxy
from tests.calls.rescue import (
    agents_of,
    call_of,
    first_sound,
    job_of,
    keeper,
    kill_workers,
    now,
    restart_livekit,
    silent,
    worker_of,
)
from tests.calls.stack import free_port
from tests.calls.staff import desk_of
from tests.factories import make_key

pytestmark = [pytest.mark.call, pytest.mark.timeout(300)]

BACK_CEILING = 15.0
"""Seconds from a death to the assistant's voice: three times the promise."""
REFUSED_CEILING = 15.0
ENDED_CEILING = 45.0
WISH = "i would like to book a cleaning for tomorrow at two"
YES = "yes please"


@pytest.fixture
async def practice(line: Line) -> Practice:
    return await open_practice(line)


async def test_after_the_death_of_its_job_a_call_goes_on_and_nothing_is_booked_twice(
    practice: Practice,
) -> None:
    line = practice.line
    await practice.book(at(9), phone=CALLER)
    async with keeper(line.stack), practice.call(WISH, YES) as talk:
        caller = talk.caller
        await talk.say("shall i book it")
        await silent(caller)
        died = (await job_of(line, caller.room_name)).kill()
        back = await first_sound(caller, since=died)
        # It asks again what was asked, and knows what it offered.
        await talk.hear("lost you", "shall i book it")
        await talk.say("booked")
        await silent(caller)
        died = (await job_of(line, caller.room_name)).kill()
        again = await first_sound(caller, since=died)
        await talk.hear("lost you")
        await silent(caller)
    call, events = await practice.record(talk)
    print(f"death to first sound: {back:.2f} s, {again:.2f} s")
    assert max(back, again) < BACK_CEILING
    assert (call.end_reason, call.outcome) == ("caller_hung_up", "booked")
    assert starts(await practice.appointments("held", "booked")) == [at(9), at(14)]
    assert len(of_type(events, AppointmentBooked)) == 1
    assert len(of_type(events, CallStarted)) == 3
    assert len(of_type(events, CallAnswered)) == 1
    assert len(of_type(events, CallEnded)) == 1
    greetings = [one for one in of_type(events, AssistantSaid) if one.kind == "greeting"]
    assert len(greetings) == 1


@pytest.mark.long
async def test_without_a_worker_new_callers_are_refused_and_a_call_in_progress_ends(
    line: Line,
) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        await call_of(line, caller.room_name)
        died = now()
        kill_workers(line.stack)
        try:
            await caller.wait_for_end(timeout=ENDED_CEILING)
            ended = now() - died
            async with line.call() as other:
                await other.wait_for_end(timeout=REFUSED_CEILING)
                refused = now() - other.times.placed
        finally:
            line.stack.start_worker()
    call = await line.ended(caller.room_name)
    print(f"in mid-call ended after {ended:.2f} s, refused after {refused:.2f} s")
    assert call.end_reason == "no_worker"
    assert other.ended_by == "them"
    assert not other.ear.bursts
    assert await line.find(other.room_name) is None


@pytest.mark.long
@pytest.mark.parametrize("deaths", [5])
async def test_from_a_death_to_the_next_word(line: Line, deaths: int) -> None:
    seconds = []
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        for _ in range(deaths):
            await silent(caller)
            died = (await job_of(line, caller.room_name)).kill()
            seconds.append(await first_sound(caller, since=died))
            await caller.hear()
            # A call whose every job dies within a minute is given up.
            await asyncio.sleep(15)
    print("death to first sound:", " ".join(f"{one:.2f}" for one in sorted(seconds)), "s")
    assert max(seconds) < BACK_CEILING
    call = await line.ended(caller.room_name)
    assert call.end_reason == "caller_hung_up"


@pytest.mark.long
async def test_of_two_keepers_one_rescues_and_what_the_caller_had_asked_is_answered(
    line: Line,
) -> None:
    async with keeper(line.stack), keeper(line.stack), line.call() as caller:
        await caller.hear()
        line.stack.sandbox("PUT", "delays", {"openai": {"first_token": 30.0}})
        await caller.speak("is there parking nearby")
        await until(lambda: _turns(line, caller), timeout=30)
        died = (await job_of(line, caller.room_name)).kill()
        line.stack.sandbox("POST", "reset")
        await first_sound(caller, since=died)
        heard = (await caller.hear()).text + (await caller.hear()).text
        assert "parking" in heard.lower()
        assert len(await agents_of(line, caller)) == 1
    call = await line.ended(caller.room_name)
    assert len(of_type(await line.events(call), CallStarted)) == 2
    assert call.rescue_epoch == 2


@pytest.mark.long
async def test_after_the_death_of_a_whole_worker_another_serves_its_call(line: Line) -> None:
    stack = line.stack
    async with keeper(stack), line.call() as caller:
        await caller.hear()
        job = await job_of(line, caller.room_name)
        dying = worker_of(stack, job)
        # Beside the loop: what the caller hears has to be heard when it comes.
        port = str(free_port())
        await asyncio.to_thread(stack.start_worker, RECEPTION_WORKER_PORT=port)
        await silent(caller)
        died = now()
        kill_workers(stack, dying)
        try:
            back = await first_sound(caller, since=died)
            await caller.hear()
            await silent(caller)
            await caller.speak("is there parking nearby")
            assert "parking" in (await caller.hear()).text.lower()
        finally:
            stack.start_worker()
    print(f"death to first sound: {back:.2f} s")
    assert back < BACK_CEILING
    assert (await line.ended(caller.room_name)).end_reason == "caller_hung_up"


@pytest.mark.long
async def test_a_job_that_stands_still_for_ten_seconds_goes_on_alone(line: Line) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        job = await job_of(line, caller.room_name)
        before = set(await agents_of(line, caller))
        job.freeze()
        await asyncio.sleep(10)
        assert set(await agents_of(line, caller)) == before
        job.go_on()
        await asyncio.sleep(2)
        await caller.speak("is there parking nearby")
        assert "parking" in (await caller.hear()).text.lower()
        assert set(await agents_of(line, caller)) == before
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    assert len(of_type(events, CallStarted)) == len(of_type(events, CallEnded)) == 1
    assert call.rescue_epoch is None


@pytest.mark.long
async def test_a_job_that_stays_frozen_is_fenced_and_leaves_when_it_goes_on(line: Line) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        job = await job_of(line, caller.room_name)
        frozen = job.freeze()
        back = await first_sound(caller, since=frozen, timeout=120)
        await caller.hear()
        await silent(caller)
        (serving,) = await agents_of(line, caller)
        quiet = now()
        job.go_on()
        await until(lambda: _true(job.gone), timeout=60)
        # Not a word of its, and the call as it was.
        assert not caller.ear.since(quiet)
        assert list(await agents_of(line, caller)) == [serving]
        await caller.speak("is there parking nearby")
        assert "parking" in (await caller.hear()).text.lower()
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    print(f"frozen to first sound: {back:.2f} s")
    assert call.end_reason == "caller_hung_up"
    assert len(of_type(events, CallStarted)) == 2
    assert len(of_type(events, CallEnded)) == 1


@pytest.mark.long
async def test_while_the_database_is_away_nothing_is_rescued(
    line: Line, proxy: DatabaseProxy
) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        job = await job_of(line, caller.room_name)
        proxy.cut("refused")
        await asyncio.sleep(3)
        died = job.kill()
        await asyncio.sleep(10)
        restored = now()
        proxy.restore()
        await first_sound(caller, since=died, timeout=60)
        back = caller.ear.since(died)[0].started - restored
        assert back > 5
        await caller.hear()
    call = await line.ended(caller.room_name)
    assert call.end_reason == "caller_hung_up"
    assert len(of_type(await line.events(call), CallStarted)) == 2


@pytest.mark.long
async def test_calls_that_keep_their_job_while_the_database_is_away_are_not_rescued_at_its_return(
    line: Line, proxy: DatabaseProxy
) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        before = set(await agents_of(line, caller))
        proxy.cut("refused")
        await asyncio.sleep(5)
        proxy.restore()
        await asyncio.sleep(12)
        assert set(await agents_of(line, caller)) == before
        await caller.speak("is there parking nearby")
        assert "parking" in (await caller.hear()).text.lower()
    call = await line.ended(caller.room_name)
    assert call.rescue_epoch is None


@pytest.mark.long
async def test_a_call_goes_on_in_the_new_room_of_a_restarted_livekit(line: Line) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        await call_of(line, caller.room_name)
        await restart_livekit(line.stack)
        await until(lambda: _true(caller.room.isconnected()), timeout=30)
        await until(lambda: _alone(line, caller), timeout=30)
        await caller.speak("is there parking nearby")
        assert "parking" in (await caller.hear()).text.lower()
    call = await line.ended(caller.room_name)
    assert call.end_reason == "caller_hung_up"
    assert len(of_type(await line.events(call), CallEnded)) == 1


@pytest.mark.long
async def test_a_caller_who_is_gone_with_livekit_was_lost_with_the_server(line: Line) -> None:
    async with keeper(line.stack), line.call() as caller:
        await caller.hear()
        await call_of(line, caller.room_name)
        await restart_livekit(line.stack, meanwhile=caller.hang_up)
        call = await line.ended(caller.room_name)
    assert call.end_reason == "server_lost"


@pytest.mark.long
async def test_a_worker_that_dies_while_a_person_has_the_floor_leaves_it_to_them(
    line: Line,
) -> None:
    user = uuid4()
    async with (
        keeper(line.stack),
        line.call() as caller,
        desk_of(line.stack.livekit, caller) as desk,
    ):
        await caller.hear()
        async with desk.join(user_id=user) as staff:
            await staff.open_microphone()
            await until(lambda: _floor(line, caller, "person"), timeout=20)
            died = (await job_of(line, caller.room_name)).kill()
            await job_of(line, caller.room_name, epoch=2)
            await until(lambda: _floor(line, caller, "person"), timeout=20)
            await staff.speak("hello this is barbara davis")
            await asyncio.sleep(3)
            (agent,) = await agents_of(line, caller)
            assert desk.ears.of(staff.identity).since(died)
            assert not desk.ears.of(agent).bursts
            left = now()
            await staff.hang_up()

            async def back() -> bool:
                return bool(desk.ears.of(agent).since(left))

            await until(back, timeout=BACK_CEILING)
            assert "back with you" in (await caller.hear()).text
    events = await line.events(await line.ended(caller.room_name))
    assert [(one.after, one.reason) for one in of_type(events, FloorChanged)] == [
        ("assistant", ""),
        ("person", "takeover"),
        ("assistant", ""),
        ("person", "takeover"),
        ("assistant", "left"),
        ("ended", "caller_hung_up"),
    ]
    assert len(of_type(events, StaffJoined)) == len(of_type(events, StaffLeft)) == 1


@pytest.mark.long
async def test_the_admin_service_restarts_while_a_person_has_the_floor(line: Line) -> None:
    async with line.call() as caller, desk_of(line.stack.livekit, caller) as desk:
        async with keeper(line.stack) as first:
            await caller.hear()
            staff = await StaffBrowser.join(desk.livekit, caller.room_name, user_id=uuid4())
            await staff.open_microphone()
            await until(lambda: _floor(line, caller, "person"), timeout=20)
            first.kill()
        call = await call_of(line, caller.room_name)
        key = await make_key(line.database, role="staff", business_id=call.business_id)
        async with keeper(line.stack) as second:
            assert await second.calls(key=key, state="person") == [str(call.id)]
            before = set(await agents_of(line, caller))
            await asyncio.sleep(6)
            assert await _floor(line, caller, "person")
            assert set(await agents_of(line, caller)) == before
            left = now()
            await staff.hang_up()
            assert await desk.assistant_speaks(since=left) > left
    call = await line.ended(caller.room_name)
    assert call.rescue_epoch is None
    assert call.end_reason == "caller_hung_up"


async def _turns(line: Line, caller: WebRtcCaller) -> bool:
    call = await line.find(caller.room_name)
    return call is not None and bool(of_type(await line.events(call), CallerSaid))


async def _floor(line: Line, caller: WebRtcCaller, state: str) -> bool:
    call = await line.find(caller.room_name)
    return call is not None and call.state == state


async def _alone(line: Line, caller: WebRtcCaller) -> bool:
    return len(await agents_of(line, caller)) == 1


async def _true(value: bool) -> bool:
    return value
