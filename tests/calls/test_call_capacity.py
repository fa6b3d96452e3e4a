"""More callers than there is room for, by telephone: busy within seconds, and calls in progress do not notice."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest

from domain.calls.events import AssistantSaid, CallStarted
from reception.caller.sip_call import CallRefused
from reception.caller.sip_phone import SipPhone
from tests.calls.events import of_type
from tests.calls.handoff import CALLER, Office, open_office
from tests.calls.rescue import call_of_newest, keeper, kill_workers, now
from tests.calls.stack import find_livekit_server

pytestmark = [pytest.mark.sip, pytest.mark.timeout(300)]

REFUSED_CEILING = 15.0
"""Seconds from the INVITE to 486: three times the promise."""
CALLERS = 8


@pytest.fixture(scope="module")
async def office() -> AsyncIterator[Office]:
    """With room for one call. Skips where livekit-server, livekit-sip or redis-server is absent."""
    binary = find_livekit_server()
    missing = [name for name in ("livekit-sip", "redis-server") if not shutil.which(name)]
    if binary is None or missing:
        pytest.skip(f"not on PATH: {', '.join(missing) or 'livekit-server'}")
    async with open_office(binary) as made:
        kill_workers(made.stack)
        made.stack.start_worker(RECEPTION_MAX_CALLS="1")
        yield made


@pytest.mark.long
async def test_callers_beyond_capacity_get_busy_and_the_call_in_progress_goes_on(
    office: Office,
) -> None:
    await office.open()
    async with keeper(office.stack), office.call() as caller:
        await caller.hear()
        kept = await call_of_newest(office.line)
        refusals = asyncio.gather(*(_refused(office, number) for number in range(CALLERS)))
        await caller.speak("is there parking nearby")
        heard = await caller.hear()
        refused = await refusals
        assert not caller.ended.is_set()
        await caller.speak("are you open on saturday")
        await caller.hear()
    call = await office.line.ended(kept.room)
    events = await office.line.events(call)
    print(
        f"486 after {min(refused):.2f} to {max(refused):.2f} s, answered meanwhile in {heard.latency}"
    )
    assert max(refused) < REFUSED_CEILING
    assert call.end_reason == "caller_hung_up"
    assert len(of_type(events, CallStarted)) == 1
    replies = [one for one in of_type(events, AssistantSaid) if one.kind == "reply"]
    assert len(replies) >= 2
    # Who was refused was never a call.
    assert (await call_of_newest(office.line)).id == call.id


async def _refused(office: Office, number: int) -> float:
    """Call, and be refused: after how many seconds."""
    began = now()
    async with SipPhone() as phone:
        uri = f"sip:{office.number}@127.0.0.1:{office.stack.sip_port}"
        with pytest.raises(CallRefused) as refusal:
            await phone.call(uri, caller=f"{CALLER[:-2]}{number:02d}")
    assert refusal.value.status == 486
    return now() - began
