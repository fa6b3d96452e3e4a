"""Between the model and the caller: an answer passes sentence by sentence, cleaned, and none that claims a
deed which the journal of the call does not hold.

Its place is `Agent.llm_node`: upstream of the transcript, of the conversation that the model is given next,
and of speech. What is not spoken is nowhere taken for said.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from contextlib import aclosing
from typing import Final
from zoneinfo import ZoneInfo

from livekit.agents import FlushSentinel
from livekit.agents.llm import ChatChunk, ChatContext, ChatMessage

from agent.phrases import spoken_language
from agent.streams import iterated
from agent.truth.answer import Answer, FalseClaim, Fault, Held, Out
from agent.truth.dump import Instructions
from agent.truth.facts import booked_time, facts_of
from agent.truth.words import NOTHING_SAID, fixed, not_done, note, right_time
from domain.calls.events import ClaimWithheld, ToolCalled
from domain.claims.kinds import DEED, Spoken
from tools.context import CallContext

MOST_TRIES: Final = 2
"""Answers of the model to one turn; then the caller hears a fixed sentence."""
SILENT_CALLS: Final = 2
"""After so many tools without a word the caller hears that it takes a moment."""
LONGEST_SAID: Final = 500
"""Characters of a withheld sentence that are kept."""

Generate = Callable[[ChatContext], AsyncIterable[ChatChunk | str | FlushSentinel]]
"""Asks the model once."""

log = logging.getLogger("reception.agent.truth")


class TruthGate:
    """Of one assistant on one call."""

    def __init__(
        self,
        call: CallContext,
        *,
        instructions: Sequence[str],
        when_real: Callable[[Callable[[], None]], None] = lambda do: do(),
    ) -> None:
        """`instructions`: what of them is not to be read out; `when_real` does something once it is certain that
        the answer which is being read belongs to the conversation."""
        self._call = call
        self._when_real = when_real
        self._language: Spoken = spoken_language(call.profile.settings.language)  # type: ignore[assignment]
        self._instructions = Instructions(*instructions)
        names = [call.profile.time_zone, *(place.time_zone for place in call.profile.places)]
        self._zones = [ZoneInfo(name) for name in dict.fromkeys(names)]

    async def speak(
        self, generate: Generate, conversation: ChatContext, *, tools: bool
    ) -> AsyncGenerator[Out, None]:
        """What is to be spoken and done of the model's answer; `tools`: whether it may use any."""
        asked, said = conversation, list[str]()
        for tries_left in reversed(range(MOST_TRIES)):
            answer = self._answer(conversation, tools=tools, before=said)
            async with aclosing(iterated(generate(asked))) as stream:
                async for out in answer.read(stream):
                    yield out
            fault = answer.fault
            for held in answer.withheld:
                self._record(held)
            for name in answer.refused:
                self._note_down(_not_now(name))
            if fault is None:
                return
            if not tries_left:
                yield f"{' ' if answer.said else ''}{self._instead(fault)}"
                return
            said = answer.said
            asked = self._told(conversation, " ".join(said), fault)

    def _answer(self, conversation: ChatContext, *, tools: bool, before: Sequence[str]) -> Answer:
        return Answer(
            language=self._language,
            deeds=self._call.deeds,
            instructions=self._instructions,
            now=self._call.database.seam.now(),
            zones=self._zones,
            tools=tools,
            may_be_silent=_is_ending(conversation),
            filler=fixed("moment", self._language) if _long_silent(conversation) else "",
            before=before,
        )

    def _record(self, held: Held) -> None:
        log.warning("claim withheld", extra={"deed": DEED[held.claim.kind]})
        self._note_down(ClaimWithheld(deed=DEED[held.claim.kind], said=held.text[:LONGEST_SAID]))

    def _note_down(self, event: ClaimWithheld | ToolCalled) -> None:
        # An answer that was begun ahead and thrown away claimed nothing.
        self._when_real(lambda: self._call.journal.record(event))

    def _told(self, conversation: ChatContext, said: str, fault: Fault) -> ChatContext:
        """The conversation, with what is wrong with the answer to it."""
        told = conversation.copy()
        if said:
            told.add_message(role="assistant", content=said)
        told.add_message(role="system", content=self._note(fault))
        return told

    def _note(self, fault: Fault) -> str:
        if isinstance(fault, FalseClaim):
            facts = facts_of(fault.claim, self._call)
            return note(fault.claim, fault.text, facts=facts)
        return NOTHING_SAID

    def _instead(self, fault: Fault) -> str:
        """The last resort: never silence, never a lie."""
        log.warning("fixed sentence instead of an answer", extra={"fault": type(fault).__name__})
        if isinstance(fault, FalseClaim):
            time = booked_time(fault.claim, self._call)
            if time:
                return right_time(time, fault.claim.language)
            return not_done(fault.claim)
        return fixed("nothing_said", self._language)


def _not_now(name: str) -> ToolCalled:
    return ToolCalled(
        name=name[:64],
        arguments={},
        result="No tool could be used any more in this turn",
        outcome="refused",
        seconds=0,
    )


def _is_ending(conversation: ChatContext) -> bool:
    """The model has ended the call: it may have said its goodbye."""
    return any(
        item.type == "function_call_output" and item.name == "end_call" and not item.is_error
        for item in conversation.items
    )


def _long_silent(conversation: ChatContext) -> bool:
    calls = 0
    for item in reversed(conversation.items):
        if isinstance(item, ChatMessage) and item.role in ("user", "assistant"):
            break
        calls += item.type == "function_call"
    return calls >= SILENT_CALLS
