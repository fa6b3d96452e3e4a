"""A job that is killed: writes a call's facts to a spool, says so, and waits. Run as a process."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from agent.journal.journal import CallJournal
from domain.calls.events import CallerSaid, CallStarted
from domain.database import Database
from domain.encryption import Keyring


async def main(url: str, home: str, key: str, call_id: str, business_id: str) -> None:
    database = Database(url, keyring=Keyring(encryption_keys=[key], index_key="index" * 8))
    journal = CallJournal(
        database,
        home=Path(home),
        call_id=UUID(call_id),
        epoch=1,
        business_id=UUID(business_id),
    )
    journal.record(CallStarted(room="call-killed", channel="sip", dialled="+12025550100"))
    for number in range(20):
        journal.record(CallerSaid(text=f"line {number}"))
    print("written", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
