"""What an outside calendar or practice system is to the domain: events that make a person busy, and
a place where our appointments appear. Connectors implement it; nothing here knows a protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class OutsideBusy:
    """One occurrence of an event during which its person is busy; instants in UTC."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class OutsideEvent:
    """An event as far as we want to know it: no title, no guests.

    `busy` are its occurrences within the asked window; empty for one that leaves its person free
    (transparent, cancelled, declined) or lies outside. `ours` is the appointment that we wrote there,
    if it is one of ours: it does not make its person busy a second time, but `busy` holds its time all
    the same, also outside the window (empty: cancelled there), so that a change made outside can be told.
    The `event_id` of one of ours is the `remote_id` that `write` gave, and `removed` names it by that too.
    """

    event_id: str
    etag: str | None = None
    busy: tuple[OutsideBusy, ...] = ()
    ours: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is new since a cursor. With `complete` the events are all there are in the window: what is
    not among them is gone from it. `unreadable` counts events that could not be understood; they are
    left out."""

    events: Sequence[OutsideEvent]
    removed: Sequence[str] = ()
    cursor: str | None = None
    complete: bool = False
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One of our appointments as it shall stand outside; instants in UTC, `zone` the IANA zone it is
    shown in, `version` the iCalendar SEQUENCE. `patient` is filled only for practice systems."""

    appointment_id: UUID
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str = ""
    note: str = ""
    patient: Patient | None = None


@dataclass(frozen=True, kw_only=True)
class Patient:
    """Who an appointment is for, as a practice system needs it."""

    contact_id: UUID
    name: str
    phone: str = ""
    date_of_birth: str = ""


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where an entry stands, and in which form. Without `etag` it is not compared: what stands there
    now is written over, and what is gone is made anew."""

    remote_id: str
    etag: str | None = None


class CalendarError(Exception):
    """The other side could not be used. The message is for staff and holds nothing private."""


class CalendarAway(CalendarError):
    """It did not answer, or with an error of its own; to be tried again, not before `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SignInNeeded(CalendarError):
    """The password or the permission is no longer accepted: somebody has to connect it anew."""


class CursorGone(CalendarError):
    """The cursor is too old (RFC 6578 valid-sync-token, HTTP 410): import everything again."""


class ChangedOutside(CalendarError):
    """Somebody changed or removed our entry there since we wrote it."""


class CalendarRefused(CalendarError):
    """The other side will never take this as it is (HTTP 4xx); repeating it does not help."""


class OutsideCalendar(Protocol):
    """One calendar, already signed in to. Every method raises `CalendarError`s only."""

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        """Events changed since `cursor` (None: all), their occurrences between `begins` and `ends`.

        All-day and floating events are read in `zone`, the person's own (IANA name). Raises CursorGone
        when the cursor is too old to go on from."""
        ...

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        """Make the entry stand there as it is: new, or over `known`. Repeated after a lost answer, it
        makes no second one. Raises ChangedOutside when `known.etag` is not what is there any more."""
        ...

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        """Take our entry away, whoever changed it since; if it is gone already, that is fine. Without
        `known` it may stand there all the same: the answer to `write` may have been lost."""
        ...

    async def aclose(self) -> None: ...
