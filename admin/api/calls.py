"""The call log: calls, their events, words and latencies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from pydantic import Field

from admin.authentication import Transaction
from admin.models import Instant, View
from admin.pages import (
    Cursor,
    Limit,
    Page,
    numbers_cursor,
    page,
    position_cursor,
    read_numbers,
    read_position,
)
from admin.problems import READS, BadRequest
from domain.businesses import operations as businesses
from domain.calls import log
from domain.calls.events import CallFlag, EndReason, Event, JournalEntry
from domain.calls.log import CallFilter, Channel, Outcome, State
from domain.calls.models import Call as CallRow
from domain.contacts import operations as contacts
from domain.phone import parse_phone


class Call(View):
    """One call."""

    id: UUID
    room: str = Field(description="The LiveKit room.", examples=["call-4Kd9xQ2m"])
    channel: Channel
    dialled: str = Field(examples=["+12025550100"])
    caller_phone: str | None = Field(
        description="Null when it was withheld.", examples=["+12025550123"]
    )
    contact_id: UUID | None
    contact_name: str | None = Field(examples=["Jane Doe"])
    state: State
    outcome: Literal["booked", "moved", "cancelled", "transferred", "message"] | None = Field(
        description="The weightiest thing that came of it."
    )
    started_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    end_reason: EndReason | None
    duration_seconds: float | None = Field(description="From start to end.", examples=[94.2])
    sandbox: list[str] = Field(
        description="Vendors that were stand-ins on this call: nobody real was heard or answered."
    )
    flags: list[CallFlag] = Field(description="What staff should know of it at a glance.")
    synthetic: bool = Field(
        description="The installation called itself, to see whether calls are answered."
    )


class CallEvent(View):
    """A fact of a call. What `event` holds depends on its `type`."""

    epoch: int = Field(description="Counts the job processes that served the call.")
    seq: int = Field(description="Counts the events of one epoch.")
    at: Instant
    event: Event


class TranscriptLine(View):
    """Something that was said."""

    who: Literal["caller", "assistant", "staff"]
    text: str = Field(examples=["I need a cleaning."])
    at: Instant
    interrupted: bool = Field(description="The caller spoke over it; `text` ends where it was cut.")
    kind: Literal["turn", "reply", "greeting", "filler", "notice"]
    user_id: UUID | None = Field(None, description="Of staff who spoke from the console.")
    person_id: UUID | None = Field(None, description="Of staff who spoke on a telephone.")


class Transcript(View):
    """A call's words in order."""

    call_id: UUID
    lines: list[TranscriptLine]


class StageSeconds(View):
    """Where the time of one answer went, in seconds; null where a stage had no part in it."""

    end_of_turn: float | None
    transcription: float | None
    model: float | None
    speech: float | None
    total: float | None = Field(description="The caller's last word to the first sound back.")


class AnswerLatency(View):
    """One answer."""

    at: Instant
    seconds: StageSeconds


class StageFigure(View):
    """A stage over the whole call, in seconds."""

    count: int
    median: float = Field(examples=[0.81])
    p95: float = Field(examples=[1.2])


class Latency(View):
    """How fast a call was answered."""

    call_id: UUID
    setup_seconds: float | None = Field(
        description="The job's start to the greeting's first sound.", examples=[0.31]
    )
    answers: list[AnswerLatency]
    stages: dict[str, StageFigure] = Field(
        description="By stage: end_of_turn, transcription, model, speech, total."
    )


