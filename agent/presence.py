"""Two agents in one room while the database is away: each can tell from the room who stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from livekit import rtc

from domain.calls.control import CLAIM_ATTRIBUTE

CLAIM: Final = CLAIM_ATTRIBUTE
Claim = Literal["lock", "presence"]


@dataclass(frozen=True)
class OtherAgent:
    """Another agent of ours in the room."""

    identity: str
    claim: str


def other_agents(room: rtc.Room) -> list[OtherAgent]:
    """The agents in the room beside this one."""
    return [
        OtherAgent(participant.identity, _claim(participant.attributes))
        for participant in room.remote_participants.values()
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    ]


def must_leave(own: str, others: Iterable[OtherAgent], *, serving: bool) -> bool:
    """Whether the agent `own`, which has no lock, has to leave the call to another.

    Who has the lock stays; then who serves already; between equals, the smaller identity. Every agent
    comes to the same answer, so that one stays, and only one.
    """
    for other in others:
        if other.claim == "lock":
            return True
        if bool(other.claim) != serving:
            if other.claim:
                return True
        elif other.identity < own:
            return True
    return False


def _claim(attributes: Mapping[str, str]) -> str:
    return attributes.get(CLAIM, "")
