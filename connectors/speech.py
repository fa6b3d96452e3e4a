"""Hearing a text as callers would: the business's speech chain over HTTP.

Source: https://elevenlabs.io/docs/api-reference/text-to-speech/stream
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from typing import Any, Final

import httpx

from connectors.chain import VendorFailed, body_of, endpoints_of, first_answer
from domain.businesses.settings import BusinessSettings
from domain.environment import Environment
from domain.providers.endpoints import Endpoint

LONGEST_TEXT: Final = 600
"""Characters: the longest greeting."""
MEDIA_TYPE: Final = "audio/wav"

_OWN_ADDRESS: Final = "https://api.elevenlabs.io/v1"
_RATE: Final = 24_000
"""Hz, as on calls."""
_SECONDS: Final = 10.0
_SHORTEST: Final = 0.02
"""Seconds of sound below which an answer is none."""
_WITH_LANGUAGE: Final = ("eleven_turbo_v2_5", "eleven_flash_v2_5")
"""Models that take `language_code`; the others refuse it."""


async def speak(
    environment: Environment, settings: BusinessSettings, *, text: str, voice: str | None = None
) -> bytes:
    """`text` as a WAV file (16-bit mono, 24 kHz), in the business's voice or in `voice`.

    Raises VendorsFailed, and Refused for a stand-in in production.
    """
    endpoints: Sequence[Endpoint] = endpoints_of(environment, settings.providers.speech)
    said_in = voice or settings.voice
    language = settings.language.partition("-")[0]

    async def ask(client: httpx.AsyncClient, one: Endpoint) -> bytes:
        content: dict[str, Any] = {"text": text}
        if one.model:
            content["model_id"] = one.model
        if one.model in _WITH_LANGUAGE:
            content["language_code"] = language
        request = client.build_request(
            "POST",
            f"{one.base_url or _OWN_ADDRESS}/text-to-speech/{said_in}/stream",
            params={"output_format": f"pcm_{_RATE}"},
            headers={"xi-api-key": one.api_key},
            json=content,
        )
        media_type, sound = await body_of(client, request)
        # An error page of a proxy would be played as noise.
        if media_type.startswith("text/") or media_type == "application/json":
            raise VendorFailed("answered with something that is not sound")
        if len(sound) < _RATE * 2 * _SHORTEST:
            raise VendorFailed("answered with silence")
        return sound

    return _as_wav(await first_answer(endpoints, ask, seconds=_SECONDS))


def _as_wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_RATE)
        written.writeframes(pcm[: len(pcm) // 2 * 2])
    return file.getvalue()
