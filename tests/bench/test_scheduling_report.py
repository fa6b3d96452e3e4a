from __future__ import annotations

from pathlib import Path

import pytest

from bench import scheduling
from bench.scheduling_report import (
    HEADING,
    Memory,
    SchedulingReport,
    Search,
    Throughput,
    render,
)

_MIB = 2**20


def report(
    *, few: float = 4.0, many: float = 5.0, growth: float = 0.0, quick: bool = False
) -> SchedulingReport:
    """`growth` in MiB for each 10,000 bookings, after a warm-up that grows much faster."""
    warm_up = [(60 + 5 * mark) * _MIB for mark in range(2)]
    warm = [int((80 + growth * mark / 4) * _MIB) for mark in range(38)]
    return SchedulingReport(
        date="2026-11-21",
        people=20,
        days=30,
        searches=[
            Search(appointments=10_000, milliseconds=[few, few, few]),
            Search(appointments=1_000_000, milliseconds=[many, many, many]),
        ],
        throughput=[Throughput(connections=1, bookings=100, seconds=0.5)],
        memory=Memory(every=2_500, resident=warm_up + warm),
        quick=quick,
    )


def test_a_quick_and_flat_search_and_flat_memory_keep_every_promise() -> None:
    made = report()
    assert made.broken == []
    text = "\n".join(render(made))
    assert "| 1,000,000 | **5.0** | 5.0 | 5.0–5.0 | 3 | 1.25 |" in text
    assert "| on 1 connection | **200** | 100 |" in text
    assert "+0.00 MiB for each 10,000" in text
    assert text.count("- kept:") == 3


def test_a_slow_a_steep_and_a_growing_one_are_told() -> None:
    slow = report(few=9.9, many=10.1).broken
    assert len(slow) == 1 and "P95 10.1 ms" in slow[0]
    steep = report(few=2.0, many=3.2).broken
    assert len(steep) == 1 and "1.60 times as slow" in steep[0]
    growing = report(growth=1.5)
    assert growing.memory is not None and growing.memory.growth == pytest.approx(1.5, abs=0.01)
    assert len(growing.broken) == 1 and growing.broken[0].startswith("memory: 1.50 MiB")


def test_a_quick_run_does_not_judge_memory() -> None:
    made = report(growth=50, quick=True)
    assert made.broken == []
    assert "not judged (too few bookings)" in "\n".join(render(made))


def test_the_section_is_put_before_what_was_not_measured_and_then_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text("# Bench\n\n## API\n\nrows\n\n## Not measured\n\n- vendors\n")
    monkeypatch.setattr(scheduling, "RESULTS", results)
    scheduling.write(report(many=5.0))
    scheduling.write(report(many=6.0))
    text = results.read_text()
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## API", HEADING, "## Not measured"]
    assert "**6.0**" in text and "**5.0**" not in text
    assert text.endswith("\n## Not measured\n\n- vendors\n")
