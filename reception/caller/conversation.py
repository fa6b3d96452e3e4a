"""Scripts: what a caller says and does in turn, played into a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reception.caller.caller import HEAR_TIMEOUT, PAUSE, CallEnded, Caller, Heard, Turn


@dataclass(frozen=True)
class Say:
    """Say this, then listen."""

    text: str


@dataclass(frozen=True)
class Press:
    """Press these keys, then listen."""

    digits: str


@dataclass(frozen=True)
class Interrupt:
    """Say this into the agent's speech, then listen."""

    text: str
    after: float = 1.0
    """Seconds into the speech."""


@dataclass(frozen=True)
class Listen:
    """Say nothing, listen again."""


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Step: TypeAlias = str | Say | Press | Interrupt | Listen | HangUp
"""A string stands for Say."""
Script: TypeAlias = Iterable[Step] | Callable[[Heard], Step | None]
"""The steps in order, or a function from what the agent said to the next step (None: hang up)."""


@dataclass(frozen=True)
class Conversation:
    """What became of a script."""

    greeting: Heard | None
    turns: list[Turn] = field(default_factory=list)
    ended_by: Literal["", "us", "them"] = ""

    @property
    def latencies(self) -> list[float]:
        """Seconds, one for each turn in which the caller spoke and was not cut short."""
        return [
            turn.heard.latency
            for turn in self.turns
            if turn.heard.latency is not None and turn.interruption is None
        ]


async def converse(
    caller: Caller,
    script: Script,
    *,
    on_said: Callable[[str], None] = lambda text: None,
    on_heard: Callable[[Heard], None] = lambda heard: None,
    timeout: float = HEAR_TIMEOUT,
    pause: float = PAUSE,
) -> Conversation:
    """Hear the greeting, play `script`, hang up. The agent may end the call earlier.

    `on_said` and `on_heard` are told as it happens. Raises NothingHeard when the agent falls silent.
    """
    greeting: Heard | None = None
    turns_before = len(caller.turns)
    try:
        greeting = heard = await caller.hear(timeout=timeout, pause=pause)
        on_heard(heard)
        next_step = _stepper(script)
        while (step := next_step(heard)) is not None:
            if not await _take(caller, step, on_said, timeout):
                break
            heard = await caller.hear(timeout=timeout, pause=pause)
            on_heard(heard)
    except CallEnded:
        # The agent may say goodbye and hang up; who ended the call is in the result.
        pass
    finally:
        await caller.hang_up()
    return Conversation(greeting, caller.turns[turns_before:], caller.ended_by)


def _stepper(script: Script) -> Callable[[Heard], Step | None]:
    if callable(script):
        return script
    steps = iter(script)
    return lambda heard: next(steps, None)


async def _take(caller: Caller, step: Step, on_said: Callable[[str], None], timeout: float) -> bool:
    """Do one step; False when the caller hangs up."""
    match step:
        case HangUp():
            return False
        case Listen():
            return True
        case Press(digits):
            on_said(f"[{digits}]")
            await caller.press(digits)
        case Interrupt(text, after):
            on_said(text)
            await caller.interrupt(text, after=after, timeout=timeout)
        case str() as text:
            on_said(text)
            await caller.speak(text)
        case Say(text):
            on_said(text)
            await caller.speak(text)
    return True
