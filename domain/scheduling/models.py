"""Tables of offers and appointments, and the constraint that makes double booking impossible."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Offer(BusinessOwned, Base):
    """A time that was offered on one call. Holds nothing; only an offer can be booked by voice."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("call_id", "service_id", "person_id", "starts_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Appointment(BusinessOwned, Identified, Base):
    """A service given by a person to a contact, from `starts_at` to `ends_at` (UTC)."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'booked', 'cancelled')", name="state"),
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        UniqueConstraint("business_id", "code"),
        # A repeated tool call in one call must find the first booking, not make a second.
        Index(
            "uq_appointments_call_offer",
            "call_id",
            "offer_id",
            unique=True,
            postgresql_where=text("offer_id IS NOT NULL AND state <> 'cancelled'"),
        ),
        Index("ix_appointments_person_starts_at", "person_id", "starts_at"),
        Index("ix_appointments_service_starts_at", "service_id", "starts_at"),
        Index("ix_appointments_business_id_starts_at", "business_id", "starts_at"),
    )

    # UPDATE … RETURNING: the database counts the versions.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="RESTRICT"))
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("rooms.id", ondelete="RESTRICT"))
    contact_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    code: Mapped[str]
    """Short code a caller can be told, to find the appointment again."""
    attendee: Mapped[str | None] = mapped_column(EncryptedText)
    """Who it is for, where that is somebody else than the contact (a child)."""
    note: Mapped[str | None] = mapped_column(EncryptedText)
    series_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointment_series.id", ondelete="SET NULL"), index=True
    )
    confirmed_at: Mapped[datetime | None]
    """When the contact said that they will come."""
    version: Mapped[int] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue())
    """Counted up by the database at every change, whoever makes it: what outside calendars were told
    is compared with it."""
    call_id: Mapped[UUID | None] = mapped_column(index=True)
    """The call on which it was booked, if any."""
    offer_id: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AppointmentResource(BusinessOwned, Base):
    """What an appointment occupies, buffers included. The only place where time is taken."""

    __tablename__ = "appointment_resources"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'booked', 'cancelled')", name="state"),
        # int8range makes the equality test indexable by GiST without the btree_gist extension,
        # which the embedded server does not carry.
        ExcludeConstraint(
            (text("int8range(resource_id, resource_id, '[]')"), "&&"),
            ("during", "&&"),
            using="gist",
            where=text("state IN ('held', 'booked')"),
            name="no_double_booking",
        ),
        Index(
            "ix_appointment_resources_taken",
            "resource_id",
            "begins_at",
            postgresql_include=["ends_at", "state", "held_until", "business_id"],
            postgresql_where=text("state <> 'cancelled'"),
        ),
    )

    appointment_id: Mapped[UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="RESTRICT"), primary_key=True
    )
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    # Under row-level security an index serves only leakproof comparisons, and range overlap is none:
    # what is taken is read by these two, which can't differ from the range.
    begins_at: Mapped[datetime] = mapped_column(Computed("lower(during)", persisted=True))
    ends_at: Mapped[datetime] = mapped_column(Computed("upper(during)", persisted=True))
    state: Mapped[str]
    held_until: Mapped[datetime | None]


class AppointmentSeries(BusinessOwned, Identified, Base):
    """Appointments booked together: the same wall-clock time every `every_weeks` weeks."""

    __tablename__ = "appointment_series"
    __table_args__ = (
        CheckConstraint("every_weeks BETWEEN 1 AND 52", name="every_weeks"),
        CheckConstraint("count BETWEEN 2 AND 52", name="count"),
    )

    every_weeks: Mapped[int]
    count: Mapped[int]
    created_at: Mapped[datetime]


class AppointmentEvent(BusinessOwned, Base):
    """One change of an appointment: what, when, by whom and why. Never changed or removed."""

    __tablename__ = "appointment_events"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('held', 'booked', 'moved', 'cancelled', 'expired', 'confirmed', 'changed')",
            name="kind",
        ),
    )

    appointment_id: Mapped[UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2, 3 … for each appointment."""
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    call_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What differed before and after, by column: ids and instants only, nothing private."""
    after: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class WaitingListEntry(BusinessOwned, Identified, Base):
    """Somebody who would take an earlier or a cancelled time."""

    __tablename__ = "waiting_list"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'offered', 'booked', 'removed', 'expired')", name="state"
        ),
        CheckConstraint("first_day <= last_day", name="first_before_last"),
        CheckConstraint(
            "part_of_day IN ('any', 'morning', 'afternoon', 'evening')", name="part_of_day"
        ),
        Index("ix_waiting_list_service_state", "service_id", "state", "created_at"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    part_of_day: Mapped[str]
    state: Mapped[str]
    appointment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointments.id", ondelete="SET NULL")
    )
    """The held time that is offered to them, or the one that they took."""
    offered_until: Mapped[datetime | None]
    call_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
