"""Tables of what can be booked and who gives it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified

LONGEST = timedelta(minutes=1440 + 2 * 240)
"""No appointment takes longer, buffers included: the bounds of `Service`."""


class Service(BusinessOwned, Identified, Base):
    """What a caller can book. Durations and buffers in minutes."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("duration_minutes BETWEEN 5 AND 1440", name="duration_minutes"),
        CheckConstraint("buffer_before_minutes BETWEEN 0 AND 240", name="buffer_before_minutes"),
        CheckConstraint("buffer_after_minutes BETWEEN 0 AND 240", name="buffer_after_minutes"),
        CheckConstraint("capacity BETWEEN 1 AND 200", name="capacity"),
        CheckConstraint("channel IN ('in_person', 'phone', 'online')", name="channel"),
        CheckConstraint("daily_limit >= 1", name="daily_limit"),
        CheckConstraint("weekly_limit >= 1", name="weekly_limit"),
        CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
        UniqueConstraint("business_id", "name"),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    price: Mapped[str] = mapped_column(default="")
    """As it is told to callers, for example `from 120 dollars`; never calculated with."""
    channel: Mapped[str] = mapped_column(default="in_person")
    """in_person, phone (the business calls) or online."""
    capacity: Mapped[int] = mapped_column(default=1)
    """How many may book the same start with the same person (a class); 1: the person is theirs."""
    new_contacts_only: Mapped[bool] = mapped_column(default=False)
    """Only for those who have had no appointment here yet."""
    daily_limit: Mapped[int | None]
    """Appointments of this service a day at most, and a week (Monday to Sunday)."""
    weekly_limit: Mapped[int | None]
    minimum_notice_minutes: Mapped[int | None]
    """Instead of the business's, where it differs."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ServicePerson(BusinessOwned, Base):
    """Who gives which service."""

    __tablename__ = "service_people"

    service_id: Mapped[UUID] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
