"""When a call ends, for what reason, and that its room is closed exactly once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import AgentStateChangedEvent, UserInputTranscribedEvent, UserStateChangedEvent

from agent import connection
from agent.phrases import phrase
from domain.calls.events import (
    CallAnswered,
    CallEnded,
    CallerSaid,
    FloorChanged,
    MessageTaken,
    TransferEnded,
)
from tests.agent.fakes import TRANSFER_NUMBER, FakeHandle, Scene


def failure(kind: str, *, recoverable: bool = False) -> Any:
    return SimpleNamespace(error=SimpleNamespace(type=f"{kind}_error", recoverable=recoverable))


async def test_the_greeting_opens_the_call() -> None:
    scene = await Scene().begin()
    assert scene.session.said == ["Hello."]
    scene.session.emit(
        "agent_state_changed", AgentStateChangedEvent(old_state="listening", new_state="speaking")
    )
    floor, answered = scene.journal.events
    assert isinstance(floor, FloorChanged)
    assert (floor.before, floor.after) == ("answering", "assistant")
    assert isinstance(answered, CallAnswered)
    assert answered.greeting_ready


async def test_a_recording_notice_comes_before_the_greeting() -> None:
    scene = await Scene(recording_notice="This call is recorded.").begin()
    assert scene.session.said == ["This call is recorded.", "Hello."]


async def test_the_caller_hangs_up() -> None:
    scene = await Scene().begin()
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"


async def test_somebody_else_leaving_ends_nothing() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("participant_disconnected", SimpleNamespace(identity="staff"))
    await scene.settle()
    assert not scene.call.floor.ended


async def test_a_caller_who_left_before_the_greeting_is_not_greeted() -> None:
    scene = Scene()
    scene.line.present = False
    await scene.begin()
    assert await scene.over() == "caller_hung_up"
    assert scene.session.said == []


async def test_the_first_of_several_causes_decides() -> None:
    scene = await Scene().begin()
    scene.line.caller_leaves()
    await asyncio.gather(
        scene.call.finish("time_limit"), scene.call.finish("silence"), scene.call.stopped()
    )
    assert await scene.over() == "caller_hung_up"


async def test_the_assistant_ends_the_call_when_it_has_said_goodbye() -> None:
    scene = await Scene().begin()
    goodbye = scene.session.current_speech = FakeHandle("Goodbye!")
    scene.call.end("assistant_ended")
    scene.call.end("assistant_ended")
    await scene.settle()
    assert not scene.call.floor.ended
    goodbye.played.set()
    assert await scene.over() == "assistant_ended"


async def test_a_caller_who_interrupts_the_goodbye_is_heard() -> None:
    scene = await Scene().begin()
    goodbye = scene.session.current_speech = FakeHandle("Goodbye!")
    scene.call.end("assistant_ended")
    await scene.settle()
    goodbye.interrupted = True
    goodbye.played.set()
    await scene.settle()
    assert not scene.call.floor.ended
    again = scene.session.current_speech = FakeHandle("Goodbye then!")
    scene.call.end("assistant_ended")
    again.played.set()
    assert await scene.over() == "assistant_ended"


async def test_the_longest_call_ends_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    real_sleep = asyncio.sleep
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("agent.call.asyncio.sleep", sleep)
    scene = await Scene(limits={"maximum_seconds": 60}).begin()
    assert await scene.over() == "time_limit"
    assert 60 in slept
    assert scene.session.said[-1] == phrase("time_limit", "en-US")


async def test_silence_is_asked_about_and_then_ends_the_call() -> None:
    scene = await Scene(limits={"silence_prompts": 1}).begin()
    away = UserStateChangedEvent(old_state="listening", new_state="away")
    scene.session.emit("user_state_changed", away)
    await scene.settle()
    scene.session.emit("user_state_changed", away)
    assert await scene.over() == "silence"
    assert scene.session.said[1:] == [
        phrase("still_there", "en-US"),
        phrase("silence_goodbye", "en-US"),
    ]


async def test_a_job_that_stops_ends_its_call() -> None:
    scene = await Scene().begin()
    await scene.call.stopped()
    assert await scene.over() == "worker_stopped"


async def test_a_deleted_room_is_a_failed_call() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("disconnected", rtc.DisconnectReason.ROOM_DELETED)
    assert await scene.over() == "failed"


async def test_a_call_that_went_with_its_server_ends_with_that_reason() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("disconnected", rtc.DisconnectReason.SERVER_SHUTDOWN)
    assert await scene.over() == "server_lost"


async def test_a_caller_who_joins_the_new_room_of_a_restarted_server_goes_on() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("reconnecting")
    scene.line.caller_leaves()
    scene.line.room.emit("reconnected")
    await scene.settle()
    scene.line.present = True
    scene.line.room.emit("participant_connected", caller())
    await scene.settle()
    assert scene.call.floor.now == "assistant"
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"


async def test_a_caller_who_does_not_come_into_the_new_room_was_lost_with_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "RETURN_SECONDS", 0.01)
    scene = await Scene().begin()
    scene.line.room.emit("reconnecting")
    scene.line.caller_leaves()
    assert await scene.over() == "server_lost"


async def test_a_connection_that_mends_changes_nothing() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("reconnecting")
    scene.line.room.emit("reconnected")
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"


async def test_a_caller_who_is_still_in_the_room_that_was_lost_is_left_to_another_job() -> None:
    scene = await Scene().begin()
    scene.line.room_survives = True
    scene.line.room.emit("disconnected", rtc.DisconnectReason.STATE_MISMATCH)
    async with asyncio.timeout(5):
        await scene.line.over.wait()
    await scene.call.stopped()
    await scene.call.finish("silence")
    assert scene.line.closed == 0
    assert not any(isinstance(event, CallEnded) for event in scene.journal.events)


async def test_a_job_taken_for_dead_leaves_the_call_to_the_next_one() -> None:
    scene = await Scene().begin()
    scene.line.room.emit("disconnected", rtc.DisconnectReason.PARTICIPANT_REMOVED)
    await scene.call.stopped()
    assert scene.line.closed == 0
    assert len(scene.line.shut_down_for) == 1
    assert not any(isinstance(event, CallEnded) for event in scene.journal.events)


async def test_the_end_waits_for_a_booking_under_way_and_keeps_unfinished_words() -> None:
    scene = await Scene().begin()
    scene.journal.settled.clear()
    heard = UserInputTranscribedEvent(transcript="Yes, please", is_final=True)
    scene.session.emit("user_input_transcribed", heard)
    scene.line.caller_leaves()
    await scene.settle()
    assert not scene.line.closed
    scene.journal.settled.set()
    assert await scene.over() == "caller_hung_up"
    assert scene.journal.events[-2] == CallerSaid(text="Yes, please")


async def test_a_lost_answer_is_asked_for_again_and_the_call_goes_on() -> None:
    scene = await Scene().begin()
    scene.session.emit("error", failure("llm"))
    scene.session.emit("error", failure("llm", recoverable=True))
    await scene.settle()
    assert scene.session.said[-1] == phrase("retry_keys", "en-US")
    assert not scene.call.floor.ended


async def test_a_model_that_stays_away_leaves_the_caller_a_message() -> None:
    scene = await Scene().begin()
    for _ in range(2):
        scene.session.emit("error", failure("llm"))
        await scene.settle()
    assert scene.session.said[-1] == phrase("leave_message", "en-US")
    said = UserInputTranscribedEvent(transcript="Please call me back.", is_final=True)
    scene.session.emit("user_input_transcribed", said)
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"
    (taken,) = [event for event in scene.journal.events if isinstance(event, MessageTaken)]
    assert (taken.text, taken.caller_phone) == ("Please call me back.", "+12025550111")
    assert taken.spooled


async def test_a_model_that_stays_away_sends_the_caller_to_a_person_who_is_there() -> None:
    scene = await Scene(transfer_number=TRANSFER_NUMBER).begin()
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    for _ in range(2):
        scene.session.emit("error", failure("llm"))
        await scene.settle()
    assert await scene.over() == "transferred"


async def test_a_model_asked_before_the_turn_is_over_fails_without_interrupting_the_caller() -> (
    None
):
    scene = await Scene().begin()
    said = UserInputTranscribedEvent(transcript="I would like", is_final=True)
    scene.session.emit("user_input_transcribed", said)
    scene.session.emit("error", failure("llm"))
    await scene.settle()
    assert scene.session.said == ["Hello."]


async def test_a_session_that_closes_on_an_error_ends_the_call() -> None:
    scene = await Scene().begin()
    scene.session.emit("close", SimpleNamespace(error=RuntimeError(), reason="error"))
    assert await scene.over() == "failed"


def caller() -> Any:
    return SimpleNamespace(
        identity="caller",
        attributes={},
        kind=rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
        track_publications={},
    )
