"""Profiles by the number dialled, and the snapshot for when the database is away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from agent.profile import ProfileSource, ProfileUnavailable, UnknownNumber
from domain.businesses import numbers
from domain.businesses.profile import CallProfile
from domain.contacts import operations as contacts
from domain.database import Database
from domain.encryption import Keyring
from tests.factories import make_business, make_call

DIALLED, CALLER = "+12025550142", "+12025550123"


@pytest.fixture
async def business_id(database: Database) -> UUID:
    business_id = await make_business(database, name="Oak Street Vets")
    async with database.scope(business_id=business_id) as scope:
        await numbers.add(scope, e164=DIALLED)
        await contacts.create(scope, phone=CALLER, name="Jane Doe")
    return business_id


def away(keyring: Keyring) -> Database:
    return Database("postgresql://nobody@127.0.0.1:1/none", keyring=keyring, connect_timeout=2)


async def test_the_number_dialled_decides_the_business_and_the_caller_the_contact(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=False)
    loaded = await source.load(dialled=DIALLED, phone=CALLER, room="call-1", timeout=20)
    assert loaded.profile.business_id == business_id
    assert loaded.contact_name == "Jane Doe"
    assert not loaded.degraded
    assert loaded.earlier is None


async def test_a_profile_read_while_joining_is_used(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=False)
    source.begin_early(f"call-_{DIALLED}_abcdef")
    loaded = await source.load(dialled=DIALLED, phone="", room="call-1", timeout=20)
    assert loaded.profile.name == "Oak Street Vets"
    with pytest.raises(UnknownNumber):
        await source.load(dialled="+12025550143", phone="", room="call-1", timeout=20)


async def test_an_unknown_number_is_unknown_unless_any_will_do(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    strict = ProfileSource(database, home=tmp_path, any_number=False)
    with pytest.raises(UnknownNumber):
        await strict.load(dialled="+12025550143", phone="", room="call-1", timeout=20)
    with pytest.raises(UnknownNumber):
        await strict.load(dialled="", phone="", room="call-1", timeout=20)
    async with database.scope(business_id=business_id) as scope:
        await numbers.add(scope, e164="+12025550100")
    open_to_all = ProfileSource(database, home=tmp_path, any_number=True)
    loaded = await open_to_all.load(dialled="+12025550143", phone="", room="call-1", timeout=20)
    assert loaded.profile.business_id == business_id


async def test_staff_reach_their_own_assistant_without_a_number(
    database: Database, business_id: UUID, keyring: Keyring, tmp_path: Path
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=True)
    mine = await source.load(
        dialled="", phone="", room="call-1", business_id=business_id, timeout=20
    )
    assert mine.profile.name == "Oak Street Vets"
    nobodys = UUID(int=7)
    with pytest.raises(UnknownNumber):
        await source.load(dialled="", phone="", room="call-1", business_id=nobodys, timeout=20)
    later = ProfileSource(away(keyring), home=tmp_path, any_number=True)
    kept = await later.load(
        dialled="", phone="", room="call-1", business_id=business_id, timeout=20
    )
    assert kept.degraded and kept.profile.business_id == business_id
    with pytest.raises(ProfileUnavailable):
        await later.load(dialled="", phone="", room="call-1", business_id=nobodys, timeout=20)


async def test_with_the_database_away_the_last_known_profile_serves(
    database: Database, business_id: UUID, keyring: Keyring, tmp_path: Path
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=False)
    known = await source.load(dialled=DIALLED, phone="", room="call-1", timeout=20)
    late = ProfileSource(away(keyring), home=tmp_path, any_number=False)
    loaded = await late.load(dialled=DIALLED, phone=CALLER, room="call-2")
    assert loaded.degraded
    assert loaded.profile == known.profile
    with pytest.raises(ProfileUnavailable):
        await late.load(dialled="+12025550143", phone="", room="call-3")


async def test_a_slow_database_is_waited_for_where_nothing_is_known_from_before(
    database: Database, business_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=False)
    found = source._profile_of
    waited_for = asyncio.Event()
    monkeypatch.setattr(source, "_last_known", lambda names: waited_for.set())

    async def slow(number: str) -> CallProfile | None:
        await waited_for.wait()
        return await found(number)

    monkeypatch.setattr(source, "_profile_of", slow)
    loaded = await source.load(dialled=DIALLED, phone="", room="call-1", timeout=0.01)
    assert loaded.profile.business_id == business_id
    assert not loaded.degraded


async def test_a_snapshot_tells_nothing_to_who_has_no_key(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    source = ProfileSource(database, home=tmp_path, any_number=False)
    await source.load(dialled=DIALLED, phone="", room="call-1", timeout=20)
    (snapshot,) = (tmp_path / "profiles").iterdir()
    assert "2025550142" not in snapshot.name
    assert b"Oak Street" not in snapshot.read_bytes()


@pytest.mark.parametrize("ended", [False, True])
async def test_a_room_whose_call_an_earlier_job_served_is_recognised(
    database: Database, business_id: UUID, tmp_path: Path, ended: bool
) -> None:
    call_id = await make_call(
        database, business_id=business_id, end="caller_hung_up" if ended else None
    )
    source = ProfileSource(database, home=tmp_path, any_number=False)
    loaded = await source.load(dialled=DIALLED, phone="", room=f"call-{call_id}", timeout=20)
    assert loaded.earlier is not None
    assert (loaded.earlier.call_id, loaded.earlier.epoch) == (call_id, 1)
    assert loaded.earlier.ended is ended
