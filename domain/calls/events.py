"""The facts a call is made of: one typed, versioned model per event.

A call, its transcript and its figures are read from these. Add a field with a default, or a new
version; never change the meaning of one that has been written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    version: Literal[1] = 1


class CallStarted(_Event):
    """A job took the call. Repeated, with a higher epoch, by each job that takes it over."""

    type: Literal["call_started"] = "call_started"
    room: str
    channel: Literal["sip", "webrtc"]
    dialled: str
    """E.164."""
    caller: str = ""
    """E.164, or empty when withheld."""
    contact_id: UUID | None = None
    settings_version: int = 0
    sandbox: tuple[str, ...] = ()
    """Vendors that were sandbox stand-ins."""
    degraded: bool = False
    """Served from the last known profile because the database was away."""
    synthetic: bool = False
    """The installation calls itself, to see whether calls are answered."""


class CallAnswered(_Event):
    """The greeting's first sound left."""

    type: Literal["call_answered"] = "call_answered"
    setup_seconds: float
    """From the job's start to that sound."""
    greeting_ready: bool
    """Whether the greeting had been synthesised ahead."""


class FloorChanged(_Event):
    """Who speaks with the caller changed."""

    type: Literal["floor_changed"] = "floor_changed"
    before: Literal["answering", "assistant", "briefing", "person", "ended"]
    after: Literal["answering", "assistant", "briefing", "person", "ended"]
    reason: str = ""
    by: str = ""
    """Whose deed it was, where it was a user's: their id."""
    identity: str = ""
    """The participant who speaks with the caller now, where that is a person in the room."""


class CallerSaid(_Event):
    """A finished turn of the caller, as it was heard."""

    type: Literal["caller_said"] = "caller_said"
    text: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    confidence: float | None = None
    """0 to 1, as the recogniser gives it."""


class TurnLatency(BaseModel):
    """Where the time of one answer went, in seconds; None where a stage had no part in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    end_of_turn: float | None = None
    """Caller's last word → the turn was taken as ended."""
    transcription: float | None = None
    """Caller's last word → final transcript."""
    model: float | None = None
    """Request → first token."""
    speech: float | None = None
    """First text → first sound from the speech vendor."""
    total: float | None = None
    """Caller's last word → first sound back, as the agent knows it."""


class AssistantSaid(_Event):
    """What the assistant spoke: cut at the interruption if there was one."""

    type: Literal["assistant_said"] = "assistant_said"
    text: str
    interrupted: bool = False
    kind: Literal["reply", "greeting", "filler", "notice"] = "reply"
    latency: TurnLatency | None = None


class ToolCalled(_Event):
    """The model asked for a tool, and what came of it."""

    type: Literal["tool_called"] = "tool_called"
    name: str
    arguments: dict[str, object]
    result: str
    outcome: Literal["done", "refused", "failed"]
    seconds: float


class DigitPressed(_Event):
    """The caller pressed a key (RFC 4733 event)."""

    type: Literal["digit_pressed"] = "digit_pressed"
    digit: Annotated[str, Field(pattern=r"^[0-9*#A-D]$")]


class TimesOffered(_Event):
    """Times were offered; only these can be booked on this call."""

    type: Literal["times_offered"] = "times_offered"
    offer_ids: tuple[str, ...]


class AppointmentHeld(_Event):
    """The caller's yes: nobody else gets the time until then."""

    type: Literal["appointment_held"] = "appointment_held"
    appointment_id: UUID
    service_id: UUID
    person_id: UUID
    starts_at: datetime
    held_until: datetime


class AppointmentBooked(_Event):
    type: Literal["appointment_booked"] = "appointment_booked"
    appointment_id: UUID
    service_id: UUID
    person_id: UUID
    starts_at: datetime


class AppointmentMoved(_Event):
    type: Literal["appointment_moved"] = "appointment_moved"
    appointment_id: UUID
    before: datetime
    after: datetime


class AppointmentCancelled(_Event):
    type: Literal["appointment_cancelled"] = "appointment_cancelled"
    appointment_id: UUID


class AttendanceConfirmed(_Event):
    """The caller said that they will come."""

    type: Literal["attendance_confirmed"] = "attendance_confirmed"
    appointment_id: UUID


class LateFeeTold(_Event):
    """The assistant was told to name the fee for so late a change; it may be accepted from then on."""

    type: Literal["late_fee_told"] = "late_fee_told"
    appointment_id: UUID


class WaitingListJoined(_Event):
    type: Literal["waiting_list_joined"] = "waiting_list_joined"
    entry_id: UUID
    service_id: UUID


class MessageTaken(_Event):
    """`text` and the names are kept here only when the message could not be written to its table
    (database away); they are delivered from here."""

    type: Literal["message_taken"] = "message_taken"
    message_id: UUID
    urgency: Literal["low", "normal", "urgent"]
    caller_name: str = ""
    caller_phone: str = ""
    text: str = ""
    call_back_time: str = ""
    spooled: bool = False


class ContactSaved(_Event):
    type: Literal["contact_saved"] = "contact_saved"
    contact_id: UUID


class TransferStarted(_Event):
    """A person is sought for the caller."""

    type: Literal["transfer_started"] = "transfer_started"
    reason: str
    kind: Literal["cold", "warm"] = "cold"
    """Sent away by REFER, or a person rung into the call and told of it first."""
    department_id: UUID | None = None
    by: str = ""
    """The user who asked for it; empty: the caller or the assistant."""


class PersonRung(_Event):
    """A telephone of staff rings. `attempt` counts the telephones rung on this call."""

    type: Literal["person_rung"] = "person_rung"
    attempt: int
    person_id: UUID | None = None
    department_id: UUID | None = None


