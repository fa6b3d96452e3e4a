"""Recordings on disk: the right one or none, without silence, never all at once."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.speech_store import LEAD_SECONDS, RATE, SpeechStore, Voicing, frames, trimmed

VOICING = Voicing(
    vendor="elevenlabs", origin="sandbox", model="turbo", voice="anna", language="en-US"
)


def tone(seconds: float) -> bytes:
    times = np.arange(round(seconds * RATE)) / RATE
    return (8000 * np.sin(2 * np.pi * 300 * times)).astype(np.int16).tobytes()


def silence(seconds: float) -> bytes:
    return bytes(round(seconds * RATE) * 2)


def seconds(sound: bytes) -> float:
    return len(sound) / 2 / RATE


def test_a_recording_is_found_by_exactly_what_makes_it_sound_so(tmp_path: Path) -> None:
    store = SpeechStore(tmp_path)
    store.keep(VOICING, "Good morning.", tone(1))
    assert store.find(VOICING, "Good morning.") is not None
    assert store.has(VOICING, "Good morning.")
    for other in (
        replace(VOICING, voice="bert"),
        replace(VOICING, model="flash"),
        replace(VOICING, origin=""),
        replace(VOICING, language="en-GB"),
    ):
        assert store.find(other, "Good morning.") is None
    assert store.find(VOICING, "Good evening.") is None


def test_silence_at_both_ends_is_cut_and_inside_it_stays() -> None:
    spoken = tone(0.5) + silence(0.3) + tone(0.5)
    assert seconds(trimmed(silence(0.4) + spoken + silence(2))) == pytest.approx(1.42, abs=0.03)
    assert trimmed(silence(1)) == b""
    assert trimmed(b"") == b""


def test_sound_without_voice_is_not_kept(tmp_path: Path) -> None:
    store = SpeechStore(tmp_path)
    store.keep(VOICING, "Good morning.", silence(1))
    assert not store.has(VOICING, "Good morning.")


def test_only_what_nobody_wants_or_uses_is_forgotten(tmp_path: Path) -> None:
    store = SpeechStore(tmp_path)
    for text in ("wanted", "used", "old"):
        store.keep(VOICING, text, tone(0.2))
    long_ago = time.time() - 400 * 24 * 3600
    for path in (tmp_path / "greetings").iterdir():
        os.utime(path, (long_ago, long_ago))
    assert store.find(VOICING, "used")
    store.forget_unused([(VOICING, "wanted")])
    assert store.has(VOICING, "wanted")
    assert store.has(VOICING, "used")
    assert not store.has(VOICING, "old")


def test_a_disk_that_refuses_is_survived(tmp_path: Path) -> None:
    (tmp_path / "greetings").write_text("a file where the folder should be")
    store = SpeechStore(tmp_path)
    store.keep(VOICING, "Good morning.", tone(1))
    assert store.find(VOICING, "Good morning.") is None


async def test_frames_are_the_whole_recording_and_at_first_only_its_beginning() -> None:
    sound = tone(LEAD_SECONDS + 0.4)
    playing = frames(sound)
    at_once = 0.0
    pieces = []
    while True:
        waiting = asyncio.ensure_future(anext(playing, None))
        await asyncio.sleep(0)
        if not waiting.done() and not at_once:
            at_once = seconds(b"".join(pieces))
        frame = await waiting
        if frame is None:
            break
        pieces.append(bytes(frame.data.cast("b")))
    assert b"".join(pieces) == sound
    assert at_once == pytest.approx(LEAD_SECONDS, abs=0.2)
