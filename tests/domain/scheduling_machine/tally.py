"""What a walk did, as a table."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.domain.scheduling_machine.machine import SchedulingMachine


def table(machine: type[SchedulingMachine], *, seed: int | None) -> str:
    """Markdown: how often what was asked, and how it ended."""
    ends: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, end), count in sorted(machine.tally.items()):
        ends[kind][end] = count
    asked = sum(machine.tally.values())
    lines = [
        "# The last long walk",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}: {machine.steps:,} steps in {machine.walks:,} walks, nothing broken;"
        f" {asked:,} things done or asked for" + (f" (seed {seed})." if seed is not None else "."),
        "",
        "| | times | how it ended |",
        "|---|---|---|",
    ]
    for kind, found in sorted(ends.items()):
        told = ", ".join(f"{end} {count:,}" for end, count in sorted(found.items(), key=_often))
        lines.append(f"| {kind} | {sum(found.values()):,} | {told} |")
    return "\n".join(lines) + "\n"


def _often(item: tuple[str, int]) -> int:
    return -item[1]
