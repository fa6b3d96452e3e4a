"""The assistant's side of the conversation: its fixed sentences, its silence, and its return."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from typing import Any, Final, Literal

from livekit import rtc
from livekit.agents.llm import ChatContext
from livekit.agents.voice import SpeechHandle

from agent.assistant import Assistant, Listener
from agent.conversation import CallSession
from agent.filler import Filler
from agent.patience import Patience
from agent.phrases import FILLERS, PhraseName
from agent.speculation import Speculation
from agent.speech import CallSpeech
from agent.transcript import Transcript
from tools import assistant_tools

TOOLS_SECONDS: Final = 10.0
"""How long a return waits for tools that ran when the assistant fell silent: what they did belongs to what
it knows."""
LISTEN_SECONDS: Final = 3.0
"""How long a fixed sentence waits for them: the caller hears silence."""
INTERRUPT_SECONDS: Final = 0.5

log = logging.getLogger("reception.agent.voice")


class Voice:
    """What the assistant says on one call. While it is `silent` nothing of it reaches the caller, and
    nothing starts a reply."""

    def __init__(
        self,
        session: CallSession,
        *,
        instructions: str,
        speech: CallSpeech,
        transcript: Transcript,
        messages_only: bool = False,
        history: ChatContext | None = None,
        ignores: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`history`: what was said on the call before another job took it over; `ignores`: whether a turn that is
        over was no words of the caller's."""
        self._session = session
        self._instructions = instructions
        self._speech = speech
        self._transcript = transcript
        self.silent = False
        self._messages_only = messages_only
        self._set_aside: ChatContext | None = None
        self._only_listens = False
        word = speech.phrase("one_moment")
        transcript.expect(word, "filler")
        self.patience = Patience(word, lambda: speech.recorded("one_moment"))
        for name in FILLERS:
            transcript.expect(speech.phrase(name), "filler")
        self.filler = Filler(
            phrase=speech.phrase, sound=speech.recorded, on_said=self.patience.word_said
        )
        self._ignores = ignores
        self.speculation = Speculation()
        self._assistant = Assistant(
            instructions,
            history=history,
            messages_only=messages_only,
            patience=self.patience,
            speculation=self.speculation,
            filler=self.filler,
            ignores=ignores,
        )
        self._listening = asyncio.Event()
        self._returning: asyncio.Task[None] | None = None

    @property
    def assistant(self) -> Assistant:
        """The agent that answers, or answered last."""
        return self._assistant

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

    def reply(self, instructions: str, *, tools: bool = True) -> SpeechHandle | None:
        """Have the model say something: as `instructions` want it, and without any, what comes next. None when
        the assistant may not speak."""
        if self.silent:
            return None
        given: dict[str, Any] = {} if tools else {"tool_choice": "none"}
        if instructions:
            given["instructions"] = instructions
        try:
            return self._session.generate_reply(**given)
        except RuntimeError:
            return None

    @property
    def only_listens(self) -> bool:
        """Whether nothing is answered: what is said are fixed sentences."""
        return self._only_listens

    async def remember(self, note: str, *, by: Literal["system", "user"] = "system") -> None:
        """Let the model know something for the rest of the call; `user`: words of the caller that the session
        dropped."""
        context = self._assistant.chat_ctx.copy()
        context.add_message(role=by, content=note)
        await self._assistant.update_chat_ctx(context)

    async def switch(self, *, messages_only: bool, note: str) -> None:
        """Answer with the tools for taking messages only, or with all of them, from now on; `note` tells
        the model so. While it does not answer, for when it does."""
        self._messages_only = messages_only
        before = self._assistant.chat_ctx.copy()
        # With a tool goes what it has told (offers, bookings): kept for when it is there again.
        await self._assistant.update_tools([*assistant_tools(messages_only=messages_only)])
        context = self._assistant.chat_ctx.copy()
        if messages_only:
            self._set_aside = before
        elif self._set_aside is not None:
            context.merge(self._set_aside, exclude_instructions=True)
            self._set_aside = None
        context.add_message(role="system", content=note)
        await self._assistant.update_chat_ctx(context)

    async def only_listen(self) -> None:
        """Answer nothing any more: what is said from now on are fixed sentences. Running tools finish."""
        if self._only_listens:
            return
        self._only_listens = True
        entered = asyncio.Event()
        self._session.update_agent(Listener(on_entered=entered.set))
        try:
            # A sentence said while the agents change is lost with the one that leaves.
            async with asyncio.timeout(LISTEN_SECONDS):
                await entered.wait()
        except TimeoutError:
            log.warning("a tool still runs")

    def answer_again(self) -> None:
        """Go on with the model after `only_listen`."""
        # Whole: what staff whispered are instructions too, and the library replaces its own.
        history = self._assistant.chat_ctx.copy()
        self._assistant = self._new_assistant(history)
        self._session.update_agent(self._assistant)

    def _new_assistant(
        self, history: ChatContext, *, on_entered: Callable[[], None] = lambda: None
    ) -> Assistant:
        self._only_listens = False
        return Assistant(
            self._instructions,
            history=history,
            messages_only=self._messages_only,
            on_entered=on_entered,
            patience=self.patience,
            speculation=self.speculation,
            filler=self.filler,
            ignores=self._ignores,
        )

    @property
    def may_be_asked(self) -> bool:
        """Whether the model would be asked on words that are heard now."""
        if self.silent or self._only_listens:
            return False
        speech = self._session.current_speech
        return speech is None or speech.interrupted

    async def interrupt(self) -> None:
        """Stop what is being said."""
        try:
            stopped = self._session.interrupt(force=True)
        except RuntimeError:
            return
        # The library tells of it only when every speech has wound up: what has to be said next, an emergency
        # number perhaps, does not wait for one that is stuck.
        await asyncio.wait({stopped}, timeout=INTERRUPT_SECONDS)

    def fall_silent(self) -> None:
        """Stop in the middle of a word, and stay silent until `come_back`; done when this returns. The caller
        goes on being heard and written down; tools that run finish."""
        if self._returning is not None:
            self._returning.cancel()
        if self.silent:
            return
        # The session may close in this moment: whoever closes it ends the call.
        with suppress(RuntimeError):
            self._session.interrupt(force=True)
        self._session.output.set_audio_enabled(False)
        self._session.output.set_transcription_enabled(False)
        self.silent = True
        self._listening = asyncio.Event()
        # Not awaited: the library lets running tools finish first.
        self._session.update_agent(Listener(on_entered=self._listening.set))

    async def returned(self) -> None:
        """Wait until a return is carried out, if one is under way."""
        if self._returning is not None:
            await asyncio.gather(self._returning, return_exceptions=True)

    def come_back(
        self,
        *,
        instructions: str,
        add_to: Callable[[ChatContext], None] = lambda _: None,
        last_words: asyncio.Task[None] | None = None,
    ) -> None:
        """Speak again, after `add_to` has put what was said meanwhile into the conversation, for which
        `last_words` is waited for; the first words follow `instructions`, and without any there are none.
        Returns at once."""
        self._returning = asyncio.create_task(
            self._come_back(instructions, add_to, last_words), name="come_back"
        )

    async def _come_back(
        self,
        instructions: str,
        add_to: Callable[[ChatContext], None],
        last_words: asyncio.Task[None] | None,
    ) -> None:
        try:
            async with asyncio.timeout(TOOLS_SECONDS):
                await self._listening.wait()
        except TimeoutError:
            log.warning("a tool still runs")
        if last_words is not None:
            await asyncio.wait({last_words})
        # Whole: what staff whispered are instructions too, and the library replaces its own.
        history = self._assistant.chat_ctx.copy()
        add_to(history)
        self.silent = False
        self._session.output.set_audio_enabled(True)
        self._session.output.set_transcription_enabled(True)

        def open_again() -> None:
            if instructions:
                self.reply(instructions, tools=False)

        # Before it has entered, a reply would be asked of the agent that only listens.
        self._assistant = self._new_assistant(history, on_entered=open_again)
        self._session.update_agent(self._assistant)
