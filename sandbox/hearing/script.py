"""What the recogniser is told it will hear: for benchmarks and for languages it doesn't know."""

from __future__ import annotations

from collections import deque
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.hearing.words import Word

_CHARACTERS_PER_SECOND = 15.0


class Line(BaseModel):
    """One utterance of a script."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    duration: Annotated[float, Field(gt=0, le=120)] | None = None
    """Seconds of speech. Given, a pause before its end doesn't end the utterance."""
    spoken: Annotated[float, Field(gt=0, le=120)] | None = None
    """Seconds over which its words are said, where `duration` is only as long as can be counted on: an interim
    has no word that has not been said."""

    @property
    def seconds(self) -> float:
        return self.spoken or self.duration or max(0.3, len(self.text) / _CHARACTERS_PER_SECOND)


class Script(BaseModel):
    """Successive utterances of a stream.

    With a `tag` it serves streams that have `tag=` or `keyterm=` of that name in their query, and goes
    on where it was when the stream reconnects. Without, it serves the next `streams` new streams, each
    from the beginning (0: every one).
    """

    model_config = ConfigDict(extra="forbid")

    lines: Annotated[list[Line], Field(min_length=1)]
    tag: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    streams: Annotated[int, Field(ge=0)] = 1
    repeat: bool = False
    """Begin again after the last line; otherwise what follows is not heard."""


class Prompter:
    """A script as one stream goes through it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._lines = list(script.lines)
        self._at = 0

    def continue_with(self, line: Line) -> None:
        """The next utterance is `line`; what was not heard by now will not be."""
        del self._lines[self._at :]
        self._lines.append(line)

    def next_line(self) -> Line | None:
        """The line that begins now, None when the script is over."""
        lines = self._lines
        if self._at >= len(lines):
            if not self.script.repeat:
                return None
            self._at = 0
        self._at += 1
        return lines[self._at - 1]


class Scripts:
    """Scripts that wait for their streams."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._queue: deque[tuple[Script, int]] = deque()
        self._latest: Prompter | None = None
        self._tagged: dict[str, Prompter] = {}

    def add(self, script: Script) -> None:
        if script.tag is not None:
            self._tagged[script.tag] = Prompter(script)
        else:
            self._queue.append((script, script.streams))

    def waiting(self) -> list[Script]:
        return [p.script for p in self._tagged.values()] + [s for s, _ in self._queue]

    def for_stream(self, tags: list[str]) -> Prompter | None:
        """The script of a new stream; None: it listens for real."""
        for tag in tags:
            if tag in self._tagged:
                return self._tagged[tag]
        if not self._queue:
            return None
        script, left = self._queue[0]
        if left == 1:
            self._queue.popleft()
        elif left > 1:
            self._queue[0] = (script, left - 1)
        self._latest = Prompter(script)
        return self._latest

    def continue_with(self, line: Line) -> bool:
        """Let the stream that began last with a script go on with `line`; False if there is none."""
        if self._latest is None:
            return False
        self._latest.continue_with(line)
        return True


def words_at(line: Line, seconds: float | None) -> list[Word]:
    """The words of `line` said `seconds` after it began; None: all of them."""
    tokens = line.text.split()
    weight = sum(len(t) + 1 for t in tokens)
    at, said = 0.0, []
    for token in tokens:
        end = at + line.seconds * (len(token) + 1) / weight
        if seconds is None or end <= seconds + 1e-6:
            said.append(Word(token, at, end, 0.99))
        at = end
    return said
