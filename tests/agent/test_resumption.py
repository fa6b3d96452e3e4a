"""Taking over the call of a job that died: what is known from its events, and how the call goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from livekit import rtc
from livekit.agents.llm import ChatMessage, FunctionCall, FunctionCallOutput

from agent import stall
from agent.handoff.exchange import FoundLeg
from agent.journal.spool import Spool, SpoolHeader, spool_folder
from agent.phrases import phrase
from agent.resumption.comeback import LEAST_SECONDS, NOT_CONNECTED, OPENING, Comeback
from agent.resumption.resumption import Resumption, load, read
from agent.resumption.story import turn_open
from agent.stall import StallWatch
from domain.calls.events import (
    AppointmentBooked,
    AppointmentHeld,
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    Event,
    FloorChanged,
    JournalEntry,
    LateFeeTold,
    MessageTaken,
    PersonRung,
    RingEnded,
    StaffJoined,
    StaffLeft,
    StaffSaid,
    StaffWhispered,
    ToolCalled,
    TransferEnded,
    TransferStarted,
)
from domain.calls.record import append
from domain.database import Database
from domain.messages import operations as messages
from tests.agent.fakes import FakeStaff, Scene
from tests.calls.events import until
from tests.factories import make_business

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CALL, APPOINTMENT, ANNE = UUID(int=1), UUID(int=2), UUID(int=7)
LOST = phrase("lost_you", "en-US")


def entries(events: Sequence[Event], *, every: float = 1.0) -> list[JournalEntry]:
    return [
        JournalEntry(
            call_id=CALL, epoch=1, seq=seq, at=AT + timedelta(seconds=seq * every), event=event
        )
        for seq, event in enumerate(events, start=1)
    ]


def known(*events: Event, every: float = 1.0) -> Resumption:
    told = entries(events, every=every)
    now = told[-1].at if told else AT
    return read(told, time_zone="America/New_York", now=now)


def tool(name: str, result: str, outcome: str = "done", **arguments: object) -> ToolCalled:
    return ToolCalled.model_validate(
        {"name": name, "arguments": arguments, "result": result, "outcome": outcome, "seconds": 0.1}
    )


def booked() -> AppointmentBooked:
    return AppointmentBooked(
        appointment_id=APPOINTMENT, service_id=uuid4(), person_id=uuid4(), starts_at=AT
    )


GREETED: tuple[Event, ...] = (
    CallAnswered(setup_seconds=0.5, greeting_ready=True),
    FloorChanged(before="answering", after="assistant"),
    AssistantSaid(text="Hello.", kind="greeting"),
)


def told(resumption: Resumption) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for item in resumption.story.items:
        if isinstance(item, ChatMessage):
            found.append((item.role, item.text_content or ""))
        elif isinstance(item, FunctionCall):
            found.append(("call", f"{item.name} {item.arguments}"))
        elif isinstance(item, FunctionCallOutput):
            found.append(("output", item.output))
    return found


# What the events tell


def test_the_conversation_is_told_in_order_with_what_tools_did() -> None:
    resumption = known(
        *GREETED,
        CallerSaid(text="A cleaning, please."),
        tool("find_times", "[a] Monday at 2 | Offer it.", service="cleaning"),
        AssistantSaid(text="Monday at two?", interrupted=True),
        StaffWhispered(user_id=ANNE, text="Be nice."),
        StaffWhispered(user_id=ANNE, text="We have parking.", aloud=True),
        StaffSaid(text="Hello, Anne here.", user_id=ANNE),
        CallerSaid(text="Yes."),
    )
    lines = told(resumption)
    assert [who for who, _ in lines] == [
        "assistant", "user", "call", "output", "assistant", "system", "assistant", "user",
    ]  # fmt: skip
    assert lines[2] == ("call", 'find_times {"service": "cleaning"}')
    assert lines[3] == ("output", "[a] Monday at 2 | Offer it.")
    assert "Be nice." in lines[5][1]
    assert "colleague" in lines[6][1]
    calls = [one for one in resumption.story.items if hasattr(one, "call_id")]
    assert len({one.call_id for one in calls}) == 1
    moments = [item.created_at for item in resumption.story.items]
    assert moments == sorted(moments)
    assert moments[-1] < datetime.now(UTC).timestamp()


@pytest.mark.parametrize(
    ("last", "is_open"),
    [
        ([], False),
        ([AssistantSaid(text="When?")], False),
        ([CallerSaid(text="Tomorrow.")], True),
        ([CallerSaid(text="Tomorrow."), tool("find_times", "none | Say so.")], True),
        ([CallerSaid(text="Yes."), booked()], False),
    ],
)
def test_a_turn_is_open_until_it_is_answered(last: list[Event], is_open: bool) -> None:
    assert turn_open(known(*GREETED, *last).story) is is_open


def test_a_deed_whose_tool_did_not_live_to_answer_is_told_in_a_note() -> None:
    answered = known(
        CallerSaid(text="Yes."), booked(), tool("book_appointment", "Booked | Say so.")
    )
    assert [who for who, _ in told(answered)] == ["user", "call", "output"]
    cut = known(CallerSaid(text="Yes."), booked())
    assert told(cut)[-1][0] == "system"
    assert "Monday, 2 March at 10:00 AM" in told(cut)[-1][1]
    held = AppointmentHeld(
        appointment_id=APPOINTMENT,
        service_id=uuid4(),
        person_id=uuid4(),
        starts_at=AT,
        held_until=AT + timedelta(minutes=2),
    )
    assert "10:02" in told(known(held))[-1][1]


def test_what_tools_remember_is_found_again() -> None:
    shown = uuid4()
    wrong = tool("find_appointments", "no | Ask.", "refused", code="ABCD")
    memory = known(
        tool("find_appointments", f"[{shown}] Monday | Ask."),
        wrong,
        wrong,
        booked(),
        LateFeeTold(appointment_id=APPOINTMENT),
        tool("cancel_appointment", "Not cancelled yet: that costs a fee of 50 dollars | Tell it.", "refused"),
        AssistantSaid(text="That costs 50 dollars. Do you accept it?"),
        MessageTaken(
            message_id=uuid4(), urgency="normal", spooled=True, caller_name="Ann", text="Call me"
        ),
    ).memory  # fmt: skip
    assert memory.shown == {shown, APPOINTMENT}
    assert memory.kept_times == {shown}
    assert memory.wrong_tries == 2
    assert memory.fees_told[APPOINTMENT].fee == "50 dollars"
    assert memory.messages == {"ann  call me "}
    assert memory.asked['find_appointments {"code": "ABCD"}'] == 2


@pytest.mark.parametrize("reply", [None, AssistantSaid(text="That costs", interrupted=True)])
def test_a_fee_that_the_caller_has_not_heard_is_not_told(reply: Event | None) -> None:
    events: list[Event] = [
        LateFeeTold(appointment_id=APPOINTMENT),
        tool("cancel_appointment", "Not yet: it costs a fee of 50 dollars | Tell it.", "refused"),
        *([reply] if reply else []),
    ]
    assert known(*events).memory.fees_told == {}


def test_the_state_of_the_call_is_read() -> None:
    resumption = known(
        *GREETED,
        StaffJoined(user_id=ANNE, identity="staff-a"),
        StaffJoined(user_id=UUID(int=8), identity="staff-b"),
        FloorChanged(before="assistant", after="person", identity="staff-a"),
        StaffLeft(user_id=UUID(int=8), identity="staff-b", reason="left"),
        every=10.0,
    )
    assert resumption.answered
    assert resumption.speaker == "staff-a"
    assert resumption.staff == {"staff-a": ANNE}
    assert resumption.assistant_seconds == 40
    assert resumption.kinds["staff_joined"] == 2
    ringing = known(
        *GREETED,
        TransferStarted(reason="x", kind="warm"),
        PersonRung(attempt=1),
        RingEnded(attempt=1, outcome="busy"),
        PersonRung(attempt=2),
    )
    assert (ringing.attempts, ringing.ringing, ringing.connecting) == (2, (2,), True)
    assert known().speaker == ""
    assert not known(CallStarted(room="r", channel="sip", dialled="+12025550100")).answered


async def test_the_journal_is_read_with_what_the_dead_job_left_and_the_messages_taken(
    database: Database, tmp_path: Path
) -> None:
    business_id = await make_business(database)
    started = CallStarted(room="call-1", channel="sip", dialled="+12025550100")
    delivered, left = entries([started, CallerSaid(text="One.")]), entries([started, started, CallerSaid(text="Two.")])[2:]  # fmt: skip
    async with database.scope(business_id=business_id) as scope:
        await append(scope, delivered)
        await messages.take(scope, call_id=CALL, caller_name="Ann", text="Call me")
    header = SpoolHeader(call_id=CALL, epoch=1, business_id=business_id)
    spool = Spool.create(spool_folder(tmp_path), header=header, keyring=database.keyring)
    for entry in left:
        spool.append(entry)
    spool.close(remove=False)
    found = await load(
        database, home=tmp_path, call_id=CALL, business_id=business_id, time_zone="Europe/Berlin"
    )
    assert [text for _, text in told(found)] == ["One.", "Two."]
    assert found.memory.messages == {"ann  call me "}
    assert not list(spool_folder(tmp_path).glob("*.spool"))


async def test_a_journal_that_cannot_be_read_is_no_reason_to_be_silent(
    database: Database, tmp_path: Path
) -> None:
    business_id = await make_business(database)
    found = await load(
        database, home=tmp_path, call_id=CALL, business_id=business_id, time_zone="Europe/Berlin"
    )
    assert found.answered
    assert not found.story.items


# How the call goes on


async def resumed(*events: Event, **settings: Any) -> Scene:
    scene = Scene(resumption=known(*events), **settings)
    await scene.begin()
    await scene.settle()
    return scene


async def test_the_caller_is_told_at_once_and_asked_again() -> None:
    scene = await resumed(*GREETED, AssistantSaid(text="When would you like to come?"))
    assert scene.session.said == [LOST]
    assert scene.session.instructed == [OPENING]
    assert [item.text_content for item in scene.session.agents[0].chat_ctx.items] == [
        "Hello.",
        "When would you like to come?",
    ]
    assert not [one for one in scene.journal.events if isinstance(one, CallAnswered)]


async def test_what_the_caller_had_asked_for_is_done_now() -> None:
    scene = await resumed(*GREETED, CallerSaid(text="Is there parking?"))
    assert scene.session.said == [LOST]
    assert scene.session.instructed == [""]


@pytest.mark.parametrize(
    ("events", "greets"),
    [
        ([], True),
        (list(GREETED), True),
        ([*GREETED, AssistantSaid(text="We record.", kind="notice", interrupted=True)], True),
        ([*GREETED, AssistantSaid(text="We record.", kind="notice")], False),
    ],
)
async def test_who_was_not_told_of_the_recording_is_told_and_nobody_twice(
    events: list[Event], greets: bool
) -> None:
    scene = await resumed(*events, recording_notice="We record.")
    assert scene.session.said == (["We record.", "Hello."] if greets else [LOST])


async def test_who_was_being_connected_is_told_that_nobody_took_the_call() -> None:
    scene = await resumed(*GREETED, TransferStarted(reason="x", kind="warm"), PersonRung(attempt=1))
    assert scene.session.said == [LOST]
    assert scene.session.instructed == [NOT_CONNECTED]
    ended = [one for one in scene.journal.events if isinstance(one, (RingEnded, TransferEnded))]
    assert [(one.outcome, one.detail) for one in ended] == [("failed", "worker_lost")] * 2


async def test_a_telephone_that_took_the_call_keeps_the_caller() -> None:
    scene = Scene(
        resumption=known(
            *GREETED, TransferStarted(reason="x", kind="warm"), PersonRung(attempt=1), PersonRung(attempt=2),
        )
    )  # fmt: skip
    scene.exchange.found = [FoundLeg("staff-a", 2, True), FoundLeg("staff-b", 1, False)]
    await scene.begin()
    await scene.settle()
    assert scene.call.floor.now == "person"
    assert scene.session.said == scene.session.instructed == []
    assert scene.exchange.removed == ["staff-b"]
    ended = [one for one in scene.journal.events if isinstance(one, (RingEnded, TransferEnded))]
    assert [one.outcome for one in ended] == ["failed", "accepted", "connected"]
    # One that was being dialled comes only now.
    scene.exchange.found = [FoundLeg("staff-c", 3, False)]
    scene.line.room.emit("participant_connected", FakeStaff(scene, user_id=ANNE, identity="sip"))
    await scene.settle()
    assert scene.exchange.removed == ["staff-b", "staff-c"]


@pytest.mark.parametrize("muted", [False, True])
async def test_staff_who_had_the_floor_keep_it(muted: bool) -> None:
    scene = Scene(
        resumption=known(
            *GREETED,
            StaffJoined(user_id=ANNE, identity="staff-anne"),
            StaffJoined(user_id=UUID(int=8), identity="staff-ben"),
            FloorChanged(before="assistant", after="person", identity="staff-anne"),
        )
    )
    FakeStaff(scene, user_id=ANNE, identity="staff-anne").joins().opens_microphone(muted=muted)
    await scene.begin()
    await scene.settle()
    assert scene.call.floor.now == "person"
    assert scene.session.said == scene.session.instructed == []
    assert not [one for one in scene.journal.events if isinstance(one, StaffJoined)]
    left = [one for one in scene.journal.events if isinstance(one, StaffLeft)]
    assert [(one.identity, one.reason) for one in left] == [("staff-ben", "lost")]


def test_of_the_longest_call_there_is_something_left() -> None:
    def left(spent: float) -> float:
        resumption = Resumption(assistant_seconds=spent)
        unused: Any = None
        made = Comeback(
            unused, resumption, notice="", speech=unused, transcript=unused, record=unused
        )
        return made.left_of(600)

    assert left(100) == 500
    assert left(1000) == LEAST_SECONDS


# A job that stood still


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_who_did_not_stand_still_asks_nobody() -> None:
    clock, asked = Clock(), 0

    async def still_ours() -> bool:
        nonlocal asked
        asked += 1
        return False

    watch = StallWatch(still_ours=still_ours, clock=clock)
    clock.now = stall.STALL_SECONDS
    assert await watch.ours()
    assert asked == 0
    clock.now += 0.1
    assert not await watch.ours()
    assert asked == 1


async def test_a_job_that_stood_still_is_quiet_until_it_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stall, "BEAT_SECONDS", 0.001)
    clock, answer = Clock(), asyncio.get_running_loop().create_future()
    told: list[object] = []

    async def still_ours() -> bool:
        return bool(await answer)

    watch = StallWatch(still_ours=still_ours, clock=clock)
    clock.now = 10
    running = asyncio.create_task(
        watch.run(on_stalled=lambda: told.append("quiet"), on_back=told.append)
    )
    await until(lambda: _seen(told, 1), timeout=5, every=0.001)
    assert told == ["quiet"]
    answer.set_result(True)
    await until(lambda: _seen(told, 2), timeout=5, every=0.001)
    assert told == ["quiet", True]
    assert not watch.stalled
    running.cancel()


async def test_a_fenced_job_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def still_ours() -> bool:
        return False

    scene = Scene(still_ours=still_ours)
    await scene.begin()
    monkeypatch.setattr(stall, "STALL_SECONDS", -1.0)
    scene.line.caller_leaves()
    async with asyncio.timeout(5):
        await scene.line.over.wait()
    await scene.call.stopped()
    assert not scene.session.output.audio
    assert scene.line.closed == 0
    assert scene.line.left == 1
    assert not [one for one in scene.journal.events if isinstance(one, CallEnded)]
    assert scene.call.floor.now == "assistant"
    scene.line.room.emit("disconnected", rtc.DisconnectReason.SERVER_SHUTDOWN)
    await scene.settle()
    assert scene.line.closed == 0


async def _seen(told: list[object], count: int) -> bool:
    return len(told) >= count
