"""Turns that are not understood: another way is offered, not one more question."""

from __future__ import annotations

from livekit.agents import ConversationItemAddedEvent
from livekit.agents.llm import ChatMessage

from agent.phrases import phrase
from agent.understanding import says_lost
from tests.agent.fakes import TRANSFER_NUMBER, Scene

LOST = "I'm sorry, I didn't catch that. Could you repeat it?"


def _turn(scene: Scene, answer: str, *, confidence: float = 0.9) -> None:
    heard = ChatMessage(role="user", content=["mumble"], transcript_confidence=confidence)
    said = ChatMessage(role="assistant", content=[answer])
    for item in (heard, said):
        scene.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))


async def test_the_second_turn_in_a_row_that_is_lost_brings_an_offer() -> None:
    scene = await Scene().begin()
    _turn(scene, LOST)
    _turn(scene, LOST)
    await scene.until_said(phrase("offer_message", "en-US"))
    await scene.call.finish("caller_hung_up")


async def test_with_somebody_to_connect_to_a_person_is_offered_too() -> None:
    scene = await Scene(transfer_number=TRANSFER_NUMBER).begin()
    _turn(scene, "Certainly.", confidence=0.2)
    _turn(scene, "Which day?", confidence=0.1)
    await scene.until_said(phrase("offer_person", "en-US"))
    await scene.call.finish("caller_hung_up")


async def test_one_that_is_understood_in_between_starts_the_count_again() -> None:
    scene = await Scene().begin()
    for answer in (LOST, "Tuesday at nine?", LOST):
        _turn(scene, answer)
    await scene.settle()
    assert phrase("offer_message", "en-US") not in scene.session.said
    await scene.call.finish("caller_hung_up")


async def test_nobody_is_offered_it_for_ever() -> None:
    scene = await Scene().begin()
    for _ in range(10):
        _turn(scene, LOST)
        await scene.settle()
    assert scene.session.said.count(phrase("offer_message", "en-US")) == 2
    await scene.call.finish("caller_hung_up")


def test_what_says_that_it_was_not_understood() -> None:
    for text in (
        LOST,
        "Sorry, I did not understand you.",
        "Lo siento, no le he entendido. ¿Puede repetirlo?",
        "क्षमा करें, मैं समझ नहीं पाया।",
    ):
        assert says_lost(text), text
    for text in (
        "I have Tuesday at nine. Shall I book it?",
        "I understand, that hurts. When can you come?",
        "Entiendo. ¿Qué día le viene bien?",
    ):
        assert not says_lost(text), text
