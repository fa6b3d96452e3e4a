"""Danger on a call: what the caller says is looked at by code as soon as it is recognised, and answered with
fixed sentences, so that it works with the model and the voice down. What code misses, the model's instructions
are for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from livekit.agents import UserInputTranscribedEvent

from agent.danger_sentences import danger_sentences
from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.turns import OPEN_HOLD
from agent.watched_call import WatchedCall
from domain.businesses.profile import CallProfile
from domain.calls.events import CallFlagged
from domain.safety.detection import find_dangers
from domain.safety.likely import likely_danger
from domain.safety.words import Danger

STABLE_SECONDS: Final = 1.0
"""How long an interim transcript has to tell of danger: its next words may take it back (`I can't breathe through
my nose`). Measured over the sentences of tests/domain/safety_sentences."""
AGAIN_SECONDS: Final = 120.0
"""A danger that is told again so much later is flagged and answered again."""
JOINED_SECONDS: Final = 6.0
"""Two transcripts with no longer pause between them may be one sentence: `he can't` … `breathe`."""
TURN_SECONDS: Final = OPEN_HOLD + 0.5
"""After the last words of a turn it has ended by then, or was dropped."""
SETTLE_SECONDS: Final = 4.0
_LOOK_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 6.0
"""After a fixed sentence, how long an answer that seems to be on its way is waited for."""
_LONGEST: Final = 400
"""Characters of a transcript that are looked at, the last ones: a monologue's interims grow for minutes."""

_NOTES: Final[dict[Danger, str]] = {
    "emergency": (
        "What the caller just said sounds like an emergency. They have been told to call the emergency number,"
        " and the staff are being alerted. Stay calm and brief. If it is an emergency, urge them to hang up and"
        " call now; you may not diagnose, nor say what to do medically. If it turns out to be none, go on kindly"
        " with what they want."
    ),
    "self_harm": (
        "The caller said something that sounds as if they, or somebody near them, thought of hurting themselves."
        " They have been told whom to call, and the staff are being alerted. Be warm and calm, do not judge, do"
        " not argue, give no advice beyond calling that number, and do not end the call by yourself."
    ),
    "threat": (
        "The caller said something that sounds like a threat. They have been told that the staff are being"
        " alerted. Stay calm and polite, do not argue, and tell nothing of where anybody is."
    ),
    "abuse": "The caller was abusive and has been asked to stay polite. Do not mention it again by yourself.",
}
_GO_ON: Final = (
    "The caller has just heard a fixed sentence about what they said. In one short, calm sentence, in the"
    " language of the conversation, ask what you can do for them now. Do not repeat the sentence."
)

log = logging.getLogger("reception.agent.safety")