class PersonAnswered(_Event):
    """Somebody, or something, took the ringing telephone; the caller still hears the hold music."""

    type: Literal["person_answered"] = "person_answered"
    attempt: int


class BriefingSaid(_Event):
    """What the person who answered was told of the call."""

    type: Literal["briefing_said"] = "briefing_said"
    attempt: int
    text: str


RingOutcome = Literal[
    "accepted",
    "declined",
    "busy",
    "no_answer",
    "voicemail",
    "hung_up",
    "unclear",
    "cancelled",
    "caller_gone",
    "failed",
]
"""`unclear`: answered, but neither 1 nor yes nor no in time. `cancelled`: another one took the call first,
or the caller was given something else."""


class RingEnded(_Event):
    """What came of one telephone that was rung."""

    type: Literal["ring_ended"] = "ring_ended"
    attempt: int
    outcome: RingOutcome
    detail: str = ""
    """A SIP status or an error's type, never what somebody said."""


class TransferEnded(_Event):
    type: Literal["transfer_ended"] = "transfer_ended"
    outcome: Literal["connected", "failed"]
    detail: str = ""
    """A SIP status or an error's type, never what somebody said."""


class StaffJoined(_Event):
    """A member of staff came into the call from the console, to speak with the caller."""

    type: Literal["staff_joined"] = "staff_joined"
    user_id: UUID
    identity: str
    """The participant; holds no name."""


class StaffLeft(_Event):
    type: Literal["staff_left"] = "staff_left"
    user_id: UUID
    identity: str
    reason: Literal["left", "lost", "ended"]
    """`lost`: their connection broke."""


class StaffSaid(_Event):
    """What a person of the business said to the caller: from the console, or from a telephone."""

    type: Literal["staff_said"] = "staff_said"
    text: str
    user_id: UUID | None = None
    person_id: UUID | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class StaffWhispered(_Event):
    """Staff told the assistant something, or had it say something."""

    type: Literal["staff_whispered"] = "staff_whispered"
    user_id: UUID
    text: str
    aloud: bool = False
    """Spoken to the caller in the assistant's own voice, word for word."""


class SwitchChanged(_Event):
    """Staff switched the assistant while the call went on, or it had been switched before."""

    type: Literal["switch_changed"] = "switch_changed"
    mode: Literal["on", "messages_only", "off"]


class ProviderFailed(_Event):
    """A vendor's request failed or was given up."""

    type: Literal["provider_failed"] = "provider_failed"
    kind: Literal["hearing", "model", "speech"]
    provider: str
    error: str
    """The error's type and status, never its content."""


CallFlag = Literal["emergency", "self_harm", "threat", "abuse"]


class CallFlagged(_Event):
    """The caller said something that staff have to know of."""

    type: Literal["call_flagged"] = "call_flagged"
    flag: CallFlag


Deed = Literal["booked", "moved", "cancelled", "confirmed", "sent", "connected", "saved"]


class ClaimWithheld(_Event):
    """The model was about to say that something was done which was not: the caller did not hear it."""

    type: Literal["claim_withheld"] = "claim_withheld"
    deed: Deed
    said: str
    """The sentence that was not spoken."""


LineKind = Literal[
    "fax", "modem", "voicemail", "robot", "hold_music", "background_speech", "key_flood"
]
"""`background_speech`: a television, or talk that is not meant for us and never ends. `key_flood`: keys faster than
anybody presses them, without end."""


class LineRecognised(_Event):
    """What calls is no person who speaks to us."""

    type: Literal["line_recognised"] = "line_recognised"
    kind: LineKind


class SilenceNoticed(_Event):
    """Neither side spoke for the business's limit; the caller was asked whether they are there."""

    type: Literal["silence_noticed"] = "silence_noticed"
    times: int


EndReason = Literal[
    "caller_hung_up",
    "assistant_ended",
    "silence",
    "time_limit",
    "transferred",
    "staff_ended",
    "person_hung_up",
    "switched_off",
    "unknown_number",
    "failed",
    "worker_stopped",
    "worker_lost",
    "no_worker",
    "server_lost",
    "not_a_person",
    "abuse",
    "too_many_calls",
]
"""`no_worker`: none was to be had in the middle of the call. `server_lost`: LiveKit went away. `not_a_person`: a
fax, a mailbox, a robot. `too_many_calls`: one number called again and again."""


class CallEnded(_Event):
    """Nobody speaks any more; the room is closed."""

    type: Literal["call_ended"] = "call_ended"
    reason: EndReason


Event = Annotated[
    CallStarted
    | CallAnswered
    | FloorChanged
    | CallerSaid
    | AssistantSaid
    | ToolCalled
    | DigitPressed
    | TimesOffered
    | AppointmentHeld
    | AppointmentBooked
    | AppointmentMoved
    | AppointmentCancelled
    | AttendanceConfirmed
    | LateFeeTold
    | WaitingListJoined
    | MessageTaken
    | ContactSaved
    | TransferStarted
    | PersonRung
    | PersonAnswered
    | BriefingSaid
    | RingEnded
    | TransferEnded
    | StaffJoined
    | StaffLeft
    | StaffSaid
    | StaffWhispered
    | SwitchChanged
    | ProviderFailed
    | CallFlagged
    | ClaimWithheld
    | LineRecognised
    | SilenceNoticed
    | CallEnded,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads an event back from its stored JSON."""


class JournalEntry(BaseModel):
    """An event with its place: `epoch` counts the job processes that served the call, `seq` the
    events of one epoch."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    call_id: UUID
    epoch: int = Field(ge=1)
    seq: int = Field(ge=1)
    at: datetime
    event: Event
