"""Reading calls: the log, one call, its events, its words, its latencies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select, text, tuple_

from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallerSaid,
    JournalEntry,
    StaffSaid,
    TurnLatency,
)
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.calls.search import said_on
from domain.database import Database, Scope
from domain.errors import Invalid, NotFound
from domain.paging import Position, check_limit

State = Literal["answering", "assistant", "briefing", "person", "ended"]
Outcome = Literal["booked", "moved", "cancelled", "transferred", "message", "none"]
Channel = Literal["sip", "webrtc"]

_STAGES = ("end_of_turn", "transcription", "model", "speech", "total")


@dataclass(frozen=True, kw_only=True)
class CallFilter:
    """Which calls: each field given narrows the list."""

    state: State | None = None
    outcome: Outcome | None = None
    """`none`: nothing came of it."""
    channel: Channel | None = None
    started_from: datetime | None = None
    started_to: datetime | None = None
    """Not included."""
    caller_phone: str | None = None
    """E.164."""
    contact_id: UUID | None = None
    search: str | None = None
    """Words that were all said on it, by whomever."""
    synthetic: bool = False
    """The calls that the installation made to itself, instead of everybody else's."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that was said. `at` is when it began, as far as that is known."""

    who: Literal["caller", "assistant", "staff"]
    text: str
    at: datetime
    interrupted: bool
    kind: Literal["turn", "reply", "greeting", "filler", "notice"]
    user_id: UUID | None = None
    """Of staff who spoke from the console."""
    person_id: UUID | None = None
    """Of staff who spoke on a telephone."""


@dataclass(frozen=True, kw_only=True)
class AnswerLatency:
    """Where the time of one answer went; `at` is when it had been spoken."""

    at: datetime
    seconds: TurnLatency


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A stage over a call: how many answers had it, and its seconds."""

    count: int
    median: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class CallLatency:
    """`setup_seconds`: from the job's start to the greeting's first sound."""

    setup_seconds: float | None
    answers: tuple[AnswerLatency, ...]
    stages: dict[str, Figure]


async def list_calls(
    scope: Scope,
    *,
    matching: CallFilter | None = None,
    limit: int = 50,
    after: Position | None = None,
) -> Sequence[Call]:
    """Calls, the newest first; `after` is where the last page ended.

    Raises Invalid on `started_to` when the span is empty, and on `search` when it has no word.
    """
    query = _narrowed(scope, matching or CallFilter())
    if after is not None:
        query = query.where(tuple_(Call.started_at, Call.id) < (after.at, after.id))
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(check_limit(limit))
    return (await scope.session.scalars(query)).all()


def _narrowed(scope: Scope, matching: CallFilter) -> Select[tuple[Call]]:
    query = select(Call).where(Call.synthetic.is_(matching.synthetic))
    if matching.state is not None:
        query = query.where(Call.state == matching.state)
    if matching.outcome == "none":
        query = query.where(Call.outcome.is_(None))
    elif matching.outcome is not None:
        query = query.where(Call.outcome == matching.outcome)
    if matching.channel is not None:
        query = query.where(Call.channel == matching.channel)
    since, until = matching.started_from, matching.started_to
    if since is not None and until is not None and until <= since:
        raise Invalid("started_to", "must be later than started_from")
    if since is not None:
        query = query.where(Call.started_at >= since)
    if until is not None:
        query = query.where(Call.started_at < until)
    if matching.caller_phone is not None:
        query = query.where(Call.caller_index == scope.blind_index("phone", matching.caller_phone))
    if matching.contact_id is not None:
        query = query.where(Call.contact_id == matching.contact_id)
    if matching.search is not None:
        query = query.where(*said_on(scope, matching.search))
    return query


async def get(scope: Scope, *, call_id: UUID) -> Call:
    """Raises NotFound."""
    call = await scope.session.scalar(select(Call).where(Call.id == call_id))
    if call is None:
        raise NotFound("call")
    return call


async def by_ids(scope: Scope, *, call_ids: Collection[UUID]) -> Sequence[Call]:
    """Those of the calls that there are."""
    if not call_ids:
        return []
    return (await scope.session.scalars(select(Call).where(Call.id.in_(call_ids)))).all()


async def in_progress(scope: Scope, *, limit: int) -> Sequence[Call]:
    """The calls that have not ended, the newest first, without synthetic ones."""
    query = (
        select(Call)
        .where(Call.ended_at.is_(None), Call.synthetic.is_(False))
        .order_by(Call.started_at.desc())
    )
    return (await scope.session.scalars(query.limit(limit))).all()


async def events(
    scope: Scope, *, call_id: UUID, limit: int | None = None, after: tuple[int, int] = (0, 0)
) -> list[JournalEntry]:
    """A call's events in order, those after `after` (epoch, seq). Raises NotFound."""
    await get(scope, call_id=call_id)
    query = (
        select(CallEvent)
        .where(
            CallEvent.call_id == call_id,
            tuple_(CallEvent.epoch, CallEvent.seq) > after,
        )
        .order_by(CallEvent.epoch, CallEvent.seq)
    )
    rows = await scope.session.scalars(query if limit is None else query.limit(check_limit(limit)))
    return [as_entry(row) for row in rows]


