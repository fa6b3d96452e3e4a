"""Calls that are no conversation with a person: each is ended, or goes on, in a defined way (docs/line.md).

| on the line | told by | what happens |
|---|---|---|
| fax, calling tone | 1100 Hz, twice | a sentence, `not_a_person` |
| fax or modem, answering tone | 2100 Hz for 1.5 s | a sentence, `not_a_person` |
| a mailbox's greeting | its words | a sentence, `not_a_person` |
| a menu | two of its lines | a sentence, `not_a_person` |
| hold music | 30 s of music without a word | a sentence, `not_a_person` |
| talk without end | 90 s without an exchange, four times | broken into three times, then `not_a_person` |
| one number again and again | the calls in the window | a sentence, `too_many_calls`; later served again |
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from agent.handoff.hold_music import loop
from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BusinessSettings, CallLimits
from domain.calls.events import LineRecognised
from reception.caller.audio import Samples, resample, tone
from reception.caller.voice import synthesise
from reception.caller.webrtc import RATE
from tests.calls.conftest import CALLER, Line
from tests.calls.events import of_type
from tests.factories import make_call

pytestmark = [pytest.mark.call, pytest.mark.timeout(300)]

GOODBYE = "no person is on the line"
_SPEECH_RATE = 16_000


def _silence(seconds: float) -> Samples:
    return np.zeros(round(RATE * seconds), np.int16)


def _calling_tone() -> Samples:
    burst = np.concatenate([tone(frequency=1100, seconds=0.5, rate=RATE), _silence(3.0)])
    return np.concatenate([burst] * 2)


async def _ends_as(line: Line, sound: Samples, kind: str, *, dialled: str | None = None) -> None:
    async with line.call(*([dialled] if dialled else [])) as caller:
        await caller.hear()
        with suppress(ConnectionError):
            await caller.speak(sound)
        with suppress(TimeoutError):
            await caller.wait_for_end(timeout=40)
    words = [one.text for one in caller.transcript.segments]  # type: ignore[union-attr]
    assert caller.ended_by == "them", words
    assert GOODBYE in " ".join(words)
    call = await line.ended(caller.room_name)
    assert call.end_reason == "not_a_person"
    assert [one.kind for one in of_type(await line.events(call), LineRecognised)] == [kind]


@pytest.mark.long
async def test_a_fax_is_told_politely_and_ended(line: Line) -> None:
    await _ends_as(line, _calling_tone(), "fax")


@pytest.mark.long
async def test_a_modem_is_ended(line: Line) -> None:
    await _ends_as(line, tone(frequency=2100, seconds=3.0, rate=RATE), "modem")


@pytest.mark.long
async def test_hold_music_is_ended_after_a_while(line: Line) -> None:
    once = np.frombuffer(loop(), np.int16)
    # The stand-in's recogniser knows some twenty words, and hears them in music.
    line.stack.sandbox("POST", "scripts", {"lines": [{"text": "hm", "duration": 0.3}]})
    music = resample(np.tile(once, 2), source_rate=24_000, target_rate=RATE)
    await _ends_as(line, music, "hold_music")


@pytest.mark.long
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("please leave a message after the tone", "voicemail"),
        ("for sales press one for support press two to hear this again press three", "robot"),
    ],
)
async def test_what_a_machine_says_ends_the_call(line: Line, said: str, kind: str) -> None:
    seconds = len(synthesise(said, rate=_SPEECH_RATE)) / _SPEECH_RATE
    line.stack.sandbox("POST", "scripts", {"lines": [{"text": said, "duration": seconds}]})
    await _ends_as(line, synthesise(said, rate=RATE), kind)


@pytest.mark.long
async def test_a_monologue_is_broken_into_after_ninety_seconds(line: Line) -> None:
    text = "and then i went there and she told me about it and it was all the same again "
    piece = synthesise(text, rate=RATE)
    talk = np.concatenate([piece] * round(100 * RATE / piece.size + 1))
    line.stack.sandbox("POST", "scripts", {"lines": [{"text": text * 20, "duration": 105}]})
    async with line.call() as caller:
        await caller.hear()
        spoken = await caller.speak(talk)
        heard = [one for one in caller.ear.since(spoken.started) if one.started < spoken.ended]
        words = " ".join(one.text for one in caller.transcript.segments)  # type: ignore[union-attr]
    assert heard and "Excuse me for breaking in" in words
    print(f"broken into after {heard[0].started - spoken.started:.0f} s")
    assert 85 < heard[0].started - spoken.started < 130


@pytest.mark.long
async def test_one_number_again_and_again_is_told_so_and_others_are_served(line: Line) -> None:
    dialled, business_id = "+12025550147", line.database.seam.new_id()
    async with line.database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name="Redialled",
            time_zone="UTC",
            country="US",
            settings=BusinessSettings(
                greeting="Redialled, good day.",
                limits=CallLimits(repeat_calls=100, repeat_minutes=5),
            ),
        )
        await numbers.add(scope, e164=dialled)
    for _ in range(100):
        await make_call(line.database, business_id=business_id, caller=CALLER)
    async with line.call(dialled) as caller:
        heard = await caller.hear()
        await caller.wait_for_end()
    assert "called us very often" in heard.text
    assert (await line.ended(caller.room_name)).end_reason == "too_many_calls"
    async with line.call(dialled, caller="+12025550148") as other:
        assert "good day" in (await other.hear()).text
