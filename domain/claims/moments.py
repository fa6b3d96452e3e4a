"""The days and clock times that a sentence names, and whether they are those of a deed.

What people leave out (the month, whether it is morning) is left open: everything that is said must fit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final


@dataclass(frozen=True, order=True)
class SaidClock:
    """A time of day; `exact` when it is said which half of the day it is in, or told by 24 hours."""

    hour: int
    minute: int = 0
    exact: bool = False

    def fits(self, at: datetime) -> bool:
        if self.minute != at.minute:
            return False
        return self.hour == at.hour if self.exact else self.hour % 12 == at.hour % 12


@dataclass(frozen=True)
class SaidMoment:
    """What is said of when: each empty where nothing is."""

    weekdays: frozenset[int] = frozenset()
    """0 is Monday."""
    days: frozenset[int] = frozenset()
    """Of the month."""
    months: frozenset[int] = frozenset()
    offsets: frozenset[frozenset[int]] = frozenset()
    """Days from today; each a choice, where a word may mean either (Hindi `कल`)."""
    clocks: frozenset[SaidClock] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.weekdays or self.days or self.months or self.offsets or self.clocks)

    def __or__(self, other: SaidMoment) -> SaidMoment:
        return SaidMoment(
            weekdays=self.weekdays | other.weekdays,
            days=self.days | other.days,
            months=self.months | other.months,
            offsets=self.offsets | other.offsets,
            clocks=self.clocks | other.clocks,
        )

    def fits(self, candidates: Collection[datetime], *, today: date) -> bool:
        """Whether this can be said of one of `candidates` (local times); where several days or times are
        said, each must be one candidate's."""
        if not self:
            return True
        if self.several:
            return all(
                any(single._fits(at, today) for at in candidates) for single in self._singles()
            )
        return any(self._fits(at, today) for at in candidates)

    @property
    def several(self) -> bool:
        """Whether more than one day or time is said."""
        parts = (self.weekdays, self.days, self.months, self.offsets, self.clocks)
        return any(len(part) > 1 for part in parts)

    def _singles(self) -> list[SaidMoment]:
        return [
            *(SaidMoment(weekdays=frozenset({one})) for one in self.weekdays),
            *(SaidMoment(days=frozenset({one})) for one in self.days),
            *(SaidMoment(months=frozenset({one})) for one in self.months),
            *(SaidMoment(offsets=frozenset({one})) for one in self.offsets),
            *(SaidMoment(clocks=frozenset({one})) for one in self.clocks),
        ]

    def _fits(self, at: datetime, today: date) -> bool:
        return (
            all(one == at.weekday() for one in self.weekdays)
            and all(one == at.day for one in self.days)
            and all(one == at.month for one in self.months)
            and all(
                any(at.date() == today + timedelta(days=days) for days in choice)
                for choice in self.offsets
            )
            and all(one.fits(at) for one in self.clocks)
        )

    def admits(self, other: SaidMoment, *, today: date) -> bool:
        """Whether `other`, said of the same thing, agrees: only words are known of it."""
        return (
            _within(other.weekdays, self.weekdays | self._weekdays(today))
            and _within(other.days, self.days | self._days(today))
            and _within(other.months, self.months)
            and all(_agrees(clock, self.clocks) for clock in other.clocks)
        )

    def _weekdays(self, today: date) -> frozenset[int]:
        return frozenset((today + timedelta(days=one)).weekday() for one in self._near())

    def _days(self, today: date) -> frozenset[int]:
        return frozenset((today + timedelta(days=one)).day for one in self._near())

    def _near(self) -> list[int]:
        return [days for choice in self.offsets for days in choice]


NOTHING_SAID: Final = SaidMoment()


def _within(said: frozenset[int], known: frozenset[int]) -> bool:
    return not known or said <= known


def _agrees(said: SaidClock, known: frozenset[SaidClock]) -> bool:
    return not known or any(
        said.minute == one.minute
        and (said.hour == one.hour if said.exact and one.exact else said.hour % 12 == one.hour % 12)
        for one in known
    )
