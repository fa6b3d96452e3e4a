"""Ends calls, politely, that are no conversation with a person."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from livekit.agents import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
)
from livekit.agents.llm import ChatMessage

from agent.line_kind.echo import Echo
from agent.line_kind.keys import KeyLimit
from agent.line_kind.sound import PassingSound, SoundWatch
from agent.line_kind.talk import TalkWatch
from agent.line_kind.words import MachineWords
from agent.phrases import PhraseName
from agent.watched_call import WatchedCall
from domain.calls.events import LineKind, LineRecognised

_LOOK_SECONDS: Final = 1.0
_GOODBYE_SECONDS: Final = 15.0
"""The polite sentence takes up to ten; a call whose sound is stuck ends all the same."""
_MOST_REPEATS: Final = 2
"""How often what our own echo cut off is said again: a line that always echoes would never get further."""
_CUT_OFF: Final = (
    "Nobody has answered: the line sent your own voice back, and that cut you off. Say again, in one or two short"
    " sentences, what you were saying."
)
_GOODBYES: Final[dict[LineKind, PhraseName]] = {"background_speech": "talk_goodbye"}

log = logging.getLogger("reception.agent.line_kind")


class LineWatch:
    """One for each call; tells once what is on the line."""

    def __init__(
        self,
        call: WatchedCall,
        *,
        record: Callable[[LineRecognised], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._record = record
        self._clock = clock
        self._words = MachineWords()
        self._sound = SoundWatch(self.found)
        self._keys = KeyLimit(clock=clock)
        self._talk = TalkWatch()
        self._echo = Echo()
        self._over_us = False
        """The caller's side began to sound while the assistant was speaking."""
        self._repeats = 0
        self._ending: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """The session has started: listen in passing."""
        source = self._call.session.input.audio
        if source is not None:
            self._call.session.input.audio = PassingSound(source, self._sound.frame)
        self._call.spawn(self._watch_talk())

    def is_echo(self, event: UserInputTranscribedEvent) -> bool:
        """Whether the words that were recognised are our own, and nobody's."""
        return event.is_final and self._is_echo(event.transcript)

    def heard(self, event: UserInputTranscribedEvent) -> None:
        """Words of somebody's were recognised."""
        self._sound.words_heard()
        if event.is_final and self._call.undisturbed:
            machine = self._words.heard(event.transcript)
            if machine is not None:
                self.found(machine)

    def ignores(self, text: str) -> bool:
        """A turn is over: whether it is to be answered by nobody, for the words were our own."""
        if not self._is_echo(text):
            return False
        log.info("own echo left aside")
        if self._repeats < _MOST_REPEATS and self._call.undisturbed:
            self._repeats += 1
            self._call.voice.reply(_CUT_OFF, tools=False)
        return True

    def added(self, event: ConversationItemAddedEvent) -> None:
        """The assistant has said something."""
        item = event.item
        if isinstance(item, ChatMessage) and item.role == "assistant":
            self._echo.said(item.text_content or "")

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        now = self._clock()
        if event.new_state == "speaking":
            self._over_us = self._call.session.agent_state == "speaking"
            self._talk.caller_speaks(now)
        elif event.old_state == "speaking":
            self._talk.caller_stops(now)

    def agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        if event.old_state == "speaking" and self._call.session.user_state != "speaking":
            self._talk.heard_out()

    def key_passes(self) -> bool:
        """Whether a key that the caller presses now counts."""
        passes = self._keys.passes()
        if self._keys.endless:
            self.found("key_flood")
        return passes

    def found(self, kind: LineKind) -> None:
        """Something of a certain kind is on the line: one polite sentence, and the end."""
        if self._ending is None and self._call.undisturbed:
            log.info("line recognised", extra={"kind": kind})
            self._record(LineRecognised(kind=kind))
            self._ending = self._call.spawn(self._end(kind))

    def stop(self) -> None:
        """Somebody of the staff speaks with the caller now, and knows better."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _is_echo(self, text: str) -> bool:
        return self._over_us and self._echo.is_echo(text)

    async def _end(self, kind: LineKind) -> None:
        call = self._call
        await call.interrupt()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await call.say_phrase(_GOODBYES.get(kind, "machine_goodbye"), interruptible=False)
        if not call.with_person:
            await call.finish("not_a_person")

    async def _watch_talk(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            call = self._call
            if not call.undisturbed or call.voice.only_listens or self._ending is not None:
                continue
            step = self._talk.look(self._clock())
            if step == "break_in":
                await call.say_phrase("long_talk", interruptible=False)
            elif step == "give_up":
                self.found("background_speech")
