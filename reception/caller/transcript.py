"""The words of a call as LiveKit's room carries them: text streams on the topic `lk.transcription`.

The agent's stream of a segment grows with its voice; the caller's comes as one whole stream for each
revision, the last with `lk.transcription_final` true (livekit-agents 1.8.9, voice/room_io/_output.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

TOPIC = "lk.transcription"
_SEGMENT = "lk.segment_id"
_FINAL = "lk.transcription_final"


@dataclass
class Segment:
    """One stretch of words of one participant; `opened` is seconds of the monotonic clock."""

    speaker: str
    """The identity whose voice it is."""
    opened: float
    text: str = ""
    closed: bool = False


class Transcript:
    """Collects the segments of everyone in a room."""

    def __init__(self, *, on_segment: Callable[[Segment], None] | None = None) -> None:
        """`on_segment` is told of each segment once, when it is complete."""
        self.segments: list[Segment] = []
        self._by_id: dict[tuple[str, str], Segment] = {}
        self._on_segment = on_segment
        self._room: rtc.Room | None = None
        self._readers: set[asyncio.Task[None]] = set()

    def attach(self, room: rtc.Room) -> None:
        """Read the room's transcription streams; call it before the room is connected."""
        self._room = room
        room.register_text_stream_handler(TOPIC, self._opened)

    def said_by_others(self, identity: str, *, since: float) -> list[Segment]:
        """Segments of everyone but `identity` that opened after `since`."""
        return [one for one in self.segments if one.speaker != identity and one.opened > since]

    def said_by(self, identity: str) -> list[str]:
        """The complete segments of `identity`, as the recogniser wrote them."""
        return [one.text for one in self.segments if one.speaker == identity and one.closed]

    async def close(self) -> None:
        """Stop reading."""
        for reader in list(self._readers):
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _opened(self, reader: rtc.TextStreamReader, identity: str) -> None:
        task = asyncio.create_task(self._read(reader, identity))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        attributes = reader.info.attributes or {}
        segment = self._segment(identity, attributes.get(_SEGMENT) or reader.info.stream_id)
        # A whole revision replaces the one before; the agent's growing stream is its own first text.
        text = ""
        try:
            async for piece in reader:
                text += piece
                segment.text = text
        except rtc.StreamError:
            # Who sent it has left, or the call is over: what has come is all there is.
            return
        if (self._grows(identity) or attributes.get(_FINAL) == "true") and not segment.closed:
            segment.closed = True
            if self._on_segment is not None:
                self._on_segment(segment)

    def _grows(self, identity: str) -> bool:
        """Whether a stream of `identity` is a whole segment: an agent's own, even if it says "false"."""
        speaker = self._room.remote_participants.get(identity) if self._room else None
        return speaker is not None and speaker.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

    def _segment(self, identity: str, segment_id: str) -> Segment:
        key = (identity, segment_id)
        if key not in self._by_id:
            segment = Segment(speaker=identity, opened=asyncio.get_running_loop().time())
            self._by_id[key] = segment
            self.segments.append(segment)
        return self._by_id[key]
