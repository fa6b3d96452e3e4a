"""What staff ask of a call in progress: sent by the admin service into the call's room, for its agent.

They travel as data messages of the server API on topic TOPIC. The server leaves the sender of those empty,
and a participant can't: an agent takes nothing that has one.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

TOPIC: Final = "reception.control"

AGENT: Final = "reception"
"""The name by which jobs are dispatched."""
ROOM_PREFIX: Final = "call-"
"""Of the rooms that are calls."""
STAFF_ROLE: Final = "staff"
CALLER_ROLE: Final = "caller"
ROLE_ATTRIBUTE: Final = "reception.role"
"""Of a participant: `caller` (over WebRTC), or `staff` for who takes over from the console."""
DIALLED_ATTRIBUTE: Final = "reception.dialled"
"""Of a caller over WebRTC: the number called (E.164)."""
CALLER_ATTRIBUTE: Final = "reception.caller"
"""Of a caller over WebRTC: their own number (E.164), or empty."""
BUSINESS_ATTRIBUTE: Final = "reception.business"
"""Of a caller from the console: the id of the business whose assistant is called, which may have no number."""
SYNTHETIC_ATTRIBUTE: Final = "reception.synthetic"
"""Of a caller: `yes` when the installation calls itself."""
USER_ATTRIBUTE: Final = "reception.user"
"""Of a participant of staff: the user's id. Signed into their token, which lets them change neither."""
CLAIM_ATTRIBUTE: Final = "reception.serves"
"""Of an agent: how it came to serve the call. `lock`: it holds the call's lock; `presence`: it has none, because
the database is away, so that a lock that is free says nothing of it."""
SIP_RULE_ATTRIBUTE: Final = "sip.ruleID"
"""Of a participant by telephone who called in (livekit-sip): legs that were dialled have none."""


class _Control(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: UUID
    """Of the request: sent twice, it is carried out once."""
    user_id: UUID
    """Who asks."""


class Whisper(_Control):
    """Text for the assistant to act on; `aloud`: to say to the caller word for word."""

    type: Literal["whisper"] = "whisper"
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    aloud: bool = False


class GiveFloor(_Control):
    """Who is to speak with the caller from now on: the assistant, or a participant of staff."""

    type: Literal["give_floor"] = "give_floor"
    to: Annotated[str, Field(min_length=1, max_length=200)]
    """`assistant`, or the participant's identity."""


class Transfer(_Control):
    """Hand the caller to a telephone: a department's, a person's, or a number."""

    type: Literal["transfer"] = "transfer"
    kind: Literal["warm", "cold"] | None = None
    """None: as the business has set it."""
    department_id: UUID | None = None
    person_id: UUID | None = None
    number: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14})?$")] = ""


class HangUp(_Control):
    """End the call for everybody."""

    type: Literal["hang_up"] = "hang_up"


class ChangeSwitch(_Control):
    """The business's switch is another now."""

    type: Literal["change_switch"] = "change_switch"
    mode: Literal["on", "messages_only", "off"]
    forward_to: str = ""
    """E.164; empty: voicemail."""


Control = Annotated[
    Whisper | GiveFloor | Transfer | HangUp | ChangeSwitch, Field(discriminator="type")
]
CONTROL: TypeAdapter[Control] = TypeAdapter(Control)
