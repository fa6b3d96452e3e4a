"""The scheduling figures as a section of the results, and whether they keep what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.figures import MIB, cells, figures

HEADING: Final = "## Scheduling"
SLOWEST_SEARCH: Final = 10.0
"""Milliseconds that a search for free times may take (P95) with the most appointments in the table."""
STEEPEST_SEARCH: Final = 1.5
"""A search among the most appointments may take this many times one among the fewest (medians)."""
MOST_GROWTH: Final = 1.0
"""MiB of resident memory that 10,000 bookings may add once the process is warm."""
_WARM_MARKS: Final = 1 / 5
"""The first part of the marks is left out: pools, caches and prepared statements fill up then."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How long searches took with so many appointments in the table."""

    appointments: int
    milliseconds: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """Bookings per second, each in a transaction of its own."""

    connections: int
    bookings: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.bookings / self.seconds


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Resident bytes of a process after each `every` bookings."""

    every: int
    resident: Sequence[int]

    @property
    def growth(self) -> float:
        """MiB for each 10,000 bookings: the slope of the least squares line through the warm marks."""
        warm = self.resident[int(len(self.resident) * _WARM_MARKS) :]
        count = len(warm)
        middle, mean = (count - 1) / 2, sum(warm) / count
        over = sum((place - middle) * (value - mean) for place, value in enumerate(warm))
        under = sum((place - middle) ** 2 for place in range(count))
        return over / under / self.every * 10_000 / MIB


@dataclass(kw_only=True)
class SchedulingReport:
    """Everything that was measured of scheduling."""

    date: str
    people: int
    days: int
    searches: list[Search] = field(default_factory=list)
    throughput: list[Throughput] = field(default_factory=list)
    memory: Memory | None = None
    quick: bool = False

    @property
    def steepness(self) -> float:
        """Median search among the most appointments, in medians among the fewest."""
        fewest, most = (figures(one.milliseconds) for one in (self.searches[0], self.searches[-1]))
        assert fewest is not None and most is not None
        return most.median / fewest.median

    @property
    def broken(self) -> list[str]:
        """What was promised and not kept."""
        found = []
        last = self.searches[-1]
        slowest = figures(last.milliseconds)
        assert slowest is not None
        if slowest.p95 >= SLOWEST_SEARCH:
            found.append(
                f"free times: P95 {slowest.p95:.1f} ms among {last.appointments:,} appointments,"
                f" not under {SLOWEST_SEARCH:.0f} ms"
            )
        if self.steepness > STEEPEST_SEARCH:
            found.append(
                f"free times: {self.steepness:.2f} times as slow among {last.appointments:,}"
                f" appointments as among {self.searches[0].appointments:,},"
                f" more than {STEEPEST_SEARCH:.1f}"
            )
        # A short run's slope is noise of the allocator: only the whole one can be judged.
        if self.memory is not None and not self.quick and self.memory.growth > MOST_GROWTH:
            found.append(
                f"memory: {self.memory.growth:.2f} MiB more for each 10,000 bookings,"
                f" more than {MOST_GROWTH:.1f}"
            )
        return found


def render(report: SchedulingReport) -> list[str]:
    """The section in Markdown, without its heading."""
    lines = [
        f"Measured on {report.date}, in a database of its own with the product's settings.",
        "",
        f"Free times of one service over {report.days} days, {report.people} people, nine of ten times"
        " taken; the whole transaction, milliseconds.",
        "",
        "| appointments in the table | median | P95 | min–max | n | ratio of medians |",
        "|---|---|---|---|---|---|",
        *_searches(report),
        "",
        "| booking | per second | n |",
        "|---|---|---|",
        *(
            f"| on {one.connections} connection{'s' if one.connections > 1 else ''}"
            f" | **{one.per_second:.0f}** | {one.bookings} |"
            for one in report.throughput
        ),
    ]
    if report.memory is not None:
        resident = report.memory.resident
        lines += [
            "",
            f"Memory over {report.memory.every * len(resident):,} bookings in one process:"
            f" {resident[0] / MIB:.0f} MiB after the first {report.memory.every:,},"
            f" {resident[-1] / MIB:.0f} MiB after the last;"
            f" {report.memory.growth:+.2f} MiB for each 10,000.",
        ]
    lines += ["", *_promises(report)]
    return lines


def _searches(report: SchedulingReport) -> list[str]:
    first = figures(report.searches[0].milliseconds)
    assert first is not None
    lines = []
    for one in report.searches:
        found = figures(one.milliseconds)
        assert found is not None
        row = [
            f"{one.appointments:,}",
            *cells(found, digits=1),
            f"{found.median / first.median:.2f}",
        ]
        lines.append(f"| {' | '.join(row)} |")
    return lines


def _promises(report: SchedulingReport) -> list[str]:
    lines = [f"- **not kept**: {line}" for line in report.broken]
    if not any("P95" in line for line in report.broken):
        lines.append(f"- kept: free times in under {SLOWEST_SEARCH:.0f} ms (P95)")
    if not any("times as slow" in line for line in report.broken):
        lines.append(
            f"- kept: at most {STEEPEST_SEARCH:.1f} times as slow as the table grows"
            f" {report.searches[-1].appointments / report.searches[0].appointments:.0f}-fold"
            f" ({report.steepness:.2f})"
        )
    memory = f"at most {MOST_GROWTH:.1f} MiB more for each 10,000 bookings"
    if report.quick:
        lines.append(f"- not judged (too few bookings): {memory}")
    elif not any(line.startswith("memory") for line in report.broken):
        lines.append(f"- kept: {memory}")
    return lines
