"""A business's settings and their history."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domain.businesses import versions
from domain.database import SYSTEM, Actor, Database
from domain.errors import Conflict, Invalid, NotFound, Refused
from tests.factories import make_business

OWNER = Actor(kind="staff", id="key-1")


async def _change(
    database: Database,
    business_id: UUID,
    document: dict[str, Any],
    *,
    expected_version: int | None = None,
    actor: Actor = OWNER,
) -> int:
    async with database.scope(business_id=business_id, actor=actor) as scope:
        row = await versions.change_settings(
            scope, document=document, expected_version=expected_version
        )
    return row.version


async def test_a_change_is_in_force_and_the_old_version_is_kept(database: Database) -> None:
    business_id = await make_business(database)
    assert await _change(database, business_id, {"greeting": "Good morning."}) == 2
    async with database.scope(business_id=business_id) as scope:
        settings, version = await versions.current_settings(scope)
        history = await versions.list_versions(scope)
        first = await versions.get_version(scope, version=1)
    assert (settings.greeting, version) == ("Good morning.", 2)
    assert [(row.version, row.created_by) for row in history] == [
        (2, "staff:key-1"),
        (1, "system"),
    ]
    assert first.document["greeting"] == "Thank you for calling Riverside Dental."


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "greeting"),
        ({"greeting": ""}, "greeting"),
        ({"greeting": "Hi.", "booking": {"horizon_days": 0}}, "booking.horizon_days"),
        ({"greeting": "Hi.", "booking": {"horizon_days": "60"}}, "booking.horizon_days"),
        ({"greeting": "Hi.", "transfer_number": "911"}, "transfer_number"),
        ({"greeting": "Hi.", "unheard_of": 1}, "unheard_of"),
        ({"greeting": "Hi.", "providers": {"model": []}}, "providers.model"),
        (
            {"greeting": "Hi.", "providers": {"model": [{"vendor": "acme"}]}},
            "providers.model.0.vendor",
        ),
    ],
)
async def test_settings_that_cannot_be_are_refused_by_field_and_change_nothing(
    database: Database, document: dict[str, Any], field: str
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        await _change(database, business_id, document)
    assert refusal.value.field == field
    async with database.scope(business_id=business_id) as scope:
        assert (await versions.current_settings(scope))[1] == 1


async def test_a_change_over_another_change_is_a_conflict(database: Database) -> None:
    business_id = await make_business(database)
    document = {"greeting": "Hi."}
    assert await _change(database, business_id, document, expected_version=1) == 2
    with pytest.raises(Conflict, match="version 2, not 1"):
        await _change(database, business_id, document, expected_version=1)


async def test_of_two_changes_at_once_one_wins(database: Database) -> None:
    business_id = await make_business(database)
    done = await asyncio.gather(
        *(
            _change(database, business_id, {"greeting": f"Hi {count}."}, expected_version=1)
            for count in range(4)
        ),
        return_exceptions=True,
    )
    assert [outcome for outcome in done if isinstance(outcome, int)] == [2]
    assert sum(isinstance(outcome, Conflict) for outcome in done) == 3


async def test_only_operators_choose_where_a_vendor_is_reached(database: Database) -> None:
    business_id = await make_business(database)
    for provider in (
        {"vendor": "openai", "base_url": "http://elsewhere.example/v1"},
        {"vendor": "openai", "api_key_variable": "OTHER_API_KEY"},
    ):
        document = {"greeting": "Hi.", "providers": {"model": [provider]}}
        with pytest.raises(Refused):
            await _change(database, business_id, document)
    document = {
        "greeting": "Hi.",
        "providers": {"model": [{"vendor": "openai", "base_url": "http://chosen.example/v1"}]},
    }
    await _change(database, business_id, document, actor=Actor(kind="operator"))
    # What the operator chose stays when the owner changes something else.
    await _change(database, business_id, document | {"greeting": "Good day."})
    document["providers"]["model"][0]["base_url"] = "http://elsewhere.example/v1"  # type: ignore[index]
    with pytest.raises(Refused):
        await _change(database, business_id, document)
    await _change(database, business_id, {"greeting": "Hi."}, actor=SYSTEM)


async def test_history_comes_in_pages(database: Database) -> None:
    business_id = await make_business(database)
    for count in range(3):
        await _change(database, business_id, {"greeting": f"Hi {count}."})
    async with database.scope(business_id=business_id) as scope:
        page = await versions.list_versions(scope, limit=2)
        rest = await versions.list_versions(scope, limit=2, before=page[-1].version)
        assert [row.version for row in (*page, *rest)] == [4, 3, 2, 1]
        with pytest.raises(NotFound):
            await versions.get_version(scope, version=9)
        with pytest.raises(Invalid):
            await versions.list_versions(scope, limit=0)
