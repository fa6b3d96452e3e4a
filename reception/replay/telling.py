"""A call's events in words: when, who, what, and how long it took."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallFlagged,
    CallStarted,
    ClaimWithheld,
    DigitPressed,
    Event,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    ProviderFailed,
    StaffSaid,
    StaffWhispered,
    ToolCalled,
    TurnLatency,
)
from domain.calls.replay import CLOSING_SEQ
from reception.replay.finding import FoundCall
from reception.replay.masking import Mask

_INDENT: Final = " " * 23
_STAGES: Final = ("end_of_turn", "transcription", "model", "speech")


@dataclass(frozen=True, kw_only=True)
class TellLine:
    """One moment of the call."""

    seconds: float
    """Since its beginning."""
    who: str
    text: str
    details: Sequence[str] = ()


def tell(found: FoundCall, *, mask: Mask) -> Iterator[str]:
    """The whole call, line by line, for a person to read."""
    yield from _heading(found, mask)
    yield ""
    for line in timeline(found.entries, mask=mask):
        yield f"{line.seconds:8.2f}  {line.who:<11}  {line.text}"
        for detail in line.details:
            yield f"{_INDENT}{detail}"
    yield ""
    yield from _closing(found)


def timeline(entries: Sequence[JournalEntry], *, mask: Mask) -> Iterator[TellLine]:
    """Every event in order, and the gaps between the jobs that served the call."""
    before: JournalEntry | None = None
    for entry in entries:
        if before is not None and entry.epoch != before.epoch:
            yield _gap(entries[0].at, before, entry)
        before = entry
        who, text, *details = _told(entry.event, mask)
        yield TellLine(
            seconds=_seconds(entries[0].at, entry.at), who=who, text=text, details=details
        )


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Between the last that a job told and the first that the next one did."""

    after_epoch: int
    epoch: int
    seconds: float


def gaps(entries: Sequence[JournalEntry]) -> list[Gap]:
    """The times in which no job served the call."""
    return [
        Gap(after_epoch=before.epoch, epoch=entry.epoch, seconds=_seconds(before.at, entry.at))
        for before, entry in itertools.pairwise(entries)
        if entry.epoch != before.epoch and entry.seq < CLOSING_SEQ
    ]


def _heading(found: FoundCall, mask: Mask) -> Iterator[str]:
    yield f"call {found.call_id}"
    yield f"business {found.business} ({found.business_id})"
    record = found.record
    if record is None:
        yield "its start has not arrived: what follows is not all of it"
        return
    caller = mask.phone(record.caller) or "withheld"
    yield f"{record.channel}, from {caller} to {mask.phone(record.dialled)}"
    ended = record.ended_at
    lasted = "goes on" if ended is None else f"lasted {_seconds(record.started_at, ended):.1f} s"
    yield f"began {record.started_at:%Y-%m-%d %H:%M:%S} UTC, {lasted}, ended by {record.end_reason}"
    extras = {
        "outcome": record.outcome,
        "flags": ", ".join(record.flags),
        "sandbox vendors": ", ".join(record.sandbox),
        "jobs": str(record.epoch) if record.epoch > 1 else "",
    }
    told = "; ".join(f"{name}: {value}" for name, value in extras.items() if value)
    if told:
        yield told


