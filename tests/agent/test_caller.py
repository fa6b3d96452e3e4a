"""Finding the caller among the participants of a room."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from agent.caller import CallerAbsent, as_caller, e164, find_caller

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

INBOUND = {
    "sip.ruleID": "SDR_1",
    "sip.trunkPhoneNumber": "+12025550100",
    "sip.phoneNumber": "+12025550111",
}
WEBRTC = {
    "reception.role": "caller",
    "reception.dialled": "+12025550100",
    "reception.caller": "",
}


def participant(kind: int, **attributes: str) -> rtc.RemoteParticipant:
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    return cast(
        rtc.RemoteParticipant, SimpleNamespace(kind=kind, attributes=named, identity="someone")
    )


class Room:
    """The part of rtc.Room that is looked at."""

    def __init__(self, *participants: rtc.RemoteParticipant) -> None:
        self.remote_participants = {str(place): one for place, one in enumerate(participants)}
        self.handlers: dict[str, list[Any]] = {}

    def on(self, name: str, handler: Any) -> None:
        self.handlers.setdefault(name, []).append(handler)

    def off(self, name: str, handler: Any) -> None:
        self.handlers[name].remove(handler)

    def join(self, one: rtc.RemoteParticipant) -> None:
        self.remote_participants["new"] = one
        for handler in list(self.handlers["participant_connected"]):
            handler(one)


def test_an_inbound_telephone_leg_is_the_caller() -> None:
    caller = as_caller(participant(SIP, **INBOUND))
    assert caller is not None
    assert (caller.channel, caller.dialled, caller.phone) == ("sip", "+12025550100", "+12025550111")


def test_a_leg_that_we_dialled_is_not_the_caller() -> None:
    dialled_by_us = {key: value for key, value in INBOUND.items() if key != "sip.ruleID"}
    assert as_caller(participant(SIP, **dialled_by_us)) is None


def test_a_browser_is_the_caller_only_with_the_signed_role() -> None:
    caller = as_caller(participant(STANDARD, **WEBRTC))
    assert caller is not None
    assert (caller.channel, caller.phone) == ("webrtc", "")
    assert as_caller(participant(STANDARD)) is None
    assert as_caller(participant(AGENT, **WEBRTC)) is None


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("+12025550111", "+12025550111"),
        ("12025550111", "+12025550111"),
        ("0012025550111", "+12025550111"),
        ("+1 (202) 555-0111", "+12025550111"),
        ("anonymous", ""),
        ("", ""),
        ("911", ""),
        ("+1202555011112345678", ""),
    ],
)
def test_numbers_of_carriers_become_e164(number: str, read: str) -> None:
    assert e164(number) == read


async def test_the_caller_is_waited_for_and_staff_passed_over() -> None:
    room = Room(participant(STANDARD), participant(AGENT))
    finding = asyncio.create_task(find_caller(cast(rtc.Room, room), timeout=20))
    await asyncio.sleep(0)
    room.join(participant(SIP, **INBOUND))
    assert (await finding).channel == "sip"
    assert not any(room.handlers.values())


async def test_a_room_without_a_caller_is_given_up() -> None:
    with pytest.raises(CallerAbsent):
        await find_caller(cast(rtc.Room, Room(participant(STANDARD))), timeout=0.05)


def test_only_a_signed_token_can_say_that_a_call_is_synthetic() -> None:
    said = WEBRTC | {"reception.synthetic": "yes"}
    caller = as_caller(participant(STANDARD, **said))
    assert caller is not None and caller.synthetic
    telephone = as_caller(participant(SIP, **(INBOUND | {"reception.synthetic": "yes"})))
    assert telephone is not None and not telephone.synthetic
