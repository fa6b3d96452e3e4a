"""Spans of the wall clock: of a weekday or of a date, over midnight too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from domain.errors import Invalid

MOST_SPANS = 70

_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True, kw_only=True)
class Span:
    """An open span of a weekday (0 is Monday), wall clock of its place, whole minutes. One that closes
    at or before the time it opens runs until that time of the next day (00:00: until midnight)."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class DateSpan:
    """An open span of a date, as `Span`."""

    opens: time
    closes: time


def check_week(spans: Sequence[Span]) -> None:
    """Raises Invalid naming the entry (`hours[3].closes`) that is no span or overlaps another, on
    Monday what Sunday leaves of its own too."""
    _check_count(spans)
    for place, span in enumerate(spans):
        if not 0 <= span.weekday <= 6:
            raise Invalid(f"hours[{place}].weekday", "must be from 0 (Monday) to 6 (Sunday)")
        _check_times(place, span)
        for earlier, other in enumerate(spans[:place]):
            if _overlap(_begins(span), _length(span), _begins(other), _length(other), _WEEK):
                raise Invalid(f"hours[{place}].opens", f"overlaps hours[{earlier}]")


def check_date(spans: Sequence[DateSpan]) -> None:
    """As `check_week`, for the spans of one date; there must be one."""
    _check_count(spans)
    if not spans:
        raise Invalid("hours", "must not be empty; a date is closed by a closure")
    for place, span in enumerate(spans):
        _check_times(place, span)
        for earlier, other in enumerate(spans[:place]):
            begins = _minute(span.opens), _minute(other.opens)
            if _overlap(begins[0], _length(span), begins[1], _length(other), 2 * _DAY):
                raise Invalid(f"hours[{place}].opens", f"overlaps hours[{earlier}]")


def check_time(field: str, at: time) -> None:
    """Raises Invalid on `field` unless it is a whole minute of a wall clock."""
    if at.tzinfo is not None:
        raise Invalid(field, "must be local time without an offset")
    if at.second or at.microsecond:
        raise Invalid(field, "must be a whole minute")


def _check_count(spans: Sequence[Span] | Sequence[DateSpan]) -> None:
    if len(spans) > MOST_SPANS:
        raise Invalid("hours", f"must be at most {MOST_SPANS} spans")


def _check_times(place: int, span: Span | DateSpan) -> None:
    check_time(f"hours[{place}].opens", span.opens)
    check_time(f"hours[{place}].closes", span.closes)


def _overlap(begins: int, length: int, other: int, other_length: int, circle: int) -> bool:
    """Whether two spans share a minute on a clock that begins again after `circle` minutes."""
    return (other - begins) % circle < length or (begins - other) % circle < other_length


def _begins(span: Span) -> int:
    return span.weekday * _DAY + _minute(span.opens)


def _length(span: Span | DateSpan) -> int:
    return (_minute(span.closes) - _minute(span.opens)) % _DAY or _DAY


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
