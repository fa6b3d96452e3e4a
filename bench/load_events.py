"""What the database has of calls, against what their callers heard: nothing may be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

from bench.load_calls import HeldCall

_SETTLE_SECONDS: Final = 45.0
_COUNTS: Final = """
    SELECT count(DISTINCT c.id),
           count(DISTINCT c.id) FILTER (WHERE c.ended_at IS NOT NULL),
           count(e.*),
           count(*) FILTER (WHERE e.type = 'assistant_said'),
           count(*) FILTER (WHERE e.type = 'caller_said')
      FROM calls c LEFT JOIN call_events e ON e.call_id = c.id
     WHERE NOT c.id = ANY(%s::uuid[])
"""
_HOLES: Final = """
    SELECT coalesce(sum(highest - lowest + 1 - events), 0)
      FROM (SELECT max(seq) AS highest, min(seq) AS lowest, count(*) AS events FROM call_events
             WHERE NOT call_id = ANY(%s::uuid[]) GROUP BY call_id, epoch) AS numbered
"""


@dataclass(frozen=True)
class Kept:
    """What a stretch of calls left in the database."""

    calls: int
    ended: int
    events: int
    holes: int
    """Numbers missing in the sequences of events."""
    said: int
    """Sentences or answers of the assistant."""
    heard: int
    """Turns of callers."""
    placed: int
    """Calls that a caller was answered in."""
    answers: int
    """Times that a caller heard the assistant."""
    lines: int
    """Lines of callers that were answered."""

    @property
    def lost_calls(self) -> int:
        """Calls that were answered and are not on record, or whose end is not."""
        return max(0, self.placed - self.ended)

    @property
    def lost_events(self) -> int:
        """Numbers missing, and what was heard by a caller or answered to one without being on record."""
        return self.holes + max(0, self.answers - self.said) + max(0, self.lines - self.heard)


class Record:
    """The calls from this moment on."""

    def __init__(self, url: str) -> None:
        """`url`: the database as the superuser, who sees every business's calls."""
        self._url = url
        with psycopg.connect(url) as connection:
            self._before = [row[0] for row in connection.execute("SELECT id FROM calls")]

    async def kept(self, held: Sequence[HeldCall]) -> Kept:
        """Compare with what callers heard, once every call's end has been delivered."""
        clock = asyncio.get_running_loop().time
        give_up = clock() + _SETTLE_SECONDS
        while True:
            found = await asyncio.to_thread(self._look, held)
            if (found.lost_calls == 0 == found.lost_events) or clock() > give_up:
                return found
            await asyncio.sleep(1)

    def _look(self, held: Sequence[HeldCall]) -> Kept:
        with psycopg.connect(self._url) as connection:
            counts = connection.execute(_COUNTS, [self._before]).fetchone()
            holes = connection.execute(_HOLES, [self._before]).fetchone()
        assert counts is not None and holes is not None
        calls, ended, events, said, heard = counts
        return Kept(
            calls=calls,
            ended=ended,
            events=events,
            holes=int(holes[0]),
            said=said,
            heard=heard,
            placed=sum(one.answers > 0 for one in held),
            answers=sum(one.answers for one in held),
            lines=sum(one.lines for one in held),
        )
