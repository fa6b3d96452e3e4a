"""Calls through an outage: what their callers do, and what must be true afterwards."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from agent.journal.spool import ASIDE_SUFFIX, SUFFIX, read_spool, spool_folder
from domain.calls.events import (
    AssistantSaid,
    CallStarted,
    Event,
    JournalEntry,
    MessageTaken,
)
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.calls.replay import rebuild, record_of
from domain.database import Database
from domain.messages.models import Message
from tests.calls.conftest import Line
from tests.calls.events import of_type, until
from tests.calls.practice import Practice, Talk
from tests.calls.stack import Stack

STILL_THERE = "are you still there?"
WISH = "i would like to book a cleaning for tomorrow at two"
YES, NAME, NUMBER = "yes please", "my name is david hill", "yes it is"
ANSWERS = {
    "name": NAME,
    "number": "this number is fine",
    "message": "please ask doctor lee to call me back tomorrow",
    "tell": "please ask doctor lee to call me back tomorrow",
}
"""To what is asked for a message."""
QUESTIONS = {
    "shall i book": YES,
    "which would you like": "the first one please",
    "name": NAME,
    "number": NUMBER,
}
"""And for a booking."""


# What must be true afterwards


@dataclass
class Record:
    call: Call
    entries: list[JournalEntry]

    @property
    def events(self) -> list[Event]:
        return [entry.event for entry in self.entries]


async def check(practice: Practice, talk: Talk, *, lost_places: int = 0) -> Record:
    """Everything that happened is in the database once and in order. A deed that failed leaves its place
    empty: so many of these there may be (`lost_places`)."""
    line = practice.line
    call = await line.ended(talk.caller.room_name)
    entries = await entries_of(line.database, call)
    seqs = [entry.seq for entry in entries]
    assert {entry.epoch for entry in entries} == {1}
    assert seqs == sorted(set(seqs))
    missing = set(range(1, seqs[-1] + 1)) - set(seqs)
    assert len(missing) <= lost_places, (missing, [one.event.type for one in entries])
    events = [entry.event for entry in entries]
    assert isinstance(events[0], CallStarted)
    said = " ".join(one.text for one in of_type(events, AssistantSaid))
    for sentence in _sentences(" ".join(talk.heard)):
        assert sentence in " ".join(_sentences(said)), (sentence, said)
    assert rebuild(entries) == record_of(call)
    left = [path.name for path in spool_folder(line.stack.home).iterdir()]
    assert not [name for name in left if name.startswith(str(call.id))], left
    async with line.database.scope(business_id=call.business_id) as scope:
        query = select(Message.id).where(Message.call_id == call.id)
        kept = set(await scope.session.scalars(query))
    assert kept == {one.message_id for one in of_type(events, MessageTaken)}
    return Record(call, entries)


def _sentences(text: str) -> list[str]:
    plain = re.sub(r"\s+", " ", text).strip()
    return [one.strip() for one in re.split(r"(?<=[.?!]) ", plain) if one.strip()]


async def entries_of(database: Database, call: Call) -> list[JournalEntry]:
    async with database.scope(business_id=call.business_id) as scope:
        query = select(CallEvent).where(CallEvent.call_id == call.id)
        rows = await scope.session.scalars(query.order_by(CallEvent.epoch, CallEvent.seq))
        return [as_entry(row) for row in rows]


async def messages_of(practice: Practice) -> list[Message]:
    async with practice.line.database.scope(business_id=practice.business_id) as scope:
        return list(await scope.session.scalars(select(Message)))


# What callers do


async def say_any(talk: Talk, line: str, *, parts: int = 1, until_heard: str = "") -> str:
    """Say a line, and return what is answered, whatever it is: up to so many pieces of it."""
    talk.prompt(line)
    await talk.caller.speak(line)
    told = ""
    for _ in range(parts):
        told = f"{told} {await talk.hear()}".strip().lower()
        if until_heard in told:
            break
    return told


async def leave_message(talk: Talk) -> None:
    """Ask for a message to be taken, and answer until the assistant has it."""
    line = "can i leave a message please"
    for _ in range(10):
        told = await say_any(talk, line)
        if told in ("one moment please.", "one moment please"):
            told = (await talk.hear()).lower()
        if "else" in told:
            return
        line = next((said for asked, said in ANSWERS.items() if asked in told), YES)
    raise AssertionError(talk.heard)


async def book(talk: Talk) -> None:
    """Book what `WISH` asks for, or the first of what there is instead, answering what is asked."""
    line = WISH
    for _ in range(10):
        told = await say_any(talk, line, parts=2, until_heard="?")
        if "booking code" in told:
            return
        asked = told.rsplit(STILL_THERE, 1)[-1] or told
        if asked.strip() == STILL_THERE:
            continue
        line = next((said for question, said in QUESTIONS.items() if question in asked), WISH)
    raise AssertionError(talk.heard)


# The disk


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 32 KiB on `folder`; skips where the test may not mount one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k,mode=700", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        # Lazily: a worker may be looking into it.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave no room but in the pages that are begun."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


# The job and its spool


async def spool_of_the_call(stack: Stack) -> Path:
    """The spool of the one call in progress."""

    async def look() -> Path | None:
        found = list(spool_folder(stack.home).glob(f"*{SUFFIX}"))
        return found[0] if len(found) == 1 else None

    return await until(look, timeout=30)


def holder(stack: Stack, spool: Path) -> psutil.Process:
    """The job: the process that has the spool open."""
    for part in stack.parts:
        if part.name != "worker" or part.process.poll() is not None:
            continue
        for process in psutil.Process(part.process.pid).children(recursive=True):
            with suppress(psutil.Error, OSError):
                for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
                    if Path(os.readlink(descriptor)) == spool:
                        return process
    raise AssertionError("nobody holds the spool")


async def until_all_is_there(
    stack: Stack, line: Line, bring_back: Callable[[], object], *, timeout: float = 60
) -> float:
    """Bring the database back, and wait until it has everything that the spool holds; seconds from its
    return."""
    spool = await spool_of_the_call(stack)
    began = await _bring_back(bring_back)

    async def look() -> bool:
        return not read_spool(spool, line.database.keyring).waiting

    await until(look, timeout=timeout)
    return asyncio.get_running_loop().time() - began


async def until_delivered(line: Line, bring_back: Callable[[], object], talk: Talk) -> float:
    """As `_until_all_is_there`, where the spool does not tell: until the last that was heard is there."""
    began = await _bring_back(bring_back)
    last = _sentences(talk.heard[-1])[-1]

    async def look() -> bool:
        call = await line.find(talk.caller.room_name)
        if call is None:
            return False
        entries = await entries_of(line.database, call)
        said = [one.text for one in of_type([one.event for one in entries], AssistantSaid)]
        return last in " ".join(said)

    await until(look, timeout=60)
    return asyncio.get_running_loop().time() - began


async def _bring_back(bring_back: Callable[[], object]) -> float:
    """The moment from which on the database answers: what `bring_back` says, or when it is done."""
    done = bring_back()
    if inspect.isawaitable(done):
        done = await done
    return done if isinstance(done, float) else asyncio.get_running_loop().time()


async def gone(spool: Path) -> bool:
    left = {path.name for path in spool_folder(spool.parents[1]).iterdir()}
    assert spool.with_suffix(ASIDE_SUFFIX).name not in left
    return spool.name not in left


def print_figures(what: str, seconds: float, record: Record) -> None:
    """The figures of a run with `-s`: nothing lost, and how long until everything was there."""
    print(
        f"\n{what}: 0 of {len(record.entries)} events lost, delivered {seconds:.1f} s after its return"
    )
