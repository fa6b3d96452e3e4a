"""What was said on a call, as events: the caller's finished turns and the assistant's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from livekit.agents import ConversationItemAddedEvent, UserInputTranscribedEvent
from livekit.agents.llm import ChatMessage

from agent.latency import turn_latency
from agent.meanwhile import Meanwhile
from domain.calls.events import AssistantSaid, CallerSaid, Event

Kind = Literal["reply", "greeting", "filler", "notice"]


class Transcript:
    """Turns the session's messages into events for `record`."""

    def __init__(self, record: Callable[[Event], None]) -> None:
        self.answered = False
        """Whether the model has answered since the caller's last turn."""
        self._record = record
        self._caller_metrics: Mapping[str, Any] = {}
        self._uncommitted: list[str] = []
        self._kinds: dict[str, Kind] = {}
        self._meanwhile: Meanwhile | None = None

    def person_speaks(self, meanwhile: Meanwhile) -> None:
        """From now on the caller speaks with a person: the session makes no messages of their words, so
        each is a turn as it is recognised, and known to `meanwhile`."""
        self._meanwhile = meanwhile
        for text in self._unfinished():
            meanwhile.caller_said(text)

    def assistant_speaks(self) -> None:
        """The session makes turns of the caller's words again."""
        self._meanwhile = None

    def expect(self, text: str, kind: Kind) -> None:
        """A sentence about to be said that is not the model's reply."""
        self._kinds[text] = kind

    def heard(self, event: UserInputTranscribedEvent) -> None:
        """A piece of the caller's speech was recognised; its turn may still go on."""
        text = event.transcript.strip()
        if not event.is_final or not text:
            return
        if self._meanwhile is None:
            self._uncommitted.append(text)
        else:
            self._record(CallerSaid(text=text))
            self._meanwhile.caller_said(text)

    def added(self, event: ConversationItemAddedEvent) -> None:
        """A message joined the conversation."""
        item = event.item
        if not isinstance(item, ChatMessage):
            return
        text = (item.text_content or "").strip()
        if item.role == "user":
            # With a person on the line it is in the events already.
            if self._meanwhile is None:
                self._caller_said(text, item)
        elif item.role == "assistant" and text and (self._meanwhile is None or item.interrupted):
            # What the library adds after the assistant fell silent was heard by nobody.
            self._assistant_said(text, item)

    @property
    def turn_open(self) -> bool:
        """Whether the caller has said something in a turn that is not over."""
        return bool(self._uncommitted)

    def take_turn(self) -> list[str]:
        """Keep what was said in a turn that the session dropped, and return it."""
        return self._unfinished()

    def flush(self) -> None:
        """Keep what the caller said in a turn that was never finished (they hung up)."""
        self._unfinished()

    def _unfinished(self) -> list[str]:
        if not self._uncommitted:
            return []
        text = " ".join(self._uncommitted)
        self._uncommitted.clear()
        self._record(CallerSaid(text=text))
        return [text]

    def _caller_said(self, text: str, item: ChatMessage) -> None:
        self._uncommitted.clear()
        self._caller_metrics = item.metrics or {}
        self.answered = False
        if text:
            self._record(
                CallerSaid(
                    text=text,
                    started_at=_moment(self._caller_metrics.get("started_speaking_at")),
                    ended_at=_moment(self._caller_metrics.get("stopped_speaking_at")),
                    confidence=_share(item.transcript_confidence),
                )
            )

    def _assistant_said(self, text: str, item: ChatMessage) -> None:
        kind = self._kind(text, cut=item.interrupted)
        latency = None
        self.answered = self.answered or kind == "reply"
        if kind in ("reply", "filler"):
            latency = turn_latency(caller=self._caller_metrics, assistant=item.metrics or {})
        self._record(
            AssistantSaid(text=text, interrupted=item.interrupted, kind=kind, latency=latency)
        )

    def _kind(self, text: str, *, cut: bool) -> Kind:
        for expected, kind in self._kinds.items():
            if text == expected or (cut and expected.startswith(text)):
                return kind
        return "reply"


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _share(confidence: float | None) -> float | None:
    return min(1.0, max(0.0, confidence)) if confidence is not None else None
