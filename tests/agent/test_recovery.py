"""When vendors fail for good: the keys, the call back, and who is told that they were not understood."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import UserInputTranscribedEvent, UserStateChangedEvent

from agent import deafness, recovery
from agent.phrases import PhraseName, phrase
from domain.calls.events import DigitPressed, MessageTaken, TransferEnded
from tests.agent.fakes import TRANSFER_NUMBER, Scene


def failure(kind: str) -> Any:
    return SimpleNamespace(error=SimpleNamespace(type=f"{kind}_error", recoverable=False))


def said(name: PhraseName) -> str:
    return phrase(name, "en-US")


def press(scene: Scene, digit: str) -> None:
    participant = SimpleNamespace(identity="caller")
    scene.line.room.emit(
        "sip_dtmf_received", SimpleNamespace(digit=digit, participant=participant, code=0)
    )


def speaks(scene: Scene) -> None:
    """The caller says something, of which no word arrives."""
    for old, new in (("listening", "speaking"), ("speaking", "listening")):
        event = UserStateChangedEvent(old_state=old, new_state=new)
        scene.session.emit("user_state_changed", event)


def taken(scene: Scene) -> list[MessageTaken]:
    return [one for one in scene.journal.events if isinstance(one, MessageTaken)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOUBT_SECONDS", "REHEARD_SECONDS", "SHORTEST", "FINAL_SECONDS"):
        monkeypatch.setattr(deafness, name, 0.0)
    monkeypatch.setattr(recovery, "KEY_SECONDS", 0.02)


async def test_after_a_lost_answer_one_leaves_a_message() -> None:
    scene = await Scene().begin()
    scene.session.emit("error", failure("llm"))
    await scene.settle()
    assert scene.session.said[-1] == said("retry_keys")
    press(scene, "1")
    await scene.settle()
    assert scene.session.said[-1] == said("leave_message")
    scene.caller_says("Please call me back.")
    scene.line.caller_leaves()
    await scene.over()
    assert [one.text for one in taken(scene)] == ["Please call me back."]


async def test_after_a_lost_answer_zero_is_a_person_without_the_model() -> None:
    scene = await Scene(transfer_number=TRANSFER_NUMBER).begin()
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    scene.session.emit("error", failure("tts"))
    await scene.settle()
    press(scene, "0")
    assert await scene.over() == "transferred"
    assert not scene.session.instructed


async def test_zero_with_nobody_to_ring_is_a_message() -> None:
    scene = await Scene().begin()
    scene.session.emit("error", failure("llm"))
    await scene.settle()
    press(scene, "0")
    await scene.settle()
    assert scene.session.said[-2:] == [said("connecting_failed"), said("leave_message")]


async def test_while_all_is_well_one_means_nothing() -> None:
    scene = await Scene().begin()
    press(scene, "1")
    await scene.settle()
    assert scene.session.said == ["Hello."]
    assert [one.digit for one in scene.journal.events if isinstance(one, DigitPressed)] == ["1"]


async def test_who_is_not_understood_twice_is_called_back_if_they_press_one(quick: None) -> None:
    scene = await Scene().begin()
    doubted: list[bool] = []
    scene.hearing.doubt = lambda: doubted.append(True)
    speaks(scene)
    await scene.until_said(said("retry"))
    speaks(scene)
    await scene.until_said(said("call_back"))
    press(scene, "1")
    assert await scene.over() == "failed"
    assert scene.session.said[-1] == said("call_back_kept")
    (message,) = taken(scene)
    assert message.caller_phone == "+12025550111"
    assert "call back" in message.text
    assert message.spooled
    assert doubted == [True, True]


async def test_who_presses_nothing_is_asked_again_and_then_told_so(quick: None) -> None:
    scene = await Scene().begin()
    scene.hearing.doubt = lambda: None
    speaks(scene)
    await scene.until_said(said("retry"))
    speaks(scene)
    assert await scene.over() == "failed"
    assert scene.session.said[2:] == [said("call_back")] * 2 + [said("trouble_goodbye")]
    assert not taken(scene)


async def test_a_recogniser_that_is_back_lets_the_call_go_on(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "KEY_SECONDS", 30.0)
    scene = await Scene().begin()
    scene.hearing.doubt = lambda: None
    for name in ("retry", "call_back"):
        speaks(scene)
        await scene.until_said(said(name))
    scene.session.emit(
        "user_input_transcribed", UserInputTranscribedEvent(transcript="Hello", is_final=False)
    )
    await scene.settle()
    assert not scene.call.floor.ended
    press(scene, "1")
    await scene.settle()
    assert not taken(scene)


async def test_a_word_that_came_is_no_deafness(quick: None) -> None:
    scene = await Scene().begin()
    doubted: list[bool] = []
    scene.hearing.doubt = lambda: doubted.append(True)
    started = UserStateChangedEvent(old_state="listening", new_state="speaking")
    scene.session.emit("user_state_changed", started)
    scene.caller_says("Hello")
    stopped = UserStateChangedEvent(old_state="speaking", new_state="listening")
    scene.session.emit("user_state_changed", stopped)
    await scene.settle()
    assert not doubted
    assert scene.session.said == ["Hello."]


@pytest.mark.parametrize("late", [False, True], ids=["while they speak", "afterwards"])
async def test_words_that_are_never_final_are_answered_all_the_same(
    quick: None, late: bool
) -> None:
    scene = await Scene().begin()
    abandoned: list[bool] = []
    scene.hearing.abandon = lambda: abandoned.append(True)
    events: list[tuple[str, Any]] = [
        ("user_state_changed", UserStateChangedEvent(old_state=old, new_state=new))
        for old, new in (("listening", "speaking"), ("speaking", "listening"))
    ]
    words = UserInputTranscribedEvent(transcript="Hello", is_final=False)
    events.insert(2 if late else 1, ("user_input_transcribed", words))
    for name, event in events:
        scene.session.emit(name, event)
    # Noise that is taken for speech: words without end put nothing off.
    scene.session.emit("user_input_transcribed", words)
    await scene.settle()
    assert (abandoned, scene.session.committed) == ([True], 1)


async def test_words_that_were_final_end_the_turn_by_themselves(quick: None) -> None:
    scene = await Scene().begin()
    for final in (False, True):
        speaks(scene)
        words = UserInputTranscribedEvent(transcript="Hello", is_final=final)
        scene.session.emit("user_input_transcribed", words)
        scene.caller_says("Hello")
    await scene.settle()
    assert scene.session.committed == 0
