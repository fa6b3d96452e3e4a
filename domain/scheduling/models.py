"""Tables of offers and appointments, and the constraint that makes double booking impossible."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
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
        Index("ix_appointments_business_id_starts_at", "business_id", "starts_at"),
    )

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    contact_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    code: Mapped[str]
    """Short code a caller can be told, to find the appointment again."""
    note: Mapped[str | None] = mapped_column(EncryptedText)
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
    )

    appointment_id: Mapped[UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="RESTRICT"), primary_key=True
    )
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    state: Mapped[str]
    held_until: Mapped[datetime | None]
