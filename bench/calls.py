"""One measured call: greeting, plain turns, a turn with a tool, an interruption."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bench.stack import DIALLED, Stack
from bench.voice import phone_voice
from reception.caller.audio import Samples
from reception.caller.caller import CallEnded, Caller, Heard, NothingHeard
from reception.caller.sip_phone import SipPhone
from reception.caller.webrtc import WebRtcCaller

PLAIN_LINES: Final = (
    "Good morning",
    "Sorry, what did you say",
    "Let me check",
    "No preference",
    "What did you say",
    "Any time is fine",
)
UNSURE_LINES: Final = ("I'm not sure", "I don't know")
SHORT_LINES: Final = ("Yes", "Sure", "Okay")
DICTATED_LINES: Final = (
    ("My number is two zero two", "five five five", "zero one zero zero"),
    ("It is anna dot lee", "at gmail", "dot com"),
)
"""Each with pauses in it, at which a recogniser takes what it has for final."""
DICTATION_PAUSE: Final = 0.7
"""Seconds."""
TOOL_LINE: Final = "What services do you offer"
INTERRUPTION: Final = "Sorry, wait"
_NUMBERS: Final = (f"+1202557{number:04d}" for number in itertools.cycle(range(10_000)))
_ANSWER_TIMEOUT: Final = 12.0
_INTERRUPT_AFTER: Final = 0.8
_INTERRUPT_LATER: Final = 2.0
"""Where a few words come before the answer, whose beginning varies."""
_REST: Final = 3.0
"""Seconds within which the answer follows a few words before it."""
_ROOM_TO_INTERRUPT: Final = 2.0
"""Seconds that the answer must have left, or its own end would be measured."""


@dataclass(frozen=True)
class Script:
    """What the caller says in a measured call."""

    plain: tuple[str, ...] = PLAIN_LINES
    """Answered in words alone, with endings that the end-of-turn model takes for the end."""
    unsure: tuple[str, ...] = UNSURE_LINES
    """Answered in words alone, with endings that it is not sure of."""
    short: tuple[str, ...] = SHORT_LINES
    dictated: tuple[tuple[str, ...], ...] = DICTATED_LINES
    tool: str = TOOL_LINE
    """Answered after a tool has run, and at length, so that there is something to interrupt."""
    interruption: str = INTERRUPTION

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it in order, for the scripted recogniser."""
        pieces = (piece for line in self.dictated for piece in line)
        return (
            *(*self.plain, *self.unsure, *self.short, *pieces),
            *(self.tool, self.tool, self.interruption),
        )


@dataclass
class CallFigures:
    """What one call took, in seconds."""

    answered: float | None = None
    """INVITE to 200 OK; over WebRTC: join to the agent's track."""
    greeted: float | None = None
    """INVITE to the first voiced packet; over WebRTC: join to the first voiced frame."""
    turns: list[float] = field(default_factory=list)
    """Caller's last voiced packet to the first sound back, for plain turns."""
    unsure_turns: list[float] = field(default_factory=list)
    short_turns: list[float] = field(default_factory=list)
    dictated_turns: list[float] = field(default_factory=list)
    tool_turns: list[float] = field(default_factory=list)
    """To the first sound, be it the answer's or a few words before it."""
    tool_answers: list[float] = field(default_factory=list)
    """To the answer itself."""
    interruptions: list[float] = field(default_factory=list)
    """Caller's first voiced packet to the agent's silence."""
    answers: list[float] = field(default_factory=list)
    """What answered each line first, in order: until the interruption."""
    off_by: list[float] = field(default_factory=list)
    """By how much each of these was heard later than the API tells."""
    long_answer: float | None = None
    """How long the answer to the line with the tool lasts when it is not interrupted."""
    cut_ins: int = 0
    unanswered: int = 0
    """Lines without an answer, and interruptions without effect."""

    @property
    def every_turn(self) -> list[float]:
        """Plain, unsure, short and dictated ones."""
        return [*self.turns, *self.unsure_turns, *self.short_turns, *self.dictated_turns]


Place = Callable[[], Awaitable[Caller]]


