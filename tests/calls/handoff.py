"""Staff with telephones, and what can be measured of both legs: each side hums a tone of its own."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np

from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BusinessSettings
from domain.calls.events import Event
from domain.calls.models import Call
from domain.handoffs import departments
from domain.people import operations as staff
from reception.caller.audio import PHONE_RATE, Samples, tone
from reception.caller.sip_call import SipCall
from reception.caller.sip_phone import SipPhone
from reception.livekit_config import LiveKitKeys
from reception.sip_apply import apply
from tests.calls.conftest import Line, database_of
from tests.calls.events import until
from tests.calls.stack import KEY, SECRET, Stack
from tests.postgres import clone_template, drop

CALLER = "+12025550143"
DESK, FIRST, SECOND = "+12025550151", "+12025550152", "+12025550153"
CALLER_HZ, STAFF_HZ = 1330.0, 1730.0
"""Tones that neither the music nor a voice has much of."""
_WINDOW: Final = PHONE_RATE // 20
_SHARE: Final = 0.5


@dataclass
class Office:
    """A running installation whose outbound trunk leads to our own telephones."""

    stack: Stack
    line: Line
    phone: SipPhone
    number: str = ""
    business_id: UUID | None = None
    _numbers: list[str] = field(default_factory=lambda: [f"+120255508{n:02d}" for n in range(99)])

    async def open(self, **settings: object) -> None:
        """A new business with one telephone to ring, and a number of its own."""
        self.number = self._numbers.pop()
        self.business_id = self.line.database.seam.new_id()
        async with self.line.database.scope(business_id=self.business_id) as scope:
            await businesses.create(
                scope,
                name="The Office",
                time_zone="America/New_York",
                country="US",
                settings=BusinessSettings.model_validate(
                    {"greeting": "The office, good day.", "transfer_number": DESK} | settings
                ),
            )
            await numbers.add(scope, e164=self.number)

    async def add_department(self, *, ring: str, ring_seconds: int = 20, people: int = 2) -> None:
        """One or two people who take calls."""
        assert self.business_id is not None
        async with self.line.database.scope(business_id=self.business_id) as scope:
            members = [
                (await staff.create(scope, name=name, phone=phone)).id
                for name, phone in (("Ann Lee", FIRST), ("Ben Hill", SECOND))[:people]
            ]
            await departments.create(
                scope,
                name="front desk",
                ring=ring,
                ring_seconds=ring_seconds,
                hours="always",
                member_ids=members,
            )

    @asynccontextmanager
    async def call(self) -> AsyncIterator[SipCall]:
        async with SipPhone() as phone:
            uri = f"sip:{self.number}@127.0.0.1:{self.stack.sip_port}"
            placed = await phone.call(uri, caller=CALLER)
            try:
                yield placed
            finally:
                await placed.hang_up()

    async def rung(self, *, timeout: float = 15) -> SipCall:
        """The next call to a telephone of staff."""
        async with asyncio.timeout(timeout):
            call = await self.phone.incoming.get()
        call.ring()
        return call

    async def ended(self) -> tuple[Call, list[Event]]:
        """The business's newest call, once its end is known."""

        async def newest() -> Call | None:
            room = await self.line.newest_room()
            return None if room is None else await self.line.find(room)

        call = await self.line.ended((await until(newest, timeout=20)).room)
        return call, await self.line.events(call)


@asynccontextmanager
async def open_office(livekit_server: str, *, rtp_ports: int = 100) -> AsyncIterator[Office]:
    """The parts as processes, with livekit-sip on both sides of a call."""
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser_url)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(
            folder=Path(folder), database_url=target.app, telephony=True, rtp_ports=rtp_ports
        )
        database = database_of(stack, target.app)
        async with SipPhone() as phone:
            try:
                stack.start(livekit_server)
                sip_config = _sip_config(Path(folder), f"127.0.0.1:{phone.port}")
                await apply(
                    stack.environment["LIVEKIT_URL"],
                    LiveKitKeys(key=KEY, secret=SECRET),
                    folder=sip_config,
                )
                yield Office(stack, Line(stack, database), phone)
            finally:
                stack.stop()
                await database.aclose()
    drop(superuser_url, target)


def _sip_config(folder: Path, address: str) -> Path:
    made = folder / "sip-config"
    made.mkdir()
    for name in ("inbound-trunk.json", "dispatch-rule.json"):
        (made / name).write_text((Path("sip-config") / name).read_text())
    trunk = {"name": "reception", "address": address, "numbers": ["*"]}
    (made / "outbound-trunk.json").write_text(json.dumps({"trunk": trunk}))
    return made


class Hum:
    """A side's own tone, for as long as the block lasts."""

    def __init__(self, call: SipCall, hertz: float) -> None:
        self._call, self._hertz = call, hertz

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._hum())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _hum(self) -> None:
        # In pieces: a steady tone is the beep of an answering machine.
        on = tone(frequency=self._hertz, seconds=0.2, rate=PHONE_RATE, dbfs=-18)
        piece = np.concatenate([on, np.zeros(PHONE_RATE // 10, np.int16)])
        while not self._call.ended.is_set():
            await self._call.speak(piece)


def heard_tone(sound: Samples, hertz: float) -> list[float]:
    """The times (seconds) of the windows in which `hertz` carries most of the sound."""
    found = []
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / PHONE_RATE)
    near = np.abs(frequencies - hertz) <= 45
    for start in range(0, sound.size - _WINDOW + 1, _WINDOW):
        piece = sound[start : start + _WINDOW].astype(np.float64) * np.hanning(_WINDOW)
        energy = np.abs(np.fft.rfft(piece)) ** 2
        loud = np.sqrt(np.mean(sound[start : start + _WINDOW].astype(np.float64) ** 2)) > 60
        if loud and energy[near].sum() > _SHARE * energy.sum():
            found.append(start / PHONE_RATE)
    return found


def longest_silence(sound: Samples, *, floor: float = 100.0) -> float:
    """Seconds of the longest stretch under `floor` (root mean square of 16-bit samples, -50 dBFS): the
    music is above it all the time."""
    longest = current = 0.0
    for start in range(0, sound.size - _WINDOW + 1, _WINDOW):
        piece = sound[start : start + _WINDOW].astype(np.float64)
        current = current + _WINDOW / PHONE_RATE if np.sqrt((piece**2).mean()) < floor else 0.0
        longest = max(longest, current)
    return longest


async def until_tone(call: SipCall, hertz: float, *, since: float) -> float:
    """Wait until a tone is heard: seconds after `since`. Raises TimeoutError."""

    async def look() -> float | None:
        found = heard_tone(call.ear.recording(since=since), hertz)
        return found[0] + 0.001 if found else None

    return await until(look, timeout=10, every=0.05)
