"""The switch of a business, as calls carry it out."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import pytest
from livekit.agents import ConversationItemAddedEvent, UserStateChangedEvent
from livekit.agents.llm import ChatMessage

from agent import deafness
from agent.assistant import Assistant, Listener
from agent.phrases import PhraseName, phrase
from domain.calls.control import ChangeSwitch
from domain.calls.events import MessageTaken, SwitchChanged, TransferEnded, TransferStarted
from domain.seam import SystemSeam
from tests.agent.fakes import FakeStaff, Scene
from tests.agent.test_call import failure

USER = UUID(int=7)
ELSEWHERE = "+12025550155"


def _say(name: PhraseName) -> str:
    return phrase(name, "en-US")


def _switch(
    scene: Scene, mode: Literal["on", "messages_only", "off"], forward_to: str = ""
) -> None:
    scene.send(
        ChangeSwitch(id=SystemSeam().new_id(), user_id=USER, mode=mode, forward_to=forward_to)
    )


def _modes(scene: Scene) -> list[str]:
    return [event.mode for event in scene.journal.events if isinstance(event, SwitchChanged)]


def _tools(agent: Any) -> set[str]:
    assert isinstance(agent, Assistant)
    return {tool.id for tool in agent.tools}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message ends as soon as the caller is silent."""
    monkeypatch.setattr(
        "agent.voicemail.Voicemail.listen.__kwdefaults__", {"silence": 0.05, "longest": 5}
    )


async def test_a_business_that_is_off_takes_a_message_without_the_model(patient: None) -> None:
    scene = await Scene(switch={"mode": "off"}, recording_notice="We record.").begin()
    await scene.until_said(_say("voicemail"))
    scene.caller_says("Please call me back.")
    assert await scene.over() == "switched_off"
    assert scene.session.said == ["We record.", _say("voicemail"), _say("message_kept")]
    assert scene.session.instructed == []
    (taken,) = [event for event in scene.journal.events if isinstance(event, MessageTaken)]
    assert (taken.text, taken.spooled) == ("Please call me back.", True)
    assert _modes(scene) == ["off"]


async def test_a_business_that_is_off_forwards_its_calls() -> None:
    scene = await Scene(switch={"mode": "off", "forward_to": ELSEWHERE}).begin()
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    assert await scene.over() == "transferred"
    assert scene.line.referred == [ELSEWHERE]
    assert "Hello." not in scene.session.said
    assert [e.kind for e in scene.journal.events if isinstance(e, TransferStarted)] == ["cold"]


async def test_a_forwarding_that_nobody_takes_ends_in_voicemail(patient: None) -> None:
    scene = await Scene(switch={"mode": "off", "forward_to": ELSEWHERE}).begin()
    scene.line.outcome.set_result(TransferEnded(outcome="failed", detail="SIP 603"))
    assert await scene.over() == "switched_off"
    assert _say("voicemail") in scene.session.said


async def test_switched_off_in_mid_call_the_assistant_leaves_at_once(patient: None) -> None:
    scene = await Scene().begin()
    _switch(scene, "off")
    await scene.settle()
    assert scene.session.interrupted and isinstance(scene.session.agents[-1], Listener)
    assert await scene.over() == "switched_off"
    assert scene.session.said == ["Hello.", _say("switched_off"), _say("voicemail")]
    assert _modes(scene) == ["off"]


async def test_switched_to_messages_the_model_has_only_the_tools_for_them() -> None:
    scene = await Scene().begin()
    assert "book_appointment" in _tools(scene.call.voice.assistant)
    _switch(scene, "messages_only")
    await scene.until_said(_say("messages_only"))
    assert scene.call.messages_only
    assert _tools(scene.call.voice.assistant) == {
        "take_message",
        "transfer_to_person",
        "save_caller",
        "end_call",
    }
    _switch(scene, "on")
    await scene.until_said(_say("switched_on"))
    assert not scene.call.messages_only
    assert "book_appointment" in _tools(scene.call.voice.assistant)
    assert _modes(scene) == ["messages_only", "on"]
    told = [str(item) for item in scene.call.voice.assistant.chat_ctx.items]
    assert any("messages only" in one for one in told)
    assert any("on again" in one for one in told)


async def test_a_call_that_begins_with_messages_only_never_has_the_other_tools() -> None:
    scene = await Scene(switch={"mode": "messages_only"}).begin()
    assert scene.session.said == ["Hello."]
    assert "book_appointment" not in _tools(scene.session.agents[0])
    assert _modes(scene) == ["messages_only"]


