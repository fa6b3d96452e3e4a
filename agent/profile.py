"""What a call needs to know of its business, from the database or from the last snapshot on disk."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from agent.caller import e164
from domain.businesses.directory import business_for_number
from domain.businesses.profile import CallProfile
from domain.businesses.profile_loader import load_profile
from domain.calls.models import Call
from domain.calls.repeats import called_too_often
from domain.calls.rescue import next_epoch
from domain.contacts.operations import find_by_phone
from domain.database import Database, Scope
from domain.demo import DEMO_NUMBER
from domain.encryption import Keyring
from domain.errors import NotFound
from domain.tables import INSTALLATION

READ_SECONDS: Final = 1.0
"""A caller hears silence while the database is waited for."""
LONGEST_READ: Final = 4.0
"""Where nothing is known from before: a caller who waits is better served than one who is turned away."""

_NUMBER_IN_ROOM: Final = re.compile(r"call-_(\+?\d{7,15})_")

log = logging.getLogger("reception.agent.profile")


class UnknownNumber(Exception):
    """No business answers the number that was dialled."""


class ProfileUnavailable(Exception):
    """The database is away and nothing is known of the number from before."""


class OpenCall(BaseModel):
    """A call of this room that is still open: an earlier job served it."""

    call_id: UUID
    epoch: int
    """The highest that a job of it has had, or was promised."""
    ended: bool


@dataclass(frozen=True, kw_only=True)
class LoadedProfile:
    """A business as this call knows it."""

    profile: CallProfile
    degraded: bool = False
    """From the snapshot: the database was away."""
    contact_id: UUID | None = None
    contact_name: str = ""
    earlier: OpenCall | None = None
    too_often: bool = False
    """This number has called more often of late than the business allows."""


class ProfileSource:
    """Loads profiles by the number dialled, and keeps their snapshots (encrypted) under `home`."""

    def __init__(self, database: Database, *, home: Path, any_number: bool) -> None:
        """`any_number`: unknown numbers reach the demo business (development)."""
        self._database = database
        self._snapshots = Snapshots(home, keyring=database.keyring)
        self._any_number = any_number
        self._early: tuple[str, asyncio.Task[CallProfile | None]] | None = None

    def begin_early(self, room: str) -> None:
        """Read the profile that will be wanted while the room is still being joined.

        livekit-sip puts the number dialled into the room's name (`dispatch_rule_callee`). A wrong
        guess only warms the connection.
        """
        named = _NUMBER_IN_ROOM.match(room)
        number = e164(named.group(1)) if named else DEMO_NUMBER if self._any_number else ""
        if number:
            self._early = (number, asyncio.create_task(self._profile_of(number)))

    def stop(self) -> None:
        if self._early is not None:
            self._early[1].cancel()

    async def load(
        self,
        *,
        dialled: str,
        phone: str,
        room: str,
        business_id: UUID | None = None,
        timeout: float = READ_SECONDS,
    ) -> LoadedProfile:
        """Read it within `timeout` seconds, or fall back to the snapshot: by the number dialled, or
        by the business itself where its own staff call it. Without a snapshot, wait up to LONGEST_READ.

        Raises UnknownNumber, ProfileUnavailable.
        """
        known_as = [str(business_id)] if business_id is not None else self._numbers(dialled)
        began = asyncio.get_running_loop().time()
        reading = asyncio.create_task(
            self._reading(dialled, phone=phone, room=room, business_id=business_id)
        )
        try:
            await asyncio.wait({reading}, timeout=timeout)
            if not reading.done() and (last := self._last_known(known_as)) is not None:
                log.warning("profile not read", extra={"error": "TimeoutError"})
                return last
            async with asyncio.timeout_at(began + max(timeout, LONGEST_READ)):
                loaded = await reading
        except UnknownNumber:
            raise
        except Exception as error:
            log.warning("profile not read", extra={"error": type(error).__name__})
            if (last := self._last_known(known_as)) is None:
                raise ProfileUnavailable from None
            return last
        finally:
            reading.cancel()
        await asyncio.to_thread(self._snapshots.keep, known_as[0], loaded.profile)
        return loaded

    async def _reading(
        self, dialled: str, *, phone: str, room: str, business_id: UUID | None
    ) -> LoadedProfile:
        """Raises UnknownNumber."""
        return await self._read(await self._wanted(dialled, business_id), phone=phone, room=room)

    async def _wanted(self, dialled: str, business_id: UUID | None) -> CallProfile:
        """Raises UnknownNumber."""
        if business_id is not None:
            return await self._profile_of_business(business_id)
        profile = await self._find(dialled) if dialled else None
        if profile is None and self._any_number:
            profile = await self._find(DEMO_NUMBER)
        if profile is None:
            raise UnknownNumber
        return profile

    async def _profile_of_business(self, business_id: UUID) -> CallProfile:
        """Raises UnknownNumber: such a business is not here any more."""
        try:
            async with self._database.scope(business_id=business_id) as scope:
                return await load_profile(scope)
        except NotFound:
            raise UnknownNumber from None

    async def _read(self, profile: CallProfile, *, phone: str, room: str) -> LoadedProfile:
        async with self._database.scope(business_id=profile.business_id) as scope:
            contact = await find_by_phone(scope, phone=phone) if phone else None
            return LoadedProfile(
                profile=profile,
                contact_id=contact.id if contact else None,
                contact_name=(contact.name or "") if contact else "",
                earlier=await _earlier(scope, room),
                too_often=await called_too_often(scope, profile, phone=phone),
            )

    async def _find(self, number: str) -> CallProfile | None:
        if self._early is not None and self._early[0] == number:
            return await self._early[1]
        return await self._profile_of(number)

    async def _profile_of(self, number: str) -> CallProfile | None:
        business_id = await business_for_number(self._database, number)
        if business_id is None:
            return None
        return await self._profile_of_business(business_id)

    def _numbers(self, dialled: str) -> list[str]:
        """What a snapshot may be known as, the best first."""
        return [dialled, DEMO_NUMBER] if self._any_number else [dialled]

    def _last_known(self, known_as: Sequence[str]) -> LoadedProfile | None:
        for name in known_as:
            if name and (profile := self._snapshots.find(name)) is not None:
                return LoadedProfile(profile=profile, degraded=True)
        return None


async def _earlier(scope: Scope, room: str) -> OpenCall | None:
    call = await scope.session.scalar(select(Call).where(Call.room == room))
    if call is None:
        return None
    return OpenCall(
        call_id=call.id, epoch=await next_epoch(scope, call) - 1, ended=call.ended_at is not None
    )


class Snapshots:
    """The last known profile of each number, one encrypted file each, named by a keyed hash."""

    def __init__(self, home: Path, *, keyring: Keyring) -> None:
        self._folder = home / "profiles"
        self._keyring = keyring

    def keep(self, number: str, profile: CallProfile) -> None:
        """Write the snapshot unless it is the same. A disk that refuses is logged, never raised."""
        clear = profile.model_dump_json().encode()
        path = self._path(number)
        try:
            if self._clear(path) == clear:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(self._keyring.encrypt(clear))
            unfinished.chmod(0o600)
            unfinished.rename(path)
        except OSError as error:
            log.error("profile snapshot not written", extra={"error": type(error).__name__})

    def find(self, number: str) -> CallProfile | None:
        """The snapshot, if there is one that this version and this key can read."""
        clear = self._clear(self._path(number))
        if clear is None:
            return None
        try:
            return CallProfile.model_validate_json(clear)
        except ValidationError:
            log.error("profile snapshot of another version left aside")
            return None

    def _clear(self, path: Path) -> bytes | None:
        try:
            return self._keyring.decrypt(path.read_bytes())
        except (OSError, ValueError):
            return None

    def _path(self, number: str) -> Path:
        index = self._keyring.blind_index(business_id=INSTALLATION, kind="profile", value=number)
        return self._folder / f"{index.hex()[:32]}.profile"
