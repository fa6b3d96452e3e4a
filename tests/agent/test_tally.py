"""How a call tells all workers how its providers do, without ever waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from livekit.agents import vad
from livekit.agents.utils import http_context
from livekit.plugins import silero

from agent import tally as tallies
from agent.chain.member import Member
from agent.providers import Providers, build
from agent.tally import Tally
from domain.businesses.profile_loader import load_profile
from domain.calls.events import ProviderFailed
from domain.database import Database
from domain.encryption import Keyring
from domain.environment import Environment
from domain.providers import operations as providers
from domain.providers.breaker import REST
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from tests.calls.events import until
from tests.factories import make_business


@pytest.fixture(scope="module")
def detector() -> vad.VAD:
    return silero.VAD.load()


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


@pytest.fixture
async def who(database: Database, business_id: UUID, detector: vad.VAD) -> AsyncIterator[Providers]:
    yield await _providers(database, business_id, detector)


async def _providers(database: Database, business_id: UUID, detector: vad.VAD) -> Providers:
    async with database.scope(business_id=business_id) as scope:
        profile = await load_profile(scope)
    async with http_context.open():
        return build(Environment(), profile, detector=detector, on_failed=lambda _: None)


def member_of(who: Providers, kind: str) -> Member:
    return next(one for one in who.members if one.kind == kind)


async def _model(database: Database) -> providers.Report:
    async with database.scope(business_id=INSTALLATION) as scope:
        found = await providers.reports(scope, used=None)
    return next(one for one in found if one.kind == "model")


async def test_tries_and_failures_are_counted_told_and_written_in_the_end(
    database: Database, business_id: UUID, who: Providers
) -> None:
    tally = Tally(database, business_id=business_id)
    failed: list[ProviderFailed] = []
    worked: list[tuple[str, str]] = []
    tally.follow(who, record=failed.append, worked=lambda *one: worked.append(one))
    model = member_of(who, "model")
    for _ in range(3):
        model.succeeded()
    model.failed(TimeoutError())
    assert [one.error for one in failed] == ["TimeoutError"]
    assert worked == [("model", "openai")] * 3
    await tally.close()
    report = await _model(database)
    assert (report.tries, report.failures) == (4, 1)


async def test_an_outage_is_written_at_once_and_known_to_the_next_call(
    database: Database,
    business_id: UUID,
    who: Providers,
    detector: vad.VAD,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tallies, "SOON_SECONDS", 0.0)
    tally = Tally(database, business_id=business_id)
    tally.follow(who, record=lambda _: None, worked=lambda *_: None)
    for _ in range(5):
        member_of(who, "model").failed(ConnectionError())

    async def opened() -> bool:
        return (await _model(database)).state == "open"

    await until(opened, timeout=10)
    assert member_of(await _providers(database, business_id, detector), "model").asked_last
    await tally.close()


async def test_one_call_tries_what_has_rested_and_its_first_answer_closes(
    database: Database, business_id: UUID, detector: vad.VAD, seam: PinnedSeam
) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        await providers.count(scope, kind="model", provider="openai", tries=5, failures=5)
    seam.advance(REST + timedelta(seconds=1))
    calls = []
    for _ in range(2):
        who = await _providers(database, business_id, detector)
        tally = Tally(database, business_id=business_id)
        tally.follow(who, record=lambda _: None, worked=lambda *_: None)
        calls.append((who, tally))

    async def chosen() -> bool:
        return any(member_of(who, "model").probe for who, _ in calls)

    await until(chosen, timeout=10)
    for who, _ in calls:
        member_of(who, "model").succeeded()
    assert (await _model(database)).state == "half_open"
    await asyncio.gather(*(tally.close() for _, tally in calls))
    assert sum(member_of(who, "model").probe for who, _ in calls) == 1
    assert (await _model(database)).state == "closed"


async def test_a_database_that_is_away_is_nobody_s_trouble(
    keyring: Keyring, business_id: UUID, who: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "SOON_SECONDS", 0.0)
    away = Database("postgresql://nobody@127.0.0.1:9/none", keyring=keyring, connect_timeout=1)
    tally = Tally(away, business_id=business_id)
    tally.follow(who, record=lambda _: None, worked=lambda *_: None)
    for _ in range(3):
        member_of(who, "model").failed(ConnectionError())
        await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        await tally.close()
    await away.aclose()
