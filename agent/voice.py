"""The assistant's side of the conversation: its fixed sentences, its silence, and its return."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents.llm import ChatContext
from livekit.agents.voice import SpeechHandle

from agent.assistant import Assistant, Listener
from agent.conversation import CallSession
from agent.phrases import PhraseName
from agent.speech import CallSpeech
from agent.transcript import Transcript

log = logging.getLogger("reception.agent.voice")


class Voice:
    """What the assistant says on one call. While it is `silent` nothing of it reaches the caller, and
    nothing starts a reply."""

    def __init__(
        self, session: CallSession, *, instructions: str, speech: CallSpeech, transcript: Transcript
    ) -> None:
        self._session = session
        self._instructions = instructions
        self._speech = speech
        self._transcript = transcript
        self.silent = False

    def new_assistant(self, history: ChatContext | None = None) -> Assistant:
        """The agent that answers, with what was said before."""
        return Assistant(self._instructions, history=history)

    async def say_phrase(self, name: PhraseName, *, interruptible: bool = True) -> None:
        """Say a fixed sentence and wait until it was heard (or interrupted)."""
        text = self._speech.phrase(name)
        self._transcript.expect(text, "notice")
        handle = self.say(text, self._speech.recorded(name), interruptible=interruptible)
        if handle is not None:
            await handle.wait_for_playout()

    def say(
        self,
        text: str,
        sound: AsyncIterable[rtc.AudioFrame] | None = None,
        *,
        interruptible: bool = True,
    ) -> SpeechHandle | None:
        """Say `text`, as `sound` if given; None when the assistant may not speak."""
        if self.silent:
            return None
        given: dict[str, Any] = {} if sound is None else {"audio": sound}
        try:
            return self._session.say(text, allow_interruptions=interruptible, **given)
        except RuntimeError:
            # The session closed in this moment: whoever closed it ends the call.
            return None

    def reply(self, instructions: str) -> SpeechHandle | None:
        """Have the model say something; None when the assistant may not speak."""
        if self.silent:
            return None
        try:
            return self._session.generate_reply(instructions=instructions)
        except RuntimeError:
            return None

    async def interrupt(self) -> None:
        """Stop what is being said."""
        try:
            await self._session.interrupt(force=True)
        except RuntimeError:
            return

    async def fall_silent(self) -> None:
        """Stop in the middle of a word, and stay silent until `come_back`. The caller goes on being heard
        and written down; tools that run finish."""
        self.silent = True
        stopping = self._session.interrupt(force=True)
        self._session.output.set_audio_enabled(False)
        self._session.output.set_transcription_enabled(False)
        # Not awaited: the library lets running tools finish first.
        self._session.update_agent(Listener())
        try:
            await stopping
        except RuntimeError:
            return

    def come_back(self, *, instructions: str, said: ChatContext | None = None) -> None:
        """Speak again: `said` is the conversation up to now, if others had it; the first answer follows
        `instructions`."""
        history = said or self._session.history.copy(exclude_instructions=True)
        self.silent = False
        self._session.output.set_audio_enabled(True)
        self._session.output.set_transcription_enabled(True)
        self._session.clear_user_turn()
        self._session.update_agent(self.new_assistant(history))
        self.reply(instructions)
