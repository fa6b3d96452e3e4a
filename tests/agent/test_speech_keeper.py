"""Greetings are synthesised ahead through the real plugin, and again when settings change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.profile import Snapshots
from agent.providers import speech_endpoints, voicing
from agent.speech_keeper import SpeechKeeper, fixed_sentences
from agent.speech_store import SpeechStore
from domain.businesses import numbers
from domain.businesses.profile_loader import load_profile
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.environment import Environment
from sandbox.delays import SpeakingDelays
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.factories import make_business


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        # Forty sentences, one after the other: what is asked here is which, not how long they take.
        running.shared.delays.elevenlabs = SpeakingDelays(first_byte=0, times_real_time=1000)
        yield running


@pytest.fixture
def environment(sandbox: Sandbox) -> Environment:
    return Environment(elevenlabs_base_url=f"{sandbox.url}/v1")


async def test_every_business_s_sentences_are_made_once_and_anew_after_a_change(
    database: Database, environment: Environment, tmp_path: Path
) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await numbers.add(scope, e164="+12025550142")
        profile = await load_profile(scope)
    settings = profile.settings
    keeper = SpeechKeeper(environment, database, home=tmp_path)
    sentences = fixed_sentences(settings, country=profile.country)
    assert any("9 1 1" in sentence for sentence in sentences)
    assert await keeper.round() == len(sentences)
    assert await keeper.round() == 0
    how = voicing(speech_endpoints(environment, settings)[0], settings)
    store = SpeechStore(tmp_path)
    assert all(store.has(how, sentence) for sentence in sentences)
    snapshot = Snapshots(tmp_path, keyring=database.keyring).find("+12025550142")
    assert snapshot is not None
    assert snapshot.business_id == business_id
    async with database.scope(business_id=business_id) as scope:
        changed = settings.model_dump(mode="json") | {"greeting": "A new greeting."}
        await change_settings(scope, document=changed)
    assert await keeper.round() == 1
    assert store.has(how, "A new greeting.")


async def test_a_vendor_that_fails_is_asked_again_in_the_next_round(
    database: Database, environment: Environment, sandbox: Sandbox, tmp_path: Path
) -> None:
    await make_business(database)
    sandbox.shared.faults.all.append(Fault(vendor="elevenlabs", kind="status", status=500))
    keeper = SpeechKeeper(environment, database, home=tmp_path)
    assert await keeper.round() == 0
    sandbox.shared.faults.all.clear()
    assert await keeper.round() > 5
