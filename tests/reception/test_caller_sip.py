"""Two of our phones over loopback, with real datagrams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from reception.caller import audio, sdp
from reception.caller.caller import CallEnded, NothingHeard
from reception.caller.sip_call import CallRefused, SipCall
from reception.caller.sip_message import Message, parse, response_to
from reception.caller.sip_phone import NoAnswer, SipPhone

LONG = 20.0
HIGH, LOW = 1000.0, 400.0


def sound(frequency: float, seconds: float = 0.6) -> audio.Samples:
    return audio.tone(frequency=frequency, seconds=seconds, rate=8000)


def hum(text: str, *, rate: int) -> audio.Samples:
    """A voice that needs no synthesiser: a tone, as long as the text asks for."""
    return audio.tone(frequency=HIGH, seconds=float(text), rate=rate)


@pytest.fixture
async def caller_phone() -> AsyncIterator[SipPhone]:
    async with SipPhone(voice=hum) as phone:
        yield phone


@pytest.fixture
async def staff_phone() -> AsyncIterator[SipPhone]:
    async with SipPhone(voice=hum) as phone:
        yield phone


async def connect(caller_phone: SipPhone, staff_phone: SipPhone) -> tuple[SipCall, SipCall]:
    """A call that is up: the caller's side and the side that answered."""
    placed = await caller_phone.dial(staff_phone.uri("+12025550100"), caller="+12025550111")
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    taken.ring()
    await taken.answer()
    await placed.answered(timeout=LONG)
    return placed, taken


async def until(condition: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(LONG):
            while True:
                if condition():
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"not within {LONG} s: {what}")


async def test_sound_travels_both_ways(caller_phone: SipPhone, staff_phone: SipPhone) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    assert taken.remote_user == "+12025550111"
    assert placed.times.ringing is not None and placed.times.answered is not None
    await asyncio.gather(placed.speak(sound(HIGH)), taken.speak(sound(LOW)))
    await until(lambda: bool(taken.ear.bursts and placed.ear.bursts), "both hear")
    await until(lambda: not taken.ear.talking(at=taken._now()), "the speech is over")
    await until(lambda: not placed.ear.talking(at=placed._now()), "the speech is over")
    for ear, frequency in ((taken.ear, HIGH), (placed.ear, LOW)):
        [burst] = ear.bursts
        heard = audio.trim_silence(ear.recording(), rate=8000)
        assert audio.strongest_frequency(heard, rate=8000) == pytest.approx(frequency, abs=5)
        assert audio.level(heard) == pytest.approx(-12, abs=1.5)
        assert burst.voiced_packets == 30


