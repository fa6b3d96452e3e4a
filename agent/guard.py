"""What watches a call beside the conversation: danger, what is on the line, and whether the caller is understood.

It listens to the session by itself, after the call has: by then the transcript knows what was heard.
"""

from __future__ import annotations

from collections.abc import Callable

from livekit import rtc
from livekit.agents import UserInputTranscribedEvent

from agent.conversation import CallSession
from agent.line_kind.line_watch import LineWatch
from agent.safety import Safety
from agent.speech import CallSpeech
from agent.transcript import Transcript
from agent.understanding import Understanding
from agent.watched_call import WatchedCall
from domain.businesses.profile import CallProfile
from domain.calls.events import Event


class Guard:
    """One for each call."""

    def __init__(
        self,
        call: WatchedCall,
        *,
        profile: CallProfile,
        speech: CallSpeech,
        transcript: Transcript,
        record: Callable[[Event], None],
        can_transfer: bool,
    ) -> None:
        """`can_transfer`: there is somebody to connect the caller with."""
        self._safety = Safety(
            call, profile=profile, speech=speech, transcript=transcript, record=record
        )
        self._line = LineWatch(call, record=record)
        self._understanding = Understanding(call, can_transfer=can_transfer)
        self.ignores = self._line.ignores
        self.is_echo = self._line.is_echo
        self.begin = self._line.begin

    def watch(self, session: CallSession) -> None:
        """Listen to what the session tells; before it starts."""
        session.on("user_input_transcribed", self._heard)
        session.on("conversation_item_added", self._line.added)
        session.on("conversation_item_added", self._understanding.added)
        session.on("user_state_changed", self._line.user_state_changed)
        session.on("agent_state_changed", self._line.agent_state_changed)

    def slowed(
        self, pressed: Callable[[rtc.SipDTMF], None], *, identity: str
    ) -> Callable[[rtc.SipDTMF], None]:
        """`pressed`, told of the keys of participant `identity` at the pace of a person."""

        def at_pace(event: rtc.SipDTMF) -> None:
            own = event.participant is not None and event.participant.identity == identity
            if not own or self._line.key_passes():
                pressed(event)

        return at_pace

    def stop(self) -> None:
        """Somebody of the staff speaks with the caller now."""
        self._safety.stop()
        self._line.stop()

    def _heard(self, event: UserInputTranscribedEvent) -> None:
        if not self.is_echo(event):
            self._line.heard(event)
            self._safety.heard(event)