async def test_switched_on_again_during_voicemail_the_assistant_is_back() -> None:
    scene = await Scene(switch={"mode": "off"}).begin()
    await scene.until_said(_say("voicemail"))
    scene.caller_says("Please call me")
    _switch(scene, "on")
    await scene.until_said(_say("switched_on"))
    assert isinstance(scene.session.agents[-1], Assistant)
    assert not scene.call.floor.ended
    assert [e.text for e in scene.journal.events if isinstance(e, MessageTaken)] == [
        "Please call me"
    ]
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"


async def test_with_a_person_on_the_line_the_switch_waits_for_the_assistants_return(
    patient: None,
) -> None:
    scene = await Scene().begin()
    staff = FakeStaff(scene, user_id=USER).joins().opens_microphone()
    await scene.until(lambda: scene.call.with_person)
    _switch(scene, "off")
    await scene.settle()
    assert scene.call.with_person and _say("switched_off") not in scene.session.said
    staff.leaves()
    assert await scene.over() == "switched_off"
    assert _say("voicemail") in scene.session.said


async def test_of_a_message_that_nobody_could_hear_the_number_is_kept(
    patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _soon_not_understood(monkeypatch)
    scene = await Scene(switch={"mode": "off"}).begin()
    scene.hearing.doubt = lambda: None
    await scene.until_said(_say("voicemail"))
    _speaks_unheard(scene)
    assert await scene.over() == "switched_off"
    assert scene.session.said == [_say("voicemail"), _say("call_back_kept")]
    assert "message_taken" in scene.journal.kinds


async def test_a_switch_while_the_call_is_being_answered_counts_from_its_beginning() -> None:
    scene = Scene()
    start = scene.session.start

    async def switched_meanwhile(agent: Any, **given: Any) -> None:
        await start(agent, **given)
        _switch(scene, "messages_only")

    scene.session.start = switched_meanwhile  # type: ignore[method-assign]
    await scene.begin()
    await scene.settle()
    assert scene.session.said == ["Hello."] and _modes(scene) == ["messages_only"]
    assert "book_appointment" not in _tools(scene.call.voice.assistant)


async def test_a_switch_to_what_it_is_already_disturbs_nobody() -> None:
    scene = await Scene().begin()
    interrupted = scene.session.interrupted
    _switch(scene, "on", ELSEWHERE)
    await scene.settle()
    assert scene.session.interrupted == interrupted and _modes(scene) == []


async def test_a_caller_who_leaves_a_message_is_not_asked_whether_they_are_there() -> None:
    scene = await Scene(switch={"mode": "off"}, limits={"silence_prompts": 1}).begin()
    await scene.until_said(_say("voicemail"))
    await scene.settle()
    away = UserStateChangedEvent(old_state="listening", new_state="away")
    scene.session.emit("user_state_changed", away)
    await scene.settle()
    assert _say("still_there") not in scene.session.said
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"


async def test_words_for_a_person_lead_to_one_once_the_model_has_failed() -> None:
    scene = await Scene(transfer_number=ELSEWHERE).begin()
    scene.caller_says("operator please")
    await scene.settle()
    assert scene.line.referred == []
    scene.session.emit("conversation_item_added", _turn("operator please"))
    scene.session.emit("error", failure("llm"))
    await scene.until_said(_say("retry_keys"))
    scene.caller_says("I want to speak to a real person")
    await scene.until(lambda: bool(scene.line.referred))
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    assert await scene.over() == "transferred"


async def test_words_for_a_person_after_speech_that_was_not_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _soon_not_understood(monkeypatch)
    scene = await Scene(transfer_number=ELSEWHERE, language="es-US").begin()
    scene.hearing.doubt = lambda: None
    _speaks_unheard(scene)
    await scene.until(lambda: len(scene.session.said) > 1)
    scene.caller_says("Quiero hablar con una persona")
    await scene.until(lambda: bool(scene.line.referred))
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    assert await scene.over() == "transferred"


def _soon_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOUBT_SECONDS", "REHEARD_SECONDS", "SHORTEST"):
        monkeypatch.setattr(deafness, name, 0.0)


def _speaks_unheard(scene: Scene) -> None:
    for old, new in (("listening", "speaking"), ("speaking", "listening")):
        event = UserStateChangedEvent(old_state=old, new_state=new)  # type: ignore[arg-type]
        scene.session.emit("user_state_changed", event)


def _turn(text: str) -> Any:
    return ConversationItemAddedEvent(item=ChatMessage(role="user", content=[text]))
