"""What the session tells of the conversation, and who of the call hears of it, in which order."""

from __future__ import annotations

from collections.abc import Callable

from livekit.agents import (
    AgentStateChangedEvent,
    CloseEvent,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
)

from agent.conversation import CallSession
from agent.greeting import Greeting
from agent.recovery import Recovery
from agent.shared_call import SharedCall
from agent.silence import SilenceWatch
from agent.transcript import Transcript
from agent.turns import hold


class SessionEvents:
    """Listens to the session of one call."""

    def __init__(
        self,
        call: SharedCall,
        *,
        transcript: Transcript,
        recovery: Recovery,
        greeting: Greeting,
        silence: SilenceWatch,
        is_echo: Callable[[UserInputTranscribedEvent], bool],
    ) -> None:
        """`is_echo`: what was heard are the assistant's own words."""
        self._call = call
        self._transcript = transcript
        self._recovery = recovery
        self._greeting = greeting
        self._silence = silence
        self._is_echo = is_echo

    def watch(self, session: CallSession) -> None:
        """Before it starts."""
        speculation = self._call.voice.speculation
        speculation.on_changed = self._recovery.asked_anew
        # Staff are heard through the same chain, and nobody answers them.
        speculation.may_ask = lambda: self._call.undisturbed and self._call.voice.may_be_asked
        session.on("conversation_item_added", self._added)
        session.on("user_input_transcribed", self._heard)
        session.on("user_state_changed", self._user_state_changed)
        session.on("agent_state_changed", self._agent_state_changed)
        session.on("error", self._recovery.failed)
        session.on("close", self._closed)

    def _heard(self, event: UserInputTranscribedEvent) -> None:
        speculation = self._call.voice.speculation
        speculation.heard(event)
        self._recovery.words(event)
        if self._is_echo(event):
            return
        self._transcript.heard(event)
        if not self._recovery.heard(event) and event.is_final:
            self._call.session.update_options(
                endpointing_opts=hold(speculation.turn, speculation.asked)
            )

    def _added(self, event: ConversationItemAddedEvent) -> None:
        self._transcript.added(event)
        self._call.voice.speculation.added(event)
        self._call.voice.filler.added(event)
        self._recovery.message_added()

    def _user_state_changed(self, event: UserStateChangedEvent) -> None:
        self._call.voice.patience.user_state_changed(event)
        self._recovery.user_state_changed(event)
        # Who is being connected, or speaks with a person, or leaves a message, is not asked whether
        # they are there.
        if self._call.undisturbed and not self._recovery.busy:
            self._silence.user_state_changed(event)

    def _agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        self._call.voice.patience.agent_state_changed(event)
        self._recovery.agent_state_changed(event)
        if event.new_state == "speaking":
            self._call.voice.speculation.speaks()
            self._greeting.spoken()
            self._call.changeover.spoke()
        if event.old_state == "speaking" and self._transcript.answered:
            self._recovery.answer_heard()

    def _closed(self, event: CloseEvent) -> None:
        if not self._call.floor.ended and event.error is not None:
            self._call.spawn(self._call.finish("failed"))
