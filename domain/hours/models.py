"""Tables of weekly hours and of the days on which they do not hold."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class WeeklyHours(BusinessOwned, Identified, Base):
    """One open span of a weekday in the business's zone; a day may have several.

    `weekday` 0 is Monday (ISO 8601 less one). `person_id` NULL: the business's opening hours; a
    person without hours of their own works whenever the business is open.
    """

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
    )

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(BusinessOwned, Identified, Base):
    """Days, both included, on which the business (or one person) does not work."""

    __tablename__ = "closures"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="first_before_last"),)

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
