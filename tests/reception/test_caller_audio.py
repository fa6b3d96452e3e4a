from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from reception.caller import audio
from reception.caller.ear import BURST_GAP, Ear

SILENCE = np.zeros(160, np.int16)
VOICE = audio.tone(frequency=300, seconds=0.02, rate=8000)


def test_level_of_a_full_scale_square_is_zero_and_of_silence_the_floor() -> None:
    assert audio.level(np.full(160, -32768, np.int16)) == pytest.approx(0.0)
    assert audio.level(SILENCE) == audio.SILENCE_DBFS
    assert audio.level(np.zeros(0, np.int16)) == audio.SILENCE_DBFS


@given(st.floats(min_value=-60, max_value=-6), st.sampled_from([300.0, 440.0, 1000.0]))
def test_tone_has_the_level_and_frequency_asked_for(dbfs: float, frequency: float) -> None:
    made = audio.tone(frequency=frequency, seconds=1.0, rate=8000, dbfs=dbfs)
    assert audio.level(made) == pytest.approx(dbfs, abs=0.6)
    assert audio.strongest_frequency(made, rate=8000) == pytest.approx(frequency, abs=2)


def test_voice_is_what_is_louder_than_comfort_noise() -> None:
    def packet(dbfs: float) -> audio.Samples:
        return audio.tone(frequency=400, seconds=0.02, rate=8000, dbfs=dbfs)

    assert audio.voiced(packet(-30))
    assert not audio.voiced(packet(-55))


def test_mu_law_decodes_the_values_of_the_standard() -> None:
    # ITU-T G.711 table 2a: both ends and both zeros, scaled to 16 bits.
    assert audio.decode_mu_law(bytes([0x80, 0xFF, 0x00, 0x7F])).tolist() == [32124, 0, -32124, 0]


def test_mu_law_survives_its_own_decoding() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # -0 is written as +0
    assert audio.encode_mu_law(audio.decode_mu_law(codes)) == codes


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=200))
def test_mu_law_is_never_further_off_than_half_its_widest_step(values: list[int]) -> None:
    samples = np.array(values, np.int16)
    back = audio.decode_mu_law(audio.encode_mu_law(samples)).astype(int)
    allowed = np.maximum(np.abs(samples.astype(int)) / 16, 8)
    clipped = np.clip(samples.astype(int), -32635, 32635)
    assert np.all(np.abs(back - clipped) <= allowed)


def test_packets_are_of_twenty_milliseconds_with_the_last_filled_up() -> None:
    parts = audio.packets(np.ones(500, np.int16), rate=8000)
    assert [part.size for part in parts] == [160, 160, 160, 160]
    assert parts[-1].tolist() == [1] * 20 + [0] * 140


def test_trim_silence_leaves_only_what_is_voiced() -> None:
    sound = np.concatenate([SILENCE, SILENCE, VOICE, SILENCE, VOICE, SILENCE])
    assert audio.trim_silence(sound, rate=8000).size == 3 * 160
    assert audio.trim_silence(SILENCE, rate=8000).size == 0


def test_resampling_keeps_length_and_tone() -> None:
    made = audio.tone(frequency=440, seconds=0.5, rate=48000)
    moved = audio.resample(made, source_rate=48000, target_rate=8000)
    assert moved.size == 4000
    assert audio.strongest_frequency(moved, rate=8000) == pytest.approx(440, abs=3)


def feed(ear: Ear, pattern: str, *, at: float = 0.0) -> float:
    """Feed packets 20 ms apart: `#` voiced, `.` silent; the time after the last."""
    for mark in pattern:
        ear.feed(VOICE if mark == "#" else SILENCE, at=at)
        at += audio.PACKET_SECONDS
    return at


def test_ear_times_a_burst_by_its_first_and_last_voiced_packet() -> None:
    ear = Ear(rate=8000)
    feed(ear, "..###..##" + "." * 20)
    [burst] = ear.bursts
    assert burst.started == pytest.approx(0.04)
    assert burst.last_voiced == pytest.approx(0.16)


def test_ear_takes_a_single_loud_packet_for_a_click() -> None:
    ear = Ear(rate=8000)
    feed(ear, "." * 5 + "#" + "." * 20)
    assert ear.bursts == []
    assert ear.first_voiced is None


def test_ear_parts_speech_at_a_longer_silence() -> None:
    ear = Ear(rate=8000)
    gap = round(BURST_GAP / audio.PACKET_SECONDS)
    feed(ear, "###" + "." * (gap + 2) + "###")
    assert len(ear.bursts) == 2
    assert ear.since(ear.bursts[0].started) == [ear.bursts[1]]


def test_ear_records_gaps_between_packets_as_silence() -> None:
    ear = Ear(rate=8000)
    feed(ear, "##")
    feed(ear, "##", at=1.0)
    recorded = ear.recording()
    assert recorded.size == 8000 + 320
    assert audio.level(recorded[400:7900]) == audio.SILENCE_DBFS
    assert audio.level(recorded[8000:]) > -20


def test_ear_mixes_sources_that_sound_at_once() -> None:
    ear = Ear(rate=8000)
    loud = np.full(160, 1000, np.int16)
    ear.feed(loud, at=0.0, source="one")
    ear.feed(loud, at=0.001, source="two")
    assert ear.recording().tolist() == [2000] * 160
