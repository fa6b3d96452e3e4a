"""Who calls, and which number they dialled: from the participants of the room."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from livekit import rtc

from domain.calls.control import (
    BUSINESS_ATTRIBUTE,
    CALLER_ATTRIBUTE,
    CALLER_ROLE,
    DIALLED_ATTRIBUTE,
    ROLE_ATTRIBUTE,
    SIP_RULE_ATTRIBUTE,
    SYNTHETIC_ATTRIBUTE,
)

FIND_SECONDS: Final = 10.0
"""How long a job waits for the caller to be in the room."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The participant who is the caller."""

    identity: str
    """Holds the caller's number on SIP: never log it unmasked."""
    channel: Literal["sip", "webrtc"]
    dialled: str
    """E.164, or empty when the carrier hid it."""
    phone: str
    """E.164, or empty when withheld."""
    business_id: UUID | None = None
    """Whose assistant is called from the console, which may have no number yet; None on other calls."""
    synthetic: bool = False
    """The installation calls itself, to see whether calls are answered."""


class CallerAbsent(Exception):
    """Nobody in the room is the caller, or they left before the job was there."""


async def find_caller(room: rtc.Room, *, timeout: float = FIND_SECONDS) -> Caller:
    """Wait until the caller is in the connected `room`. Raises CallerAbsent after `timeout` seconds."""
    changed = asyncio.Event()

    def look_again(*_: object) -> None:
        changed.set()

    room.on("participant_connected", look_again)
    room.on("participant_attributes_changed", look_again)
    try:
        async with asyncio.timeout(timeout):
            while True:
                changed.clear()
                for participant in room.remote_participants.values():
                    if (caller := as_caller(participant)) is not None:
                        return caller
                await changed.wait()
    except TimeoutError:
        raise CallerAbsent from None
    finally:
        room.off("participant_connected", look_again)
        room.off("participant_attributes_changed", look_again)


def as_caller(participant: rtc.RemoteParticipant) -> Caller | None:
    """`participant` as the caller, if that is what they are: staff legs are SIP too."""
    attributes: Mapping[str, str] = participant.attributes
    kind = participant.kind
    if kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP and attributes.get(SIP_RULE_ATTRIBUTE):
        return Caller(
            identity=participant.identity,
            channel="sip",
            dialled=e164(attributes.get("sip.trunkPhoneNumber", "")),
            phone=e164(attributes.get("sip.phoneNumber", "")),
        )
    is_caller = attributes.get(ROLE_ATTRIBUTE) == CALLER_ROLE
    if kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD and is_caller:
        return Caller(
            identity=participant.identity,
            channel="webrtc",
            dialled=e164(attributes.get(DIALLED_ATTRIBUTE, "")),
            phone=e164(attributes.get(CALLER_ATTRIBUTE, "")),
            business_id=_id(attributes.get(BUSINESS_ATTRIBUTE, "")),
            # Nobody who telephones can say so: the attributes of a token are signed.
            synthetic=attributes.get(SYNTHETIC_ATTRIBUTE) == "yes",
        )
    return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def e164(number: str) -> str:
    """A number as a carrier writes it (`+1202…`, `1202…`, `001202…`) as E.164; `""` for what is none.

    A carrier that sends national numbers has to be told to send E.164: nothing here knows the country.
    """
    digits = re.sub(r"[\s().-]", "", number)
    digits = digits.removeprefix("+").removeprefix("00")
    return f"+{digits}" if re.fullmatch(r"[1-9]\d{6,14}", digits) else ""
