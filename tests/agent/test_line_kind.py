"""What is on the line: told by real sound, by words and by habit, and never taken for what it is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import (
    ConversationItemAddedEvent,
    UserStateChangedEvent,
)
from livekit.agents.llm import ChatMessage
from livekit.agents.voice.io import AudioInput
from numpy.typing import NDArray

from agent.handoff.hold_music import loop
from agent.line_kind.echo import Echo
from agent.line_kind.keys import MOST, KeyLimit
from agent.line_kind.music import SPAN_SECONDS, MusicDetector
from agent.line_kind.sound import PassingSound, SoundWatch
from agent.line_kind.talk import MONOLOGUE_SECONDS, MOST as MOST_TIMES, TalkWatch
from agent.line_kind.tones import ToneDetector
from agent.line_kind.words import MachineWords
from agent.phrases import phrase
from domain.calls.events import DigitPressed, LineRecognised
from sandbox.voice import speak
from tests.agent.fakes import Scene
from tests.domain.safety_sentences import sentences

RATE = 16_000
Sound = NDArray[np.int16]


def tone(frequency: float, seconds: float, *, amplitude: float = 3000) -> Sound:
    times = np.arange(round(RATE * seconds)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * times)).astype(np.int16)


def silence(seconds: float) -> Sound:
    return np.zeros(round(RATE * seconds), np.int16)


def noise(seconds: float, *, level: float = 300) -> Sound:
    return np.random.default_rng(7).normal(0, level, round(RATE * seconds)).astype(np.int16)


def calling_tone(*, on: float = 0.5, off: float = 3.0, frequency: float = 1100) -> Sound:
    return np.concatenate([tone(frequency, on), silence(off)] * 3)


def mixed(*sounds: Sound) -> Sound:
    length = min(sound.size for sound in sounds)
    total = np.sum([sound[:length].astype(np.int32) for sound in sounds], axis=0)
    return total.clip(-32768, 32767).astype(np.int16)


def over_g711(sound: Sound) -> Sound:
    """As a telephone line carries it: eight bits on a logarithmic scale (ITU-T G.711, µ-law)."""
    share = sound / 32768
    code = np.round(np.sign(share) * np.log1p(255 * abs(share)) / np.log(256) * 127) / 127
    return (np.sign(code) * np.expm1(abs(code) * np.log(256)) / 255 * 32767).astype(np.int16)


def music(seconds: float) -> Sound:
    """Our own hold music, as a telephone would bring it."""
    samples = np.frombuffer(loop(), np.int16).astype(np.float64)
    at = np.arange(round(samples.size * RATE / 24000)) * 24000 / RATE
    once = np.interp(at, np.arange(samples.size), samples).astype(np.int16)
    return np.tile(once, 3)[: round(seconds * RATE)]


@pytest.fixture(scope="module")
def speech() -> Sound:
    """Some minutes of talk in three languages."""
    pieces: list[Sound] = []
    for language, voice in (("en", "en-us"), ("es", "es"), ("hi", "hi")):
        for _, text in list(sentences(language))[::5]:
            pieces.append(np.frombuffer(speak(text, voice=voice, sample_rate=RATE), np.int16))
            pieces.append(silence(0.4))
    return np.concatenate(pieces)


def blocks(sound: Sound) -> Iterator[Sound]:
    for start in range(0, sound.size, 800):
        yield sound[start : start + 800]


def tone_in(sound: Sound) -> tuple[str, float] | None:
    detector = ToneDetector(rate=RATE)
    for count, block in enumerate(blocks(sound), start=1):
        if (found := detector.feed(block)) is not None:
            return found, count * 0.05
    return None


def music_in(sound: Sound) -> bool:
    detector = MusicDetector(rate=RATE)
    return any(detector.feed(block) for block in blocks(sound))


REVERSALS = np.concatenate([tone(2100, 0.45), -tone(2100, 0.45)] * 4)


@pytest.mark.parametrize(
    ("sound", "kind", "within"),
    [
        pytest.param(calling_tone(), "fax", 4.3, id="calling tone"),
        pytest.param(calling_tone(frequency=1135), "fax", 4.3, id="at the edge of its tolerance"),
        pytest.param(calling_tone(on=0.43, off=2.6), "fax", 4.3, id="short"),
        pytest.param(over_g711(calling_tone()), "fax", 4.3, id="over G.711"),
        pytest.param(mixed(calling_tone(), noise(10.5)), "fax", 4.3, id="on a noisy line"),
        pytest.param(tone(2100, 3), "modem", 1.7, id="answering tone"),
        pytest.param(REVERSALS, "modem", 1.7, id="with phase reversals"),
    ],
)
def test_tones_of_machines_are_known(sound: Sound, kind: str, within: float) -> None:
    found = tone_in(sound)
    assert found is not None and found[0] == kind
    assert found[1] <= within


KEYS = np.concatenate([mixed(tone(770, 0.1), tone(1336, 0.1)), silence(0.1)])


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(30), id="noise"),
        pytest.param(tone(100, 30), id="hum"),
        pytest.param(np.tile(KEYS, 100), id="keys"),
        pytest.param(np.concatenate([tone(440, 1), silence(4)] * 6), id="ringing"),
        pytest.param(np.concatenate([tone(1000, 0.4), silence(1)] * 10), id="beeps"),
        pytest.param(np.concatenate([tone(1100, 0.5), silence(1)] * 10), id="another rhythm"),
        pytest.param(tone(1100, 20), id="a test tone"),
        pytest.param(music(48), id="music"),
    ],
)
def test_other_sounds_are_no_tones_of_machines(sound: Sound) -> None:
    assert tone_in(sound) is None


def test_talk_is_neither_a_machine_s_tone_nor_music(speech: Sound) -> None:
    assert speech.size > 120 * RATE
    without_pauses = speech[np.abs(speech) > 0]
    half = speech.size // 2
    two_people = mixed(speech[:half], speech[half:])
    for sound in (speech, without_pauses, two_people, mixed(speech, noise(speech.size / RATE))):
        assert tone_in(sound) is None
        assert not music_in(sound)


def test_hold_music_is_known_after_a_while_and_not_before() -> None:
    assert music_in(music(SPAN_SECONDS + 6))
    assert music_in(over_g711(music(SPAN_SECONDS + 6)))
    assert not music_in(music(SPAN_SECONDS - 5))


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(60), id="noise"),
        pytest.param(mixed(tone(120, 60), noise(60, level=60)), id="hum"),
        pytest.param(tone(425, 60), id="dial tone"),
        pytest.param(np.concatenate([tone(440, 2), silence(4)] * 10), id="ringing"),
        pytest.param(silence(60), id="silence"),
    ],
)
def test_other_sounds_are_no_music(sound: Sound) -> None:
    assert not music_in(sound)


def test_music_behind_words_is_no_hold_music() -> None:
    found: list[str] = []
    watch = SoundWatch(found.append)
    for count, block in enumerate(blocks(music(70))):
        watch.frame(rtc.AudioFrame(block.tobytes(), RATE, 1, block.size))
        if count % 400 == 399:
            watch.words_heard()
    assert found == []


def test_listening_costs_next_to_nothing(speech: Sound) -> None:
    watch = SoundWatch(lambda _: None)
    minute = speech[: 60 * RATE]
    began = time.process_time()
    for block in blocks(minute):
        watch.frame(rtc.AudioFrame(block.tobytes(), RATE, 1, block.size))
    # 0.04 s were measured; this only catches a detector that has become another thing.
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["Please leave a message after the tone."], "voicemail"),
        (["Hi, this is Tom. At the tone, please record your message."], "voicemail"),
        (["Your call has been forwarded to an automated voice messaging system."], "voicemail"),
        (["The mailbox is full."], "voicemail"),
        (["Deje su mensaje después de la señal."], "voicemail"),
        (["बीप के बाद अपना संदेश छोड़ें।"], "voicemail"),
        (["For sales press one. For support press two."], "robot"),
        (["Press 1 for English.", "To speak with an agent, press 0."], "robot"),
        (["Para ventas pulse uno. Para facturas pulse dos."], "robot"),
        (["हिंदी के लिए एक दबाएँ।", "अंग्रेज़ी के लिए दो दबाएँ।"], "robot"),
        (["Your call is important to us.", "All of our agents are busy."], "robot"),
        (["How can I help you today, please?"] * 4, "robot"),
    ],
)
def test_what_only_machines_say(lines: list[str], kind: str) -> None:
    words = MachineWords()
    found = [words.heard(line) for line in lines]
    assert found[-1] == kind
    assert found[:-1] == [None] * (len(lines) - 1)


def test_people_are_not_taken_for_machines() -> None:
    words = MachineWords()
    for line in (
        "Can I leave a message after the tone?",
        "Your recording said press one for English.",
        "Could you take a message for the doctor?",
        "I would like to leave a message.",
        "Hello? Hello?",
        "Hello? Hello?",
        "Hello? Hello?",
        "Are you there?",
        "Are you there?",
        "Are you there?",
        "I would like to book a cleaning please.",
        "I would like to book a cleaning please.",
    ):
        assert words.heard(line) is None, line
    for language in ("en", "es", "hi"):
        words = MachineWords()
        for _, text in sentences(language):
            assert words.heard(text) is None, text


def test_our_own_words_are_an_echo_and_a_caller_s_answer_is_not() -> None:
    now = [0.0]
    echo = Echo(clock=lambda: now[0])
    echo.said("I have Tuesday at half past nine with Doctor Chen. Shall I book it?")
    assert echo.is_echo("i have tuesday at half past nine with doctor chen")
    assert echo.is_echo("tuesday at half past nine with dr doctor chen shall I book it")
    assert not echo.is_echo("tuesday at nine")
    assert not echo.is_echo("yes please book it for Tuesday and tell me the price")
    now[0] = 60.0
    assert not echo.is_echo("i have tuesday at half past nine with doctor chen")


def test_keys_are_taken_at_the_pace_of_a_person() -> None:
    now = [0.0]
    limit = KeyLimit(clock=lambda: now[0])
    assert sum(limit.passes() for _ in range(200)) == MOST
    assert not limit.endless
    now[0] = 60.0
    assert limit.passes() and not limit.endless
    assert sum(limit.passes() for _ in range(1000)) == MOST - 1
    assert limit.endless


def test_a_monologue_is_broken_into_a_few_times_and_then_ended() -> None:
    talk = TalkWatch()
    talk.caller_speaks(0.0)
    steps = [(second, talk.look(second)) for second in range(1800)]
    told = [(second, step) for second, step in steps if step is not None]
    assert told[0] == (MONOLOGUE_SECONDS, "break_in")
    assert [step for _, step in told[: MOST_TIMES + 1]] == ["break_in"] * MOST_TIMES + ["give_up"]


def test_a_television_that_takes_no_turns_is_ended_too() -> None:
    talk = TalkWatch()
    steps = []
    # A few seconds of talk, a breath, and on again before anything of the answer was heard to its end.
    for start in range(0, 1800, 10):
        talk.caller_speaks(start)
        talk.caller_stops(start + 9)
        steps.append(talk.look(start + 9))
    assert [step for step in steps if step is not None][-1] == "give_up"


def test_a_long_conversation_is_none_of_it() -> None:
    talk = TalkWatch()
    for start in range(0, 3600, 30):
        talk.caller_speaks(start)
        talk.caller_stops(start + 15)
        talk.heard_out()
        assert talk.look(start + 20) is None


# On a call


async def test_what_is_no_person_hears_a_polite_sentence_and_the_call_ends() -> None:
    scene = await Scene().begin()
    scene.caller_says("Please leave a message after the tone.")
    assert await scene.over() == "not_a_person"
    assert phrase("machine_goodbye", "en-US") in scene.session.said
    kinds = [one.kind for one in scene.journal.events if isinstance(one, LineRecognised)]
    assert kinds == ["voicemail"]


async def test_an_echo_is_no_turn_and_nobody_s_words() -> None:
    scene = await Scene().begin()
    await scene.settle()
    ours = "I have Tuesday at half past nine with Doctor Chen."
    item = ChatMessage(role="assistant", content=[ours])
    scene.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))
    scene.session.agent_state = "speaking"
    _user(scene, "listening", "speaking")
    scene.caller_says(ours)
    assert not scene.call._transcript.turn_open
    assert scene.call._guard.ignores(ours)
    assert any("your own voice" in one for one in scene.session.instructed)
    # The same words, said after the assistant had finished, are the caller's.
    scene.session.agent_state = "listening"
    _user(scene, "listening", "speaking")
    assert not scene.call._guard.ignores(ours)
    scene.caller_says(ours)
    assert scene.call._transcript.turn_open
    await scene.call.finish("caller_hung_up")


async def test_a_flood_of_keys_is_slowed_and_an_endless_one_ended() -> None:
    scene = await Scene().begin()
    for _ in range(200):
        _press(scene, "5")
    pressed = [one for one in scene.journal.events if isinstance(one, DigitPressed)]
    assert len(pressed) == MOST
    for _ in range(400):
        _press(scene, "5")
    assert await scene.over() == "not_a_person"


async def test_keys_of_others_are_not_the_caller_s() -> None:
    scene = await Scene().begin()
    for _ in range(600):
        _press(scene, "5", identity="staff")
    _press(scene, "5")
    pressed = [one for one in scene.journal.events if isinstance(one, DigitPressed)]
    assert len(pressed) == 1
    await scene.call.finish("caller_hung_up")


def _user(scene: Scene, before: Any, after: Any) -> None:
    scene.session.emit(
        "user_state_changed", UserStateChangedEvent(old_state=before, new_state=after)
    )


def _press(scene: Scene, digit: str, *, identity: str = "caller") -> None:
    event = SimpleNamespace(digit=digit, participant=SimpleNamespace(identity=identity))
    scene.line.room.emit("sip_dtmf_received", event)


class Microphone(AudioInput):
    """A caller's sound that never ends."""

    def __init__(self) -> None:
        super().__init__(label="microphone")

    async def __anext__(self) -> rtc.AudioFrame:
        return rtc.AudioFrame.create(RATE, 1, RATE // 20)


async def test_a_watch_that_breaks_leaves_the_call_its_hearing() -> None:
    asked: list[rtc.AudioFrame] = []

    def breaks(frame: rtc.AudioFrame) -> None:
        asked.append(frame)
        raise ValueError("a frame like no other")

    passing = PassingSound(Microphone(), breaks)
    assert [(await anext(passing)).sample_rate for _ in range(3)] == [RATE] * 3
    assert len(asked) == 1
