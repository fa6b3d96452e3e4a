"""ElevenLabs' stand-in through LiveKit's own plugin, and the voice itself."""

from __future__ import annotations

import asyncio

import aiohttp
import numpy as np
import pytest
from livekit.agents import APIError, APIStatusError
from livekit.agents.types import APIConnectOptions
from livekit.plugins import elevenlabs

from sandbox.hearing.recogniser import SAMPLE_RATE, Recogniser
from sandbox.server import Sandbox
from sandbox.voice import speak

ONCE = APIConnectOptions(max_retry=0, timeout=5)


def plugin(sandbox: Sandbox, http: aiohttp.ClientSession, encoding: str) -> elevenlabs.TTS:
    return elevenlabs.TTS(
        base_url=sandbox.elevenlabs_url,
        api_key="any",
        http_session=http,
        encoding=encoding,  # type: ignore[arg-type]
    )


async def spoken(tts: elevenlabs.TTS, text: str) -> tuple[bytes, str]:
    """Audio of the streaming socket, and the words told with it."""
    stream = tts.stream(conn_options=ONCE)
    stream.push_text(text)
    stream.end_input()
    audio, words = b"", ""
    async for piece in stream:
        audio += piece.frame.data.tobytes()
        words += "".join(str(w) for w in piece.frame.userdata.get("lk.timed_transcripts", []))
    await stream.aclose()
    return audio, words


def heard(pcm: bytes) -> str:
    recogniser = Recogniser()
    recogniser.start()
    silence = bytes(6400)
    recogniser.feed(silence + pcm + silence)
    return " ".join(w.text for w in recogniser.finish())


async def test_what_the_plugin_gets_is_heard_as_what_was_said(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    tts = plugin(sandbox, http, "pcm_16000")
    audio, _ = await spoken(tts, "I need to cancel my appointment.")
    assert heard(audio) == "i need to cancel my appointment"
    await tts.aclose()


@pytest.mark.parametrize(
    ("encoding", "rate"), [("pcm_22050", 22050), ("pcm_24000", 24000), ("mp3_22050_32", 22050)]
)
async def test_each_format_lasts_as_long_as_the_speech(
    sandbox: Sandbox, http: aiohttp.ClientSession, encoding: str, rate: int
) -> None:
    tts = plugin(sandbox, http, encoding)
    text = "Hello there, how can I help you today?"
    audio, _ = await spoken(tts, text)
    whole = b"".join([p.frame.data.tobytes() async for p in tts.synthesize(text)])
    voice = elevenlabs.tts.DEFAULT_VOICE_ID
    seconds = len(speak(text, voice=voice, sample_rate=rate)) / 2 / rate
    assert len(audio) / 2 / rate == pytest.approx(seconds, abs=0.25)
    assert len(whole) / 2 / rate == pytest.approx(seconds, abs=0.25)
    await tts.aclose()


async def test_the_alignment_spells_the_text(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    url = f"{sandbox.elevenlabs_url}/text-to-speech/v/multi-stream-input?output_format=pcm_16000"
    chars, starts = [], []
    async with http.ws_connect(url, headers={"xi-api-key": "any"}) as socket:
        for text in ("Good morning. ", "How are you? "):
            await socket.send_json({"text": text, "context_id": "c", "flush": True})
        await socket.send_json({"context_id": "c", "close_context": True})
        while not (message := await socket.receive_json()).get("isFinal"):
            assert message["contextId"] == "c"
            chars += message["alignment"]["chars"]
            starts += message["alignment"]["charStartTimesMs"]
    assert "".join(chars) == "Good morning.How are you?"
    assert starts == sorted(starts)


async def test_contexts_of_one_socket_do_not_wait_for_each_other(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.elevenlabs_url}/text-to-speech/v/multi-stream-input?output_format=pcm_16000"
    ended = set()
    async with http.ws_connect(url, headers={"xi-api-key": "any"}) as socket:
        for name in ("a", "b"):
            await socket.send_json({"text": "Hello there. ", "context_id": name, "flush": True})
        await socket.send_json({"context_id": "b", "close_context": True})
        while "b" not in ended:
            message = await asyncio.wait_for(socket.receive_json(), 10)
            if message.get("isFinal"):
                ended.add(message["contextId"])
    assert ended == {"b"}


async def test_the_plugin_reports_an_error_of_the_vendor(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    fault = {"vendor": "elevenlabs", "kind": "status", "status": 429, "retry_after": 2}
    await http.post(f"{sandbox.url}/control/faults", json=fault)
    tts = plugin(sandbox, http, "pcm_16000")
    with pytest.raises(APIError):
        await spoken(tts, "Hello.")
    with pytest.raises(APIStatusError) as caught:
        async for _ in tts.synthesize("Hello.", conn_options=ONCE):
            pass
    assert caught.value.status_code == 429
    await tts.aclose()


async def test_an_unknown_format_is_refused_by_name(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.elevenlabs_url}/text-to-speech/v/stream?output_format=opus_48000_32"
    answer = await http.post(url, headers={"xi-api-key": "any"}, json={"text": "Hello"})
    assert answer.status == 400
    assert "output_format" in (await answer.json())["detail"]["message"]


def test_speech_has_a_sensible_level_and_no_leading_silence() -> None:
    samples = np.frombuffer(speak("Good morning, how can I help you?"), dtype="<i2") / 32768
    loud = samples[np.abs(samples) > 0.01]
    level = 20 * np.log10(np.sqrt(np.mean(loud**2)))
    assert -26 < level < -16
    assert np.max(np.abs(samples[: SAMPLE_RATE // 50])) > 0.003


def test_other_voices_sound_different() -> None:
    assert len({speak("Hello there", voice=f"voice {n}") for n in range(12)}) >= 3


def test_every_thread_gets_its_own_sentence() -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"This is sentence {n}" for n in range(8)]
    alone = [speak(t, speed=0.95) for t in texts]
    with ThreadPoolExecutor(4) as threads:
        # Another speed in between: cached audio would hide a mix-up.
        fresh = list(threads.map(lambda t: len(speak(t, speed=1.05)), texts))
        again = list(threads.map(lambda t: speak(t, speed=0.95), texts))
    assert again == alone
    assert all(0 < new < len(old) for new, old in zip(fresh, alone, strict=True))


@pytest.mark.parametrize(
    ("options", "field"),
    [({"voice": "zz"}, "voice"), ({"sample_rate": 100}, "sample_rate"), ({"speed": 9.0}, "speed")],
)
def test_what_cannot_be_spoken_is_named(options: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}"):
        speak("hello", **options)  # type: ignore[arg-type]