@get("/", responses=READS, summary="List calls")
async def list_calls(
    transaction: Transaction,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    outcome: Annotated[
        Outcome | None, QueryParameter(description="`none`: nothing came of it.")
    ] = None,
    channel: FromQuery[Channel | None] = None,
    started_from: Annotated[
        datetime | None, QueryParameter(description="With an offset (RFC 3339).")
    ] = None,
    started_to: Annotated[
        datetime | None, QueryParameter(description="Not included; with an offset (RFC 3339).")
    ] = None,
    caller_phone: Annotated[str | None, QueryParameter(max_length=40)] = None,
    contact_id: FromQuery[UUID | None] = None,
    search: Annotated[
        str | None,
        QueryParameter(
            max_length=200,
            description="Words that were all said on the call, by whomever; case, accents and plurals "
            "do not matter.",
        ),
    ] = None,
    synthetic: Annotated[
        bool,
        QueryParameter(
            description="The calls that the installation makes to itself, instead of all others."
        ),
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Call]:
    """Calls, the newest first. Pages hold still while calls come in."""
    for name, at in (("started_from", started_from), ("started_to", started_to)):
        if at is not None and at.tzinfo is None:
            raise BadRequest(name, "query", "needs an offset from UTC, such as Z")
    if caller_phone is not None:
        country = (await businesses.get(transaction)).country
        caller_phone = parse_phone(caller_phone, region=country, field="caller_phone")
    rows = await log.list_calls(
        transaction,
        matching=CallFilter(
            state=in_state,
            outcome=outcome,
            channel=channel,
            started_from=started_from,
            started_to=started_to,
            caller_phone=caller_phone,
            contact_id=contact_id,
            search=search,
            synthetic=synthetic,
        ),
        limit=limit + 1,
        after=read_position("calls", cursor),
    )
    names = await contacts.names(
        transaction, contact_ids={row.contact_id for row in rows if row.contact_id is not None}
    )
    return page(
        rows,
        limit,
        view=lambda row: view_of(row, names),
        cursor=lambda row: position_cursor("calls", row.started_at, row.id),
    )


@get("/{call_id:uuid}", responses=READS, summary="Read a call")
async def get_call(transaction: Transaction, call_id: FromPath[UUID]) -> Call:
    """One call."""
    row = await log.get(transaction, call_id=call_id)
    names = await contacts.names(
        transaction, contact_ids={row.contact_id} if row.contact_id else set()
    )
    return view_of(row, names)


@get("/{call_id:uuid}/events", responses=READS, summary="List a call's events")
async def list_call_events(
    transaction: Transaction, call_id: FromPath[UUID], limit: Limit = 200, cursor: Cursor = None
) -> Page[CallEvent]:
    """Everything that happened on a call, in order."""
    after = read_numbers("events", cursor, count=2)
    rows = await log.events(
        transaction,
        call_id=call_id,
        limit=limit + 1,
        after=(after[0], after[1]) if after else (0, 0),
    )
    return page(
        rows,
        limit,
        view=event_view,
        cursor=lambda row: numbers_cursor("events", row.epoch, row.seq),
    )


@get("/{call_id:uuid}/transcript", responses=READS, summary="Read a call's transcript")
async def get_transcript(transaction: Transaction, call_id: FromPath[UUID]) -> Transcript:
    """What was said."""
    lines = await log.transcript(transaction, call_id=call_id)
    return Transcript(
        call_id=call_id, lines=[TranscriptLine.model_validate(line) for line in lines]
    )


@get("/{call_id:uuid}/latency", responses=READS, summary="Read a call's latencies")
async def get_latency(transaction: Transaction, call_id: FromPath[UUID]) -> Latency:
    """How long each answer took and where the time went, with median and 95th percentile."""
    found = await log.latency(transaction, call_id=call_id)
    return Latency(
        call_id=call_id,
        setup_seconds=found.setup_seconds,
        answers=[AnswerLatency.model_validate(answer) for answer in found.answers],
        stages={
            stage: StageFigure.model_validate(figure) for stage, figure in found.stages.items()
        },
    )


def view_of(row: CallRow, names: dict[UUID, str]) -> Call:
    """`names`: of contacts."""
    ended = row.ended_at
    return Call.model_validate(
        {
            **{name: getattr(row, name) for name in _OF_ROW},
            "contact_name": names.get(row.contact_id) if row.contact_id else None,
            "duration_seconds": (ended - row.started_at).total_seconds() if ended else None,
        }
    )


_OF_ROW = tuple(Call.model_fields.keys() - {"contact_name", "duration_seconds"})


def event_view(entry: JournalEntry) -> CallEvent:
    return CallEvent(epoch=entry.epoch, seq=entry.seq, at=entry.at, event=entry.event)


router = Router(
    path="/calls",
    tags=["calls"],
    route_handlers=[list_calls, get_call, list_call_events, get_transcript, get_latency],
)
