"""The fixed sentences: in every language, and audible with no vendor at all."""

from __future__ import annotations

import numpy as np
import pytest

from agent.phrases import PHRASES, PhraseName, bundled, phrase
from agent.speech import bundled_sound
from agent.speech_keeper import fixed_sentences
from domain.businesses.settings import BusinessSettings, Language

LANGUAGES: tuple[Language, ...] = ("en-US", "en-GB", "es-ES", "es-US", "hi-IN")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PHRASES)
def test_every_phrase_has_words_and_a_recording(name: PhraseName, language: Language) -> None:
    assert phrase(name, language).strip()
    assert bundled(name, language).stat().st_size > 1000


@pytest.mark.parametrize("name", ["trouble_goodbye", "unknown_number"])
async def test_a_bundled_recording_can_be_heard(name: PhraseName) -> None:
    pieces = [bytes(frame.data.cast("b")) async for frame in bundled_sound(name, "en-US")]
    samples = np.frombuffer(b"".join(pieces), np.int16).astype(np.float64)
    assert 2 < samples.size / 24000 < 15
    assert np.sqrt((samples**2).mean()) > 500


def test_what_a_business_says_begins_with_its_own_words() -> None:
    settings = BusinessSettings(greeting="Welcome.", recording_notice="This call is recorded.")
    sentences = fixed_sentences(settings)
    assert sentences[:2] == ["Welcome.", "This call is recorded."]
    assert phrase("still_there", "en-US") in sentences
    assert phrase("greeting", "en-US") not in sentences