class Safety:
    """Watches the words of one caller. Each danger is flagged and answered once, and again much later."""

    def __init__(
        self,
        call: WatchedCall,
        *,
        profile: CallProfile,
        speech: CallSpeech,
        transcript: Transcript,
        record: Callable[[CallFlagged], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._sentences = danger_sentences(
            country=profile.country,
            own_number=profile.settings.emergency_number,
            language=profile.settings.language,
        )
        self._speech = speech
        self._transcript = transcript
        self._record = record
        self._clock = clock
        self._told: dict[Danger, float] = {}
        self._warned = False
        self._suspected: dict[Danger, float] = {}
        """Since when the interims of what is being said tell of it."""
        self._before: tuple[str, float] = ("", 0.0)
        """The last transcript, and when it came."""
        self._answering: asyncio.Task[None] | None = None
        self._saying = False

    @property
    def busy(self) -> bool:
        """A danger's sentence is being said."""
        return self._saying and self._answering is not None and not self._answering.done()

    def heard(self, event: UserInputTranscribedEvent) -> None:
        """A piece of the caller's speech was recognised; interim ones may yet be revised."""
        text = event.transcript[-_LONGEST:]
        found = self._in_final(text) if event.is_final else self._in_interim(text)
        new = [danger for danger in found if self._is_new(danger)]
        for danger in new:
            self._told[danger] = self._clock()
            if danger != "abuse" or not self._warned:
                log.warning("call flagged", extra={"flag": danger})
                self._record(CallFlagged(flag=danger))
        if new:
            self._meet(new[0])

    def stop(self) -> None:
        """Somebody of the staff speaks with the caller now."""
        if self._answering is not None and self._answering is not asyncio.current_task():
            self._answering.cancel()

    def _in_final(self, text: str) -> tuple[Danger, ...]:
        now = self._clock()
        before, at = self._before
        self._before = (text, now)
        self._suspected.clear()
        found = find_dangers(text)
        if not found and before and now - at <= JOINED_SECONDS:
            found = find_dangers(f"{before.rstrip('.,;… ')} {text}")
        if not found and (likely := likely_danger(text)) is not None:
            found = (likely,)
        return found

    def _in_interim(self, text: str) -> tuple[Danger, ...]:
        now = self._clock()
        # Rude words may be the first half of a sentence about a tooth.
        found = [danger for danger in find_dangers(text) if danger != "abuse"]
        self._suspected = {danger: self._suspected.get(danger, now) for danger in found}
        return tuple(
            danger for danger, since in self._suspected.items() if now - since >= STABLE_SECONDS
        )

    def _is_new(self, danger: Danger) -> bool:
        if danger == "abuse":
            # While the warning is still being said, nobody has had the chance to heed it.
            return not self.busy
        told = self._told.get(danger)
        return told is None or self._clock() - told > AGAIN_SECONDS

    def _meet(self, danger: Danger) -> None:
        # A person on the line hears it themselves; the flag and the alert are theirs all the same.
        call = self._call
        if call.voice.silent or call.with_person:
            return
        if danger == "abuse" and (call.voice.only_listens or not call.undisturbed):
            return
        if self.busy and danger != "emergency":
            return
        self.stop()
        self._saying = True
        self._answering = call.spawn(self._answer(danger))

    async def _answer(self, danger: Danger) -> None:
        call = self._call
        await call.interrupt()
        if danger == "abuse":
            await self._answer_abuse()
            return
        text = self._sentences[danger]
        self._transcript.expect(text, "notice")
        sound = self._speech.sound(text, fallback=danger)
        # Not to be interrupted: who is in danger goes on talking, and would never hear the number.
        handle = call.voice.say(text, sound, interruptible=False)
        await call.voice.remember(_NOTES[danger])
        if handle is not None:
            await handle.wait_for_playout()
        self._saying = False
        await self._go_on()

    async def _answer_abuse(self) -> None:
        call = self._call
        if self._warned:
            await call.say_phrase("abuse_goodbye", interruptible=False)
            if not call.with_person:
                await call.finish("abuse")
            return
        self._warned = True
        await call.voice.remember(_NOTES["abuse"])
        await call.say_phrase("abuse_warning", interruptible=False)
        self._saying = False
        await self._go_on()

    async def _go_on(self) -> None:
        """See that somebody says something next: nobody is left alone with a fixed sentence."""
        call = self._call
        await self._turn_over()
        # The library drops a turn that ends in the middle of what can't be interrupted: neither the record
        # nor the model would know what the caller said.
        for text in self._transcript.take_turn():
            await call.voice.remember(text, by="user")
        # Who speaks has a turn that will be answered; and what is being answered is not answered twice. But an
        # answer that was begun ahead for a turn that is dropped is never spoken, and never done.
        until = self._clock() + ANSWER_SECONDS
        while call.undisturbed and not call.voice.only_listens:
            session, late = call.session, self._clock() > until
            if session.agent_state == "speaking" or (late and session.user_state == "speaking"):
                return
            speech = session.current_speech
            waiting = session.user_state == "speaking" or not (speech is None or speech.done())
            if late or not waiting:
                call.voice.reply(_GO_ON)
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _turn_over(self) -> None:
        """Wait, not for long, until the turn in which the danger was told has ended or was dropped: the library
        hears nothing during the sentence, and learns only after it that the caller is silent."""
        until = self._clock() + SETTLE_SECONDS
        while self._clock() < until:
            quiet = self._clock() - self._before[1] > TURN_SECONDS
            speaking = self._call.session.user_state == "speaking"
            if not speaking and (quiet or not self._transcript.turn_open):
                return
            await asyncio.sleep(_LOOK_SECONDS)
