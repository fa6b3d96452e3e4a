"""One call as a state machine: who has the floor, when the call ends, and that its room is closed.

Nothing else ends a call: every cause comes here, the first one decides, and the room is deleted
exactly once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from agent.caller import Caller
from agent.chain.hearing import HearingChain
from agent.changeover import Changeover
from agent.connection import Connection
from agent.control import Controls
from agent.conversation import CallSession
from agent.dtmf import Digits
from agent.ending import Ending
from agent.facts import CallFacts
from agent.failure import FailurePolicy
from agent.floor import FloorState
from agent.greeting import Greeting
from agent.guard import Guard
from agent.handoff.exchange import Exchange
from agent.handoff.handoffs import Handoffs
from agent.line import Line
from agent.phrases import PhraseName
from agent.recovery import Recovery
from agent.resumption.comeback import Comeback
from agent.resumption.resumption import Resumption
from agent.session_events import SessionEvents
from agent.silence import SilenceWatch
from agent.speech import CallSpeech
from agent.stall import StallWatch
from agent.switches import CallSwitch
from agent.takeover import Takeover
from agent.tasks import Tasks
from agent.time_limit import TimeLimit
from agent.to_person import ToPerson
from agent.transcript import Transcript
from agent.turns import room_options
from agent.voice import Voice
from agent.whispers import Whispers
from domain.businesses.profile import CallProfile
from domain.calls.control import ChangeSwitch
from domain.calls.events import (
    CallEnded,
    EndReason,
    FloorChanged,
)
from domain.seam import Seam

CLOSE_SECONDS: Final = 5.0
"""How long the session may take to stop and its running tool to finish."""

log = logging.getLogger("reception.agent.call")


class Call:
    """The call of one job (the port `tools.context.CallControl`)."""

    def __init__(
        self,
        *,
        line: Line,
        exchange: Exchange,
        caller: Caller,
        profile: CallProfile,
        journal: CallFacts,
        speech: CallSpeech,
        hearing: HearingChain,
        seam: Seam,
        began: float,
        resumption: Resumption | None = None,
        still_ours: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`hearing` recognises staff; `began` is when the job started, in seconds of the monotonic clock.
        `resumption`: another job served the call before; `still_ours`: asked when this one stood still."""
        record = journal.record
        self.floor = FloorState(self._floor_changed)
        self._line = line
        self._caller = caller
        self._profile = profile
        self._record = record
        self._settle = journal.settle
        self._speech = speech
        self._hearing = hearing
        self._first = journal.epoch == 1
        self._transcript = Transcript(record)
        self._greeting = Greeting(
            profile.settings,
            speech=speech,
            transcript=self._transcript,
            record=record,
            began=began,
        )
        self._handoffs = Handoffs(
            self,
            line=line,
            exchange=exchange,
            caller=caller,
            caller_name=lambda: self.session.userdata.contact_name,
            profile=profile,
            speech=speech,
            hearing=hearing,
            done=lambda: journal.kinds,
            record=record,
            seam=seam,
        )
        self._comeback: Comeback | None = None
        self._story = resumption.story if resumption is not None else None
        if resumption is not None:
            self._comeback = Comeback(
                self,
                resumption,
                notice=profile.settings.recording_notice,
                speech=speech,
                transcript=self._transcript,
                record=record,
            )
        self._to_person = ToPerson(self, self._handoffs)
        self.hand_over = self._to_person.hand_over
        self.transfer_asked = self._to_person.transfer_asked
        self.send_to_person = self._to_person.send_to_person
        self.forward = self._to_person.forward
        self._recovery = Recovery(
            self,
            policy=FailurePolicy(can_transfer=bool(self._handoffs.plan().rounds)),
            transcript=self._transcript,
            speech=speech,
            record=record,
            seam=seam,
            caller_phone=caller.phone,
            language=profile.settings.language,
            doubt=lambda: hearing.doubt(),
            abandon=lambda: hearing.abandon(),
        )
        self.changeover = Changeover(self, transcript=self._transcript, record=record)
        self._switch = CallSwitch(self, switch=profile.switch, record=record)
        self.take_message = self._recovery.take_message
        whispers = Whispers(
            self,
            transcript=self._transcript,
            meanwhile=self.changeover.meanwhile,
            record=record,
        )
        self.takeover = Takeover(
            self, room=line.room, rights=line, hearing=hearing, record=record, seam=seam
        )
        self._controls = Controls(self, takeover=self.takeover, whispers=whispers)
        self._limit = TimeLimit()
        self._ending = Ending(self, limit=self._limit)
        self._tasks = Tasks()
        self.spawn = self._tasks.spawn
        self._stall = StallWatch(still_ours=still_ours or _ours)
        self._connection = Connection(
            self,
            line=line,
            caller=caller.identity,
            referring=lambda: self._handoffs.referring,
        )
        self._over = asyncio.Event()
        self._left = False
        self._session: CallSession | None = None
        self._voice: Voice | None = None
        self._silence: SilenceWatch | None = None
        self._guard = Guard(
            self,
            profile=profile,
            speech=speech,
            transcript=self._transcript,
            record=record,
            can_transfer=bool(self._handoffs.plan().rounds),
        )

    @property
    def session(self) -> CallSession:
        assert self._session is not None, "the call has not begun"
        return self._session

    @property
    def voice(self) -> Voice:
        assert self._voice is not None, "the call has not begun"
        return self._voice

    @property
    def undisturbed(self) -> bool:
        """The assistant has the floor, and nothing is ending the call."""
        return (
            self.floor.now == "assistant"
            and not self._ending.under_way
            and not self.changeover.returning
        )

    @property
    def with_person(self) -> bool:
        """A person has the floor, or is being sought for the caller."""
        return self.floor.now in ("briefing", "person")

    @property
    def messages_only(self) -> bool:
        """Staff have switched the assistant to taking messages."""
        return self._switch.messages_only

    # From the ring to the greeting

    async def begin(self, session: CallSession, instructions: str) -> None:
        """Start the conversation and greet; returns when the greeting is under way."""
        self._session = session
        self._voice = Voice(
            session,
            instructions=instructions,
            speech=self._speech,
            transcript=self._transcript,
            messages_only=self.messages_only,
            history=self._story,
            ignores=self._guard.ignores,
        )
        self._hearing.foresight = self._voice.speculation
        self._wire(session)
        self.spawn(self._stall.run(on_stalled=self._hush, on_back=self._back))
        await session.start(
            self._voice.assistant,
            room=self._line.room,
            room_options=room_options(self._caller.identity),
            session_host=False,
            record=False,
        )
        if self.floor.ended:
            return
        if not self._line.has(self._caller.identity):
            await self.finish("caller_hung_up")
            return
        self.floor.change("assistant")
        self._guard.begin()
        comeback, limit = self._comeback, float(self._profile.settings.limits.maximum_seconds)
        self.spawn(self._ending.at_limit(comeback.left_of(limit) if comeback else limit))
        if comeback is not None:
            comeback.adopt(takeover=self.takeover, handoffs=self._handoffs)
            if comeback.goes_on:
                self._greeting.heard_before()
        else:
            # The journal may not know of it: the database was away.
            self._handoffs.adopt()
        self.takeover.look()
        if self.with_person or not self._switch.begin():
            return
        if comeback is not None and comeback.goes_on:
            comeback.speak()
            return
        if self._profile.settings.handoff.staff_first_seconds and self._first:
            self.spawn(self._greet_after_staff())
        else:
            self._greet()

    def _greet(self) -> None:
        self._greeting.say(self.voice)

    async def _greet_after_staff(self) -> None:
        if not await self._to_person.staff_first() and self.undisturbed:
            self._greet()

    def give_notice(self) -> None:
        """Say what has to be said before anything is recorded, if the business has it so."""
        self._greeting.give_notice(self.voice)

    def _wire(self, session: CallSession) -> None:
        self._silence = SilenceWatch(
            self._profile.settings.limits,
            timer=session,
            record=self._record,
            ask=lambda: self.say_phrase("still_there"),
            give_up=self._ending.for_silence,
        )
        SessionEvents(
            self,
            transcript=self._transcript,
            recovery=self._recovery,
            greeting=self._greeting,
            silence=self._silence,
            is_echo=self._guard.is_echo,
        ).watch(session)
        # After them: by then the transcript knows what was heard.
        self._guard.watch(session)
        room = self._line.room
        self._connection.watch()
        digits = Digits(
            identity=self._caller.identity,
            record=self._record,
            wants_person=self._person_key,
            wants_message=self._recovery.message_key,
        )
        pressed = self._guard.slowed(digits.pressed, identity=self._caller.identity)
        room.on("sip_dtmf_received", pressed)
        room.on("data_received", self._controls.received)
        self.takeover.watch()
        self._handoffs.watch()

    def _person_key(self) -> None:
        if not self._recovery.person_key():
            self._to_person.key_pressed()

    # The ways to the end

    def end(self, reason: EndReason) -> None:
        """End the call once what is being said has been said."""
        if not self.floor.ended:
            self._ending.begin(reason)

    async def finish(self, reason: EndReason) -> None:
        """End the call now, whoever asks; the first reason stays."""
        if not self._left and not await self._stall.ours():
            self.leave()
        if self._left:
            return
        if not self.floor.change("ended", reason=reason):
            await self._over.wait()
            return
        try:
            if self._silence is not None:
                self._silence.stop()
            # Both at once: who answered a telephone is told at once that the caller has gone.
            await asyncio.gather(self._handoffs.end(), self._close_session())
            await self._settle()
            await self.takeover.end()
            self._recovery.keep_voicemail()
            self._transcript.flush()
            self._record(CallEnded(reason=reason))
            await self._line.close()
        finally:
            self._over.set()
            self._tasks.cancel()
            self._line.shut_down(reason)

    def leave(self) -> None:
        """Leave the call to another agent: silently, with the room as it is."""
        if self._left:
            return
        log.warning("another agent serves this call")
        self._left = True
        self._hush()
        if self._silence is not None:
            self._silence.stop()
        if self._session is not None:
            self._session.shutdown(drain=False)
        self._over.set()
        self._tasks.cancel()
        self.spawn(self._line.leave())
        self._line.shut_down("another agent serves this call")

    def _hush(self) -> None:
        """Not a sound until it is known whose call it is."""
        if self._session is not None:
            self._session.output.set_audio_enabled(False)

    def _back(self, ours: bool) -> None:
        if not ours:
            self.leave()
        elif self._session is not None and not self.voice.silent:
            self._session.output.set_audio_enabled(True)

    async def stopped(self) -> None:
        """The job is stopping: a call that has not ended by itself ends with it."""
        await self._connection.settled()
        if not self._left:
            await self.finish("worker_stopped")

    async def _close_session(self) -> None:
        if self._session is None:
            return
        try:
            # Lets a running tool finish: what it does is done whole, and known before the end.
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._session.aclose()
        except TimeoutError:
            log.warning("session did not close in time")

    # What staff do, and ask for

    def stand_down(self) -> None:
        """Whatever the assistant was about to do by itself is not done."""
        self._ending.undo()
        if self._silence is not None:
            self._silence.stop()
        self._recovery.stand_down()
        self._switch.stand_down()
        self._guard.stop()

    def switch_changed(self, control: ChangeSwitch) -> None:
        """The business's switch is another now."""
        if not self.floor.ended:
            self._switch.changed(control)

    def _floor_changed(self, event: FloorChanged) -> None:
        self._limit.floor_changed(event.after)
        self._record(event)
        if event.before == "briefing" and event.after == "person":
            self._handoffs.floor_taken(event.reason)
        if event.after == "assistant" and event.before != "answering":
            self._switch.floor_returned()

    # Speaking, and keeping silent

    async def say_phrase(self, name: PhraseName, *, interruptible: bool = True) -> None:
        """Say a fixed sentence and wait until it was heard (or interrupted)."""
        if not self.floor.ended:
            await self.voice.say_phrase(name, interruptible=interruptible)

    async def interrupt(self) -> None:
        """Stop what is being said."""
        await self.voice.interrupt()


async def _ours() -> bool:
    return True
