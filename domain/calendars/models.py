"""Tables of outside calendars: what they say is busy, and what of ours stands in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedJSON, EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Calendar(BusinessOwned, Identified, Base):
    """A calendar elsewhere that is kept in step with one person's appointments."""

    __tablename__ = "calendars"
    __table_args__ = (
        CheckConstraint("kind IN ('caldav', 'google', 'microsoft', 'ics', 'fhir')", name="kind"),
        CheckConstraint("direction IN ('both', 'in', 'out')", name="direction"),
        CheckConstraint(
            "state IN ('new', 'connected', 'failing', 'sign_in_needed', 'off')", name="state"
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    direction: Mapped[str]
    """in: its events block times; out: our appointments are written into it; or both."""
    access: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    """Address, user and password or tokens, as the kind's connector needs them."""
    cursor: Mapped[str | None] = mapped_column(EncryptedText)
    """Where the last import ended, as the other side gave it; NULL: import everything."""
    state: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    """Why it fails, in words for staff, without anything private."""
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    imported_at: Mapped[datetime | None]
    """When its events were last read to the end."""
    next_at: Mapped[datetime]
    """Not before this is it spoken to again."""
    window_ends_at: Mapped[datetime | None]
    """Up to here its recurring events were spelt out; as days pass, all is read anew."""
    unreadable: Mapped[int] = mapped_column(default=0)
    """Events in it that could not be understood, and block nothing."""
    show_names: Mapped[bool] = mapped_column(default=False)
    """Whether our entries name who comes, by first name; else the service alone."""
    version: Mapped[int] = mapped_column(default=1)
    """Counted up when staff change it: what was read by the old access is then dropped."""
    created_at: Mapped[datetime]


class BusyTime(BusinessOwned, Base):
    """A time at which an outside calendar says its person is busy. What the event is about is never
    stored."""

    __tablename__ = "busy_times"
    __table_args__ = (
        CheckConstraint("begins_at < ends_at", name="begins_before_ends"),
        Index("ix_busy_times_resource", "resource_id", "begins_at", postgresql_include=["ends_at"]),
        Index("ix_busy_times_event", "calendar_id", "event_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("calendars.id", ondelete="CASCADE"))
    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="CASCADE")
    )
    event_id: Mapped[str]
    """The event's id in its calendar; the occurrences of a recurring one share it."""
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class CalendarEntry(BusinessOwned, Base):
    """An appointment as it stands in an outside calendar, and as it should."""

    __tablename__ = "calendar_entries"
    __table_args__ = (
        CheckConstraint("conflict IN ('', 'moved', 'removed')", name="conflict"),
        Index("ix_calendar_entries_appointment_id", "appointment_id"),
    )

    calendar_id: Mapped[UUID] = mapped_column(
        ForeignKey("calendars.id", ondelete="CASCADE"), primary_key=True
    )
    appointment_id: Mapped[UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    remote_id: Mapped[str | None]
    """What the other side calls it; NULL: it may not be there yet."""
    etag: Mapped[str | None]
    delivered_version: Mapped[int] = mapped_column(default=0)
    """The appointment's version that the other side has; 0: none."""
    starts_at: Mapped[datetime | None]
    """The time that was delivered, to tell whether somebody changed it there; NULL: none was."""
    ends_at: Mapped[datetime | None]
    conflict: Mapped[str] = mapped_column(default="")
    """What somebody did to it outside (moved, removed): shown to staff, and left alone until the
    appointment changes again."""
    moved_to: Mapped[datetime | None]
    """When it begins there since it was moved, to tell whether a reading can miss it; NULL: as delivered."""
    failures: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime]


class CalendarFeed(BusinessOwned, Base):
    """The private address under which one person's appointments can be subscribed to."""

    __tablename__ = "calendar_feeds"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """SHA-256 of the address's unguessable part, which is shown once and not kept."""
    show_names: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
