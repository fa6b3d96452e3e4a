"""The section of RESULTS.md about load: how many calls, at what price, and whether anything was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.agents import OURS, QUICKSTART
from bench.figures import MIB, figures, percentile
from bench.load_events import Kept
from bench.part_usage import NOT_OURS, per_call, product_cores
from bench.soak import Soak
from bench.usage import Usage

HEADING: Final = "## Load"
LATEST_TURN: Final = 1.5
"""Seconds (P95): beyond it a caller wonders whether anybody is there."""
MOST_GROWTH: Final = 1.05
"""Memory of the last quarter of a soak by that of the first: what is measured varies by so much."""
_FEWEST_SAMPLES: Final = 20


@dataclass(frozen=True)
class LoadPlan:
    """How much is measured."""

    steps: tuple[int, ...]
    """Callers at once, fewer first."""
    seconds: float
    """How long everybody talks in a step."""
    soak_seconds: float
    soak_calls: int = 3
    """Callers at once in the soak."""


@dataclass(frozen=True)
class Step:
    """So many callers at once."""

    calls: int
    turns: Sequence[float]
    """Latencies in seconds, of everybody."""
    unanswered: int
    failures: Sequence[str]
    used: Mapping[str, Usage]

    @property
    def p95(self) -> float | None:
        return percentile(list(self.turns), 0.95) if self.turns else None

    @property
    def too_late(self) -> bool:
        """Answers came too late, or none came."""
        return self.p95 is None or self.p95 > LATEST_TURN

    def __str__(self) -> str:
        found = figures(self.turns)
        latency = "no turn" if found is None else f"P50 {found.median:.2f} P95 {found.p95:.2f} s"
        return (
            f"{self.calls} calls: {latency} (n={len(self.turns)}), {len(self.failures)} failures,"
            f" {self.unanswered} unanswered, product {product_cores(self.used):.2f} cores"
        )


@dataclass
class Ramp:
    """One agent with more and more callers over one transport."""

    agent: str
    transport: str
    idle: Mapping[str, Usage]
    steps: list[Step] = field(default_factory=list)
    kept: Kept | None = None
    """What the database has of the calls; None for an agent that keeps no record."""

    @property
    def held(self) -> Step | None:
        """The most callers with answers in time, and none that failed."""
        good = [one for one in self.steps if not one.too_late and not one.failures]
        return good[-1] if good else None

    @property
    def passed(self) -> Step | None:
        """The first number of callers that was too many; None when that was never reached."""
        return next((one for one in self.steps if one.too_late or one.failures), None)

    @property
    def calls_per_core(self) -> float | None:
        """Calls by the cores that the installation used for them, at the most that it held."""
        if self.held is None:
            return None
        return self.held.calls / product_cores(self.held.used)


@dataclass
class LoadReport:
    """Everything that `render` writes down."""

    plan: LoadPlan
    machine: str
    busy_before: float
    ramps: list[Ramp]
    soak: Soak

    @property
    def transports(self) -> list[str]:
        return list(dict.fromkeys(one.transport for one in self.ramps))

    def ramp(self, agent: str, transport: str) -> Ramp | None:
        return next(
            (one for one in self.ramps if (one.agent, one.transport) == (agent, transport)), None
        )

    @property
    def broken(self) -> list[str]:
        """What was promised and not kept, or could not be judged."""
        found = []
        for transport in self.transports:
            ours, theirs = (self.ramp(one.name, transport) for one in (OURS, QUICKSTART))
            if ours is None or ours.calls_per_core is None:
                found.append(f"load over {transport}: not even one call was held")
            elif theirs is not None and (theirs.calls_per_core or 0) > ours.calls_per_core:
                found.append(
                    f"calls per core over {transport}: {ours.calls_per_core:.1f}, the quickstart's"
                    f" are {theirs.calls_per_core:.1f}"
                )
            if ours is not None and ours.kept is not None:
                found += _lost(f"load over {transport}", ours.kept)
        if self.soak.kept is not None:
            found += _lost("soak", self.soak.kept)
        found += [f"soak: a call {failure}" for failure in self.soak.failures]
        if self.soak.growth is None or len(self.soak.samples) < _FEWEST_SAMPLES:
            if self.plan.soak_seconds >= 600:
                found.append("soak: too few samples to judge memory by")
        elif self.soak.growth > MOST_GROWTH:
            found.append(
                f"soak: memory per call grew to {self.soak.growth:.2f} times, more than {MOST_GROWTH:.2f}"
            )
        return found


def _lost(where: str, kept: Kept) -> list[str]:
    found = []
    if kept.lost_calls:
        found.append(f"{where}: {kept.lost_calls} of {kept.placed} calls lost")
    if kept.lost_events:
        found.append(f"{where}: {kept.lost_events} events lost")
    return found


def render(report: LoadReport) -> list[str]:
    """The section in Markdown, without its heading."""
    lines = [
        f"{report.machine}; before the run others used {report.busy_before:.2f} cores. Each caller holds a"
        f" conversation of plain turns for {report.plan.seconds:g} s; the vendors' stand-ins and the callers run on"
        " the same machine.",
        "",
        "| | calls | turn P50, s | P95 | n | failed | unanswered | product, cores | stand-ins | callers |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for ramp in report.ramps:
        lines += [_step(ramp, step) for step in ramp.steps]
    for transport in report.transports:
        lines += ["", *_limits(report, transport)]
    lines += ["", *_parts(report), "", *_soak(report.soak), ""]
    lines += [f"- **not kept**: {line}" for line in report.broken]
    if not report.broken:
        lines.append(
            "- kept: more calls per core than the quickstart; memory per call flat; no call and no event lost"
        )
    return lines


def _step(ramp: Ramp, step: Step) -> str:
    found = figures(step.turns)
    latency = ("–", "–") if found is None else (f"{found.median:.3f}", f"{found.p95:.3f}")
    apart = [f"{step.used[name].cores:.2f}" if name in step.used else "–" for name in NOT_OURS]
    cells = [
        f"{ramp.agent}, {ramp.transport}",
        str(step.calls),
        *latency,
        str(len(step.turns)),
        str(len(step.failures)),
        str(step.unanswered),
        f"{product_cores(step.used):.2f}",
        *apart,
    ]
    return f"| {' | '.join(cells)} |"


def _limits(report: LoadReport, transport: str) -> list[str]:
    lines = []
    for agent in (OURS.name, QUICKSTART.name):
        ramp = report.ramp(agent, transport)
        if ramp is None:
            continue
        held, passed = ramp.held, ramp.passed
        most = f"{held.calls} calls held" if held else "no call held"
        beyond = (
            f"P95 passes {LATEST_TURN:g} s (or a call fails) at {passed.calls}"
            if passed
            else f"P95 stays under {LATEST_TURN:g} s up to the last step"
        )
        rate = ramp.calls_per_core
        # What the stand-ins and the callers took cannot be had twice: so this is worked out, not run.
        worked_out = (
            ""
            if rate is None
            else f"; **{rate:.1f} calls per core** of the installation itself (worked out from its share of"
            " the processor at that number of calls; no machine without stand-ins was run)"
        )
        lines.append(f"- {agent} over {transport}: {most}, {beyond}{worked_out}.")
        if ramp.kept is not None:
            kept = ramp.kept
            lines.append(
                f"  - {kept.placed} calls answered, {kept.ended} on record with their end: {kept.lost_calls} lost;"
                f" {kept.events} events, {kept.answers} answers heard, {kept.said} sentences on record:"
                f" {kept.lost_events} lost."
            )
    return lines


def _parts(report: LoadReport) -> list[str]:
    lines = [
        "What one call adds to each part, at the most calls held; the last two are not the product's.",
        "",
        "| | calls | part | cores per call | MiB per call (PSS) | idle, MiB |",
        "|---|---|---|---|---|---|",
    ]
    for ramp in report.ramps:
        if ramp.held is None:
            continue
        added = per_call(ramp.idle, ramp.held.used, calls=ramp.held.calls)
        for part, (cores, pss) in added.items():
            lines.append(
                f"| {ramp.agent}, {ramp.transport} | {ramp.held.calls} | {part} | {cores:.3f} |"
                f" {pss / MIB:.1f} | {ramp.idle[part].pss / MIB:.0f} |"
            )
    return lines


def _soak(soak: Soak) -> list[str]:
    found = figures(soak.turns)
    turns = "no turn" if found is None else f"turn P50 {found.median:.3f} s, P95 {found.p95:.3f} s"
    memory = "too few samples for memory"
    if soak.early is not None and soak.late is not None and soak.growth is not None:
        memory = (
            f"worker's memory, its idle part included, {soak.early / MIB:.0f} MiB for each caller in the first quarter,"
            f" {soak.late / MIB:.0f} MiB in the last ({soak.growth:.2f} times, {len(soak.samples)} samples)"
        )
    lost = ""
    if soak.kept is not None:
        lost = f"; {soak.kept.lost_calls} calls and {soak.kept.lost_events} of {soak.kept.events} events lost"
    return [
        f"Soak of {soak.seconds / 60:g} minutes with {soak.calls_at_once} callers at once, one of them always on the"
        f" line: {soak.calls} calls, {len(soak.failures)} failed, {soak.unanswered} lines unanswered; {turns}"
        f" (n={len(soak.turns)}); {memory}{lost}."
    ]