def placer(stack: Stack, phone: SipPhone | None, agent_name: str) -> Place:
    """How a call is placed: by the SIP phone where there is one, else over WebRTC. Each from another number,
    or a business would take them for one caller who calls again and again."""

    async def by_sip() -> Caller:
        assert phone is not None
        return await phone.call(stack.sip_uri, caller=next(_NUMBERS))

    async def by_webrtc() -> Caller:
        return await WebRtcCaller.place(
            stack.livekit,
            dialled=DIALLED,
            caller=next(_NUMBERS),
            agent=agent_name,
            voice=phone_voice,
        )

    return by_webrtc if phone is None else by_sip


async def measure(place: Place, script: Script) -> CallFigures:
    """Place a call, play the script, hang up. What is not answered is counted, not raised.

    Raises CallRefused, TimeoutError or ConnectError when the call can't be placed.
    """
    result = CallFigures()
    call = await place()
    try:
        await _greeting(call, result)
        for line in script.plain:
            await _turn(call, line, result, result.turns)
        for line in script.unsure:
            await _turn(call, line, result, result.unsure_turns)
        for line in script.short:
            await _turn(call, line, result, result.short_turns)
        for pieces in script.dictated:
            await _turn(call, _dictated(pieces, call.ear.rate), result, result.dictated_turns)
        await _tool_turn(call, script, result)
        await _interruption(call, script, result)
    except CallEnded:
        result.unanswered += 1
    finally:
        await call.hang_up()
    return result


async def greet(place: Place) -> CallFigures:
    """Place a call, wait for the first word, hang up."""
    result = CallFigures()
    call = await place()
    try:
        await _greeting(call, result)
    except (CallEnded, NothingHeard):
        result.unanswered += 1
    finally:
        await call.hang_up()
    return result


async def _greeting(call: Caller, result: CallFigures) -> None:
    await call.hear(timeout=_ANSWER_TIMEOUT)
    placed, first = call.times.placed, call.ear.first_voiced
    if call.times.answered is not None:
        result.answered = call.times.answered - placed
    if first is not None:
        result.greeted = first - placed


def _dictated(pieces: tuple[str, ...], rate: int) -> Samples:
    """The pieces with a pause between each two."""
    pause = np.zeros(round(DICTATION_PAUSE * rate), np.int16)
    sounds: list[Samples] = []
    for piece in pieces:
        sounds += [pause, phone_voice(piece, rate=rate)]
    return np.concatenate(sounds[1:])


async def _tool_turn(call: Caller, script: Script, result: CallFigures) -> None:
    first = await _turn(call, script.tool, result, result.tool_turns)
    if first is None or first.latency is None:
        return
    answer, asked = first, first.started - first.latency
    with suppress(NothingHeard):
        # Heard once whole, so that its end is not taken for the agent's giving way.
        answer = await call.hear(timeout=_REST)
    result.tool_answers.append(answer.started - asked)
    result.long_answer = answer.ended - first.started


async def _turn(
    call: Caller, line: str | Samples, result: CallFigures, latencies: list[float]
) -> Heard | None:
    await call.speak(line)
    heard = await _heard(call, result)
    if heard is None or heard.latency is None:
        return None
    result.answers.append(heard.latency)
    if heard.cut_in:
        result.cut_ins += 1
    else:
        latencies.append(heard.latency)
    return heard


async def _interruption(call: Caller, script: Script, result: CallFigures) -> None:
    """Ask for the long answer again and interrupt it."""
    after = _INTERRUPT_AFTER
    if result.tool_answers and result.tool_turns[-1] < result.tool_answers[-1]:
        # A few words come first: silence follows them, and the answer.
        after = result.tool_answers[-1] - result.tool_turns[-1] + _INTERRUPT_LATER
    if result.long_answer is None or result.long_answer < after + _ROOM_TO_INTERRUPT:
        return
    await call.speak(script.tool)
    try:
        done = await call.interrupt(script.interruption, after=after, timeout=_ANSWER_TIMEOUT)
    except TimeoutError:
        result.unanswered += 1
        return
    result.interruptions.append(done.seconds)
    await _heard(call, result)


async def _heard(call: Caller, result: CallFigures) -> Heard | None:
    try:
        return await call.hear(timeout=_ANSWER_TIMEOUT)
    except NothingHeard:
        result.unanswered += 1
        return None
