"""Our phone against somebody else's SIP: sipp, of Debian's sip-tester."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reception.caller import audio
from reception.caller.sip_call import CallRefused
from reception.caller.sip_phone import NoAnswer, SipPhone
from tests.reception.conftest import free_port

pytestmark = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not on PATH (Debian: sip-tester)"
)
LONG = 20.0

DIGEST_SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="asks for a password">
  <recv request="INVITE" crlf="true"/>
  <send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[pid]Refused[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="test", nonce="47ebe028cda119c35d4877b383027d28da013815", qop="auth", algorithm=MD5
Content-Length: 0

]]></send>
  <recv request="ACK" crlf="true"/>
  <recv request="INVITE" crlf="true">
    <action>
      <verifyauth assign_to="ok" username="alice" password="swordfish"/>
    </action>
  </recv>
  <nop hide="true" test="ok" next="welcome"/>
  <send><![CDATA[
SIP/2.0 403 Forbidden
[last_Via:]
[last_From:]
[last_To:];tag=[pid]Forbidden[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
  <recv request="ACK" crlf="true" next="end"/>
  <label id="welcome"/>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]Welcome[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
  <recv request="ACK" crlf="true"/>
  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
  <label id="end"/>
</scenario>
"""


@asynccontextmanager
async def sipp(*arguments: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """sipp on a free port of loopback for one call; killed when the test is over."""
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *arguments,
        *("-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", str(round(LONG))),
        *("-mp", str(free_port(socket.SOCK_DGRAM))),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def succeeded(process: asyncio.subprocess.Process) -> None:
    """sipp's own verdict: it exits with 0 when every step of its scenario came as written."""
    output, _ = await asyncio.wait_for(process.communicate(), LONG)
    assert process.returncode == 0, output.decode(errors="replace")[-3000:]


async def listening(port: int) -> None:
    """Wait until sipp has its port."""
    async with asyncio.timeout(LONG):
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    return
            await asyncio.sleep(0.05)


async def test_a_call_from_sipp_is_answered_and_ended_by_it(tmp_path: Path) -> None:
    async with (
        SipPhone() as phone,
        sipp(
            *("-sn", "uac", "-s", "+12025550100", "-d", "200"),
            *("-p", str(free_port(socket.SOCK_DGRAM)), f"127.0.0.1:{phone.port}"),
            folder=tmp_path,
        ) as process,
    ):
        taken = await asyncio.wait_for(phone.incoming.get(), LONG)
        taken.ring()
        await taken.answer()
        await taken.wait_for_end(timeout=LONG)
        assert taken.ended_by == "them"
        await succeeded(process)


async def test_sipp_echoes_what_our_phone_says(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    uri = f"sip:+12025550100@127.0.0.1:{port}"
    async with (
        SipPhone() as phone,
        sipp("-sn", "uas", "-rtp_echo", "-p", str(port), folder=tmp_path) as process,
    ):
        await listening(port)
        call = await phone.call(uri, caller="+12025550111", timeout=LONG)
        assert call.times.ringing is not None
        spoken = await call.speak(audio.tone(frequency=500, seconds=0.5, rate=8000))
        heard = await call.hear(timeout=LONG, pause=0.3)
        # An echo begins before its sound has ended; it lasts as long.
        assert heard.cut_in
        length = heard.ended - heard.started
        assert length == pytest.approx(spoken.ended - spoken.started, abs=0.1)
        echoed = audio.trim_silence(call.ear.recording(), rate=8000)
        assert audio.strongest_frequency(echoed, rate=8000) == pytest.approx(500, abs=5)
        await call.hang_up()
        await succeeded(process)


@pytest.mark.parametrize("password", ["swordfish", "wrong"])
async def test_a_challenge_is_answered_with_the_password(tmp_path: Path, password: str) -> None:
    scenario = tmp_path / "digest.xml"
    scenario.write_text(DIGEST_SCENARIO)
    port = free_port(socket.SOCK_DGRAM)
    uri = f"sip:bob@127.0.0.1:{port}"
    async with (
        SipPhone(username="alice", password=password) as phone,
        sipp("-sf", str(scenario), "-p", str(port), folder=tmp_path) as process,
    ):
        await listening(port)
        if password == "swordfish":
            call = await phone.call(uri, timeout=LONG)
            await call.hang_up()
        else:
            with pytest.raises(CallRefused) as refused:
                await phone.call(uri, timeout=LONG)
            assert refused.value.status == 403
        await succeeded(process)


async def test_nobody_there_is_no_answer() -> None:
    async with SipPhone() as phone:
        with pytest.raises(NoAnswer):
            await phone.ping(f"sip:x@127.0.0.1:{free_port(socket.SOCK_DGRAM)}", timeout=0.3)
