"""A sentence as audio and as characters in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sandbox.speaking.formats import Format, encode
from sandbox.voice import speak

_CHUNK_SECONDS = 0.25


@dataclass(frozen=True)
class Chunk:
    """A piece of the answer: coded audio, its length in seconds, and the characters said in it."""

    audio: bytes
    seconds: float
    alignment: dict[str, list[Any]]


async def chunks(
    text: str, *, voice: str, language: str | None, speed: float, form: Format
) -> list[Chunk]:
    """The whole sentence in pieces of 0.25 s; the first is sent as soon as delays allow."""

    def work() -> list[Chunk]:
        pcm = speak(text, voice=voice, sample_rate=form.sample_rate, speed=speed, language=language)
        return _cut(text, pcm, form)

    return await asyncio.to_thread(work)


def _cut(text: str, pcm: bytes, form: Format) -> list[Chunk]:
    seconds = len(pcm) / 2 / form.sample_rate
    if not seconds:
        return []
    coded = encode(pcm, form)
    count = max(1, round(seconds / _CHUNK_SECONDS))
    # Whole samples: a PCM chunk that splits one would turn the rest into noise.
    step = -(-len(coded) // count // 2) * 2 or 2
    pieces = [coded[at : at + step] for at in range(0, len(coded), step)]
    each = seconds / len(pieces)
    timed = _timed(text, seconds)
    return [
        Chunk(piece, each, _alignment([c for c in timed if at * each <= c[1] < (at + 1) * each]))
        if at < len(pieces) - 1
        else Chunk(piece, each, _alignment([c for c in timed if c[1] >= at * each]))
        for at, piece in enumerate(pieces)
    ]


def _timed(text: str, seconds: float) -> list[tuple[str, float, float]]:
    """Each character with its beginning and length: even, spaces and marks shorter."""
    weights = [1.0 if c.isalnum() else 0.4 for c in text]
    scale, at = seconds / (sum(weights) or 1.0), 0.0
    timed = []
    for char, weight in zip(text, weights, strict=True):
        timed.append((char, at, weight * scale))
        at += weight * scale
    return timed


def _alignment(timed: list[tuple[str, float, float]]) -> dict[str, list[Any]]:
    return {
        "chars": [c for c, _, _ in timed],
        "charStartTimesMs": [round(start * 1000) for _, start, _ in timed],
        "charDurationsMs": [round(length * 1000) for _, _, length in timed],
    }
