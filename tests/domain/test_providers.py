"""The breaker: when a provider is asked last, who tries it again, and what operators decide."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.alerts.operations import list_alerts
from domain.businesses.profile_loader import load_profile
from domain.businesses.settings import Provider, Providers
from domain.database import Database
from domain.errors import NotFound
from domain.providers import operations as providers
from domain.providers.breaker import (
    LEAST_TRIES,
    PROBE,
    REST,
    WINDOW,
    Standing,
    after_probe,
    after_tries,
    counted_since,
    may_probe,
    probing,
)
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from tests.factories import make_business

NOW = datetime(2026, 7, 13, 16, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tries", "failures", "state"),
    [(4, 4, "closed"), (5, 2, "closed"), (6, 3, "closed"), (5, 3, "open"), (100, 51, "open")],
)
def test_more_than_half_of_at_least_five_tries_opens(tries: int, failures: int, state: str) -> None:
    standing = after_tries(Standing(changed_at=NOW), tries=tries, failures=failures, now=NOW)
    assert standing.state == state


def test_it_is_tried_after_a_rest_by_one_and_by_another_when_that_one_dies() -> None:
    opened = Standing(state="open", changed_at=NOW)
    assert not may_probe(opened, NOW + REST - timedelta(seconds=1))
    assert may_probe(opened, NOW + REST)
    tried = probing(opened, NOW + REST)
    assert tried.asked_last
    assert not may_probe(tried, NOW + REST + PROBE - timedelta(seconds=1))
    assert may_probe(tried, NOW + REST + PROBE)


def test_the_trial_decides() -> None:
    tried = probing(Standing(state="open", changed_at=NOW), NOW)
    later = NOW + timedelta(seconds=5)
    assert after_probe(tried, failed=False, now=later).state == "closed"
    again = after_probe(tried, failed=True, now=later)
    assert (again.state, again.changed_at, again.probe_until) == ("open", later, None)
    assert after_probe(again, failed=False, now=later) == again


def test_what_led_to_the_last_change_does_not_count_again() -> None:
    closed = Standing(changed_at=NOW)
    assert counted_since(closed, NOW) == NOW.replace(second=0) + timedelta(minutes=1)
    assert counted_since(closed, NOW + WINDOW * 2) == NOW + WINDOW


@pytest.mark.parametrize(("override", "last"), [("open", True), ("closed", False)])
def test_an_operators_decision_stands_above_the_figures(override: str, last: bool) -> None:
    for state in ("open", "half_open", "closed"):
        standing = Standing(state=state, changed_at=NOW, override=override)  # type: ignore[arg-type]
        assert standing.asked_last is last
        assert not may_probe(standing, NOW + REST + PROBE)


async def _count(
    database: Database,
    *,
    tries: int,
    failures: int,
    business_id: UUID = INSTALLATION,
    probe: bool = False,
) -> str:
    async with database.scope(business_id=business_id) as scope:
        return await providers.count(
            scope, kind="model", provider="openai", tries=tries, failures=failures, probe=probe
        )


async def _claim(database: Database) -> bool:
    async with database.scope(business_id=INSTALLATION) as scope:
        return await providers.claim_probe(scope, kind="model", provider="openai")


async def _alerts(database: Database, business_id: UUID = INSTALLATION) -> list[tuple[str, str]]:
    async with database.scope(business_id=business_id) as scope:
        found = await list_alerts(scope, state="open")
    return [(one.kind, one.subject) for one in found]


async def test_an_outage_opens_alerts_is_tried_by_one_and_closes(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    for number in range(LEAST_TRIES):
        assert await _count(database, tries=1, failures=1) == (
            "closed" if number < LEAST_TRIES - 1 else "open"
        )
    assert await _alerts(database) == [("provider_down", "model openai")]
    async with database.scope(business_id=business_id) as scope:
        (stands,) = (await load_profile(scope)).providers
    assert (stands.kind, stands.provider, stands.own) == ("model", "openai", False)
    assert stands.asked_last
    assert not stands.may_be_tried
    assert not await _claim(database)

    seam.advance(REST)
    assert sorted(await asyncio.gather(*(_claim(database) for _ in range(4)))) == [False] * 3 + [
        True
    ]
    # Others, who use it as their last resort, decide nothing.
    assert await _count(database, tries=1, failures=1) == "half_open"
    assert await _count(database, tries=1, failures=1, probe=True) == "open"

    seam.advance(REST)
    assert await _claim(database)
    seam.advance(PROBE)
    assert await _claim(database), "the first one died"
    assert await _count(database, tries=1, failures=0, probe=True) == "closed"
    assert await _alerts(database) == []
    # Of the failures of before none counts again.
    assert await _count(database, tries=1, failures=1) == "closed"


async def test_workers_that_count_at_once_lose_nothing(database: Database) -> None:
    each = [_count(database, tries=2, failures=number % 2) for number in range(20)]
    await asyncio.gather(*each)
    async with database.scope(business_id=INSTALLATION) as scope:
        found = {one.kind: one for one in await providers.reports(scope, used=None)}
    assert (found["model"].tries, found["model"].failures, found["model"].state) == (
        40,
        10,
        "closed",
    )


async def test_a_businesss_own_key_says_nothing_of_the_others(database: Database) -> None:
    first, second = await make_business(database), await make_business(database, name="Other")
    assert await _count(database, tries=9, failures=9, business_id=first) == "open"
    assert await _alerts(database, first) == [("provider_down", "model openai")]
    assert await _alerts(database) == []
    for business_id, seen in ((first, 1), (second, 0)):
        async with database.scope(business_id=business_id) as scope:
            assert len((await load_profile(scope)).providers) == seen
    async with database.scope(business_id=second) as scope:
        assert all(one.tries == 0 for one in await providers.reports(scope, used=Providers()))


async def test_a_business_sees_its_chains_and_an_operator_the_installations(
    database: Database,
) -> None:
    business_id = await make_business(database)
    own = Provider(vendor="openai", base_url="http://llm.example/v1")
    chains = Providers(model=(Provider(vendor="openai"), own))
    await _count(database, tries=6, failures=6)
    async with database.scope(business_id=business_id) as scope:
        await providers.count(
            scope, kind="model", provider="openai@llm.example", tries=3, failures=1
        )
        found = await providers.reports(scope, used=chains)
    assert [(one.kind, one.provider, one.own, one.state, one.tries) for one in found] == [
        ("hearing", "deepgram", False, "closed", 0),
        ("model", "openai", False, "open", 6),
        ("model", "openai@llm.example", True, "closed", 3),
        ("speech", "elevenlabs", False, "closed", 0),
    ]
    assert found[1].since is not None
    assert found[2].since is None
    async with database.scope(business_id=INSTALLATION) as scope:
        seen = await providers.reports(scope, used=None)
    assert [one.provider for one in seen] == ["deepgram", "openai", "elevenlabs"]


async def test_a_decision_is_kept_with_who_made_it(database: Database, seam: PinnedSeam) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        decided = await providers.decide(
            scope, kind="speech", provider="elevenlabs", state="open", by="key"
        )
        assert (decided.override, decided.override_by) == ("open", "key")
        assert decided.override_at == seam.now()
        assert decided.state == "closed"
        (known,) = await providers.known(scope)
        assert known.standing.asked_last
        back = await providers.decide(
            scope, kind="speech", provider="elevenlabs", state=None, by="other"
        )
        assert (back.override, back.override_by) == (None, "other")
        with pytest.raises(NotFound):
            await providers.decide(scope, kind="speech", provider="x", state="open", by="key")


async def test_old_tallies_are_forgotten(database: Database, seam: PinnedSeam) -> None:
    await _count(database, tries=3, failures=0)
    seam.advance(providers.KEEP + timedelta(minutes=1))
    await _count(database, tries=2, failures=0)
    async with database.scope(business_id=INSTALLATION) as scope:
        assert await providers.forget_old(scope) == 1
