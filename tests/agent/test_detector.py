"""The detector is the plugin's model by another way: what it hears must be the same."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero
from numpy.typing import NDArray

from agent.detector import Detector
from sandbox.voice import speak

RATE = 16000


def _call() -> NDArray[np.int16]:
    """Two sentences over a noisy line, with a click between them."""
    quiet = np.zeros(RATE, np.int16)
    click = quiet.copy()
    click[8000:8480] = 12000
    said = [
        np.frombuffer(speak(line, voice="en-us+f3", sample_rate=RATE), dtype=np.int16)
        for line in ("I would like to book a table", "for tomorrow")
    ]
    sound = np.concatenate([quiet, said[0], quiet, click, said[1], quiet])
    noise = np.random.default_rng(1).normal(0, 60, sound.size)
    return np.clip(sound + noise, -32768, 32767).astype(np.int16)


async def _heard(detector: vad.VAD, sound: NDArray[np.int16]) -> list[vad.VADEvent]:
    stream = detector.stream()
    for start in range(0, sound.size - 800, 800):
        piece = sound[start : start + 800]
        stream.push_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, piece.size))
    stream.end_input()
    events = [event async for event in stream]
    await stream.aclose()
    return events


def _of(events: list[vad.VADEvent], kind: vad.VADEventType) -> list[Any]:
    return [event.samples_index for event in events if event.type == kind]


async def test_voices_begin_and_end_where_the_plugin_hears_them() -> None:
    sound = await asyncio.to_thread(_call)
    plugin = await asyncio.to_thread(silero.VAD.load)
    wanted, found = await _heard(plugin, sound), await _heard(Detector(), sound)
    done = vad.VADEventType.INFERENCE_DONE
    chances = [
        np.array([event.probability for event in events if event.type == done])
        for events in (wanted, found)
    ]
    assert chances[0].size > 100
    np.testing.assert_allclose(chances[1], chances[0], atol=1e-3)
    for kind in (vad.VADEventType.START_OF_SPEECH, vad.VADEventType.END_OF_SPEECH):
        assert _of(found, kind) == _of(wanted, kind)
    assert _of(found, vad.VADEventType.END_OF_SPEECH)
