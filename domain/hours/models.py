"""Tables of weekly hours and of the days on which they do not hold."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class WeeklyHours(BusinessOwned, Identified, Base):
    """One open span of a weekday in its place's zone; a day may have several.

    `weekday` 0 is Monday (ISO 8601 less one). One that closes at or before the time it opens runs until
    that time of the next day (00:00: until midnight). `person_id` NULL: opening hours, of a place or,
    with `place_id` NULL too, of the business's main address and of every place that has none of its
    own. A person's are hours at one place; a person without hours of their own works whenever their
    place is open.
    """

    __tablename__ = "weekly_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class DateHours(BusinessOwned, Identified, Base):
    """One open span of one date, instead of that weekday's hours; a date may have several.

    Whose hours it replaces follows `person_id` and `place_id` as in `WeeklyHours`. It also opens on a
    public holiday. A date that is closed is a `Closure`.
    """

    __tablename__ = "date_hours"
    __table_args__ = (Index("ix_date_hours_business_id_day", "business_id", "day"),)

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"))
    day: Mapped[date]
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(BusinessOwned, Identified, Base):
    """Days, both included, on which the business, a place or one person does not work; with
    `from_time` and `until_time` (wall clock) only between these on each of the days."""

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="first_before_last"),
        CheckConstraint(
            "(from_time IS NULL) = (until_time IS NULL) AND from_time < until_time", name="times"
        ),
    )

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"))
    from_time: Mapped[time | None]
    until_time: Mapped[time | None]
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
