"""Whole calls by telephone: a real livekit-sip, and a phone of ours that speaks SIP and RTP."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.businesses.versions import change_settings, current_settings
from domain.calls.events import AssistantSaid, CallerSaid, DigitPressed, TransferEnded
from domain.database import Database
from domain.demo import DEMO_NUMBER, seed_demo
from domain.handoffs import departments
from reception.caller.sip_call import SipCall
from reception.caller.sip_phone import SipPhone
from reception.livekit_config import LiveKitKeys
from reception.sip_apply import apply
from tests.calls.conftest import Line, database_of
from tests.calls.events import of_type, until
from tests.calls.stack import KEY, SECRET, Stack, find_livekit_server
from tests.postgres import clone_template, drop

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]

CALLER = "+12025550143"
PERSON = "+12025550122"
THROUGH_FILLERS = 4.0
"""Seconds of silence that end an answer: without a transcript nobody knows that "Let me check." is none."""


@dataclass
class Telephone:
    """A running installation with a trunk, and the way to its database."""

    stack: Stack
    line: Line

    @asynccontextmanager
    async def call(self, *, caller: str = CALLER) -> AsyncIterator[SipCall]:
        async with SipPhone() as phone:
            uri = f"sip:{DEMO_NUMBER}@127.0.0.1:{self.stack.sip_port}"
            placed = await phone.call(uri, caller=caller)
            try:
                yield placed
            finally:
                await placed.hang_up()


@pytest.fixture(scope="module")
async def telephone() -> AsyncIterator[Telephone]:
    """Skips where livekit-server, livekit-sip or redis-server is absent."""
    binary = find_livekit_server()
    missing = [name for name in ("livekit-sip", "redis-server") if not shutil.which(name)]
    if binary is None or missing:
        pytest.skip(f"not on PATH: {', '.join(missing) or 'livekit-server'}")
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser_url)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(folder=Path(folder), database_url=target.app, telephony=True)
        database = database_of(stack, target.app)
        await seed_demo(database)
        await _set_person(database)
        try:
            stack.start(binary)
            await apply(stack.environment["LIVEKIT_URL"], LiveKitKeys(key=KEY, secret=SECRET))
            yield Telephone(stack, Line(stack, database))
        finally:
            stack.stop()
            await database.aclose()
    drop(superuser_url, target)


async def _set_person(database: Database) -> None:
    """The demo business's calls can be sent to a person."""
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        settings, _ = await current_settings(scope)
        document = settings.model_dump(mode="json") | {"transfer_number": PERSON}
        await change_settings(scope, document=document)
        # Without departments the number is rung at every hour.
        for one in await departments.list_departments(scope):
            await departments.remove(scope, department_id=one.department.id)


async def test_a_telephone_call_is_heard_answered_and_kept(telephone: Telephone) -> None:
    async with telephone.call() as call:
        greeting = await call.hear()
        await call.speak("are you open on saturday")
        await call.hear(pause=THROUGH_FILLERS)
    kept = await telephone.line.ended(await _room(telephone))
    events = await telephone.line.events(kept)
    assert greeting.ended > greeting.started
    assert (kept.channel, kept.dialled, kept.caller_phone) == ("sip", DEMO_NUMBER, CALLER)
    assert kept.end_reason == "caller_hung_up"
    assert "saturday" in of_type(events, CallerSaid)[0].text.lower()
    replies = [said for said in of_type(events, AssistantSaid) if said.kind in ("reply", "filler")]
    assert replies and replies[0].latency is not None and replies[0].latency.total
    assert "saturday" in " ".join(said.text.lower() for said in replies)


async def test_the_key_0_sends_the_caller_to_a_person(telephone: Telephone) -> None:
    async with telephone.call() as call:
        await call.hear()
        await call.press("0")
        await until(lambda: _true(bool(call.referred_to)), timeout=30)
        await call.wait_for_end()
    kept = await telephone.line.ended(await _room(telephone))
    events = await telephone.line.events(kept)
    assert PERSON in str(call.referred_to)
    assert [one.digit for one in of_type(events, DigitPressed)] == ["0"]
    assert [one.outcome for one in of_type(events, TransferEnded)] == ["connected"]
    assert (kept.outcome, kept.end_reason) == ("transferred", "transferred")


async def test_a_person_who_does_not_take_the_call_leaves_the_caller_with_the_assistant(
    telephone: Telephone,
) -> None:
    async with telephone.call() as call:
        call.transfer_status = (486, "Busy Here")
        await call.hear()
        await call.press("0")
        await until(lambda: _true(bool(call.referred_to)), timeout=30)
        await call.hear()
        await call.speak("is there parking nearby")
        await call.hear(pause=THROUGH_FILLERS)
        assert not call.ended.is_set()
    kept = await telephone.line.ended(await _room(telephone))
    events = await telephone.line.events(kept)
    ended = of_type(events, TransferEnded)
    assert [one.outcome for one in ended] == ["failed"]
    assert kept.outcome is None
    assert any("parking" in said.text.lower() for said in of_type(events, AssistantSaid))


async def test_the_callers_number_is_in_no_log(telephone: Telephone) -> None:
    async with telephone.call(caller="+12025550187") as call:
        await call.hear()
    await telephone.line.ended(await _room(telephone))
    for part in telephone.stack.parts:
        if part.name in ("worker", "sandbox"):
            assert "2025550187" not in part.log.read_text(errors="replace"), part.name


async def _room(telephone: Telephone) -> str:
    """The room of the newest call."""

    async def newest() -> str | None:
        return await telephone.line.newest_room()

    return await until(newest, timeout=45)


async def _true(value: bool) -> bool:
    return value
