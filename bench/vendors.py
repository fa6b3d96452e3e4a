"""The stand-ins' delays and what their recogniser hears, set over the sandbox's control endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from bench.stack import Stack
from bench.voice import phone_voice
from reception.caller.audio import PHONE_RATE

DELAYS: Final[dict[str, dict[str, float]]] = {
    "deepgram": {
        "endpoint_silence": 0.2,
        "final": 0.15,
        "interim_every": 0.1,
        "interim_lag": 0.15,
        "revised_share": 0.1,
    },
    "openai": {"first_token": 0.3, "token": 0.015},
    "elevenlabs": {"first_byte": 0.15},
}
"""Seconds, and the share of turns whose last interim word is revised."""


_LESS: Final = 0.2
_SHORTEST: Final = 0.2


async def set_delays(stack: Stack) -> None:
    """Forget what was set before, and set DELAYS. Raises aiohttp.ClientError."""
    await _send(stack, "POST", "reset", None)
    await _send(stack, "PUT", "delays", DELAYS)


async def script_hearing(stack: Stack, lines: Sequence[str]) -> None:
    """Have every recognition from now on hear exactly `lines`, each as long as it is spoken.

    So both agents are told the same words, whatever either does to the sound.
    """
    said = [
        {"text": _punctuated(line), "duration": _duration(line), "spoken": _seconds(line)}
        for line in lines
    ]
    await _send(stack, "PUT", "scripts", [{"lines": said, "streams": 0, "repeat": True}])


def _duration(line: str) -> float:
    """Seconds. A little less than it takes: an utterance that seems cut short is waited for."""
    return max(_SHORTEST, _seconds(line) - _LESS)


def _seconds(line: str) -> float:
    return phone_voice(line, rate=PHONE_RATE).size / PHONE_RATE


def _punctuated(line: str) -> str:
    """As a recogniser with smart formatting writes it."""
    return line if line[-1] in ".?!" else f"{line}."


async def _send(stack: Stack, method: str, what: str, body: Any) -> None:
    url = f"{stack.environment.sandbox_address}/control/{what}"
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as reply:
        if reply.status >= 300:
            raise RuntimeError(f"the sandbox refused {what}: {await reply.text()}")
