"""A call that the installation makes to itself: over WebRTC as a caller, with a question, judged and kept."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from livekit import rtc

from agent.phrases import PhraseName, phrase
from domain.businesses.settings import Language
from domain.database import Database
from domain.environment import Environment
from domain.tables import INSTALLATION
from domain.watching.models import SyntheticOutcome
from domain.watching.synthetic_calls import (
    ANSWER_SECONDS,
    GREETING_SECONDS,
    SyntheticResult,
    keep_result,
)
from reception.caller.caller import CallEnded, NothingHeard
from reception.caller.webrtc import LiveKit, WebRtcCaller
from reception.livekit_config import keys_of

QUESTION: Final = "What are your opening hours?"
"""In English whatever the business speaks: any answer shows that it hears, thinks and speaks."""
CONNECT_SECONDS: Final = 10.0
PATIENCE: Final = 15.0
"""Seconds to the first word: longer than a caller's, so that slow is told from never."""

_APOLOGIES: Final[tuple[PhraseName, ...]] = (
    "unknown_number",
    "unavailable",
    "retry",
    "leave_message",
    "trouble_goodbye",
)
"""Recorded sentences for when something does not work: to hear one is no answer."""
_LANGUAGES: Final[tuple[Language, ...]] = ("en-US", "es-US", "hi-IN")


async def call_itself(environment: Environment, *, number: str) -> SyntheticResult:
    """Place the call and judge it; never raises for what may be wrong with an installation."""
    keys = keys_of(environment)
    livekit = LiveKit(environment.livekit_address, keys.key, keys.secret)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            caller = await WebRtcCaller.place(livekit, dialled=number, synthetic=True)
    except (rtc.ConnectError, OSError, TimeoutError):
        return SyntheticResult(dialled=number, room="", outcome="not_connected")
    try:
        outcome, greeted, answered = await _talk(caller)
    finally:
        with suppress(Exception):
            await caller.hang_up()
    return SyntheticResult(
        dialled=number,
        room=caller.room_name,
        outcome=outcome,
        greeting_seconds=greeted,
        answer_seconds=answered,
    )


async def call_and_keep(environment: Environment, *, number: str) -> SyntheticResult:
    """Place the call, and store what came of it, with the alert that it opens or resolves. Raises
    SQLAlchemyError and OSError when the database is away."""
    result = await call_itself(environment, number=number)
    database = Database(environment.database_url, keyring=environment.keyring, pool_size=1)
    try:
        async with database.scope(business_id=INSTALLATION) as scope:
            await keep_result(scope, result)
    finally:
        await database.aclose()
    return result


async def _talk(
    caller: WebRtcCaller,
) -> tuple[SyntheticOutcome, float | None, float | None]:
    """The outcome, and the seconds to the greeting's and to the answer's first word."""
    try:
        greeting = await caller.hear(timeout=PATIENCE)
    except NothingHeard:
        return ("no_greeting" if caller.agent_joined.is_set() else "no_agent"), None, None
    except CallEnded:
        return "no_greeting", None, None
    greeted = round(greeting.started - caller.times.placed, 3)
    if is_apology(greeting.text):
        return "no_greeting", greeted, None
    try:
        await caller.speak(QUESTION)
        answer = await caller.hear(timeout=ANSWER_SECONDS)
    except (NothingHeard, CallEnded):
        return "no_answer", greeted, None
    answered = None if answer.latency is None else round(max(0.0, answer.latency), 3)
    if is_apology(answer.text):
        return "no_answer", greeted, answered
    return ("passed" if greeted <= GREETING_SECONDS else "late_greeting"), greeted, answered


def is_apology(text: str) -> bool:
    """Whether a recorded sentence was heard that says that something does not work."""
    heard = text.strip()
    return any(phrase(name, language) in heard for name in _APOLOGIES for language in _LANGUAGES)
