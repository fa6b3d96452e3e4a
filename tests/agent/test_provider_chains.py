"""The chains, each fault against each kind: the vendors' own plugins against two stand-ins, of which the first
is faulty. Prints its table. Whole calls are in tests/calls/test_call_providers.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, llm, stt, vad
from livekit.agents.utils import http_context
from livekit.plugins import silero

from agent.chain import hearing as hearing_chain, model as model_chain, speech as speech_chain
from agent.chain.member import Attempt, Held
from agent.providers import Providers, build
from domain.businesses.profile import CallProfile
from domain.businesses.settings import BusinessSettings, Kind, Provider, Providers as Chains
from domain.environment import Environment
from sandbox.delays import Delays, HearingDelays, ThinkingDelays
from sandbox.faults import Fault
from sandbox.hearing.script import Line, Script
from sandbox.server import Sandbox
from sandbox.voice import speak

VENDORS: Final[dict[Kind, Any]] = {"hearing": "deepgram", "model": "openai", "speech": "elevenlabs"}
SAID: Final = "what are your opening hours"
TOLD: Final = "We are open from nine to five on Monday. On Saturday we are closed. Anything else?"
ADDRESSES: Final = {
    "refused": "http://127.0.0.1:9/v1",
    "no such name": "http://nowhere.invalid/v1",
    "no TLS": "",
}
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "401": {"kind": "status", "status": 401},
    "429": {"kind": "status", "status": 429, "retry_after": 30},
    "500": {"kind": "status", "status": 500},
    "dropped": {"kind": "refuse"},
    "hang": {"kind": "hang"},
    "hang in the middle": {"kind": "hang_mid"},
    "cut in the middle": {"kind": "cut"},
    "garbage": {"kind": "garbage"},
    "ten times slower": {"kind": "slow"},
}
CASES: Final = (*ADDRESSES, *FAULTS)
CEILING: Final = 9.0
"""Seconds: three times what a caller is promised."""


@pytest.fixture(scope="module")
def detector() -> vad.VAD:
    return silero.VAD.load()


@pytest.fixture(scope="module")
async def vendors() -> AsyncIterator[tuple[Sandbox, Sandbox]]:
    async with Sandbox() as faulty, Sandbox() as sound:
        for sandbox in (faulty, sound):
            sandbox.shared.delays = Delays(
                openai=ThinkingDelays(first_token=0.1, token=0.002),
                deepgram=HearingDelays(revised_share=0),
            )
        yield faulty, sound


@pytest.fixture(scope="module")
async def whole(vendors: tuple[Sandbox, Sandbox], detector: vad.VAD) -> tuple[str, float]:
    """The answer, and the seconds of the sound, when nothing fails."""
    async with chains(vendors, detector, "hearing", "500") as made:
        return (await _answer(made))[0], (await _sound(made))[0]


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[list[str]]:
    rows: list[str] = []
    yield rows
    print("\n" + "\n".join(["kind     fault               first   what came of it", *rows]))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The times are tested in whole calls; here what follows from them."""
    monkeypatch.setattr(model_chain, "MODEL_FIRST_SECONDS", 0.6)
    monkeypatch.setattr(model_chain, "MODEL_SECONDS", 1.5)
    monkeypatch.setattr(speech_chain, "SPEECH_FIRST_SECONDS", 0.6)
    monkeypatch.setattr(speech_chain, "SPEECH_SECONDS", 1.5)
    monkeypatch.setattr(hearing_chain, "HEARING_FIRST_SECONDS", 0.6)


@dataclass
class Made:
    """The chains, and what was told of their attempts: provider and whether it failed."""

    providers: Providers
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, bool]]:
        return [(one.member.vendor, one.error is None) for one in self.attempts]


