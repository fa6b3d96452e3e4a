"""Keeping a call alive, or ending it well, when a vendor fails: carries out `agent.failure`'s remedies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Literal, Protocol

from livekit.agents import (
    AgentStateChangedEvent,
    ErrorEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
)

from agent.deafness import Deafness
from agent.failure import FailurePolicy, Remedy
from agent.person_words import wants_person
from agent.phrases import PhraseName, spoken_language
from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.voicemail import Voicemail
from agent.watched_call import WatchedCall
from domain.businesses.settings import Language
from domain.calls.events import Event, MessageTaken
from domain.seam import Seam

_KINDS: Final[dict[str, Literal["hearing", "model", "speech"]]] = {
    "stt_error": "hearing",
    "llm_error": "model",
    "tts_error": "speech",
}

KEY_SECONDS: Final = 8.0
"""How long a key is waited for before the caller is asked once more."""
_ASKED: Final = 2
_NOT_UNDERSTOOD: Final = {
    "en": "The caller could not be understood: speech recognition was down. Please call back.",
    "es": "No se pudo entender a quien llamaba: el reconocimiento de voz no funcionaba. Devuelva la llamada.",
    "hi": "कॉलर की बात समझी नहीं जा सकी: आवाज़ पहचानने की सेवा बंद थी। कृपया वापस कॉल करें।",
}
"""For staff, in the place of a message that nobody heard."""

log = logging.getLogger("reception.agent.recovery")


class AilingCall(WatchedCall, Protocol):
    """What a remedy may do with the call."""

    async def send_to_person(self, reason: str) -> bool: ...


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
        language: Language,
        doubt: Callable[[], None] = lambda: None,
        abandon: Callable[[], None] = lambda: None,
    ) -> None:
        """`language` (BCP 47) is the business's; `doubt` has another recogniser hear again what the caller
        said, `abandon` has another go on from here."""
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
        self._lost_turn = False
        self._voicemail: Voicemail | None = None
        self._deafness = Deafness(
            doubt=doubt, not_understood=self.not_understood, unfinished=self._unfinished
        )
        self._abandon = abandon
        self._answering = False
        self._key = asyncio.Event()

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
        elif self._transcript.turn_open or self._call.voice.speculation.under_way:
            # The model is asked before the turn is over, and an apology in the middle of it would be
            # cut off by its end: the turn may yet go on, and be answered.
            self._lost_early = kind
        elif not (kind == "speech" and self._speech.synthesising):
            self._lost_turn = True
            self._meet(self._policy.failed(kind))

    def not_understood(self) -> None:
        """The caller spoke, and no recogniser told anything of it."""
        if self._call.undisturbed and not self._answering:
            self._meet(self._policy.not_understood())

    def _unfinished(self) -> None:
        """The caller has stopped, and the recogniser does not say that this was all: what it told is answered."""
        if self._call.undisturbed and self._voicemail is None:
            log.warning("turn ended without the recogniser")
            self._abandon()
            self._call.session.commit_user_turn(transcript_timeout=0.0)

    def words(self, event: UserInputTranscribedEvent) -> None:
        """The recogniser tells words, whosever they are."""
        if event.transcript.strip():
            self._deafness.heard(final=event.is_final)

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        """The caller speaks, or has stopped."""
        speech = self._call.session.current_speech
        if not self._call.undisturbed:
            self._deafness.stop()
        elif event.new_state != "speaking" or speech is None or speech.allow_interruptions:
            # During a sentence that cannot be interrupted the recogniser is given silence.
            self._deafness.user_state_changed(event)

    def agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        """The assistant thinks, speaks, or listens."""
        self._answering = event.new_state in ("thinking", "speaking")

    def heard(self, event: UserInputTranscribedEvent) -> bool:
        """The recogniser works. Whether the words belong to a message that is being taken."""
        failing = self._policy.failing
        self._policy.worked("hearing")
        if self._remedy_is("call_back") and self._remedy is not None:
            # It hears again: the call goes on as before.
            self._remedy.cancel()
        if self._voicemail is not None:
            self._voicemail.heard(event)
            return True
        if failing and event.is_final and wants_person(event.transcript, language=self._language):
            # Who has just lost an answer, and asks for a person, is not to depend on the model again.
            self._give_person()
        return False

    def person_key(self) -> bool:
        """The caller pressed the key for a person. Whether that is met here: the model is not to be depended
        on."""
        if not self._call.undisturbed or not (self._policy.failing or self.busy):
            return False
        self._replace("person")
        return True

    def message_key(self) -> None:
        """The caller pressed the key for a message; it means one only while something fails."""
        if not self._call.undisturbed or self._voicemail is not None:
            return
        if self._remedy_is("call_back"):
            self._key.set()
        elif self._policy.failing:
            self._replace("call_back" if self._policy.deaf else "message", pressed=True)

    def _replace(self, remedy: Remedy, *, pressed: bool = False) -> None:
        if self._remedy_is(remedy):
            return
        if self._remedy is not None:
            self._remedy.cancel()
        self.keep_voicemail()
        self._key.clear()
        if pressed:
            self._key.set()
        self._start(remedy)

    def _give_person(self) -> None:
        if not self._policy.can_transfer or not self._call.undisturbed or self._remedy_is("person"):
            return
        if self._remedy is not None:
            self._remedy.cancel()
        self._start("person")

    def asked_anew(self) -> None:
        """The words that failed to be answered ahead are others now: the model is asked again."""
        self._lost_early = None

    def message_added(self) -> None:
        """The transcript has a new message: a turn may be over, or answered."""
        if self._transcript.answered:
            self._lost_early = None
            return
        # The next turn: what was begun and broke off in the last one was no answer.
        self._lost_turn = False
        if self._lost_early is not None and not self._transcript.turn_open:
            kind, self._lost_early = self._lost_early, None
            self._meet(self._policy.failed(kind))

    def answer_heard(self) -> None:
        """The caller has heard an answer of the model."""
        if self._lost_turn:
            return
        self._policy.worked("model")
        self._policy.worked("speech")

    def stand_down(self) -> None:
        """Somebody else speaks with the caller now: no remedy goes on, and a message that was being taken
        is kept as far as it got."""
        if self._remedy is not None and self._remedy is not asyncio.current_task():
            self._remedy.cancel()
        self._lost_early = None
        self._deafness.stop()
        self.keep_voicemail()

    def keep_voicemail(self) -> None:
        """Keep the message that was being taken, as far as it got."""
        voicemail, self._voicemail = self._voicemail, None
        if voicemail is not None and voicemail.text:
            self._keep(voicemail.text)

    def _keep(self, text: str) -> None:
        self._record(
            MessageTaken(
                message_id=self._seam.new_id(),
                urgency="normal",
                caller_phone=self._caller_phone,
                text=text,
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
        if remedy == "retry_keys":
            await self._call.say_phrase("retry_keys")
            return
        if remedy == "person":
            if await self._found_person() or not self._call.undisturbed:
                return
            remedy = self._policy.without_person()
        if remedy == "message":
            await self.take_message("leave_message")
        else:
            await self._offer_call_back()
        await self._call.finish("failed")

    async def _found_person(self) -> bool:
        if self._policy.can_transfer:
            return await self._call.send_to_person("vendor_failed")
        await self._call.interrupt()
        await self._call.say_phrase("connecting_failed")
        return False

    async def _offer_call_back(self) -> None:
        """Nobody understands what the caller says: keep their number, if they press the key."""
        asked = 0
        while self._caller_phone and not self._key.is_set() and asked < _ASKED:
            asked += 1
            await self._call.say_phrase("call_back")
            try:
                async with asyncio.timeout(KEY_SECONDS):
                    await self._key.wait()
            except TimeoutError:
                continue
        if self._caller_phone and self._key.is_set():
            await self._keep_number()
        else:
            await self._call.say_phrase("trouble_goodbye", interruptible=False)

    async def _keep_number(self) -> None:
        self._keep(_NOT_UNDERSTOOD[spoken_language(self._language)])
        await self._call.interrupt()
        await self._call.say_phrase("call_back_kept", interruptible=False)

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
        elif self._policy.deaf and self._caller_phone:
            # Who has spoken would believe that it was kept.
            await self._keep_number()
        elif self._policy.deaf:
            await self._call.say_phrase("trouble_goodbye", interruptible=False)
