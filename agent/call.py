"""One call as a state machine: who has the floor, when the call ends, and that its room is closed.

Nothing else ends a call: every cause comes here, the first one decides, and the room is deleted
exactly once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from livekit import rtc
from livekit.agents import (
    AgentStateChangedEvent,
    CloseEvent,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
)

from agent.caller import Caller
from agent.conversation import CallSession
from agent.dtmf import Digits
from agent.failure import FailurePolicy
from agent.floor import FloorState
from agent.line import Line
from agent.phrases import PhraseName
from agent.recovery import Recovery
from agent.silence import SilenceWatch
from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.turns import hold, room_options
from agent.voice import Voice
from domain.businesses.profile import CallProfile
from domain.calls.events import (
    CallAnswered,
    CallEnded,
    EndReason,
    Event,
    TransferStarted,
)
from domain.seam import Seam

END_SECONDS: Final = 20.0
"""The longest goodbye: a call whose assistant has ended it does not go on for ever."""
CLOSE_SECONDS: Final = 5.0
"""How long the session may take to stop and its running tool to finish."""

log = logging.getLogger("reception.agent.call")


class CallFacts(Protocol):
    """The part of the journal that the call itself needs."""

    def record(self, event: Event) -> None: ...

    async def settle(self) -> None:
        """Wait until no deed is under way, or until that has taken too long."""
        ...


class Call:
    """The call of one job (the port `tools.context.CallControl`)."""

    def __init__(
        self,
        *,
        line: Line,
        caller: Caller,
        profile: CallProfile,
        journal: CallFacts,
        speech: CallSpeech,
        seam: Seam,
        began: float,
    ) -> None:
        """`began` is when the job started, in seconds of the monotonic clock."""
        record = journal.record
        self.floor = FloorState(record)
        self._line = line
        self._caller = caller
        self._profile = profile
        self._record = record
        self._settle = journal.settle
        self._speech = speech
        self._began = began
        self._transcript = Transcript(record)
        self._recovery = Recovery(
            self,
            policy=FailurePolicy(
                can_transfer=bool(profile.settings.transfer_number) and caller.channel == "sip"
            ),
            transcript=self._transcript,
            speech=speech,
            record=record,
            seam=seam,
            caller_phone=caller.phone,
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over = asyncio.Event()
        self._answered = False
        self._greeting_ready = False
        self._left = False
        self._ending: asyncio.Task[None] | None = None
        self._transferring = False
        self._session: CallSession | None = None
        self._voice: Voice | None = None
        self._silence: SilenceWatch | None = None

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
        return self.floor.now == "assistant" and self._ending is None

    # From the ring to the greeting

    async def begin(self, session: CallSession, instructions: str) -> None:
        """Start the conversation and greet; returns when the greeting is under way."""
        self._session = session
        self._voice = Voice(
            session, instructions=instructions, speech=self._speech, transcript=self._transcript
        )
        self._wire(session)
        await session.start(
            self._voice.new_assistant(),
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
        self._greet()
        self.spawn(self._limit_time(self._profile.settings.limits.maximum_seconds))

    def _greet(self) -> None:
        settings = self._profile.settings
        self._greeting_ready = self._speech.ready(settings.recording_notice or settings.greeting)
        if settings.recording_notice:
            self._transcript.expect(settings.recording_notice, "notice")
            sound = self._speech.sound(settings.recording_notice, fallback="greeting")
            self.voice.say(settings.recording_notice, sound, interruptible=False)
        self._transcript.expect(settings.greeting, "greeting")
        self.voice.say(
            settings.greeting, self._speech.sound(settings.greeting, fallback="greeting")
        )

    def _wire(self, session: CallSession) -> None:
        self._silence = SilenceWatch(
            self._profile.settings.limits,
            timer=session,
            record=self._record,
            ask=lambda: self.say_phrase("still_there"),
            give_up=self._give_up,
        )
        session.on("conversation_item_added", self._added)
        session.on("user_input_transcribed", self._heard)
        session.on("user_transcription_timeout", self._recovery.not_understood)
        session.on("user_state_changed", self._user_state_changed)
        session.on("agent_state_changed", self._agent_state_changed)
        session.on("error", self._recovery.failed)
        session.on("close", self._session_closed)
        room = self._line.room
        room.on("participant_disconnected", self._participant_left)
        room.on("disconnected", self._room_lost)
        digits = Digits(
            identity=self._caller.identity,
            record=self._record,
            wants_person=self._wants_person,
        )
        room.on("sip_dtmf_received", digits.pressed)

    # What the session tells

    def _heard(self, event: UserInputTranscribedEvent) -> None:
        self._transcript.heard(event)
        if not self._recovery.heard(event) and event.is_final:
            self.session.update_options(endpointing_opts={"max_delay": hold(event.transcript)})

    def _added(self, event: ConversationItemAddedEvent) -> None:
        self._transcript.added(event)
        self._recovery.message_added()

    def _user_state_changed(self, event: UserStateChangedEvent) -> None:
        # Who is being connected, or leaves a message, is not asked whether they are there.
        if self._silence is not None and not self._transferring and not self._recovery.busy:
            self._silence.user_state_changed(event)

    def _agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking" and not self._answered:
            self._answered = True
            setup = round(time.monotonic() - self._began, 3)
            self._record(CallAnswered(setup_seconds=setup, greeting_ready=self._greeting_ready))
        if event.old_state == "speaking" and self._transcript.answered:
            self._recovery.answer_heard()

    def _session_closed(self, event: CloseEvent) -> None:
        if not self.floor.ended and event.error is not None:
            self.spawn(self.finish("failed"))

    def _participant_left(self, participant: rtc.RemoteParticipant) -> None:
        # While a REFER runs, the leg leaves because the other side took it, or because the caller
        # gave up: what came of the REFER decides.
        if participant.identity == self._caller.identity and not self._transferring:
            self.spawn(self.finish("caller_hung_up"))

    def _room_lost(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if self.floor.ended:
            return
        if reason in (
            rtc.DisconnectReason.PARTICIPANT_REMOVED,
            rtc.DisconnectReason.DUPLICATE_IDENTITY,
        ):
            # Somebody took this job for dead and gave its call to another.
            self.leave()
            return
        log.warning("room lost", extra={"reason": rtc.DisconnectReason.Name(reason).lower()})
        self.spawn(self.finish("failed"))

    # The ways to the end

    def end(self, reason: EndReason) -> None:
        """End the call once what is being said has been said."""
        if self._ending is None and not self.floor.ended:
            self._ending = self.spawn(self._end_when_said(reason))

    async def _end_when_said(self, reason: EndReason) -> None:
        # A tool's reply is a part of the turn that called the tool: its handle is done after both.
        turn = self.session.current_speech
        try:
            async with asyncio.timeout(END_SECONDS):
                if turn is not None:
                    await turn.wait_for_playout()
                await self.session.wait_for_idle()
        except (TimeoutError, RuntimeError):
            pass
        if reason == "assistant_ended" and turn is not None and turn.interrupted:
            # The caller had something to add to the goodbye.
            self._ending = None
            return
        await self.finish(reason)

    async def finish(self, reason: EndReason) -> None:
        """End the call now, whoever asks; the first reason stays."""
        if not self.floor.change("ended", reason=reason):
            await self._over.wait()
            return
        try:
            if self._silence is not None:
                self._silence.stop()
            await self._close_session()
            await self._settle()
            self._recovery.keep_voicemail()
            self._transcript.flush()
            self._record(CallEnded(reason=reason))
            await self._line.close()
        finally:
            self._over.set()
            for task in self._tasks - {asyncio.current_task()}:
                task.cancel()
            self._line.shut_down(reason)

    def leave(self) -> None:
        """Leave the call to another agent: silently, with the room as it is."""
        log.warning("another agent serves this call")
        if self._session is not None:
            self._session.shutdown(drain=False)
        self._over.set()
        self._left = True
        self._line.shut_down("another agent serves this call")

    async def stopped(self) -> None:
        """The job is stopping: a call that has not ended by itself ends with it."""
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

    async def _limit_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.say_phrase("time_limit", interruptible=False)
        await self.finish("time_limit")

    async def _give_up(self) -> None:
        await self.say_phrase("silence_goodbye")
        await self.finish("silence")

    # To a person

    async def transfer(self, number: str) -> bool:
        """Send the caller to `number` (E.164, cold transfer). Whether the other side took it."""
        if self.floor.now != "assistant" or self._transferring:
            return False
        self._transferring = True
        try:
            outcome = await self._line.refer(self._caller, number)
        finally:
            self._transferring = False
        self._record(outcome)
        if outcome.outcome == "connected":
            self.floor.change("person", reason="transferred")
            self.spawn(self.finish("transferred"))
            return True
        if not self._line.has(self._caller.identity):
            self.spawn(self.finish("caller_hung_up"))
        else:
            self.session.reset_away_timer()
        return False

    def _wants_person(self) -> None:
        self.spawn(self._key_for_person())

    async def _key_for_person(self) -> None:
        if self.floor.now == "assistant" and not await self.send_to_person("key"):
            await self._offer_message()

    async def send_to_person(self, reason: str) -> bool:
        """Tell the caller, and send them to the business's number if there is one. Whether they went."""
        number = self._profile.settings.transfer_number
        if not number or self._caller.channel != "sip":
            return False
        await self.interrupt()
        await self.say_phrase("connecting", interruptible=False)
        self._record(TransferStarted(reason=reason))
        if await self.transfer(number):
            return True
        await self.say_phrase("connecting_failed")
        return False

    async def _offer_message(self) -> None:
        await self.interrupt()
        self.voice.reply(
            "The caller pressed the key for a person, and nobody can take the call now."
            " Say so, and offer to take a message."
        )

    # Speaking, and keeping silent

    async def say_phrase(self, name: PhraseName, *, interruptible: bool = True) -> None:
        """Say a fixed sentence and wait until it was heard (or interrupted)."""
        if not self.floor.ended:
            await self.voice.say_phrase(name, interruptible=interruptible)

    async def interrupt(self) -> None:
        """Stop what is being said."""
        await self.voice.interrupt()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that belongs to the call and ends with it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call task failed", exc_info=error)