@asynccontextmanager
async def chains(
    vendors: tuple[Sandbox, Sandbox],
    detector: vad.VAD,
    kind: Kind,
    case: str,
    *,
    alone: bool = False,
) -> AsyncIterator[Made]:
    faulty, sound = vendors
    for sandbox in vendors:
        sandbox.shared.faults.all = []
        sandbox.shared.scripts.clear()
    address = ADDRESSES.get(case)
    if address == "":
        address = faulty.url.replace("http://", "https://") + "/v1"
    if address is None:
        faulty.shared.faults.all = [Fault(vendor=VENDORS[kind], **FAULTS[case])]
    vendor = VENDORS[kind]
    members = [Provider(vendor=vendor, base_url=address or f"{faulty.url}/v1")]
    if not alone:
        members.append(Provider(vendor=vendor, base_url=f"{sound.url}/v1"))
    settings = BusinessSettings(
        greeting="Hello.", providers=Chains.model_validate({kind: tuple(members)})
    )
    profile = CallProfile(
        business_id=UUID(int=1),
        name="Riverside Dental",
        time_zone="America/New_York",
        country="US",
        settings=settings,
        settings_version=1,
    )
    environment = Environment(
        deepgram_base_url=f"{sound.url}/v1",
        openai_base_url=f"{sound.url}/v1",
        elevenlabs_base_url=f"{sound.url}/v1",
    )
    async with http_context.open():
        providers = build(environment, profile, detector=detector, on_failed=lambda _: None)
        made = Made(providers)
        providers.watch(lambda _: None, told=made.attempts.append)
        try:
            yield made
        finally:
            for member in providers.members:
                await member.model.aclose()


async def _answer(made: Made) -> tuple[str, float]:
    """What the model says, and after how many seconds it begins to."""
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="You are the receptionist of Riverside Dental.")
    context.add_message(role="user", content=SAID)
    began, first, text = time.monotonic(), 0.0, ""
    options = APIConnectOptions(max_retry=0)
    async with made.providers.model.chat(chat_ctx=context, conn_options=options) as stream:
        async for chunk in stream:
            if chunk.delta and chunk.delta.content:
                first = first or time.monotonic() - began
                text += chunk.delta.content
    return text, first


async def _sound(made: Made) -> tuple[float, float]:
    """Seconds of sound, and after how many the first came."""
    began, first, seconds = time.monotonic(), 0.0, 0.0
    async with made.providers.speech.stream() as stream:
        for word in TOLD.split(" "):
            stream.push_text(f"{word} ")
        stream.end_input()
        async for audio in stream:
            first = first or time.monotonic() - began
            seconds += audio.frame.duration
    return seconds, first


async def _heard(
    made: Made, vendors: tuple[Sandbox, Sandbox], *, doubted: bool
) -> tuple[str, float]:
    """What is recognised of a sentence, and how long after its end."""
    for sandbox in vendors:
        sandbox.shared.scripts.add(Script(lines=[Line(text=SAID)], streams=0))
    pcm = np.frombuffer(speak(SAID, voice="en-us", sample_rate=16000), np.int16)
    pcm = np.concatenate([np.zeros(8000, np.int16), pcm, np.zeros(16000, np.int16)])
    async with made.providers.hearing.stream() as stream:
        # The connection is opened when the call begins, and the caller speaks later.
        for at in range(0, len(pcm), 800):
            piece = pcm[at : at + 800]
            stream.push_frame(rtc.AudioFrame(piece.tobytes(), 16000, 1, len(piece)))
            await asyncio.sleep(0.01)
        began = time.monotonic()
        waiting = asyncio.create_task(_final(stream))
        if doubted:
            # What `agent.deafness` does: somebody has spoken, and no word came.
            done, _ = await asyncio.wait({waiting}, timeout=1.0)
            if not done:
                made.providers.hearing.doubt()
        async with asyncio.timeout(CEILING):
            text = await waiting
        return text, time.monotonic() - began


async def _final(stream: stt.RecognizeStream) -> str:
    async for event in stream:
        if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
            return event.alternatives[0].text
    return ""


