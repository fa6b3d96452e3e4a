"""Opening hours and closures as they are told to callers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Protocol

from domain.scheduling.speech import speech_of, spoken_clock, spoken_day


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


def spoken_week(spans: Iterable[OpenSpan], *, language: str = "en-US") -> str:
    """`Monday to Thursday 8 a.m. to 5 p.m.; Friday 8 a.m. to noon; closed Saturday and Sunday`; empty
    without hours. Neighbouring days with the same hours are said together."""
    by_day: list[list[str]] = [[] for _ in range(7)]
    for span in sorted(spans, key=lambda one: (one.weekday, one.opens)):
        opens = spoken_clock(span.opens, language=language)
        closes = spoken_clock(span.closes, language=language)
        by_day[span.weekday].append(f"{opens} to {closes}")
    if not any(by_day):
        return ""
    said = [
        f"{_days(first, last, language)} {' and '.join(by_day[first])}"
        for first, last in _runs(by_day)
        if by_day[first]
    ]
    closed = [_days(first, last, language) for first, last in _runs(by_day) if not by_day[first]]
    return "; ".join([*said, *(["closed " + ", ".join(closed)] if closed else [])])


def spoken_closures(closures: Iterable[Closed], *, today: date, language: str = "en-US") -> str:
    """`closed on Thursday the 26th of November (Thanksgiving)`; empty when nothing lies ahead."""
    said = []
    for closure in sorted(closures, key=lambda one: one.first_day):
        if closure.last_day < today:
            continue
        first = spoken_day(closure.first_day, today=today, language=language)
        last = spoken_day(closure.last_day, today=today, language=language)
        when = f"on {first}" if first == last else f"from {first} to {last}"
        said.append(f"closed {when}{f' ({closure.reason})' if closure.reason else ''}")
    return "; ".join(said)


def _runs(by_day: Sequence[list[str]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for weekday in range(7):
        if runs and by_day[runs[-1][0]] == by_day[weekday]:
            runs[-1] = (runs[-1][0], weekday)
        else:
            runs.append((weekday, weekday))
    return runs


def _days(first: int, last: int, language: str) -> str:
    names = speech_of(language).weekdays
    if first == last:
        return names[first]
    return f"{names[first]} {'and' if last == first + 1 else 'to'} {names[last]}"
