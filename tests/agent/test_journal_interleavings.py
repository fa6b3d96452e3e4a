"""Whatever befalls a call's jobs, its disk and its database, in whatever order: what was told is in the database
once and in order, deeds are whole or absent, and the call's row is what its events tell.

On real spools and a real PostgreSQL, which is reached through a proxy that breaks.
"""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from sqlalchemy import select

from agent.journal import delivery, journal as journals, spool as spools
from agent.journal.delivery import deliver
from agent.journal.journal import CallJournal
from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import read_spool
from domain import database as databases
from domain.calls.events import (
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    FloorChanged,
    JournalEntry,
    MessageTaken,
)
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.calls.replay import rebuild, record_of
from domain.database import Database
from domain.encryption import Keyring
from domain.messages import operations as messages
from domain.messages.models import Message
from domain.seam import SystemSeam
from tests.calls.proxy import DatabaseProxy, Lost, Mode
from tests.factories import make_business
from tests.postgres import DatabaseAddress
from tools.database import AWAY

DEED_SECONDS: Final = 0.4
PATIENCE: Final = 40.0

FATES: Final = ("done", "order", "answer", "order, away", "answer, away")
"""Of a commit: what is lost of it, and whether the database stays away from then on."""
Step = tuple[str, str]

STEPS: Final = st.one_of(
    st.just(("say", "")),
    st.just(("say", "")),
    st.sampled_from([("floor", "person"), ("floor", "assistant"), ("answered", "")]),
    st.sampled_from([("deed", fate) for fate in ("fails", *FATES)]),
    st.sampled_from([("message", fate) for fate in FATES]),
    st.sampled_from([("database", mode) for mode in ("open", "refused", "hanging", "frozen")]),
    st.sampled_from([("slow", "0.01"), ("pause", ""), ("pause", "")]),
    st.sampled_from([("leftovers", ""), ("again", ""), ("crash", "")]),
    st.sampled_from([("disk", "60"), ("disk", "0"), ("disk", "inf")]),
)


class Disk:
    """`os.write` as the spool sees it: takes `room` bytes and no more."""

    def __init__(self) -> None:
        self.room = float("inf")
        self._write = os.write

    def write(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "no space left on device")
        taken = self._write(descriptor, data[: int(min(self.room, len(data)))])
        self.room -= taken
        return taken


