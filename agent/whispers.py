"""What staff tell the assistant, unheard by the caller, or have it say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from agent.meanwhile import Meanwhile, as_whisper
from agent.shared_call import SharedCall
from agent.transcript import Transcript
from domain.calls.control import Whisper
from domain.calls.events import Event, StaffWhispered

_ACT: Final = (
    'A colleague of yours, whom the caller does not hear, tells you: "{text}" Act on it now, in what you'
    " say to the caller next. Do not mention the colleague."
)

log = logging.getLogger("reception.agent.whispers")


class Whispers:
    """Carries out the whispers of one call."""

    def __init__(
        self,
        call: SharedCall,
        *,
        transcript: Transcript,
        meanwhile: Meanwhile,
        record: Callable[[Event], None],
    ) -> None:
        self._call = call
        self._transcript = transcript
        self._meanwhile = meanwhile
        self._record = record

    async def carry_out(self, whisper: Whisper) -> None:
        """Act on it: at once, or after what the assistant or the caller is saying."""
        # Its words of return come first.
        await self._call.changeover.returned()
        if self._call.floor.ended:
            return
        if whisper.aloud:
            self._say(whisper)
        elif self._call.floor.now != "assistant":
            self._keep(whisper)
            self._meanwhile.whispered(whisper.text)
        else:
            self._keep(whisper)
            await self._call.voice.remember(as_whisper(whisper.text))
            await self._act(whisper.text)

    def _say(self, whisper: Whisper) -> None:
        if not self._call.undisturbed:
            # A second voice over a person's would be understood by nobody.
            log.warning("not said: the assistant does not have the floor")
            return
        self._keep(whisper)
        self._transcript.expect(whisper.text, "notice")
        self._call.voice.say(whisper.text)

    async def _act(self, text: str) -> None:
        session = self._call.session
        turn = session.current_speech
        if turn is not None:
            # What it says was thought of before it knew.
            await turn.wait_for_playout()
        caller_speaks = session.user_state == "speaking" or self._transcript.turn_open
        if self._call.undisturbed and not caller_speaks:
            self._call.voice.reply(_ACT.format(text=text))

    def _keep(self, whisper: Whisper) -> None:
        self._record(
            StaffWhispered(user_id=whisper.user_id, text=whisper.text, aloud=whisper.aloud)
        )
