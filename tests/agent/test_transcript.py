"""What was said becomes events, whole or as far as it was heard."""

from __future__ import annotations

from typing import Any

from livekit.agents import ConversationItemAddedEvent, UserInputTranscribedEvent
from livekit.agents.llm import ChatMessage

from agent.latency import ON_THE_WAY_SECONDS
from agent.transcript import Transcript
from domain.calls.events import AssistantSaid, CallerSaid, Event


def message(role: Any, text: str, **more: Any) -> ConversationItemAddedEvent:
    return ConversationItemAddedEvent(item=ChatMessage(role=role, content=[text], **more))


def final(text: str) -> UserInputTranscribedEvent:
    return UserInputTranscribedEvent(transcript=text, is_final=True)


def test_a_turn_and_its_answer_with_the_latency_of_both() -> None:
    told: list[Event] = []
    transcript = Transcript(told.append)
    transcript.heard(final("Is there parking?"))
    assert transcript.turn_open
    transcript.added(
        message(
            "user",
            "Is there parking?",
            transcript_confidence=0.9,
            metrics={
                "started_speaking_at": 1763719547.0,
                "stopped_speaking_at": 1763719548.5,
                "end_of_turn_delay": 0.6,
                "transcription_delay": 0.25,
            },
        )
    )
    assert not transcript.turn_open
    transcript.added(
        message(
            "assistant",
            "Yes.",
            metrics={"llm_node_ttft": 0.3, "tts_node_ttfb": 0.15, "e2e_latency": 1.1},
        )
    )
    asked, answered = told
    assert isinstance(asked, CallerSaid)
    assert asked.confidence == 0.9
    assert asked.started_at is not None
    assert asked.ended_at is not None
    assert (asked.ended_at - asked.started_at).total_seconds() == 1.5
    assert isinstance(answered, AssistantSaid)
    assert answered.kind == "reply"
    assert answered.latency is not None
    assert answered.latency.model_dump() == {
        "end_of_turn": 0.6,
        "transcription": 0.25,
        "model": 0.3,
        "speech": 0.15,
        # With what the process cannot see: the way in and out.
        "total": round(1.1 + ON_THE_WAY_SECONDS, 4),
    }
    assert transcript.answered


def test_a_greeting_cut_short_is_still_the_greeting() -> None:
    told: list[Event] = []
    transcript = Transcript(told.append)
    transcript.expect("Thank you for calling. How can I help?", "greeting")
    transcript.added(message("assistant", "Thank you for", interrupted=True))
    assert told == [AssistantSaid(text="Thank you for", interrupted=True, kind="greeting")]
    assert not transcript.answered


def test_words_of_a_turn_that_was_never_finished_are_kept_once() -> None:
    told: list[Event] = []
    transcript = Transcript(told.append)
    transcript.heard(final("My name is"))
    transcript.heard(UserInputTranscribedEvent(transcript="David", is_final=False))
    transcript.heard(final("David Hill"))
    transcript.flush()
    transcript.flush()
    assert told == [CallerSaid(text="My name is David Hill")]


def test_what_is_no_message_or_empty_is_passed_over() -> None:
    told: list[Event] = []
    transcript = Transcript(told.append)
    transcript.added(message("assistant", "  "))
    transcript.added(message("system", "rules"))
    transcript.flush()
    assert told == []
