"""The first moments of a job that takes a call over: who has the floor, and how the conversation goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agent.handoff.handoffs import Handoffs
from agent.resumption.resumption import Resumption
from agent.resumption.story import turn_open
from agent.speech import CallSpeech
from agent.takeover import Takeover
from agent.transcript import Transcript
from agent.watched_call import WatchedCall
from domain.calls.events import Event, RingEnded, TransferEnded

LEAST_SECONDS: Final = 30.0
"""Of the longest call there is always so much left: a caller who was just lost is not sent away at once."""
DETAIL: Final = "worker_lost"
OPENING: Final = (
    "The line was lost for a second, and the caller has just been told so: do not say it again, do not greet"
    " them and do not introduce yourself. What was said and done on this call is above; what was done stays"
    " done. In one or two short sentences, in the language of the conversation, go on from where you were:"
    " tell them what they may not have heard, and if they have not answered your last question, ask it"
    " again. If nothing was asked yet, ask how you can help."
)
NOT_CONNECTED: Final = (
    "The line was lost for a second while you were connecting the caller with a person, and they have just"
    " been told that it was lost: do not say it again. Nobody has taken the call. In one or two short"
    " sentences, in the language of the conversation, say that you could not connect them, and offer to try"
    " it once more or to take a message."
)


class Comeback:
    """Carries a `Resumption` out."""

    def __init__(
        self,
        call: WatchedCall,
        resumption: Resumption,
        *,
        notice: str,
        speech: CallSpeech,
        transcript: Transcript,
        record: Callable[[Event], None],
    ) -> None:
        """`notice` is what has to be said before anything is recorded; empty: nothing has."""
        self._call = call
        self._known = resumption
        self._notice = notice
        self._speech = speech
        self._transcript = transcript
        self._record = record

    @property
    def goes_on(self) -> bool:
        """The caller has been greeted, and told what they have to be told; otherwise the call begins anew."""
        return self._known.answered and (not self._notice or self._notice in self._known.notices)

    def left_of(self, limit: float) -> float:
        """Seconds that are left of the longest call."""
        return max(LEAST_SECONDS, limit - self._known.assistant_seconds)

    def adopt(self, *, takeover: Takeover, handoffs: Handoffs) -> None:
        """Whoever of the staff speaks with the caller keeps the floor; what still rings is ended, and told."""
        known = self._known
        # A briefing of staff tells what the caller said before, too.
        self._call.session.history.merge(known.story)
        takeover.restore(known.staff, speaker=known.speaker)
        taken = handoffs.adopt(attempts=known.attempts)
        for attempt in known.ringing:
            accepted = attempt == taken
            self._record(
                RingEnded(
                    attempt=attempt,
                    outcome="accepted" if accepted else "failed",
                    detail="" if accepted else DETAIL,
                )
            )
        if known.connecting:
            connected = taken is not None
            self._record(
                TransferEnded(
                    outcome="connected" if connected else "failed",
                    detail="" if connected else DETAIL,
                )
            )

    def speak(self) -> None:
        """Tell the caller at once that nobody has left them, and go on."""
        voice = self._call.voice
        text = self._speech.phrase("lost_you")
        self._transcript.expect(text, "notice")
        voice.say(text, self._speech.recorded("lost_you"))
        # Asked for while the sentence is spoken, so that no silence follows it. With the model down the
        # failure is met as everywhere: the caller is asked to say it again.
        if self._known.connecting:
            voice.reply(NOT_CONNECTED, tools=False)
        elif turn_open(self._known.story):
            # What they had asked for is done now; whatever was done already, tools do not do twice.
            voice.reply("")
        else:
            voice.reply(OPENING, tools=False)
