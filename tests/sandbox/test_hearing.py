"""Deepgram's stand-in through LiveKit's own plugin, with real speech."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from livekit import rtc
from livekit.agents import stt
from livekit.plugins import deepgram

from sandbox.hearing import grammar
from sandbox.hearing.automaton import build
from sandbox.hearing.recogniser import Recogniser
from sandbox.hearing.script import Line, words_at
from sandbox.hearing.transcript import punctuated, written
from sandbox.server import Sandbox
from sandbox.telephone import through_telephone
from sandbox.voice import speak
from tests.sandbox.phrases import PHRASES, spoken

RATE = 16000
FRAME = RATE // 50


def plugin(sandbox: Sandbox, http: aiohttp.ClientSession, **options: object) -> deepgram.STT:
    return deepgram.STT(
        base_url=sandbox.deepgram_url,
        api_key="any",
        http_session=http,
        **options,  # type: ignore[arg-type]
    )


def frames(pcm: bytes) -> list[rtc.AudioFrame]:
    step = FRAME * 2
    pieces = [pcm[at : at + step].ljust(step, b"\0") for at in range(0, len(pcm), step)]
    return [rtc.AudioFrame(piece, RATE, 1, FRAME) for piece in pieces]


def quiet(seconds: float) -> bytes:
    return bytes(int(seconds * RATE) * 2)


async def heard(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    pcm: bytes,
    *,
    utterances: int = 1,
    paced: bool = False,
    **options: object,
) -> list[stt.SpeechEvent]:
    """What the plugin tells of `pcm`, until the end of so many utterances. Paced: in real time."""
    stream = plugin(sandbox, http, **options).stream()

    async def push() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, frame in enumerate(frames(pcm)):
            if paced:
                await asyncio.sleep(max(0.0, began + number * 0.02 - loop.time()))
            stream.push_frame(frame)

    pushing = asyncio.create_task(push())
    events: list[stt.SpeechEvent] = []
    async with asyncio.timeout(30):
        async for event in stream:
            events.append(event)
            ends = [e for e in events if e.type == stt.SpeechEventType.END_OF_SPEECH]
            if len(ends) == utterances:
                break
    await pushing
    await stream.aclose()
    return events


def finals(events: list[stt.SpeechEvent]) -> list[str]:
    kind = stt.SpeechEventType.FINAL_TRANSCRIPT
    return [e.alternatives[0].text for e in events if e.type == kind]


def interims(events: list[stt.SpeechEvent]) -> list[str]:
    kind = stt.SpeechEventType.INTERIM_TRANSCRIPT
    return [e.alternatives[0].text for e in events if e.type == kind]


def word_errors(said: list[str], got: list[str]) -> int:
    row = list(range(len(got) + 1))
    for i, word in enumerate(said, 1):
        above, row = row, [i, *[0] * len(got)]
        for j, other in enumerate(got, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (word != other))
    return row[-1]


@pytest.mark.parametrize("telephone", [True, False], ids=["telephone", "wideband"])
def test_nine_of_ten_receptionist_phrases_are_heard_exactly(telephone: bool) -> None:
    recogniser = Recogniser()
    wrong, errors, words = [], 0, 0
    for phrase in PHRASES:
        pcm = speak(spoken(phrase))
        pcm = through_telephone(pcm) if telephone else pcm
        recogniser.reset()
        recogniser.start()
        for at in range(0, len(audio := quiet(0.2) + pcm + quiet(0.2)), 16000):
            recogniser.feed(audio[at : at + 16000])
        got = " ".join(punctuated(written(recogniser.finish())))
        plain = [p.lower().replace(",", "").rstrip(".?") for p in (phrase, got)]
        words += len(plain[0].split())
        errors += word_errors(plain[0].split(), plain[1].split())
        if plain[0] != plain[1]:
            wrong.append(f"{phrase} -> {got}")
    print(f"exact {len(PHRASES) - len(wrong)}/{len(PHRASES)}, WER {errors / words:.1%}: {wrong}")
    assert len(wrong) <= len(PHRASES) // 10, wrong
    assert errors / words < 0.08


async def test_the_plugin_hears_a_telephone_caller(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    pcm = through_telephone(speak("I'd like to book a cleaning for next Tuesday"))
    events = await heard(sandbox, http, quiet(0.3) + pcm + quiet(0.5))
    assert finals(events) == ["I'd like to book a cleaning for next Tuesday."]
    kinds = [e.type for e in events]
    assert kinds.index(stt.SpeechEventType.START_OF_SPEECH) < kinds.index(
        stt.SpeechEventType.FINAL_TRANSCRIPT
    )
    assert stt.SpeechEventType.END_OF_SPEECH in kinds


async def test_words_carry_their_times_in_the_stream(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    speech = speak("my name is Anna Miller")
    events = await heard(sandbox, http, quiet(1.0) + speech + quiet(0.5))
    final = next(e for e in events if e.type == stt.SpeechEventType.FINAL_TRANSCRIPT)
    words = final.alternatives[0].words
    assert words is not None
    starts = [w.start_time for w in words]
    assert starts == sorted(starts)  # type: ignore[type-var]
    assert 0.7 < starts[0] < 1.4  # type: ignore[operator]
    assert words[-1].end_time < 1.0 + len(speech) / 2 / RATE + 0.5  # type: ignore[operator]


async def test_interims_grow_while_the_caller_speaks(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    sandbox.shared.delays.deepgram.revised_share = 0.0
    speech = speak("I need to cancel my appointment")
    events = await heard(sandbox, http, quiet(0.3) + speech + quiet(0.6), paced=True)
    shown = interims(events)
    assert len(shown) >= 5
    assert len(shown[0].split()) < len(shown[-1].split())
    assert shown[-1] == finals(events)[0] == "I need to cancel my appointment."


async def test_digits_are_words_unless_numerals_are_asked_for(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    pcm = quiet(0.3) + speak("two oh two five five five oh one two three") + quiet(0.5)
    plain = await heard(sandbox, http, pcm)
    assert finals(plain) == ["Two oh two five five five oh one two three."]
    numbers = await heard(sandbox, http, pcm, numerals=True)
    assert finals(numbers) == ["2025550123."]


async def test_two_sentences_with_a_pause_are_two_utterances(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    pcm = quiet(0.3) + speak("yes please") + quiet(0.6) + speak("goodbye") + quiet(0.5)
    assert finals(await heard(sandbox, http, pcm, utterances=2)) == ["Yes, please.", "Goodbye."]


async def test_silence_is_not_words(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    url = f"{sandbox.deepgram_url}?sample_rate=16000&vad_events=true&interim_results=true"
    async with http.ws_connect(url, headers={"Authorization": "Token any"}) as socket:
        await socket.send_str('{"type": "KeepAlive"}')
        await socket.send_bytes(quiet(2.0))
        await socket.send_str('{"type": "Finalize"}')
        await socket.send_str('{"type": "CloseStream"}')
        kinds = [json.loads(message.data)["type"] async for message in socket]
    assert kinds == ["Metadata"]


async def test_finalize_ends_an_utterance_before_its_silence(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.deepgram_url}?sample_rate=16000&punctuate=true"
    async with http.ws_connect(url, headers={"Authorization": "Token any"}) as socket:
        await socket.send_bytes(quiet(0.3) + speak("yes please"))
        await socket.send_str('{"type": "Finalize"}')
        result = await asyncio.wait_for(socket.receive_json(), 10)
        await socket.close()
    assert result["is_final"] and result["speech_final"] and result["from_finalize"]
    assert result["channel"]["alternatives"][0]["transcript"] == "Yes, please."


async def test_concurrent_streams_hear_their_own_callers(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    lines = [
        "my name is Anna Miller",
        "where are you located",
        "no thank you",
        "yes that's correct",
    ]
    streams = [heard(sandbox, http, quiet(0.3) + speak(line) + quiet(0.5)) for line in lines]
    texts = [finals(events) for events in await asyncio.gather(*streams)]
    assert texts == [
        ["My name is Anna Miller."],
        ["Where are you located?"],
        ["No, thank you."],
        ["Yes, that's correct."],
    ]


async def test_a_recording_is_transcribed_at_once(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    pcm = quiet(0.3) + speak("is there parking nearby") + quiet(0.3)
    event = await plugin(sandbox, http).recognize(rtc.AudioFrame(pcm, RATE, 1, len(pcm) // 2))
    assert event.alternatives[0].text == "Is there parking nearby?"


async def test_a_final_comes_after_the_silence_and_the_delay(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await heard(sandbox, http, quiet(0.3) + speak("that's correct") + quiet(0.8), paced=True)
    records = sandbox.shared.traffic.report()["deepgram"]["requests"]
    utterance = next(r for r in records if r["kind"] == "utterance")
    silence = (utterance["speech_end_ns"] - utterance["last_voice_ns"]) / 1e9
    delay = (utterance["final_ns"] - utterance["speech_end_ns"]) / 1e9
    assert 0.1 <= silence <= 0.6
    assert 0.14 <= delay <= 0.45


async def test_a_script_is_heard_instead_of_the_sound(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    lines = [{"text": "Ich möchte einen Termin."}, {"text": "Am Dienstag."}]
    await http.post(f"{sandbox.url}/control/scripts", json={"lines": lines})
    noise = speak("any sound will do")
    pcm = quiet(0.3) + noise + quiet(0.5) + noise + quiet(0.5)
    events = await heard(sandbox, http, pcm, utterances=2)
    assert finals(events) == ["Ich möchte einen Termin.", "Am Dienstag."]
    # The script is used up: the next stream listens for itself.
    assert finals(await heard(sandbox, http, quiet(0.3) + speak("goodbye") + quiet(0.5))) == [
        "Goodbye."
    ]


async def test_concurrent_streams_find_their_scripts_by_tag(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    for tag in ("one", "two"):
        script = {"tag": tag, "lines": [{"text": f"I am call {tag}."}]}
        await http.post(f"{sandbox.url}/control/scripts", json=script)
    pcm = quiet(0.3) + speak("hello there") + quiet(0.5)
    both = await asyncio.gather(*(heard(sandbox, http, pcm, tags=[tag]) for tag in ("two", "one")))
    assert [finals(events) for events in both] == [["I am call two."], ["I am call one."]]


async def test_a_script_goes_on_with_what_is_said_next(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    next_line = f"{sandbox.url}/control/scripts/next"
    async with http.post(next_line, json={"text": "Too early."}) as refused:
        assert refused.status == 422
    lines = [{"text": "The first."}, {"text": "Never said."}]
    await http.post(f"{sandbox.url}/control/scripts", json={"lines": lines})
    stream = plugin(sandbox, http).stream()
    told: list[str] = []
    async with asyncio.timeout(30):
        for text in ("The first.", "Said instead."):
            if told:
                await http.post(next_line, json={"text": text})
            for frame in frames(quiet(0.3) + speak("any sound will do") + quiet(0.5)):
                stream.push_frame(frame)
            async for event in stream:
                told += finals([event])
                if event.type == stt.SpeechEventType.END_OF_SPEECH:
                    break
    await stream.aclose()
    assert told == ["The first.", "Said instead."]


async def test_a_line_with_a_duration_is_not_ended_by_a_pause(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    line = {"text": "Well, let me think about it.", "duration": 1.6}
    await http.post(f"{sandbox.url}/control/scripts", json={"lines": [line]})
    sound = speak("hello there")
    events = await heard(sandbox, http, quiet(0.3) + sound + quiet(0.4) + sound + quiet(0.5))
    assert finals(events) == ["Well, let me think about it."]


async def test_a_line_whose_last_sounds_are_lost_ends_all_the_same(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    sound = speak("hello there")
    lines = [
        {"text": "The first.", "duration": len(sound) / 2 / RATE + 0.4},
        {"text": "The second."},
    ]
    await http.post(f"{sandbox.url}/control/scripts", json={"lines": lines})
    pcm = quiet(0.3) + sound + quiet(1.0) + sound + quiet(0.5)
    events = await heard(sandbox, http, pcm, utterances=2)
    assert finals(events) == ["The first.", "The second."]


def test_the_grammar_accepts_whole_sentences_only() -> None:
    automaton = grammar.automaton()
    assert automaton.accepts(
        ["i'd", "like", "to", "book", "a", "cleaning", "for", "next", "tuesday"]
    )
    assert not automaton.accepts(["i'd", "like", "to", "book", "a"])
    assert not automaton.accepts(["cleaning", "like", "book", "tuesday"])


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"a": "x <b>"}, "no rule <b>"),
        ({"a": "x [y"}, "unbalanced brackets"),
        ({"a": "x <a>"}, "refers to itself"),
        ({"a": "x & y"}, "a character that the notation lacks"),
    ],
)
def test_a_wrong_rule_is_named(rules: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build(rules, "a")


def test_no_word_of_a_script_is_told_before_it_was_said() -> None:
    line = Line(text="any time is fine", duration=0.8, spoken=1.0)
    assert [word.text for word in words_at(line, 0.9)] == ["any", "time", "is"]
    assert len(words_at(line, 1.0)) == 4
