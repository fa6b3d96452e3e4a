"""Tables of the people who give appointments, and of everything that can be booked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Resource(BusinessOwned, Base):
    """Something that can serve one appointment at a time: a person, a room, a seat.

    A person who gives a service to several at once, and a room with several seats, is its own resource
    (the first seat) and one more of kind `seat` for each further one, whose parent it is. An appointment
    that needs all of it takes them all, one that shares it takes one; whoever books locks the parent.
    The id is a bigint because the double-booking constraint compares it as a range.
    """

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'room', 'seat')", name="kind"),
        CheckConstraint("(kind = 'seat') = (parent_id IS NOT NULL)", name="seat_has_parent"),
        CheckConstraint("seat >= 1", name="seat"),
        UniqueConstraint("parent_id", "seat"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="CASCADE")
    )
    seat: Mapped[int] = mapped_column(default=1)
    """Its number among the seats of its parent, which is the first."""


class Person(BusinessOwned, Identified, Base):
    """Somebody of the business who gives appointments or takes calls."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("daily_limit >= 1", name="daily_limit"),
        CheckConstraint("weekly_limit >= 1", name="weekly_limit"),
    )

    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="RESTRICT"), unique=True
    )
    name: Mapped[str] = mapped_column(EncryptedText)
    title: Mapped[str] = mapped_column(default="")
    """As callers know them: `dentist`, `hygienist`."""
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="RESTRICT"))
    """Where they work when they have no hours of their own."""
    daily_limit: Mapped[int | None]
    """Appointments a day at most, and a week (Monday to Sunday); NULL: as many as fit."""
    weekly_limit: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
