"""Hearing a text: the speech chain over HTTP, against the sandbox's ElevenLabs."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

from connectors.chain import VendorsFailed
from connectors.speech import speak
from domain.businesses.settings import BusinessSettings, Provider, Providers
from domain.environment import Environment
from domain.errors import Refused
from sandbox.server import Sandbox
from tests.connectors.web import Answer, Request, Web, serving

SETTINGS = BusinessSettings(greeting="Good morning.", voice="jessica")
TURBO = Provider(vendor="elevenlabs", model="eleven_turbo_v2_5")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def vendor() -> Iterator[Web]:
    with serving() as web:
        yield web


def _sound(wav: bytes) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def _environment(**given: object) -> Environment:
    return Environment.model_validate({"reception_sandbox_port": 9} | given)


def _chain(*providers: Provider) -> BusinessSettings:
    return SETTINGS.model_copy(update={"providers": Providers(speech=providers)})


async def test_a_text_is_heard_as_sound(sandbox: Sandbox) -> None:
    environment = _environment(reception_sandbox_port=sandbox.port)
    long = _sound(await speak(environment, SETTINGS, text="Thank you for calling Riverside."))
    short = _sound(await speak(environment, SETTINGS, text="Hello.", voice="eric"))
    assert np.abs(long).max() > 2000
    assert len(long) > len(short) > 24_000 * 0.2


async def test_the_vendor_is_asked_as_its_reference_says(vendor: Web) -> None:
    vendor.answer = lambda _: Answer(body=b"\1\2" * 2400, headers={"Content-Type": "audio/pcm"})
    environment = _environment(elevenlabs_base_url=f"{vendor.address}/v1", eleven_api_key="xi")
    assert len(_sound(await speak(environment, SETTINGS, text="Hello.", voice="v1"))) == 2400
    asked = vendor.requests[0]
    assert asked.path == "/v1/text-to-speech/v1/stream?output_format=pcm_24000"
    assert asked.headers["xi-api-key"] == "xi"
    assert b'"model_id":"eleven_turbo_v2_5"' in asked.body
    assert b'"language_code":"en"' in asked.body


async def test_the_next_of_the_chain_speaks_when_one_fails(sandbox: Sandbox, vendor: Web) -> None:
    def refusing(_: Request) -> Answer:
        return Answer(status=500)

    vendor.answer = refusing
    environment = _environment(reception_sandbox_port=sandbox.port)
    away = Provider(vendor="elevenlabs", base_url=f"{vendor.address}/v1")
    heard = await speak(environment, _chain(away, TURBO), text="Hello.")
    assert _sound(heard).any() and len(vendor.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=401), "refused \\(HTTP 401\\)"),
        (Answer(status=302, headers={"Location": "/elsewhere"}), "refused \\(HTTP 302\\)"),
        (Answer(body=b"<html>", headers={"Content-Type": "text/html"}), "not sound"),
        (Answer(body=b"", headers={"Content-Type": "audio/pcm"}), "silence"),
    ],
)
async def test_what_is_not_sound_is_a_failure(vendor: Web, answer: Answer, reason: str) -> None:
    vendor.answer = lambda _: answer
    environment = _environment(elevenlabs_base_url=f"{vendor.address}/v1")
    with pytest.raises(VendorsFailed, match=reason) as failed:
        await speak(environment, SETTINGS, text="My name is Jane.")
    assert "Jane" not in str(failed.value) and vendor.address not in str(failed.value)


async def test_nobody_there_is_a_failure() -> None:
    with pytest.raises(VendorsFailed, match="elevenlabs could not be reached"):
        await speak(_environment(), SETTINGS, text="Hello.")


async def test_a_chain_without_a_usable_entry_is_a_failure() -> None:
    keyless = Provider(vendor="elevenlabs", api_key_variable="NO_SUCH_API_KEY")
    with pytest.raises(VendorsFailed, match="no provider"):
        await speak(_environment(), _chain(keyless), text="Hello.")


async def test_a_stand_in_does_not_speak_in_production() -> None:
    with pytest.raises(Refused):
        await speak(_environment(reception_env="production"), SETTINGS, text="Hello.")