async def transcript(scope: Scope, *, call_id: UUID) -> list[Line]:
    """What was said on a call, in order. Raises NotFound."""
    return [
        line
        for entry in await events(scope, call_id=call_id)
        if (line := line_of(entry)) is not None
    ]


def line_of(entry: JournalEntry) -> Line | None:
    """What was said with this event; None when nothing was."""
    event = entry.event
    if isinstance(event, CallerSaid):
        at = event.started_at or entry.at
        return Line(who="caller", text=event.text, at=at, interrupted=False, kind="turn")
    if isinstance(event, AssistantSaid):
        return Line(
            who="assistant",
            text=event.text,
            at=entry.at,
            interrupted=event.interrupted,
            kind=event.kind,
        )
    if isinstance(event, StaffSaid):
        return Line(
            who="staff",
            text=event.text,
            at=event.started_at or entry.at,
            interrupted=False,
            kind="turn",
            user_id=event.user_id,
            person_id=event.person_id,
        )
    return None


async def latency(scope: Scope, *, call_id: UUID) -> CallLatency:
    """The latencies of a call's answers, and each stage's median and 95th percentile over the call.

    Raises NotFound.
    """
    setup: float | None = None
    answers = []
    for entry in await events(scope, call_id=call_id):
        if isinstance(entry.event, CallAnswered) and setup is None:
            setup = entry.event.setup_seconds
        elif isinstance(entry.event, AssistantSaid) and entry.event.latency is not None:
            answers.append(AnswerLatency(at=entry.at, seconds=entry.event.latency))
    stages = {}
    for stage in _STAGES:
        seconds = [
            value for answer in answers if (value := getattr(answer.seconds, stage)) is not None
        ]
        if seconds:
            stages[stage] = Figure(
                count=len(seconds),
                median=percentile(seconds, 0.5),
                p95=percentile(seconds, 0.95),
            )
    return CallLatency(setup_seconds=setup, answers=tuple(answers), stages=stages)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, interpolated linearly between the
    two nearest (Hyndman and Fan's type 7, as spreadsheets do). Raises ValueError when empty."""
    if not values:
        raise ValueError("values: empty")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True, kw_only=True)
class OpenCall:
    """A call that nobody has ended yet."""

    call_id: UUID
    business_id: UUID
    room: str
    epoch: int


async def open_calls(database: Database) -> list[OpenCall]:
    """Every open call of the installation."""
    async with database.unscoped() as session:
        rows = (await session.execute(text("SELECT * FROM open_calls()"))).all()
    return [
        OpenCall(call_id=row.call_id, business_id=row.business_id, room=row.room, epoch=row.epoch)
        for row in rows
    ]


async def call_by_room(database: Database, room: str) -> tuple[UUID, UUID] | None:
    """The call in a LiveKit room and its business, as (call id, business id)."""
    async with database.unscoped() as session:
        row = (
            await session.execute(text("SELECT * FROM call_by_room(:room)"), {"room": room})
        ).one_or_none()
    return None if row is None else (row.call_id, row.business_id)
