from __future__ import annotations

import pytest

from bench.calls import PLAIN_LINES, Script
from bench.vendors import DELAYS
from bench.voice import phone_voice
from reception.caller import audio
from sandbox.delays import Delays


@pytest.mark.parametrize("rate", [8000, 48000])
def test_the_voice_is_a_telephones_at_every_rate(rate: int) -> None:
    spoken = phone_voice(PLAIN_LINES[0], rate=rate)
    assert audio.level(spoken) > -30
    parts = audio.packets(spoken, rate=rate)
    assert audio.voiced(parts[0])
    # G.711 carries nothing above 4 kHz.
    if rate > 8000:
        low = audio.resample(
            audio.resample(spoken, source_rate=rate, target_rate=8000),
            source_rate=8000,
            target_rate=rate,
        )
        size = min(spoken.size, low.size)
        lost = audio.level((spoken[:size].astype(int) - low[:size]).astype("int16"))
        assert lost < audio.level(spoken) - 15


def test_the_script_for_the_recogniser_holds_every_line_in_order() -> None:
    script = Script()
    assert script.lines[: len(script.plain)] == script.plain
    assert script.lines[-1] == script.interruption
    assert script.lines.count(script.tool) == 2


def test_the_delays_are_ones_that_the_sandbox_takes() -> None:
    taken = Delays.model_validate(DELAYS)
    assert taken.deepgram.endpoint_silence == 0.2
    assert taken.openai.first_token == 0.3
    assert taken.elevenlabs.first_byte == 0.15
