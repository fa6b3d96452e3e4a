"""Tables of departments, of who takes their calls, and of who is on call when."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Department(BusinessOwned, Identified, Base):
    """A group of people who take calls: `front desk`, `emergencies`. Names differ in more than case."""

    __tablename__ = "departments"
    __table_args__ = (
        CheckConstraint("ring IN ('in_order', 'all_at_once')", name="ring"),
        CheckConstraint("hours IN ('opening', 'always', 'own')", name="hours"),
        CheckConstraint("ring_seconds BETWEEN 5 AND 120", name="ring_seconds"),
        CheckConstraint("tries BETWEEN 1 AND 5", name="tries"),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    """What callers want who are sent there; the assistant reads it."""
    position: Mapped[int] = mapped_column(default=0)
    """The first one is rung when the caller names none."""
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    """A telephone of its own (E.164), rung before its people."""
    ring: Mapped[str] = mapped_column(default="in_order")
    ring_seconds: Mapped[int] = mapped_column(default=20)
    """For each telephone, or for all of them at once."""
    tries: Mapped[int] = mapped_column(default=1)
    """How often the whole of it is gone through."""
    hours: Mapped[str] = mapped_column(default="opening")
    """When it can be rung: while the main address is open, always, or in hours of its own."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class DepartmentMember(BusinessOwned, Base):
    """Somebody who takes a department's calls, in the order of `position`."""

    __tablename__ = "department_members"

    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(default=0)


class DepartmentHours(BusinessOwned, Identified, Base):
    """A weekly span (0 is Monday) in the business's zone; one that closes at or before it opens runs
    into the next day."""

    __tablename__ = "department_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), index=True
    )
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class RotaShift(BusinessOwned, Identified, Base):
    """Somebody is on call for a department. While anybody is, they are rung instead of its members.

    Wall-clock times of the business's zone; a shift that ends at or before it begins ends the next day.
    """

    __tablename__ = "rota_shifts"
    __table_args__ = (CheckConstraint("every_weeks BETWEEN 1 AND 52", name="every_weeks"),)

    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    """The first day."""
    begins: Mapped[time]
    ends: Mapped[time]
    every_weeks: Mapped[int | None]
    """Comes again every so many weeks; NULL: once."""
    until: Mapped[date | None]
    """The last day on which a repeated one may begin."""
    created_at: Mapped[datetime]
