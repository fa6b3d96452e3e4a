"""Keeping a call alive, or ending it well, when a vendor fails: carries out `agent.failure`'s remedies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, Protocol

from livekit.agents import ErrorEvent, UserInputTranscribedEvent

from agent.conversation import CallSession
from agent.failure import FailurePolicy, Remedy
from agent.person_words import wants_person
from agent.phrases import PhraseName
from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.voice import Voice
from agent.voicemail import Voicemail
from domain.calls.events import EndReason, Event, MessageTaken
from domain.seam import Seam

_KINDS: Final[dict[str, Literal["hearing", "model", "speech"]]] = {
    "stt_error": "hearing",
    "llm_error": "model",
    "tts_error": "speech",
}

log = logging.getLogger("reception.agent.recovery")


class AilingCall(Protocol):
    """What a remedy may do with the call."""

    @property
    def session(self) -> CallSession: ...

    @property
    def voice(self) -> Voice: ...

    @property
    def undisturbed(self) -> bool:
        """The assistant has the floor, and nothing is ending the call."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    async def interrupt(self) -> None: ...

    async def say_phrase(self, name: PhraseName, *, interruptible: bool = True) -> None: ...

    async def send_to_person(self, reason: str) -> bool: ...

    async def finish(self, reason: EndReason) -> None: ...


class Recovery:
    """Watches the failures of one call."""

    def __init__(
        self,
        call: AilingCall,
        *,
        policy: FailurePolicy,
        transcript: Transcript,
        speech: CallSpeech,
        record: Callable[[Event], None],
        seam: Seam,
        caller_phone: str,
        language: str,
    ) -> None:
        """`language` (BCP 47) is the business's."""
        self._call = call
        self._policy = policy
        self._transcript = transcript
        self._speech = speech
        self._record = record
        self._seam = seam
        self._caller_phone = caller_phone
        self._language = language
        self._remedy: asyncio.Task[None] | None = None
        self._doing: Remedy = "wait"
        self._lost_early: Literal["model", "speech"] | None = None
        self._voicemail: Voicemail | None = None

    @property
    def busy(self) -> bool:
        """Whether the caller is being told of a failure now, or leaves a message."""
        return self._voicemail is not None or (self._remedy is not None and not self._remedy.done())

    def failed(self, event: ErrorEvent) -> None:
        """A chain failed as a whole."""
        kind = _KINDS.get(getattr(event.error, "type", ""))
        if kind is None or getattr(event.error, "recoverable", False):
            return
        if not self._call.undisturbed:
            # A person speaks with the caller, or the call is at its end: nobody waits for an answer.
            return
        if kind == "hearing":
            self._meet(self._policy.hearing_lost(time.monotonic()))
        elif self._transcript.turn_open:
            # The model is asked before the turn is over, and an apology in the middle of it would be
            # cut off by its end: the turn may yet go on, and be answered.
            self._lost_early = kind
        elif not (kind == "speech" and self._speech.synthesising):
            self._meet(self._policy.failed(kind))

    def not_understood(self, _: object) -> None:
        """The caller spoke, and the recogniser told nothing."""
        if self._call.undisturbed:
            self._meet(self._policy.not_understood())

    def heard(self, event: UserInputTranscribedEvent) -> bool:
        """The recogniser works. Whether the words belong to a message that is being taken."""
        failing = self._policy.failing
        self._policy.worked("hearing")
        if self._voicemail is not None:
            self._voicemail.heard(event)
            return True
        if failing and event.is_final and wants_person(event.transcript, language=self._language):
            # Who has just lost an answer, and asks for a person, is not to depend on the model again.
            self._give_person()
        return False

    def _give_person(self) -> None:
        if not self._policy.can_transfer or not self._call.undisturbed or self._remedy_is("person"):
            return
        if self._remedy is not None:
            self._remedy.cancel()
        self._start("person")

    def message_added(self) -> None:
        """The transcript has a new message: a turn may be over, or answered."""
        if self._transcript.answered:
            self._lost_early = None
        elif self._lost_early is not None and not self._transcript.turn_open:
            kind, self._lost_early = self._lost_early, None
            self._meet(self._policy.failed(kind))

    def answer_heard(self) -> None:
        """The caller has heard an answer of the model."""
        self._policy.worked("model")
        self._policy.worked("speech")

    def stand_down(self) -> None:
        """Somebody else speaks with the caller now: no remedy goes on, and a message that was being taken
        is kept as far as it got."""
        if self._remedy is not None and self._remedy is not asyncio.current_task():
            self._remedy.cancel()
        self._lost_early = None
        self.keep_voicemail()

    def keep_voicemail(self) -> None:
        """Keep the message that was being taken, as far as it got."""
        voicemail, self._voicemail = self._voicemail, None
        if voicemail is not None and voicemail.text:
            self._record(
                MessageTaken(
                    message_id=self._seam.new_id(),
                    urgency="normal",
                    caller_phone=self._caller_phone,
                    text=voicemail.text,
                    # It reaches the messages with the journal, whatever else is down.
                    spooled=True,
                )
            )

    def _meet(self, remedy: Remedy) -> None:
        # One at a time: a broken vendor fails several times while the caller is told of it.
        if remedy != "wait" and not self.busy and self._call.undisturbed:
            self._start(remedy)

    def _start(self, remedy: Remedy) -> None:
        self._doing = remedy
        self._remedy = self._call.spawn(self._apply(remedy))

    def _remedy_is(self, remedy: Remedy) -> bool:
        return self.busy and self._doing == remedy

    async def _apply(self, remedy: Remedy) -> None:
        log.warning("vendor failed", extra={"remedy": remedy})
        if remedy == "say_again":
            await self._call.say_phrase("retry")
            return
        if remedy == "person":
            if await self._call.send_to_person("vendor_failed") or not self._call.undisturbed:
                return
            remedy = self._policy.without_person()
        if remedy == "message":
            await self.take_message("leave_message")
        else:
            await self._call.say_phrase("trouble_goodbye", interruptible=False)
        await self._call.finish("failed")

    async def take_message(self, announcement: PhraseName) -> None:
        """Take a message without the model: what the caller says until they are silent."""
        voicemail = self._voicemail = Voicemail()
        await self._call.interrupt()
        await self._call.voice.only_listen()
        await self._call.say_phrase(announcement, interruptible=False)
        self._call.session.on("user_state_changed", voicemail.user_state_changed)
        if await voicemail.listen():
            self.keep_voicemail()
            await self._call.say_phrase("message_kept", interruptible=False)
        elif self._policy.deaf:
            # Who has spoken would believe that it was kept.
            await self._call.say_phrase("trouble_goodbye", interruptible=False)