@dataclass
class Story:
    """One call through all that happens to it, and what it must come to."""

    opened: Database
    around: Database
    proxy: DatabaseProxy
    disk: Disk
    home: Path
    business_id: UUID
    call_id: UUID
    epoch: int = 0
    said: list[str] = field(default_factory=list)
    lost_with_disk: set[str] = field(default_factory=set)
    """What only memory had when its job was killed: the disk was full and the database away."""
    done: set[UUID] = field(default_factory=set)
    undone: set[UUID] = field(default_factory=set)
    unsure: set[UUID] = field(default_factory=set)
    job: CallJournal = field(init=False)

    def start(self) -> None:
        self.epoch += 1
        self.job = CallJournal(
            self.opened,
            home=self.home,
            call_id=self.call_id,
            epoch=self.epoch,
            business_id=self.business_id,
        )
        self.job.record(
            CallStarted(room=f"call-{self.call_id}", channel="sip", dialled="+12025550100")
        )

    async def step(self, step: Step) -> None:
        match step:
            case ("say", _):
                self.said.append(str(len(self.said)))
                self.job.record(CallerSaid(text=self.said[-1]))
            case ("floor", after):
                event = {"before": "assistant", "after": after}
                self.job.record(FloorChanged.model_validate(event))
            case ("answered", _):
                self.job.record(CallAnswered(setup_seconds=0.5, greeting_ready=True))
            case ("deed", fate):
                await self.deed(fate)
            case ("message", fate):
                await self.message(fate)
            case ("database", mode):
                self.cut(mode)
            case ("slow", seconds):
                self.proxy.slow_down(float(seconds))
            case ("pause", _):
                for _ in range(20):
                    await asyncio.sleep(0.002)
            case ("leftovers", _):
                with suppress(TimeoutError):
                    async with asyncio.timeout(DEED_SECONDS):
                        await deliver_leftovers(self.opened, home=self.home)
            case ("again", _):
                await self.deliver_again()
            case ("crash", _):
                self.crash()
                self.start()
            case ("disk", room):
                self.disk.room = float(room)

    def cut(self, mode: str) -> None:
        modes: dict[str, Mode] = {one: one for one in ("refused", "hanging", "frozen")}
        if mode in modes:
            self.proxy.cut(modes[mode])
        else:
            self.proxy.restore()

    async def deed(self, fate: str) -> None:
        message_id = self.around.seam.new_id()
        self.lose(fate)
        try:
            async with asyncio.timeout(DEED_SECONDS), self.job.deed() as deed:
                await messages.take(deed.scope, text="Deed.", message_id=message_id)
                await deed.record(MessageTaken(message_id=message_id, urgency="low"))
                if fate == "fails":
                    raise LookupError
        except LookupError:
            self.undone.add(message_id)
        except AWAY:
            # What the caller hears: it could not be done, or nobody knows.
            self.unsure.add(message_id)
        else:
            self.done.add(message_id)

    async def message(self, fate: str) -> None:
        """As the tool does it: with the database away the message travels in its event."""
        told = MessageTaken(message_id=self.around.seam.new_id(), urgency="low")
        self.lose(fate)
        try:
            async with asyncio.timeout(DEED_SECONDS), self.job.deed() as deed:
                await messages.take(deed.scope, text="Call me.", message_id=told.message_id)
                await deed.record(told)
        except AWAY:
            spooled = told.model_copy(update={"text": "Call me.", "spooled": True})
            self.job.record(spooled, instead_of=told)
        self.done.add(told.message_id)

    def lose(self, fate: str) -> None:
        what, _, then = fate.partition(", ")
        lost: dict[str, Lost] = {"order": "order", "answer": "answer"}
        if what in lost:
            self.proxy.lose_commit(lost[what], then="refused" if then else "open")

    def crash(self) -> None:
        """`kill -9`: nothing is finished, the kernel closes the file and drops its lock."""
        keeping = self.job._keeping
        self.job._delivery._task.cancel()
        for task in self.job._learning:
            task.cancel()
        for entry in keeping._refused.values():
            if isinstance(entry.event, CallerSaid):
                self.lost_with_disk.add(entry.event.text)
            elif isinstance(entry.event, MessageTaken):
                self.done.discard(entry.event.message_id)
                self.unsure.add(entry.event.message_id)
        if keeping._spool is not None:
            keeping._spool.close(remove=False)

    async def deliver_again(self) -> None:
        """A second delivery of what is in the spools, delivered or not."""
        for path in (self.home / "spool").glob("*.spool"):
            entries = read_spool(path, self.around.keyring).waiting
            # A frozen client's open transaction may be in the way for now.
            with suppress(TimeoutError):
                async with asyncio.timeout(DEED_SECONDS):
                    if entries:
                        await deliver(self.around, business_id=self.business_id, entries=entries)

    async def end(self) -> None:
        """The trouble is over: the last job ends the call, and a worker looks at the folder."""
        self.proxy.restore()
        self.disk.room = float("inf")
        self.job.record(CallEnded(reason="caller_hung_up"))
        assert await self.job.close(timeout=PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while list((self.home / "spool").glob("*.spool")):
                await deliver_leftovers(self.around, home=self.home)

    async def check(self) -> None:
        async with self.around.scope(business_id=self.business_id) as scope:
            rows = await scope.session.scalars(
                select(CallEvent).where(CallEvent.call_id == self.call_id)
            )
            entries = sorted((as_entry(row) for row in rows), key=_place)
            call = await scope.session.get(Call, self.call_id)
            query = select(Message.id).where(Message.call_id == self.call_id)
            spooled = set(await scope.session.scalars(query))
            ids = self.done | self.undone | self.unsure
            kept = set(await scope.session.scalars(select(Message.id).where(Message.id.in_(ids))))
        said = [one.event.text for one in entries if isinstance(one.event, CallerSaid)]
        assert len(said) == len(set(said)), "nothing twice"
        assert said == sorted(said, key=int), "everything in order"
        assert set(self.said) - set(said) <= self.lost_with_disk, "nothing lost"
        told = [one.event.message_id for one in entries if isinstance(one.event, MessageTaken)]
        assert len(told) == len(set(told)), "no deed is told twice"
        assert set(told) == kept, "a deed and its event are both there, or neither"
        assert spooled <= kept
        assert self.done <= kept
        assert not self.undone & kept
        assert call is not None
        assert rebuild(entries) == record_of(call), "the row is what the events tell"
        assert (call.state, call.epoch) == ("ended", self.epoch)
        assert not list((self.home / "spool").iterdir()), "nothing is left over or set aside"


def _place(entry: JournalEntry) -> tuple[int, int]:
    return entry.epoch, entry.seq


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    disk = Disk()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spools.os, "write", disk.write)  # type: ignore[attr-defined]
        patched.setattr(delivery, "FIRST_BACK_OFF", 0.01)
        patched.setattr(delivery, "LONGEST_BACK_OFF", 0.05)
        patched.setattr(delivery, "MOST_IN_MEMORY", 4)
        patched.setattr(delivery, "BATCH", 3)
        patched.setattr(journals, "LEARN_SECONDS", 0.2)
        patched.setattr(databases, "_STOP_SECONDS", 0.05)
        yield disk


async def _live(
    steps: Sequence[Step],
    address: DatabaseAddress,
    proxy: DatabaseProxy,
    keyring: Keyring,
    disk: Disk,
) -> None:
    seam = SystemSeam()
    proxy.restore()
    disk.room = float("inf")
    opened = Database(proxy.url, keyring=keyring, seam=seam, pool_size=1, connect_timeout=2)
    around = Database(address.app, keyring=keyring, seam=seam)
    try:
        with tempfile.TemporaryDirectory() as folder:
            story = Story(
                opened=opened,
                around=around,
                proxy=proxy,
                disk=disk,
                home=Path(folder),
                business_id=await make_business(around),
                call_id=seam.new_id(),
            )
            story.start()
            for step in steps:
                await story.step(step)
            await story.end()
            await story.check()
    finally:
        await opened.aclose()
        await around.aclose()


_QUICK = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@pytest.fixture
def proxy(database_address: DatabaseAddress) -> Iterator[DatabaseProxy]:
    opened = DatabaseProxy(database_address.app)
    yield opened
    opened.stop()


@_QUICK
@given(steps=st.lists(STEPS, min_size=4, max_size=25))
def test_what_was_told_is_there_once_and_in_order(
    steps: list[Step],
    database_address: DatabaseAddress,
    proxy: DatabaseProxy,
    keyring: Keyring,
    disk: Disk,
) -> None:
    asyncio.run(_live(steps, database_address, proxy, keyring, disk))


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(_QUICK, max_examples=200, phases=tuple(Phase))
@given(steps=st.lists(STEPS, min_size=10, max_size=60))
def test_what_was_told_is_there_once_and_in_order_through_long_calls(
    steps: list[Step],
    database_address: DatabaseAddress,
    proxy: DatabaseProxy,
    keyring: Keyring,
    disk: Disk,
) -> None:
    asyncio.run(_live(steps, database_address, proxy, keyring, disk))
