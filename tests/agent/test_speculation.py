"""When the model is asked ahead, and what becomes of an answer to words that changed."""

from __future__ import annotations

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import ConversationItemAddedEvent, UserInputTranscribedEvent, stt
from livekit.agents.language import LanguageCode
from livekit.agents.llm import ChatMessage
from livekit.agents.voice import SpeechHandle
from livekit.agents.voice.agent_activity import _SpeechHandleContextVar

from agent.speculation import MOST_ASKED, Pauses, Speculation

RATE = 16000
PREFLIGHT = stt.SpeechEventType.PREFLIGHT_TRANSCRIPT
INTERIM = stt.SpeechEventType.INTERIM_TRANSCRIPT


class Call:
    """A speculation with a clock of its own, told as the framework tells."""

    def __init__(self) -> None:
        self.now = 0.0
        self.changed = 0
        self.speculation = Speculation(clock=lambda: self.now)
        self.speculation.on_changed = self._count

    def _count(self) -> None:
        self.changed += 1

    def hears(self, level: float, *, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.speculation.listen(sound(level))

    def interim(self, text: str, *, behind: float | None = 0.2) -> stt.SpeechEventType:
        data = stt.SpeechData(language=LanguageCode("en"), text=text)
        event = self.speculation.ahead(stt.SpeechEvent(INTERIM, alternatives=[data]), behind=behind)
        self.speculation.heard(UserInputTranscribedEvent(transcript=text, is_final=False))
        return event.type

    def final(self, text: str) -> bool:
        """Whether the framework would ask the model upon it."""
        self.speculation.heard(UserInputTranscribedEvent(transcript=text, is_final=True))
        return self.speculation.options["enabled"]

    def ends_turn(self, text: str) -> None:
        message = ChatMessage(role="user", content=[text])
        self.speculation.added(ConversationItemAddedEvent(item=message))

    def says(self, text: str) -> None:
        message = ChatMessage(role="assistant", content=[text])
        self.speculation.added(ConversationItemAddedEvent(item=message))


def sound(level: float) -> rtc.AudioFrame:
    samples = np.full(RATE // 20, round(level * 32767), np.int16)
    return rtc.AudioFrame(samples.tobytes(), RATE, 1, samples.size)


@pytest.fixture
def call() -> Call:
    return Call()


def pause(call: Call) -> None:
    call.hears(0.2, seconds=0.5)
    call.hears(0.0, seconds=0.15)


def test_a_whole_sentence_and_a_pause_are_asked_upon_once(call: Call) -> None:
    pause(call)
    assert call.interim("any time is fine") == PREFLIGHT
    assert call.interim("any time is fine") == INTERIM
    assert call.speculation.under_way


def test_nothing_is_asked_while_the_caller_speaks(call: Call) -> None:
    call.hears(0.2, seconds=1)
    assert call.interim("i would like to book") == INTERIM
    call.now += 0.1
    assert call.interim("i would like to book a cleaning") == INTERIM


def test_words_that_do_not_reach_up_to_the_pause_are_waited_for(call: Call) -> None:
    pause(call)
    assert call.interim("let me", behind=0.4) == INTERIM
    assert call.interim("let me check", behind=0.2) == PREFLIGHT


def test_without_times_the_pause_has_to_be_longer_than_the_recogniser_is_late(call: Call) -> None:
    pause(call)
    assert call.interim("any time is fine", behind=None) == INTERIM
    call.hears(0.0, seconds=0.15)
    assert call.interim("any time is fine", behind=None) == PREFLIGHT


def test_on_a_line_that_is_never_silent_the_words_have_to_rest(call: Call) -> None:
    call.hears(0.2, seconds=1)
    assert call.interim("any time is fine") == INTERIM
    call.now += 0.7
    assert call.interim("any time is fine") == PREFLIGHT


def test_an_open_sentence_is_not_asked_upon(call: Call) -> None:
    pause(call)
    assert call.interim("i would like to book a cleaning for") == INTERIM


def test_the_answer_stands_when_only_capitals_and_marks_change(call: Call) -> None:
    pause(call)
    call.interim("any time is fine")
    assert call.final("Any time is fine.") is False
    assert call.speculation.under_way
    assert not call.changed


def test_the_answer_falls_when_a_word_changes(call: Call) -> None:
    pause(call)
    call.interim("any times is fine")
    assert call.final("Any time is fine.") is True
    assert call.changed == 1


def test_the_answer_falls_when_words_follow(call: Call) -> None:
    pause(call)
    call.interim("any time is fine")
    assert call.interim("any time is fine on") == INTERIM
    assert call.changed == 1
    assert not call.speculation.under_way


def test_pieces_of_a_turn_are_one_text(call: Call) -> None:
    call.says("May I have your phone number?")
    pause(call)
    assert call.interim("it's two zero two") == INTERIM
    assert call.final("It's two zero two.") is False
    assert call.final("Five five five.") is False
    assert call.interim("zero one zero zero") == PREFLIGHT
    assert call.final("Zero one zero zero.") is False


def test_a_turn_is_asked_upon_so_often_and_no_more(call: Call) -> None:
    pause(call)
    texts = [f"any time is fine {'really ' * more}now" for more in range(MOST_ASKED + 2)]
    asked = [call.interim(text) for text in texts]
    assert asked.count(PREFLIGHT) == MOST_ASKED
    call.ends_turn(texts[-1])
    assert call.interim("another thing please") == PREFLIGHT


def test_nobody_is_asked_who_may_not_answer(call: Call) -> None:
    pause(call)
    call.speculation.may_ask = lambda: False
    assert call.interim("any time is fine") == INTERIM


def test_other_events_pass_as_they_are(call: Call) -> None:
    event = stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH)
    assert call.speculation.ahead(event, behind=None) is event


async def test_what_belongs_to_a_discarded_answer_is_never_done(call: Call) -> None:
    done = list[str]()

    def answer(name: str) -> SpeechHandle:
        handle = SpeechHandle.create()
        token = _SpeechHandleContextVar.set(handle)
        call.speculation.when_real(lambda: done.append(name))
        _SpeechHandleContextVar.reset(token)
        return handle

    discarded, kept, held = answer("discarded"), answer("kept"), answer("held")
    assert done == []
    discarded._cancel()
    kept._mark_scheduled()
    call.ends_turn("any time is fine")
    assert done == ["kept"]
    held._mark_scheduled()
    call.ends_turn("another thing")
    assert done == ["kept", "held"]
    discarded._mark_done()


def test_outside_of_an_answer_it_is_done_at_once(call: Call) -> None:
    done = list[int]()
    call.speculation.when_real(lambda: done.append(1))
    assert done == [1]


def test_a_pause_is_seen_after_loud_and_after_soft_speech() -> None:
    for level in (0.3, 0.02):
        pauses = Pauses()
        for _ in range(10):
            pauses.listen(sound(level))
        assert pauses.quiet == 0
        for _ in range(3):
            pauses.listen(sound(level / 40))
        assert pauses.quiet == pytest.approx(0.15)
