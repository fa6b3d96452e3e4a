"""What is said on a telephone and what its sound tells, the briefing's words, and the hold music."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.handoff import hold_music, score
from agent.handoff.answers import Meaning, from_a_machine, meaning
from agent.handoff.briefing import BriefingFacts, template, worded
from agent.handoff.line_sound import RATE, WINDOW_SECONDS, LineSound
from agent.speech_store import RATE as SPEECH_RATE
from domain.businesses.settings import Language
from sandbox.voice import speak


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Yes.", "en-US", "yes"),
        ("Yeah, sure, put them through", "en-GB", "yes"),
        ("No, I can't right now", "en-US", "no"),
        ("Hello? Who is this?", "en-US", None),
        ("yesterday", "en-US", None),
        ("Sí, claro", "es-ES", "yes"),
        ("Ahora no puedo", "es-US", "no"),
        ("yes", "es-ES", "yes"),
        ("हाँ", "hi-IN", "yes"),
        ("जी हाँ, जोड़ दीजिए।", "hi-IN", "yes"),
        ("नहीं", "hi-IN", "no"),
        ("", "en-US", None),
    ],
)
def test_yes_and_no_are_understood(text: str, language: Language, expected: Meaning | None) -> None:
    assert meaning(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "You have reached the voicemail of Ann",
        "Please leave a message after the tone.",
        "I'm sorry, I can't come to the phone right now",
        "Deje su mensaje después de la señal",
        "कृपया बीप के बाद संदेश छोड़ें",
    ],
)
def test_an_answering_machine_is_known_by_its_words(text: str) -> None:
    assert from_a_machine(text)


def test_a_person_is_no_answering_machine() -> None:
    assert not from_a_machine("Riverside Dental, Ann speaking, how can I help you?")


def fed(samples: NDArray[np.int16]) -> LineSound:
    sound, step = LineSound(), round(RATE * WINDOW_SECONDS)
    for start in range(0, samples.size - step + 1, step):
        sound.feed(samples[start : start + step])
    return sound


def spoken(text: str) -> NDArray[np.int16]:
    return np.frombuffer(speak(text, voice="en-us", sample_rate=RATE), np.int16)


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * RATE), np.int16)


def test_a_short_hello_is_a_person() -> None:
    sound = fed(np.concatenate([spoken("Hello, Ann speaking."), silence(0.6)]))
    assert sound.spoke and not sound.machine
    assert sound.silent_seconds >= 0.5


def test_a_long_announcement_is_a_machine() -> None:
    text = (
        "you have called the practice of doctor lee and nobody is here at the moment so please call"
    )
    assert fed(spoken(f"{text} again {text}")).machine


def test_a_beep_is_a_machine() -> None:
    time = np.arange(round(0.5 * RATE)) / RATE
    beep = (8000 * np.sin(2 * np.pi * 1000 * time)).astype(np.int16)
    assert fed(np.concatenate([silence(0.3), beep])).machine


FACTS = BriefingFacts(
    name="Ann Hill",
    phone="+12025550143",
    reason="A broken tooth.",
    deeds=("call_started", "appointment_moved"),
    heard=("I am in pain and this is urgent",),
)


def test_the_template_tells_who_why_the_mood_and_what_was_done() -> None:
    words = template(FACTS, "en-US")
    assert words == (
        "Ann Hill is on the line: A broken tooth. On this call an appointment was moved."
        " It is urgent to them."
    )
    assert "Ann Hill" in template(FACTS, "es-ES")
    assert "Ann Hill" in template(FACTS, "hi-IN")


def test_a_caller_without_a_name_is_known_by_the_last_digits() -> None:
    words = template(BriefingFacts(name="", phone="+12025550143", reason=""), "en-US")
    assert words == "A caller whose number ends in 0 1 4 3 is on the line."


class Model:
    """Answers with `text` after `seconds`."""

    def __init__(self, text: str, seconds: float = 0.0) -> None:
        self._text, self._seconds = text, seconds

    def chat(self, **_: object) -> Model:
        return self

    async def __aenter__(self) -> Model:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def __aiter__(self) -> Any:
        await asyncio.sleep(self._seconds)
        yield SimpleNamespace(delta=SimpleNamespace(content=self._text))


@pytest.mark.parametrize(
    ("model", "used"),
    [
        (Model("Ann Hill has a broken tooth and is in a hurry."), True),
        (Model("Somebody is calling."), False),
        (Model("Ann Hill " * 60), False),
        (Model("Ann Hill, too late.", seconds=5), False),
        (None, False),
    ],
)
async def test_the_models_words_are_used_when_they_are_quick_short_and_name_the_caller(
    model: Model | None, used: bool
) -> None:
    words = await worded(FACTS, "en-US", model=cast(Any, model), seconds=0.05)
    assert (words != template(FACTS, "en-US")) == used


def test_the_hold_music_is_quiet_and_has_no_seam() -> None:
    samples = np.frombuffer(hold_music.loop(), np.int16).astype(np.float64) / 32768
    assert samples.size == round(hold_music.LOOP_SECONDS * SPEECH_RATE)
    spectrum = np.fft.rfft(samples)
    doubled = np.concatenate([spectrum, np.zeros(samples.size // 2)])
    at_48_khz = np.fft.irfft(doubled, samples.size * 2) * 2
    assert score.loudness(at_48_khz) == pytest.approx(score.LOUDNESS, abs=1)
    windows = samples.reshape(-1, SPEECH_RATE // 20)
    assert np.sqrt((windows**2).mean(axis=1)).min() > 10 ** (-45 / 20)
    steps = np.abs(np.diff(np.concatenate([samples[-2400:], samples[:2400]])))
    assert steps[2399] <= steps.max() and steps[2399] < 0.01


async def test_the_music_goes_on_after_its_end() -> None:
    played = 0
    async for frame in hold_music.hold_music():
        played += frame.samples_per_channel
        if played > (hold_music.LOOP_SECONDS + 1) * SPEECH_RATE:
            break
    assert played > hold_music.LOOP_SECONDS * SPEECH_RATE