async def test_a_turn_is_timed_at_the_callers_side(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    hearing = asyncio.create_task(taken.hear(timeout=LONG, pause=0.3))
    spoken = await placed.speak("0.5")
    await hearing
    answer = asyncio.create_task(taken.speak(sound(LOW)))
    heard = await placed.hear(timeout=LONG)
    replied = await answer
    assert heard.latency is not None
    assert heard.latency == pytest.approx(replied.started - spoken.ended, abs=0.25)
    assert heard.latency >= 0.3
    assert not heard.cut_in
    [turn] = placed.turns
    assert turn.heard == heard and turn.said == "0.5"


async def test_a_barge_in_is_timed_until_the_other_side_is_silent(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    talking = asyncio.create_task(taken.speak(sound(LOW, seconds=10)))

    async def stop_when_spoken_to() -> None:
        await until(lambda: bool(taken.ear.bursts), "the interruption is heard")
        talking.cancel()

    stopping = asyncio.create_task(stop_when_spoken_to())
    done = await placed.interrupt("0.4", after=0.3, timeout=LONG)
    await stopping
    assert 0 < done.seconds < 5
    assert not placed.ear.talking(at=placed._now())
    answer = asyncio.create_task(taken.speak(sound(LOW)))
    heard = await placed.hear(timeout=LONG)
    await answer
    assert heard.started > done.silent_at
    assert placed.turns[-1].interruption == done


async def test_keys_arrive_once_each_and_in_order_both_ways(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    await asyncio.gather(placed.press("1129*0#"), taken.press("0D"))
    assert await taken.hear_keys(7, timeout=LONG) == "1129*0#"
    assert await placed.hear_keys(2, timeout=LONG) == "0D"
    # Sound goes on after the keys.
    await placed.speak(sound(HIGH))
    await until(lambda: len(taken.ear.bursts) > 0, "sound after the keys")


async def test_other_characters_are_not_keys(caller_phone: SipPhone, staff_phone: SipPhone) -> None:
    placed, _ = await connect(caller_phone, staff_phone)
    with pytest.raises(ValueError, match="digits"):
        await placed.press("12x")


@pytest.mark.parametrize("caller_ends", [True, False])
async def test_either_side_may_hang_up(
    caller_phone: SipPhone, staff_phone: SipPhone, caller_ends: bool
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    ending, other = (placed, taken) if caller_ends else (taken, placed)
    await ending.hang_up()
    await other.wait_for_end(timeout=LONG)
    assert (ending.ended_by, other.ended_by) == ("us", "them")
    with pytest.raises(CallEnded):
        await other.speak("0.5")
    with pytest.raises(CallEnded):
        await other.hear()


async def test_who_speaks_when_the_call_ends_is_told(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    speaking = asyncio.create_task(placed.speak("10"))
    await until(lambda: bool(taken.ear.bursts), "the speech has begun")
    await taken.hang_up()
    with pytest.raises(CallEnded):
        await asyncio.wait_for(speaking, LONG)


async def test_a_busy_phone_refuses_with_486(caller_phone: SipPhone, staff_phone: SipPhone) -> None:
    placed = await caller_phone.dial(staff_phone.uri("x"))
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    taken.refuse()
    with pytest.raises(CallRefused) as refused:
        await placed.answered(timeout=LONG)
    assert refused.value.status == 486
    assert placed.ended.is_set()
    # The ACK ended the repetition of the refusal.
    incoming = taken._incoming
    assert incoming is not None
    await asyncio.wait_for(incoming.acknowledged.wait(), LONG)


async def test_a_caller_who_gives_up_cancels_the_ringing(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed = await caller_phone.dial(staff_phone.uri("x"))
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    taken.ring()
    await until(lambda: placed.times.ringing is not None, "it rings")
    await placed.hang_up()
    await taken.wait_for_end(timeout=LONG)
    assert (taken.ended_by, taken.end_reason) == ("them", "cancelled")
    with pytest.raises(CallRefused):
        await placed.answered(timeout=LONG)
    with pytest.raises(CallEnded):
        await taken.answer()


async def test_an_answer_that_crosses_the_cancel_is_ended_with_bye(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed = await caller_phone.dial(staff_phone.uri("x"))
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    hanging_up = asyncio.create_task(placed.hang_up())
    await asyncio.sleep(0)
    await taken.answer()
    await hanging_up
    await taken.wait_for_end(timeout=LONG)
    assert placed.ended.is_set()


async def test_a_phone_that_is_closed_ends_its_calls(caller_phone: SipPhone) -> None:
    async with SipPhone(voice=hum) as staff_phone:
        placed, _ = await connect(caller_phone, staff_phone)
    await placed.wait_for_end(timeout=LONG)
    assert placed.ended_by == "them"


async def test_silence_is_nothing_heard(caller_phone: SipPhone, staff_phone: SipPhone) -> None:
    placed, _ = await connect(caller_phone, staff_phone)
    with pytest.raises(NothingHeard):
        await placed.hear(timeout=0.2)


async def test_a_call_that_nobody_answers_is_given_up(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    with pytest.raises(TimeoutError):
        await caller_phone.call(staff_phone.uri("x"), timeout=0.3)
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    await taken.wait_for_end(timeout=LONG)


async def test_options_tells_whether_somebody_is_there(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    assert await caller_phone.ping(staff_phone.uri("x"), timeout=LONG) == 200
    async with SipPhone() as gone:
        address = gone.uri("x")
    with pytest.raises(NoAnswer, match="does not answer"):
        await caller_phone.ping(address, timeout=0.3)


async def test_a_transfer_is_accepted(caller_phone: SipPhone, staff_phone: SipPhone) -> None:
    placed, taken = await connect(caller_phone, staff_phone)
    refer = taken.dialog.request("REFER", taken._endpoint)
    refer.add("refer-to", "<sip:+12025550199@127.0.0.1>")
    reply = await taken._endpoint.exchange(refer, taken.dialog.address)
    assert reply.status == 202
    await until(lambda: placed.referred_to is not None, "the transfer is asked for")
    assert placed.referred_to == "sip:+12025550199@127.0.0.1"


async def test_hold_stops_the_sound_and_resuming_starts_it(
    caller_phone: SipPhone, staff_phone: SipPhone
) -> None:
    placed, taken = await connect(caller_phone, staff_phone)

    async def offer(direction: str) -> Message:
        request = placed.dialog.request("INVITE", placed._endpoint)
        request.add("contact", placed._contact)
        placed._describe(request, direction, 101)
        transaction = placed._endpoint.request(request, placed.dialog.address)
        response = await asyncio.wait_for(transaction.final(), LONG)
        ack = placed.dialog.request("ACK", placed._endpoint, sequence=request.cseq[0])
        placed._endpoint.send(ack.encode(), placed.dialog.address)
        return response

    await until(lambda: placed.ear.packets_heard > 5, "packets arrive")
    assert "a=recvonly" in (await offer("sendonly")).body
    await until(lambda: taken._rtp._remote is None, "the other side sends nothing")
    held = placed.ear.packets_heard
    assert "a=sendrecv" in (await offer("sendrecv")).body
    await until(lambda: placed.ear.packets_heard > held + 5, "packets arrive again")


class Wire(asyncio.DatagramProtocol):
    """A bare socket, to send what no phone of ours would."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[Message] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.received.put_nowait(parse(data))

    @property
    def port(self) -> int:
        assert self.transport is not None
        port: int = self.transport.get_extra_info("sockname")[1]
        return port

    def send(self, message: Message, phone: SipPhone) -> None:
        assert self.transport is not None
        self.transport.sendto(message.encode(), ("127.0.0.1", phone.port))

    async def ask(self, phone: SipPhone, method: str, **headers: str) -> Message:
        request = Message(method=method, uri=phone.uri("x"))
        request.add("via", f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{method}")
        request.add("from", "<sip:wire@127.0.0.1>;tag=w")
        request.add("to", headers.pop("to", f"<{phone.uri('x')}>"))
        request.add("call-id", "wire")
        request.add("cseq", f"1 {method}")
        for name, value in headers.items():
            request.add(name, value)
        self.send(request, phone)
        return await asyncio.wait_for(self.received.get(), LONG)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
    yield made
    assert made.transport is not None
    made.transport.close()


async def test_a_repeated_request_gets_the_same_response_and_rings_once(
    staff_phone: SipPhone, wire: Wire
) -> None:
    first = await wire.ask(staff_phone, "INVITE")
    assert first.status == 100
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    taken.ring()
    ringing = await asyncio.wait_for(wire.received.get(), LONG)
    again = await wire.ask(staff_phone, "INVITE")
    assert again == ringing
    assert staff_phone.incoming.empty()
    taken.refuse()
    refusal = await asyncio.wait_for(wire.received.get(), LONG)
    assert refusal.status == 486
    # Nobody acknowledges: it comes again.
    assert await asyncio.wait_for(wire.received.get(), LONG) == refusal


async def test_what_is_lost_on_the_way_is_sent_again(caller_phone: SipPhone, wire: Wire) -> None:
    placed = await caller_phone.dial(f"sip:x@127.0.0.1:{wire.port}")
    lost = await asyncio.wait_for(wire.received.get(), LONG)
    invite = await asyncio.wait_for(wire.received.get(), LONG)
    assert invite == lost
    answer = response_to(invite, 200, "OK", tag="wire")
    answer.add("contact", f"<sip:x@127.0.0.1:{wire.port}>")
    answer.body = sdp.describe(host="127.0.0.1", port=9, session=1)
    wire.send(answer, caller_phone)
    ack = await asyncio.wait_for(wire.received.get(), LONG)
    assert (ack.method, ack.cseq[0]) == ("ACK", invite.cseq[0])
    assert ack.branch != invite.branch
    # The ACK was lost: the 200 comes again, and so must the ACK.
    wire.send(answer, caller_phone)
    assert await asyncio.wait_for(wire.received.get(), LONG) == ack
    await placed.answered(timeout=LONG)


async def test_the_response_tells_where_the_request_came_from(
    staff_phone: SipPhone, wire: Wire
) -> None:
    response = await wire.ask(staff_phone, "OPTIONS")
    assert f";rport={wire.port};received=127.0.0.1" in response.get("via")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("BYE", {"to": "<sip:x@127.0.0.1>;tag=unknown"}, 481),
        ("CANCEL", {}, 481),
        ("PUBLISH", {}, 405),
        ("INVITE", {"require": "100rel"}, 420),
        ("INVITE", {"contact": "<mailto:x>"}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused_with_its_status(
    staff_phone: SipPhone, wire: Wire, method: str, headers: dict[str, str], status: int
) -> None:
    assert (await wire.ask(staff_phone, method, **headers)).status == status


async def test_an_offer_without_our_codec_gets_488(staff_phone: SipPhone, wire: Wire) -> None:
    await wire.ask(staff_phone, "INVITE")
    taken = await asyncio.wait_for(staff_phone.incoming.get(), LONG)
    with pytest.raises(ValueError, match="µ-law"):
        await taken.answer()
    refusal = await asyncio.wait_for(wire.received.get(), LONG)
    assert refusal.status == 488
