"""What the caller hears while a person is rung: a quiet loop of our own (see `score`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Final

import av
import numpy as np
from livekit import rtc

from agent.speech_store import RATE

LOOP_SECONDS: Final = 24.0
MARGIN_SECONDS: Final = 0.25
"""Of the loop's other end at both ends of the recording: the codec needs a moment to settle, and what it
adds at its end would be heard at the seam."""
RECORDING: Final = Path(__file__).parent.parent / "recorded" / "hold_music.ogg"
_FRAME: Final = RATE // 20
"""Samples: 50 ms."""
_FADE_SECONDS: Final = 0.4


@cache
def loop() -> bytes:
    """One turn: 16-bit mono at RATE. Raises OSError, av.FFmpegError."""
    pieces = []
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(RECORDING)) as container:
        for decoded in container.decode(audio=0):
            pieces += [frame.to_ndarray().ravel() for frame in resampler.resample(decoded)]
        pieces += [frame.to_ndarray().ravel() for frame in resampler.resample(None)]
    samples = np.concatenate(pieces)
    start = round(MARGIN_SECONDS * RATE)
    return bytes(samples[start : start + round(LOOP_SECONDS * RATE)].astype(np.int16).tobytes())


async def hold_music() -> AsyncIterator[rtc.AudioFrame]:
    """The music in frames, without end, from a soft start."""
    samples = np.frombuffer(await asyncio.to_thread(loop), np.int16)
    fade = round(_FADE_SECONDS * RATE)
    opening = samples[:fade] * np.linspace(0.0, 1.0, fade)
    turn = np.concatenate([opening.astype(np.int16), samples[fade:]])
    while True:
        for start in range(0, turn.size, _FRAME):
            piece = turn[start : start + _FRAME]
            yield rtc.AudioFrame(piece.tobytes(), RATE, 1, piece.size)
        turn = samples
