"""From the assistant to a person and back: who is heard, what is written down, and the words of return."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

from livekit.agents.llm import ChatContext

from agent.floor import FloorState
from agent.meanwhile import Meanwhile
from agent.transcript import Transcript
from agent.watched_call import WatchedCall
from domain.calls.events import Event, StaffSaid

FIRST_WORD_SECONDS: Final = 1.3
"""For the model's first word after a return; then a fixed sentence is said. The caller is promised a voice
within 2 s."""
OPENING: Final = (
    "A colleague of yours has spoken with the caller, and now the caller is yours again. What was said"
    " meanwhile is above; the colleague's words are marked. In one or two short sentences, in the"
    ' language of the conversation, say that you are back, for example "I\'m back with you.", and go on'
    " from where they stopped: ask for what is still open, and do not repeat what is settled."
)

log = logging.getLogger("reception.agent.changeover")


class ChangingCall(WatchedCall, Protocol):
    """What a change of the floor needs of the call."""

    @property
    def floor(self) -> FloorState: ...

    def stand_down(self) -> None:
        """Whatever the assistant was about to do by itself (ask, apologise, end) is not done."""
        ...


class Changeover:
    """Carries out what a change of the floor between the assistant and a person means."""

    def __init__(
        self, call: ChangingCall, *, transcript: Transcript, record: Callable[[Event], None]
    ) -> None:
        self.meanwhile = Meanwhile()
        self._call = call
        self._transcript = transcript
        self._record = record
        self._spoke = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None

    @property
    def returning(self) -> bool:
        """The assistant has the floor again, and has not spoken yet."""
        return self._opening is not None and not self._opening.done()

    async def returned(self) -> None:
        """Wait until the assistant has spoken, if it is just coming back."""
        if self._opening is not None:
            await asyncio.wait({self._opening})

    def to_briefing(self, *, reason: str, by: str = "") -> bool:
        """A person is sought for the caller; the assistant is silent to them when this returns. False,
        and nothing done, when it is not the assistant's to give."""
        return self._give_away("briefing", reason=reason, by=by)

    def to_person(self, *, reason: str, by: str = "", identity: str = "") -> bool:
        """Give the floor to a person, from the assistant or from a briefing; the assistant is silent
        when this returns. False, and nothing done, when there is no such way."""
        return self._give_away("person", reason=reason, by=by, identity=identity)

    def _give_away(
        self, after: Literal["briefing", "person"], *, reason: str, by: str = "", identity: str = ""
    ) -> bool:
        call = self._call
        if call.floor.now not in ("assistant", "briefing") or not call.floor.leads_to(after):
            return False
        # First of all: every millisecond here is heard as two voices at once.
        asked = time.perf_counter()
        call.voice.fall_silent()
        silent = time.perf_counter() - asked
        call.floor.change(after, reason=reason, by=by, identity=identity)
        if self._opening is not None:
            self._opening.cancel()
        call.stand_down()
        self._transcript.person_speaks(self.meanwhile)
        log.info("assistant silenced", extra={"milliseconds": round(silent * 1000, 1)})
        return True

    def to_assistant(
        self,
        *,
        reason: str,
        by: str = "",
        opening: str = OPENING,
        last_words: asyncio.Task[None] | None = None,
    ) -> bool:
        """Give the floor back to the assistant, which speaks as soon as it can, as `opening` tells the
        model; empty: not by itself. It waits for `last_words`, with which it has to go on. False, and nothing
        done, when nobody else has it."""
        call = self._call
        if call.floor.now not in ("briefing", "person") or not call.floor.change(
            "assistant", reason=reason, by=by
        ):
            return False
        self._spoke = asyncio.Event()
        call.voice.come_back(
            instructions=opening, add_to=self._tell_meanwhile, last_words=last_words
        )
        self._opening = call.spawn(self._open(last_words)) if opening else None
        return True

    def _tell_meanwhile(self, conversation: ChatContext) -> None:
        # Together: what is recognised before is in the conversation by this, and afterwards by the session.
        self._transcript.assistant_speaks()
        self.meanwhile.add_to(conversation)

    def spoke(self) -> None:
        """The assistant has begun to speak."""
        self._spoke.set()

    def staff_said(
        self,
        text: str,
        *,
        user_id: UUID | None = None,
        person_id: UUID | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
    ) -> None:
        """A person of the business said something to the caller."""
        self._record(
            StaffSaid(
                text=text,
                user_id=user_id,
                person_id=person_id,
                started_at=started_at,
                ended_at=ended_at,
            )
        )
        self.meanwhile.staff_said(text)

    async def _open(self, last_words: asyncio.Task[None] | None) -> None:
        if last_words is not None:
            await asyncio.wait({last_words})
        try:
            async with asyncio.timeout(FIRST_WORD_SECONDS):
                await self._spoke.wait()
        except TimeoutError:
            if self._call.session.user_state == "speaking":
                # They are being heard: their turn will be answered.
                return
            log.warning("no answer for the return")
            await self._call.interrupt()
            await self._call.say_phrase("back_with_you")
        self._call.session.reset_away_timer()
