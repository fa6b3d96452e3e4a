"""Opening hours and closures as they are told to callers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Protocol

from domain.scheduling.speech import speech_of


class OpenSpan(Protocol):
    @property
    def weekday(self) -> int: ...
    @property
    def opens(self) -> time: ...
    @property
    def closes(self) -> time: ...


class Closed(Protocol):
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def reason(self) -> str: ...


class OpenDate(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def opens(self) -> time: ...
    @property
    def closes(self) -> time: ...


class Paused(Closed, Protocol):
    @property
    def from_time(self) -> time: ...
    @property
    def until_time(self) -> time: ...


def spoken_week(spans: Iterable[OpenSpan], *, language: str = "en-US") -> str:
    """`Monday to Thursday 8 a.m. to 5 p.m.; Friday 8 a.m. to noon; closed Saturday and Sunday`; empty
    without hours. Neighbouring days with the same hours are said together."""
    speech = speech_of(language)
    by_day: list[list[str]] = [[] for _ in range(7)]
    for span in sorted(spans, key=lambda one: (one.weekday, one.opens)):
        by_day[span.weekday].append(speech.span(span.opens, span.closes))
    if not any(by_day):
        return ""
    runs = _runs(by_day)
    said = [
        speech.open_days(first, last, speech.spans(by_day[first]))
        for first, last in runs
        if by_day[first]
    ]
    closed = [run for run in runs if not by_day[run[0]]]
    return "; ".join([*said, *([speech.closed_days(closed)] if closed else [])])


def spoken_closures(closures: Iterable[Closed], *, today: date, language: str = "en-US") -> str:
    """`closed on Thursday the 26th of November (Thanksgiving)`; empty when nothing lies ahead."""
    speech = speech_of(language)
    return "; ".join(
        speech.closure(one.first_day, one.last_day, today)
        + (f" ({one.reason})" if one.reason else "")
        for one in sorted(closures, key=lambda one: one.first_day)
        if one.last_day >= today
    )


def spoken_dates(spans: Iterable[OpenDate], *, today: date, language: str = "en-US") -> str:
    """`open on Thursday the 24th of December, 8 a.m. to noon`: dates with hours of their own; empty
    when none lies ahead."""
    speech = speech_of(language)
    by_day: dict[date, list[str]] = {}
    for one in sorted(spans, key=lambda one: (one.day, one.opens)):
        if one.day >= today:
            by_day.setdefault(one.day, []).append(speech.span(one.opens, one.closes))
    return "; ".join(
        speech.open_date(day, speech.spans(said), today) for day, said in by_day.items()
    )


def spoken_pauses(pauses: Iterable[Paused], *, today: date, language: str = "en-US") -> str:
    """`closed on Friday the 4th of December, 1 p.m. to 3 p.m. (training)`; empty when none lies ahead."""
    speech = speech_of(language)
    return "; ".join(
        f"{speech.closure(one.first_day, one.last_day, today)}, "
        f"{speech.span(one.from_time, one.until_time)}" + (f" ({one.reason})" if one.reason else "")
        for one in sorted(pauses, key=lambda one: (one.first_day, one.from_time))
        if one.last_day >= today
    )


def _runs(by_day: Sequence[list[str]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for weekday in range(7):
        if runs and by_day[runs[-1][0]] == by_day[weekday]:
            runs[-1] = (runs[-1][0], weekday)
        else:
            runs.append((weekday, weekday))
    return runs
