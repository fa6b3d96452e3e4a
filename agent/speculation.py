"""Asking the model before the caller's turn is over, on words that look like all of it. The answer waits, unspoken,
until the turn has ended with the same words; otherwise it is thrown away, and was nothing but a request.

The framework does the asking (its preflight transcripts, livekit-agents 1.8.9): here is decided when it shall, and
that a final transcript which differs in capitals or marks alone leaves the answer standing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from livekit import rtc
from livekit.agents import ConversationItemAddedEvent, UserInputTranscribedEvent, stt
from livekit.agents.llm import ChatMessage
from livekit.agents.voice import SpeechHandle
from livekit.agents.voice.agent_activity import _SpeechHandleContextVar
from livekit.agents.voice.turn import PreemptiveGenerationOptions

from agent.utterance import Asked, asked_for, dictating, may_be_all, same_words

QUIET_SECONDS: Final = 0.1
"""Of silence on the line before words that look finished are taken for all."""
UNHEARD_SECONDS: Final = 0.12
"""Of sound between the last word and the pause, at most: more is a word that the recogniser has yet to tell."""
STABLE_SECONDS: Final = 0.6
"""On a line that is never silent, so long the words have to stay the same instead: longer than a word takes."""
LATE_SECONDS: Final = 0.25
"""Of silence, where the vendor tells no times: so late its words are."""
MOST_ASKED: Final = 3
"""Requests for one turn before it is over; its end may make one more."""
_BELOW_SPEECH_DB: Final = 22.0
"""Sound so much weaker than the speech before it is a pause."""
_FADES_DB: Final = 4.0
"""Per second: how fast earlier speech is forgotten."""
_SOFTEST_DB: Final = -50.0


class Pauses:
    """How long one voice has been silent, by the strength of the sound alone: exact to a frame, and without a
    model of speech. Noise that is as strong as speech is no silence."""

    def __init__(self) -> None:
        self.quiet = 0.0
        """Seconds since the last sound."""
        self._speech = _SOFTEST_DB

    def listen(self, frame: rtc.AudioFrame) -> None:
        """The next piece of what is heard."""
        samples = np.frombuffer(frame.data, dtype=np.int16).astype(np.float32) / 32768.0
        level = (
            10 * float(np.log10(np.mean(np.square(samples)) + 1e-12)) if samples.size else -120.0
        )
        self._speech = max(level, self._speech - _FADES_DB * frame.duration, _SOFTEST_DB)
        loud = level > self._speech - _BELOW_SPEECH_DB and level > _SOFTEST_DB
        self.quiet = 0.0 if loud else self.quiet + frame.duration


class Speculation:
    """Of one call."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.options = PreemptiveGenerationOptions(
            enabled=True, preemptive_tts=True, max_retries=MOST_ASKED + 1
        )
        """The assistant's; read by the framework each time that it is about to ask."""
        self.asked: Asked = "anything"
        """What the assistant's last words want to hear."""
        self.may_ask: Callable[[], bool] = lambda: True
        """Whether there is somebody to answer."""
        self._pauses = Pauses()
        self._clock = clock
        self.turn = ""
        """What of the caller's turn is final."""
        self._asked_on: str | None = None
        """The turn's words that the answer under way is for."""
        self._count = 0
        self._latest = ("", 0.0)
        """The last interim words, and since when they have been those."""
        self.on_changed: Callable[[], None] = lambda: None
        """An answer that was asked for ahead is none any more: the model is asked anew for the turn."""
        self._later: list[tuple[SpeechHandle, Callable[[], None]]] = []

    @property
    def under_way(self) -> bool:
        """Whether an answer is being made for a turn that is not over."""
        return self._asked_on is not None

    def listen(self, frame: rtc.AudioFrame) -> None:
        """A piece of the caller's sound."""
        if self.may_ask():
            self._pauses.listen(frame)

    def ahead(self, event: stt.SpeechEvent, *, behind: float | None) -> stt.SpeechEvent:
        """A recogniser's event; one with interim words that look like all of the turn becomes a preflight
        transcript, upon which the framework asks the model. `behind`: how many seconds ago its last word ended."""
        if event.type != stt.SpeechEventType.INTERIM_TRANSCRIPT or not event.alternatives:
            return event
        text = event.alternatives[0].text.strip()
        before, since = self._latest
        if not same_words(text, before):
            since = self._clock()
        self._latest = (text, since)
        whole = f"{self.turn} {text}".strip()
        if self._asked_on is not None and same_words(whole, self._asked_on):
            return event
        if not text or self._count >= MOST_ASKED or not self.may_ask():
            return event
        rests = self._clock() - since >= STABLE_SECONDS
        if not (rests or self._paused(behind)) or not may_be_all(whole, self.asked):
            return event
        self._asks(whole)
        return replace(event, type=stt.SpeechEventType.PREFLIGHT_TRANSCRIPT)

    def _paused(self, behind: float | None) -> bool:
        """Whether the caller has stopped, and the words reach up to there: a recogniser is later than the sound."""
        quiet = self._pauses.quiet
        if behind is None:
            return quiet >= LATE_SECONDS
        return quiet >= QUIET_SECONDS and behind <= quiet + UNHEARD_SECONDS

    def heard(self, event: UserInputTranscribedEvent) -> None:
        """The session is told of words, and will ask the model upon them next, unless `options` forbid it.

        To be called by a handler of `user_input_transcribed`: nothing runs between that and the asking.
        """
        text = event.transcript.strip()
        if not event.is_final:
            self.options["enabled"] = True
            whole = f"{self.turn} {text}".strip()
            if self._asked_on is not None and text and not same_words(whole, self._asked_on):
                # The framework throws the answer away upon this.
                self._asked_on = None
                self.on_changed()
            return
        if not text:
            return
        self.turn = f"{self.turn} {text}".strip()
        self._latest = ("", 0.0)
        answered = self.under_way and same_words(self.turn, self._asked_on or "")
        if self.under_way and not answered:
            self._asked_on = None
            self.on_changed()
        # Most finals end a pause and not the turn, which asks by itself if nobody has. The first is worth a try.
        likely = may_be_all(self.turn, self.asked) or not (
            self._count or dictating(self.turn, self.asked)
        )
        self.options["enabled"] = likely and not answered
        if self.options["enabled"]:
            self._asks(self.turn)

    def added(self, event: ConversationItemAddedEvent) -> None:
        """A message joined the conversation. One of the caller's is a turn that is over: what was asked for it is
        real now, or nothing."""
        item = event.item
        if not isinstance(item, ChatMessage):
            return
        if item.role == "user":
            self.speaks()
            self.options["enabled"] = True
            self._settle()
        elif item.role == "assistant":
            self.asked = asked_for(item.text_content or "")

    def speaks(self) -> None:
        """The assistant begins to be heard: a turn of which nothing came is over too."""
        self.turn, self._asked_on, self._count, self._latest = "", None, 0, ("", 0.0)

    def when_real(self, do: Callable[[], None]) -> None:
        """`do` something that belongs to the answer which is being made: now, if it will be spoken, or once that
        is certain, or never. To be called where the answer is made."""
        # The library has no public way from a node to the speech it is made for.
        handle = _SpeechHandleContextVar.get(None)
        if handle is None or handle.scheduled:
            self._settle()
            do()
        elif not handle.done():
            self._later.append((handle, do))

    def _settle(self) -> None:
        later, self._later = self._later, []
        for handle, do in later:
            if handle.scheduled:
                do()
            elif not (handle.interrupted or handle.done()):
                self._later.append((handle, do))

    def _asks(self, whole: str) -> None:
        self._asked_on = whole
        self._count += 1
