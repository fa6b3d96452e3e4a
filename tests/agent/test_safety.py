"""Danger on a call: the number at once, the flag, and the conversation goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any, cast

import pytest
from livekit.agents import UserInputTranscribedEvent

from agent.danger_sentences import danger_sentences
from agent.phrases import phrase
from agent.safety import AGAIN_SECONDS, STABLE_SECONDS, Safety
from agent.transcript import Transcript
from agent.watched_call import WatchedCall
from domain.calls.events import CallerSaid, CallFlagged, Event
from tests.agent.fakes import FakeSpeech, Scene

SENTENCES = danger_sentences(country="US", own_number="", language="en-US")


def _flags(events: list[Event]) -> list[str]:
    return [event.flag for event in events if isinstance(event, CallFlagged)]


async def _scene() -> Scene:
    scene = await Scene().begin()
    await scene.settle()
    return scene


async def test_in_an_emergency_the_number_comes_first_and_whatever_was_said_stops() -> None:
    scene = await _scene()
    interrupted = scene.session.interrupted
    scene.caller_says("My husband can't breathe.")
    await scene.until_said(SENTENCES["emergency"])
    assert SENTENCES["emergency"].startswith("Call 9 1 1 now.")
    assert scene.session.interrupted == interrupted + 1
    assert _flags(scene.journal.events) == ["emergency"]
    # The library drops a turn that ends under what can't be interrupted: it is kept, and answered.
    await scene.until(lambda: any("ask what you can do" in one for one in scene.session.instructed))
    said = [event.text for event in scene.journal.events if isinstance(event, CallerSaid)]
    assert said == ["My husband can't breathe."]
    items = [item for item in scene.call.voice.assistant.chat_ctx.items if item.type == "message"]
    texts = [(item.role, item.text_content or "") for item in items]
    assert ("user", "My husband can't breathe.") in texts
    assert any(role == "system" and "emergency number" in text for role, text in texts)
    await scene.call.finish("caller_hung_up")


@pytest.mark.parametrize(
    ("said", "flag", "answer"),
    [
        ("I want to kill myself.", "self_harm", "9 8 8"),
        ("There's a bomb in your building.", "threat", "telling the staff"),
    ],
)
async def test_self_harm_and_threats_have_answers_of_their_own(
    said: str, flag: str, answer: str
) -> None:
    scene = await _scene()
    scene.caller_says(said)
    await scene.until(lambda: any(answer in one for one in scene.session.said))
    assert _flags(scene.journal.events) == [flag]
    await scene.call.finish("caller_hung_up")


async def test_who_is_abusive_is_asked_to_be_polite_and_the_second_time_the_call_ends() -> None:
    scene = await _scene()
    scene.caller_says("You stupid bitch.")
    await scene.until_said(phrase("abuse_warning", "en-US"))
    await scene.settle()
    scene.caller_says("I said fuck you.")
    assert await scene.over() == "abuse"
    assert phrase("abuse_goodbye", "en-US") in scene.session.said
    assert _flags(scene.journal.events) == ["abuse"]


async def test_harmless_words_are_left_to_the_conversation() -> None:
    scene = await _scene()
    said = list(scene.session.said)
    for text in ("My tooth is killing me.", "Do you do emergency appointments?", "I'm dead tired."):
        scene.caller_says(text)
    await scene.settle()
    assert _flags(scene.journal.events) == [] and scene.session.said == said
    await scene.call.finish("caller_hung_up")


class FakeVoice:
    def __init__(self) -> None:
        self.silent = False
        self.only_listens = False
        self.said: list[str] = []
        self.replies = 0

    def say(self, text: str, sound: object, *, interruptible: bool) -> None:
        assert not interruptible
        self.said.append(text)

    async def remember(self, note: str, *, by: str = "system") -> None: ...

    def reply(self, instructions: str) -> None:
        self.replies += 1


class FakeCall:
    """As much of a call as an answer needs."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.voice = FakeVoice()
        self.session = FakeSession()
        self.undisturbed = True
        self.with_person = False
        self.tasks: list[asyncio.Task[None]] = []
        self.events: list[Event] = []
        profile = Scene().call._profile
        self.safety = Safety(
            cast(WatchedCall, self),
            profile=profile,
            speech=cast(Any, FakeSpeech()),
            transcript=Transcript(self.events.append),
            record=self.events.append,
            clock=lambda: self.now,
        )

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    async def interrupt(self) -> None: ...

    async def heard(self, text: str, *, final: bool = False, after: float = 0.3) -> None:
        self.now += after
        self.safety.heard(UserInputTranscribedEvent(transcript=text, is_final=final))
        await asyncio.gather(*self.tasks)

    @property
    def flags(self) -> list[str]:
        return _flags(self.events)


class FakeSession:
    user_state = "listening"
    agent_state = "listening"
    current_speech: Unspoken | None = None


class Unspoken:
    """An answer that was begun ahead, for a turn that was dropped."""

    def done(self) -> bool:
        return False


async def test_a_stable_interim_is_enough() -> None:
    call = FakeCall()
    for count in range(5):
        await call.heard("he can't breathe and I don't know" + " what" * count)
    assert call.flags == ["emergency"]
    assert STABLE_SECONDS <= 4 * 0.3


async def test_an_answer_that_never_comes_is_not_waited_for_for_ever() -> None:
    call = FakeCall()
    call.session.current_speech = Unspoken()
    times = itertools.count(1000.0, 0.5)
    call.safety._clock = lambda: next(times)
    await call.heard("There is a fire in the kitchen.", final=True)
    assert call.voice.replies == 1


async def test_an_interim_that_is_taken_back_is_not() -> None:
    call = FakeCall()
    await call.heard("I can't breathe")
    await call.heard("I can't breathe through")
    await call.heard("I can't breathe through my nose")
    await call.heard("I can't breathe through my nose at night", after=2.0)
    await call.heard("I can't breathe through my nose at night.", final=True)
    assert call.flags == []


async def test_it_is_told_once_and_again_only_much_later() -> None:
    call = FakeCall()
    for _ in range(3):
        await call.heard("There is a fire in the kitchen.", final=True)
    assert call.flags == ["emergency"] and len(call.voice.said) == 1
    await call.heard("There is a fire in the kitchen.", final=True, after=AGAIN_SECONDS + 1)
    assert call.flags == ["emergency"] * 2 and len(call.voice.said) == 2


async def test_a_sentence_in_two_pieces_is_one() -> None:
    call = FakeCall()
    await call.heard("My husband can't.", final=True)
    await call.heard("breathe", final=True)
    assert call.flags == ["emergency"]


async def test_with_a_person_on_the_line_staff_are_told_and_nothing_is_said() -> None:
    call = FakeCall()
    call.with_person = True
    await call.heard("She is not breathing.", final=True)
    assert call.flags == ["emergency"] and call.voice.said == []


@pytest.mark.parametrize(
    ("country", "language", "words"),
    [
        ("GB", "en-GB", "Call 9 9 9 now"),
        ("ES", "es-ES", "Llame ahora al 1 1 2"),
        ("IN", "hi-IN", "अभी 1 1 2 पर"),
        ("JP", "en-US", "Call your emergency number now"),
    ],
)
def test_the_sentence_begins_with_the_number_of_the_country(
    country: str, language: str, words: str
) -> None:
    told = danger_sentences(country=country, own_number="", language=cast(Any, language))
    assert told["emergency"].startswith(words)
