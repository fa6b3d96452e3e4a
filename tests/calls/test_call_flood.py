"""Two hundred calls in a second where one fits: everybody is told within seconds, and who talks does not notice."""

from __future__ import annotations

import asyncio
import collections
import shutil
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reception.caller.caller import Caller
from tests.calls.handoff import Office, open_office
from tests.calls.rescue import call_of_newest, keeper, kill_workers
from tests.calls.stack import find_livekit_server

pytestmark = [pytest.mark.sip, pytest.mark.long, pytest.mark.timeout(420)]

CALLS = 200
BUSY_CEILING = 15.0
"""Seconds from the INVITE to the answer: three times the promise."""
SLOWEST = 3.0
"""Turns during the flood by turns before it, in the same run: signalling takes both cores of a small machine."""
BEFORE, DURING = 3, 4

# What a refusal is, in the order of RFC 3261 section 21: busy is what carriers send on to another number.
REFUSALS = (480, 486, 500, 503, 600)
_REFUSED = "\n".join(
    f'  <recv response="{code}" optional="true" rtd="1" next="refused">'
    f'<action><log message="answered {code}"/></action></recv>'
    for code in REFUSALS
)
SCENARIO = f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="calls, and takes what comes">
  <send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+1202556[call_number]@[local_ip]:[local_port]>;tag=[pid]flood[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:flood@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=flood 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
{_REFUSED}
  <recv response="200" rtd="1"><action><log message="answered 200"/></action></recv>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+1202556[call_number]@[local_ip]:[local_port]>;tag=[pid]flood[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0
]]></send>
  <pause milliseconds="2000"/>
  <send retrans="500"><![CDATA[
BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+1202556[call_number]@[local_ip]:[local_port]>;tag=[pid]flood[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0
]]></send>
  <recv response="200" next="end"/>
  <label id="refused"/>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];[last_branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0
]]></send>
  <label id="end"/>
</scenario>
"""


@dataclass(frozen=True)
class Flood:
    """What the callers of a flood got."""

    answers: collections.Counter[int]
    """By SIP status."""
    seconds: list[float]
    """From the INVITE to the final answer."""


@pytest.fixture(scope="module")
async def office() -> AsyncIterator[Office]:
    """With room for one call. Skips where a program is absent."""
    binary = find_livekit_server()
    missing = [name for name in ("livekit-sip", "redis-server", "sipp") if not shutil.which(name)]
    if binary is None or missing:
        pytest.skip(f"not on PATH: {', '.join(missing) or 'livekit-server'}")
    async with open_office(binary, rtp_ports=3 * CALLS) as made:
        kill_workers(made.stack)
        made.stack.start_worker(RECEPTION_MAX_CALLS="1")
        yield made


async def test_two_hundred_calls_in_a_second_are_told_busy_and_the_call_goes_on(
    office: Office, tmp_path: Path
) -> None:
    await office.open()
    async with keeper(office.stack), office.call() as caller:
        await caller.hear()
        kept = await call_of_newest(office.line)
        before = [await _turn(caller) for _ in range(BEFORE)]
        flooding = asyncio.create_task(_flood(office, tmp_path))
        during = [await _turn(caller) for _ in range(DURING)]
        flood = await flooding
        assert not caller.ended.is_set()
        after = await _turn(caller)
    ratio = statistics.median(during) / statistics.median(before)
    print(
        f"\n{CALLS} calls in a second: answers {dict(flood.answers)}, after {statistics.median(flood.seconds):.2f} s"
        f" (median), {max(flood.seconds):.2f} s at most; turns of the call in progress: median"
        f" {statistics.median(before):.2f} s before (n={BEFORE}), {statistics.median(during):.2f} s during"
        f" (n={DURING}), ratio {ratio:.2f}, {after:.2f} s after"
    )
    # Nobody is left ringing, and nobody is let in. livekit-sip refuses by itself, with a 5xx, what its machine
    # cannot take in before there is a room to be busy; carriers send each of these on to another number.
    assert flood.answers.total() == CALLS
    assert set(flood.answers) <= set(REFUSALS)
    assert max(flood.seconds) < BUSY_CEILING
    assert ratio < SLOWEST
    call = await office.line.ended(kept.room)
    assert call.end_reason == "caller_hung_up"


async def _turn(caller: Caller) -> float:
    """Ask, and be answered: after how many seconds."""
    await caller.speak("is there parking nearby")
    heard = await caller.hear(timeout=30)
    assert heard.latency is not None
    return heard.latency


async def _flood(office: Office, folder: Path) -> Flood:
    scenario = folder / "flood.xml"
    scenario.write_text(SCENARIO)
    process = await asyncio.create_subprocess_exec(
        "sipp",
        f"127.0.0.1:{office.stack.sip_port}",
        *("-sf", str(scenario), "-s", office.number, "-m", str(CALLS), "-r", str(CALLS)),
        *("-l", str(CALLS), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin"),
        *("-timeout", "90s", "-recv_timeout", "60000", "-trace_rtt", "-rtt_freq", "1"),
        *("-trace_logs", "-log_file", str(folder / "answers.log")),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
    return _heard(folder)


def _heard(folder: Path) -> Flood:
    """From what sipp wrote down."""
    answers = collections.Counter(
        int(line.rsplit(" ", 1)[1])
        for line in (folder / "answers.log").read_text().splitlines()
        if "answered" in line
    )
    (times,) = folder.glob("flood_*_rtt.csv")
    seconds = [
        float(line.split(";")[1]) / 1000
        for line in times.read_text().splitlines()[1:]
        if line.count(";") >= 2
    ]
    return Flood(answers, seconds)
