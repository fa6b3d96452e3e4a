"""Keeps every business's fixed sentences synthesised ahead, and its profile's snapshot fresh.

Runs in the worker's main process, so that the first call after a change finds them ready.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final
from uuid import UUID

import aiohttp
from livekit.agents import APIConnectOptions
from livekit.plugins import elevenlabs

from agent.danger_sentences import danger_sentences
from agent.phrases import PHRASES, phrase
from agent.profile import Snapshots
from agent.providers import NoProvider, describe, speaker, speech_endpoints, voicing
from agent.speech_store import SpeechStore, Voicing
from domain.businesses.directory import business_ids
from domain.businesses.numbers import list_numbers
from domain.businesses.profile import CallProfile
from domain.businesses.profile_loader import load_profile
from domain.businesses.settings import BusinessSettings
from domain.database import Database
from domain.environment import Environment
from domain.providers.endpoints import Endpoint

INTERVAL: Final = 20.0
"""Seconds between two rounds."""
SYNTHESIS_SECONDS: Final = 20.0
_CONNECT: Final = APIConnectOptions(max_retry=0, timeout=SYNTHESIS_SECONDS)

log = logging.getLogger("reception.agent.keeper")


class SpeechKeeper:
    """One for each worker; several do the same work twice at worst."""

    def __init__(self, environment: Environment, database: Database, *, home: Path) -> None:
        self._environment = environment
        self._database = database
        self._store = SpeechStore(home)
        self._snapshots = Snapshots(home, keyring=database.keyring)

    async def run(self) -> None:
        """Rounds without end, until cancelled. A failed one is logged, and the next one mends it."""
        while True:
            try:
                await self.round()
            except Exception as error:
                log.warning("round not finished", extra={"error": describe(error)})
            await asyncio.sleep(INTERVAL)

    async def round(self) -> int:
        """Look at every business once; returns how many sentences were synthesised."""
        made = 0
        wanted: list[tuple[Voicing, str]] = []
        async with aiohttp.ClientSession() as http:
            for business_id in await business_ids(self._database):
                profile = await self._profile(business_id)
                if profile is None:
                    continue
                sentences = fixed_sentences(profile.settings, country=profile.country)
                chain = self._chain(profile.settings)
                if not chain:
                    continue
                how = voicing(chain[0], profile.settings)
                wanted += [(how, sentence) for sentence in sentences]
                for sentence in sentences:
                    if not self._store.has(how, sentence):
                        made += await self._make(http, chain[0], profile.settings, sentence)
        await asyncio.to_thread(self._store.forget_unused, wanted)
        return made

    async def _profile(self, business_id: UUID) -> CallProfile | None:
        async with self._database.scope(business_id=business_id) as scope:
            profile = await load_profile(scope)
            numbers = [number.e164 for number in await list_numbers(scope)]
        for number in numbers:
            await asyncio.to_thread(self._snapshots.keep, number, profile)
        return profile

    def _chain(self, settings: BusinessSettings) -> list[Endpoint]:
        try:
            return speech_endpoints(self._environment, settings)
        except NoProvider:
            return []

    async def _make(
        self, http: aiohttp.ClientSession, chosen: Endpoint, settings: BusinessSettings, text: str
    ) -> int:
        vendor = speaker(chosen, settings, http_session=http)
        try:
            sound = await _synthesise(vendor, text)
        except Exception as error:
            log.warning("sentence not synthesised ahead", extra={"error": describe(error)})
            return 0
        finally:
            await vendor.aclose()
        await asyncio.to_thread(self._store.keep, voicing(chosen, settings), text, sound)
        return 1


def fixed_sentences(settings: BusinessSettings, *, country: str = "") -> list[str]:
    """What a business's calls say without the model, the greeting first. `country` is ISO 3166-1 alpha-2."""
    own = [settings.greeting, settings.recording_notice]
    dangers = danger_sentences(
        country=country, own_number=settings.emergency_number, language=settings.language
    )
    phrases = [phrase(name, settings.language) for name in PHRASES if name != "greeting"]
    return list(dict.fromkeys(text for text in [*own, *dangers.values(), *phrases] if text))


async def _synthesise(vendor: elevenlabs.TTS, text: str) -> bytes:
    pieces = []
    async with (
        asyncio.timeout(SYNTHESIS_SECONDS),
        vendor.synthesize(text, conn_options=_CONNECT) as stream,
    ):
        async for audio in stream:
            pieces.append(bytes(audio.frame.data.cast("b")))
    return b"".join(pieces)
