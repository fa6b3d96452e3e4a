"""Staff who take a call over in their browser: who has the floor, what is written down, who may speak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from livekit import rtc
from livekit.agents import ConversationItemAddedEvent, UserStateChangedEvent
from livekit.agents.llm import ChatMessage

from agent import changeover, takeover
from agent.assistant import Assistant, Listener
from agent.phrases import phrase
from agent.staff_hearing import StaffLine
from domain.calls.control import GiveFloor, HangUp, Whisper
from domain.calls.events import (
    AssistantSaid,
    CallEnded,
    CallerSaid,
    Event,
    FloorChanged,
    StaffJoined,
    StaffLeft,
    StaffSaid,
    StaffWhispered,
)
from tests.agent.fakes import TRANSFER_NUMBER, FakeHandle, FakeStaff, Scene

ANNE, BEN = UUID(int=7), UUID(int=8)


async def taken() -> tuple[Scene, FakeStaff]:
    """A call that Anne has taken over."""
    scene = await Scene(transfer_number=TRANSFER_NUMBER).begin()
    anne = FakeStaff(scene, user_id=ANNE, identity="staff-anne").joins().opens_microphone()
    return scene, anne


def of_type(scene: Scene, kind: type[Any]) -> list[Any]:
    return [event for event in scene.journal.events if isinstance(event, kind)]


def conversation(scene: Scene) -> list[tuple[str, str]]:
    """What the assistant that answers now knows."""
    agent = scene.session.agents[-1]
    assert isinstance(agent, Assistant)
    return [
        (item.role, item.text_content or "")
        for item in agent.chat_ctx.items
        if isinstance(item, ChatMessage)
    ]


def give(to: str, *, by: UUID = ANNE) -> GiveFloor:
    return GiveFloor(id=uuid4(), user_id=by, to=to)


async def test_a_live_microphone_silences_the_assistant_at_once() -> None:
    scene = await Scene().begin()
    anne = FakeStaff(scene, user_id=ANNE).joins()
    assert scene.call.floor.now == "assistant"
    anne.opens_microphone()
    # Before anything else can run.
    assert scene.session.interrupted == 1
    assert scene.session.output.audio is False
    assert scene.call.voice.silent
    assert isinstance(scene.session.agents[-1], Listener)
    assert scene.floor_changes()[-1] == ("person", "takeover", str(ANNE))
    assert scene.journal.events[-2:] == [
        StaffJoined(user_id=ANNE, identity="staff-1"),
        FloorChanged(
            before="assistant", after="person", reason="takeover", by=str(ANNE), identity="staff-1"
        ),
    ]


async def test_a_muted_microphone_takes_nothing_until_it_is_live() -> None:
    scene = await Scene().begin()
    anne = FakeStaff(scene, user_id=ANNE).joins().opens_microphone(muted=True)
    assert scene.floor_changes()[-1][0] == "assistant"
    anne.unmutes()
    assert scene.floor_changes()[-1][0] == "person"


@pytest.mark.parametrize(
    "attributes",
    [{}, {"reception.role": "caller"}, {"reception.role": "staff"}, {"reception.user": str(ANNE)}],
)
async def test_only_a_token_of_staff_takes_over(attributes: dict[str, str]) -> None:
    scene = await Scene().begin()
    stranger = FakeStaff(scene, user_id=ANNE)
    stranger.attributes = attributes
    stranger.joins().opens_microphone()
    await scene.settle()
    assert scene.call.floor.now == "assistant"
    assert not of_type(scene, StaffJoined)


async def test_staff_who_speak_already_when_the_job_begins_keep_the_floor() -> None:
    scene = Scene()
    anne = FakeStaff(scene, user_id=ANNE)
    scene.line.room.remote_participants[anne.identity] = anne
    anne.opens_microphone()
    await scene.begin()
    assert scene.call.floor.now == "person"
    assert scene.session.said == []


async def test_staff_who_come_before_the_greeting_have_the_floor() -> None:
    scene = Scene()
    anne = FakeStaff(scene, user_id=ANNE)

    async def start(*_: Any, **__: Any) -> None:
        anne.joins().opens_microphone()

    scene.session.start = start  # type: ignore[method-assign]
    await scene.begin()
    assert scene.call.floor.now == "person"
    assert scene.session.said == []


async def test_nothing_is_said_while_a_person_speaks() -> None:
    scene, _ = await taken()
    said = list(scene.session.said)
    away = UserStateChangedEvent(old_state="listening", new_state="away")
    scene.session.emit("user_state_changed", away)
    for kind in ("llm", "tts", "stt"):
        error = SimpleNamespace(type=f"{kind}_error", recoverable=False)
        scene.session.emit("error", SimpleNamespace(error=error))
    scene.session.emit("user_transcription_timeout", SimpleNamespace())
    participant: Any = SimpleNamespace(identity="caller")
    key = rtc.SipDTMF(code=0, digit="0", participant=participant)
    scene.line.room.emit("sip_dtmf_received", key)
    await scene.call.say_phrase("retry")
    await scene.settle()
    assert scene.session.said == said
    assert scene.session.instructed == []
    assert scene.line.referred == []
    assert scene.call.floor.now == "person"


async def test_a_takeover_stops_the_end_that_the_assistant_had_begun() -> None:
    scene = await Scene().begin()
    goodbye = scene.session.current_speech = FakeHandle("Goodbye!")
    scene.call.end("assistant_ended")
    await scene.settle()
    FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    goodbye.interrupted = True
    goodbye.played.set()
    await scene.settle()
    assert scene.call.floor.now == "person"


async def test_a_takeover_stops_the_end_for_silence() -> None:
    scene = await Scene(limits={"silence_prompts": 1}).begin()
    away = UserStateChangedEvent(old_state="listening", new_state="away")
    scene.session.emit("user_state_changed", away)
    await scene.settle()
    scene.session.speaks_at_once = False
    scene.session.emit("user_state_changed", away)
    await scene.settle()
    assert scene.session.said[-1] == phrase("silence_goodbye", "en-US")
    FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    await scene.settle()
    assert scene.call.floor.now == "person"


async def test_a_takeover_stops_the_taking_of_a_message_and_keeps_what_there_is() -> None:
    scene = await Scene().begin()
    for _ in range(2):
        error = SimpleNamespace(type="llm_error", recoverable=False)
        scene.session.emit("error", SimpleNamespace(error=error))
        await scene.settle()
    scene.caller_says("Please call me back.")
    FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    await scene.settle()
    assert scene.call.floor.now == "person"
    assert [event.type for event in scene.journal.events].count("message_taken") == 1


async def test_both_sides_are_written_down_once() -> None:
    scene = await Scene().begin()
    scene.caller_says("I would like")
    anne = FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    late = ChatMessage(role="user", content=["I would like"])
    scene.session.emit("conversation_item_added", ConversationItemAddedEvent(item=late))
    scene.caller_says("a cleaning")
    now = datetime(2026, 3, 2, 15, tzinfo=UTC)
    line = StaffLine("Tomorrow at nine?", now, now)
    assert scene.call.takeover.speaker is not None
    scene.call.takeover.heard(scene.call.takeover.speaker, line)
    scene.caller_says("yes please")
    anne.leaves()
    await scene.settle()
    said = [
        (event.type, event.text)
        for event in scene.journal.events
        if isinstance(event, CallerSaid | StaffSaid)
    ]
    assert said == [
        ("caller_said", "I would like"),
        ("caller_said", "a cleaning"),
        ("staff_said", "Tomorrow at nine?"),
        ("caller_said", "yes please"),
    ]
    (staff,) = of_type(scene, StaffSaid)
    assert (staff.user_id, staff.started_at) == (ANNE, now)
    assert [role for role, _ in conversation(scene)] == ["user", "user", "assistant", "user"]
    assert conversation(scene)[2][1].endswith("Tomorrow at nine?")
    assert "colleague" in conversation(scene)[2][1]


async def test_what_was_not_heard_is_not_written_down() -> None:
    scene, _ = await taken()
    for text, cut in (("Good mor", True), ("One moment, please.", False)):
        item = ChatMessage(role="assistant", content=[text], interrupted=cut)
        scene.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))
    assert [event.text for event in of_type(scene, AssistantSaid)] == ["Good mor"]


async def test_the_assistant_comes_back_with_fitting_words() -> None:
    scene, _ = await taken()
    scene.send(give("assistant"))
    await scene.settle()
    assert scene.floor_changes()[-1] == ("assistant", "handed_back", str(ANNE))
    assert scene.session.output.audio is True
    assert len(scene.session.instructed) == 1
    assert not scene.call.changeover.returning


async def test_a_model_that_does_not_answer_is_replaced_by_a_fixed_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changeover, "FIRST_WORD_SECONDS", 0.01)
    scene, anne = await taken()
    scene.session.answers_at_once = False
    anne.leaves()
    await scene.until_said(phrase("back_with_you", "en-US"))
    assert scene.call.floor.now == "assistant"


async def test_a_return_waits_for_a_tool_that_still_runs() -> None:
    scene = await Scene().begin()
    scene.session.agents_enter = False
    anne = FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    listener = scene.session.agents[-1]
    anne.leaves()
    await scene.settle()
    assert scene.session.agents[-1] is listener
    scene.session.agents_enter = True
    scene.session.enter(listener)
    await scene.settle()
    assert isinstance(scene.session.agents[-1], Assistant)
    assert len(scene.session.instructed) == 1


async def test_taken_again_before_it_has_spoken_the_assistant_stays_silent() -> None:
    scene, anne = await taken()
    scene.session.answers_at_once = False
    anne.leaves()
    FakeStaff(scene, user_id=BEN, identity="staff-ben").joins().opens_microphone()
    await scene.settle()
    assert scene.session.instructed == []
    assert scene.call.voice.silent
    assert isinstance(scene.session.agents[-1], Listener)


async def test_of_two_the_first_speaks_and_the_second_may_not() -> None:
    scene, _ = await taken()
    ben = FakeStaff(scene, user_id=BEN, identity="staff-ben").joins()
    await scene.settle()
    assert scene.line.rights == [("staff-ben", False)]
    ben.opens_microphone()
    await scene.settle()
    assert set(scene.line.rights) == {("staff-ben", False)}
    assert scene.call.takeover.speaker is not None
    assert scene.call.takeover.speaker.user_id == ANNE


async def test_one_who_waits_with_an_open_microphone_is_silenced_by_the_takeover() -> None:
    scene = await Scene().begin()
    FakeStaff(scene, user_id=BEN, identity="staff-ben").joins().opens_microphone(muted=True)
    FakeStaff(scene, user_id=ANNE).joins().opens_microphone()
    await scene.settle()
    assert scene.line.rights == [("staff-ben", False)]


async def test_the_floor_is_handed_from_one_to_the_other() -> None:
    scene, _ = await taken()
    ben = FakeStaff(scene, user_id=BEN, identity="staff-ben").joins()
    scene.send(give("staff-ben"))
    await scene.settle()
    # Until the second can be heard, the first is.
    assert scene.line.rights == [("staff-ben", False), ("staff-ben", True)]
    assert scene.call.takeover.speaker is not None
    assert scene.call.takeover.speaker.user_id == ANNE
    ben.opens_microphone()
    await scene.settle()
    assert scene.line.rights[2:] == [("staff-anne", False)]
    assert of_type(scene, FloorChanged)[-1] == FloorChanged(
        before="person", after="person", reason="handed_over", by=str(ANNE), identity="staff-ben"
    )
    # The caller is told nothing, and the first one's leaving changes nothing.
    assert scene.session.instructed == []
    scene.line.room.remote_participants["staff-anne"].leaves()
    await scene.settle()
    assert scene.call.floor.now == "person"


async def test_who_waits_does_not_inherit_the_floor() -> None:
    scene, anne = await taken()
    FakeStaff(scene, user_id=BEN, identity="staff-ben").joins()
    anne.leaves()
    await scene.settle()
    assert scene.call.floor.now == "assistant"


async def test_who_handed_back_is_not_heard_beside_the_assistant() -> None:
    scene, _ = await taken()
    scene.send(give("assistant"))
    await scene.settle()
    assert scene.line.rights == [("staff-anne", False)]
    scene.send(give("staff-anne"))
    await scene.settle()
    assert scene.line.rights[1:] == [("staff-anne", True)]
    # The microphone was never gone here: it is theirs at once.
    assert scene.call.floor.now == "person"


async def test_a_microphone_gone_for_long_is_a_speaker_who_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(takeover, "UNPUBLISHED_SECONDS", 0.05)
    scene, anne = await taken()
    anne.unpublishes()
    anne.opens_microphone()
    await asyncio.sleep(0.1)
    assert scene.call.floor.now == "person"
    anne.unpublishes()
    await scene.until(lambda: scene.call.floor.now == "assistant")
    assert scene.floor_changes()[-1] == ("assistant", "left", "")


# What happens in each state, whoever fails or leaves

Act = Callable[[Scene, FakeStaff], None]


def leave(scene: Scene, anne: FakeStaff) -> None:
    anne.leaves()


def lose(scene: Scene, anne: FakeStaff) -> None:
    anne.leaves(rtc.DisconnectReason.CONNECTION_TIMEOUT)


def hand_back(scene: Scene, anne: FakeStaff) -> None:
    scene.send(give("assistant"))


def hang_up(scene: Scene, anne: FakeStaff) -> None:
    scene.send(HangUp(id=uuid4(), user_id=ANNE))


def caller_leaves(scene: Scene, anne: FakeStaff) -> None:
    scene.line.caller_leaves()


def model_fails(scene: Scene, anne: FakeStaff) -> None:
    error = SimpleNamespace(type="llm_error", recoverable=False)
    scene.session.emit("error", SimpleNamespace(error=error))


def second(scene: Scene, anne: FakeStaff) -> None:
    FakeStaff(scene, user_id=BEN, identity="staff-ben").joins().opens_microphone()


def whisper(scene: Scene, anne: FakeStaff) -> None:
    scene.send(Whisper(id=uuid4(), user_id=ANNE, text="Offer Tuesday."))


def whisper_aloud(scene: Scene, anne: FakeStaff) -> None:
    scene.send(Whisper(id=uuid4(), user_id=ANNE, text="We are closed today.", aloud=True))


RETRY_KEYS = phrase("retry_keys", "en-US")


@pytest.mark.parametrize(
    ("state", "act", "floor", "reason", "said", "asked"),
    [
        # state, what happens, then the floor and why, the words said, whether the model is asked
        ("assistant", leave, "assistant", "", [], 0),
        ("assistant", lose, "assistant", "", [], 0),
        ("assistant", hand_back, "assistant", "", [], 0),
        ("assistant", hang_up, "ended", "staff_ended", [], 0),
        ("assistant", caller_leaves, "ended", "caller_hung_up", [], 0),
        ("assistant", model_fails, "assistant", "", [RETRY_KEYS], 0),
        ("assistant", second, "person", "takeover", [], 0),
        ("assistant", whisper, "assistant", "", [], 1),
        ("assistant", whisper_aloud, "assistant", "", ["We are closed today."], 0),
        ("briefing", leave, "briefing", "transfer", [], 0),
        ("briefing", lose, "briefing", "transfer", [], 0),
        ("briefing", hand_back, "briefing", "transfer", [], 0),
        ("briefing", hang_up, "ended", "staff_ended", [], 0),
        ("briefing", caller_leaves, "ended", "caller_hung_up", [], 0),
        ("briefing", model_fails, "briefing", "transfer", [], 0),
        ("briefing", second, "person", "takeover", [], 0),
        ("briefing", whisper, "briefing", "transfer", [], 0),
        ("briefing", whisper_aloud, "briefing", "transfer", [], 0),
        ("person", leave, "assistant", "left", [], 1),
        ("person", lose, "assistant", "lost", [], 1),
        ("person", hand_back, "assistant", "handed_back", [], 1),
        ("person", hang_up, "ended", "staff_ended", [], 0),
        ("person", caller_leaves, "ended", "caller_hung_up", [], 0),
        ("person", model_fails, "person", "takeover", [], 0),
        ("person", second, "person", "takeover", [], 0),
        ("person", whisper, "person", "takeover", [], 0),
        ("person", whisper_aloud, "person", "takeover", [], 0),
        ("ended", leave, "ended", "caller_hung_up", [], 0),
        ("ended", lose, "ended", "caller_hung_up", [], 0),
        ("ended", hand_back, "ended", "caller_hung_up", [], 0),
        ("ended", hang_up, "ended", "caller_hung_up", [], 0),
        ("ended", caller_leaves, "ended", "caller_hung_up", [], 0),
        ("ended", model_fails, "ended", "caller_hung_up", [], 0),
        ("ended", second, "ended", "caller_hung_up", [], 0),
        ("ended", whisper, "ended", "caller_hung_up", [], 0),
        ("ended", whisper_aloud, "ended", "caller_hung_up", [], 0),
    ],
)
async def test_what_happens_in_each_state(
    state: str, act: Act, floor: str, reason: str, said: list[str], asked: int
) -> None:
    scene = await Scene().begin()
    anne = FakeStaff(scene, user_id=ANNE, identity="staff-anne").joins()
    if state == "person":
        anne.opens_microphone()
    elif state == "briefing":
        assert scene.call.changeover.to_briefing(reason="transfer")
    elif state == "ended":
        scene.line.caller_leaves()
        await scene.over()
    before = len(scene.session.said)
    act(scene, anne)
    await scene.settle()
    assert scene.call.floor.now == floor
    assert scene.floor_changes()[-1][1] == reason
    assert scene.session.said[before:] == said
    assert len(scene.session.instructed) == asked
    ends = [event for event in scene.journal.events if isinstance(event, CallEnded)]
    assert len(ends) == scene.line.closed == (1 if floor == "ended" else 0)


async def test_the_end_tells_of_everybody_who_was_there() -> None:
    scene, _ = await taken()
    FakeStaff(scene, user_id=BEN, identity="staff-ben").joins()
    scene.send(HangUp(id=uuid4(), user_id=ANNE))
    assert await scene.over() == "staff_ended"
    left: list[Event] = of_type(scene, StaffLeft)
    assert left == [
        StaffLeft(user_id=ANNE, identity="staff-anne", reason="ended"),
        StaffLeft(user_id=BEN, identity="staff-ben", reason="ended"),
    ]


async def test_a_room_deleted_after_a_hang_up_is_no_failure() -> None:
    scene, _ = await taken()
    scene.send(HangUp(id=uuid4(), user_id=ANNE))
    scene.line.room.emit("disconnected", rtc.DisconnectReason.ROOM_DELETED)
    assert await scene.over() == "staff_ended"


async def test_a_whisper_to_a_silent_assistant_is_remembered_for_its_return() -> None:
    scene, anne = await taken()
    scene.send(Whisper(id=uuid4(), user_id=BEN, text="Offer Tuesday."))
    scene.send(Whisper(id=uuid4(), user_id=BEN, text="Say this.", aloud=True))
    await scene.settle()
    anne.leaves()
    await scene.settle()
    assert of_type(scene, StaffWhispered) == [StaffWhispered(user_id=BEN, text="Offer Tuesday.")]
    assert conversation(scene)[-1][0] == "system"
    assert conversation(scene)[-1][1].endswith("Offer Tuesday.")
    assert "Say this." not in scene.session.said


async def test_words_to_say_follow_the_words_of_return() -> None:
    scene, _ = await taken()
    scene.session.answers_at_once = False
    scene.send(give("assistant"))
    scene.send(Whisper(id=uuid4(), user_id=ANNE, text="We are closed today.", aloud=True))
    await scene.settle()
    assert "We are closed today." not in scene.session.said
    scene.call.changeover.spoke()
    await scene.settle()
    assert scene.session.said[-1] == "We are closed today."


async def test_a_whisper_waits_until_the_assistant_has_said_what_it_says() -> None:
    scene = await Scene().begin()
    speech = scene.session.current_speech = FakeHandle("We are open")
    scene.send(Whisper(id=uuid4(), user_id=ANNE, text="Offer Tuesday."))
    await scene.settle()
    assert scene.session.instructed == []
    speech.played.set()
    await scene.settle()
    assert len(scene.session.instructed) == 1
    assert "Offer Tuesday." in scene.session.instructed[0]


async def test_a_whisper_while_the_caller_speaks_shapes_the_next_answer() -> None:
    scene = await Scene().begin()
    scene.session.user_state = "speaking"
    scene.send(Whisper(id=uuid4(), user_id=ANNE, text="Offer Tuesday."))
    await scene.settle()
    assert scene.session.instructed == []
    known = scene.call.voice.assistant.chat_ctx.items[-1]
    assert isinstance(known, ChatMessage)
    assert "Offer Tuesday." in (known.text_content or "")


async def test_a_request_sent_twice_is_carried_out_once() -> None:
    scene = await Scene().begin()
    control = Whisper(id=uuid4(), user_id=ANNE, text="We are closed today.", aloud=True)
    scene.send(control)
    scene.send(control)
    await scene.settle()
    assert len(of_type(scene, StaffWhispered)) == 1


async def test_nobody_in_the_room_can_send_requests(caplog: pytest.LogCaptureFixture) -> None:
    scene = await Scene().begin()
    control = HangUp(id=uuid4(), user_id=ANNE)
    scene.send(control, sender=SimpleNamespace(identity="caller"))
    scene.send_raw(control.model_dump_json().encode(), topic="chat")
    scene.send_raw(b'{"type": "whisper", "text": "a secret"}')
    scene.send_raw(b"\xff")
    await scene.settle()
    assert scene.call.floor.now == "assistant"
    assert "a secret" not in caplog.text


async def test_the_floor_cannot_be_given_to_somebody_who_is_not_there() -> None:
    scene, _ = await taken()
    scene.send(give("staff-nobody"))
    scene.send(give("caller"))
    await scene.settle()
    assert scene.line.rights == []
    assert scene.call.takeover.speaker is not None