@pytest.mark.parametrize("case", CASES)
async def test_an_answer_is_given_once_whatever_befalls_the_first_model(
    case: str,
    vendors: tuple[Sandbox, Sandbox],
    detector: vad.VAD,
    whole: tuple[str, float],
    table: list[str],
) -> None:
    async with chains(vendors, detector, "model", case) as made:
        text, first = await _answer(made)
        attempts = list(made.attempts)
    table.append(f"model    {case:19} {first:4.1f} s  {len(text.split())} words, {_of(attempts)}")
    assert text == whole[0]
    assert first < CEILING
    assert [one.error is None for one in attempts] in ([False, True], [True])
    if case != "ten times slower":
        assert attempts[0].error is not None


@pytest.mark.parametrize("case", CASES)
async def test_a_sentence_is_said_once_whatever_befalls_the_first_voice(
    case: str,
    vendors: tuple[Sandbox, Sandbox],
    detector: vad.VAD,
    whole: tuple[str, float],
    table: list[str],
) -> None:
    async with chains(vendors, detector, "speech", case) as made:
        seconds, first = await _sound(made)
        attempts = list(made.attempts)
    table.append(
        f"speech   {case:19} {first:4.1f} s  {seconds:.1f} of {whole[1]:.1f} s, {_of(attempts)}"
    )
    # A word that was cut is said again, and espeak-ng makes a pause where a sentence was divided.
    assert abs(seconds - whole[1]) < 1.2
    assert first < CEILING
    assert [one.error is None for one in attempts] in ([False, True], [True])


@pytest.mark.parametrize("case", CASES)
async def test_what_was_said_is_heard_whatever_befalls_the_first_recogniser(
    case: str, vendors: tuple[Sandbox, Sandbox], detector: vad.VAD, table: list[str]
) -> None:
    async with chains(vendors, detector, "hearing", case) as made:
        text, after = await _heard(made, vendors, doubted=True)
        await asyncio.sleep(0)
        attempts = list(made.attempts)
    table.append(f"hearing  {case:19} {after:4.1f} s  {text!r}, {_of(attempts)}")
    assert text.lower().rstrip(".?") == SAID
    if case != "ten times slower":
        assert attempts[0].error is not None
    assert attempts[-1].error is None


def _of(attempts: list[Attempt]) -> str:
    return ", ".join("answered" if one.error is None else "failed" for one in attempts)


async def test_alone_a_model_that_breaks_off_is_asked_to_go_on(
    vendors: tuple[Sandbox, Sandbox], detector: vad.VAD, whole: tuple[str, float]
) -> None:
    async with chains(vendors, detector, "model", "cut in the middle", alone=True) as made:
        vendors[0].shared.faults.all[0].count = 1
        text, _ = await _answer(made)
    assert text == whole[0]
    assert made.told == [("openai", False), ("openai", True)]


async def test_who_asks_to_be_left_alone_is(
    vendors: tuple[Sandbox, Sandbox], detector: vad.VAD
) -> None:
    async with chains(vendors, detector, "model", "429", alone=True) as made:
        with pytest.raises(APIError):
            await _answer(made)
        before = vendors[0].shared.traffic.report()["openai"]["counts"]
        began = time.monotonic()
        with pytest.raises(Held):
            await _answer(made)
        assert time.monotonic() - began < CEILING
        assert before["chat"] > 0
        assert vendors[0].shared.traffic.report()["openai"]["counts"] == before
    # Not asked, it has not failed.
    assert made.told == [("openai", False)]


async def test_a_voice_that_hung_while_its_connection_was_opened_ahead_can_be_used_again(
    vendors: tuple[Sandbox, Sandbox], detector: vad.VAD, whole: tuple[str, float]
) -> None:
    async with chains(vendors, detector, "speech", "hang") as made:
        made.providers.speech.prewarm()
        assert (await _sound(made))[0] > 0
        vendors[0].shared.faults.all = []
        vendors[1].shared.faults.all = [Fault(vendor="elevenlabs", kind="hang")]
        seconds, _ = await _sound(made)
        vendors[1].shared.faults.all = []
    assert abs(seconds - whole[1]) < 1.2
