"""A call's first words, and when the caller heard them."""

from __future__ import annotations

import time
from collections.abc import Callable

from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.voice import Voice
from domain.businesses.settings import BusinessSettings
from domain.calls.events import CallAnswered


class Greeting:
    """The business's own words at the beginning of one call."""

    def __init__(
        self,
        settings: BusinessSettings,
        *,
        speech: CallSpeech,
        transcript: Transcript,
        record: Callable[[CallAnswered], None],
        began: float,
    ) -> None:
        """`began` is when the job started, in seconds of the monotonic clock."""
        self._settings = settings
        self._speech = speech
        self._transcript = transcript
        self._record = record
        self._began = began
        self._ready = False
        self._heard = False

    def say(self, voice: Voice) -> None:
        """The notice, if there is one, and the greeting."""
        settings = self._settings
        self._ready = self._speech.ready(settings.recording_notice or settings.greeting)
        self.give_notice(voice)
        self._transcript.expect(settings.greeting, "greeting")
        voice.say(settings.greeting, self._speech.sound(settings.greeting, fallback="greeting"))

    def give_notice(self, voice: Voice) -> None:
        """Say what has to be said before anything is recorded, if the business has it so."""
        notice = self._settings.recording_notice
        if notice:
            self._transcript.expect(notice, "notice")
            sound = self._speech.sound(notice, fallback="greeting")
            voice.say(notice, sound, interruptible=False)

    def heard_before(self) -> None:
        """The caller has heard it from another job, which told so."""
        self._heard = True

    def spoken(self) -> None:
        """Something is heard: told once."""
        if not self._heard:
            self._heard = True
            setup = round(time.monotonic() - self._began, 3)
            self._record(CallAnswered(setup_seconds=setup, greeting_ready=self._ready))