def _closing(found: FoundCall) -> Iterator[str]:
    answers = [
        latency
        for entry in found.entries
        if isinstance(entry.event, AssistantSaid) and (latency := entry.event.latency)
    ]
    totals = sorted(one.total for one in answers if one.total is not None)
    if totals:
        median = totals[len(totals) // 2]
        yield f"{len(totals)} answers: median {median:.2f} s, slowest {totals[-1]:.2f} s"
    for gap in gaps(found.entries):
        yield f"no job for {gap.seconds:.1f} s, between job {gap.after_epoch} and job {gap.epoch}"
    if found.record is not None and found.record != found.row:
        yield "the call's row says something else than its events: some have just arrived, or it is wrong"


def _gap(start: datetime, before: JournalEntry, entry: JournalEntry) -> TellLine:
    seconds = _seconds(before.at, entry.at)
    whose = "somebody else" if entry.seq >= CLOSING_SEQ else f"job {entry.epoch}"
    return TellLine(
        seconds=_seconds(start, entry.at),
        who="--",
        text=f"{seconds:.1f} s after the last of job {before.epoch}: {whose}",
    )


def _told(event: Event, mask: Mask) -> tuple[str, ...]:
    """Who, what, and lines of detail."""
    match event:
        case CallStarted():
            degraded = ", from the last known profile" if event.degraded else ""
            return "job", f"took the call (settings version {event.settings_version}{degraded})"
        case CallAnswered():
            ready = "ready" if event.greeting_ready else "synthesised now"
            return "answered", f"after {event.setup_seconds:.2f} s, greeting {ready}"
        case FloorChanged():
            reason = f" ({event.reason})" if event.reason else ""
            return "floor", f"{event.before} -> {event.after}{reason}"
        case CallerSaid():
            unsure = "" if event.confidence is None else f"  [heard at {event.confidence:.0%}]"
            return "caller", f"{mask.text(event.text)}{unsure}"
        case AssistantSaid():
            kind = "" if event.kind == "reply" else f"  [{event.kind}]"
            cut = "  [interrupted]" if event.interrupted else ""
            said = f"{mask.text(event.text)}{kind}{cut}"
            return "assistant", said, *_latency(event.latency)
        case ToolCalled():
            given = ", ".join(
                f"{name}={mask.value(name, value, free=True)!r}"
                for name, value in event.arguments.items()
                if value is not None
            )
            called = f"{event.name}({given}) {event.outcome} in {event.seconds:.2f} s"
            return "tool", called, *(f"= {part}" for part in mask.text(event.result).split(" | "))
        case DigitPressed():
            return "caller", f"pressed {mask.value('digit', event.digit)}"
        case MessageTaken():
            kept = "in the spool, the database was away" if event.spooled else "in the messages"
            text = (mask.text(event.text),) if event.text else ()
            return "deed", f"message taken ({event.urgency}), kept {kept}", *text
        case StaffSaid():
            return "staff", mask.text(event.text)
        case StaffWhispered():
            how = "had the assistant say" if event.aloud else "told the assistant"
            return "staff", f"{how}: {mask.text(event.text)}"
        case ProviderFailed():
            return "failure", f"{event.kind} at {event.provider}: {event.error}"
        case ClaimWithheld():
            return "truth", f"kept back, nothing was {event.deed}: {mask.text(event.said)}"
        case CallFlagged():
            return "flag", event.flag
        case CallEnded():
            return "ended", event.reason
        case _:
            return _other(event, mask)


def _other(event: Event, mask: Mask) -> tuple[str, str]:
    """Deeds, and whatever comes to be told later: its type and what it holds."""
    body = event.model_dump(mode="json", exclude={"type", "version"}, exclude_defaults=True)
    told = ", ".join(f"{name}={_short(mask.value(name, value))}" for name, value in body.items())
    deed = event.type.startswith(DEED_PREFIXES)
    return (
        "deed" if deed else "event",
        f"{event.type.replace('_', ' ')}{f': {told}' if told else ''}",
    )


DEED_PREFIXES: Final = ("appointment_", "attendance_", "waiting_list_", "contact_")


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _latency(latency: TurnLatency | None) -> Iterator[str]:
    if latency is None or latency.total is None:
        return
    stages = [
        f"{stage.replace('_', ' ')} {seconds:.2f}"
        for stage in _STAGES
        if (seconds := getattr(latency, stage)) is not None
    ]
    yield f"answered in {latency.total:.2f} s ({', '.join(stages)})"


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
