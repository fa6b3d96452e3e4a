"""The results as a table, and whether they keep what was promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bench import takeover
from bench.api import CALLS, ApiFigures
from bench.calls import CallFigures
from bench.figures import MIB, Figures, cells, figures
from bench.load_report import HEADING as LOAD_HEADING, LoadReport, render as render_load
from bench.rounds import AgentResults, Plan
from bench.scheduling_report import HEADING, SchedulingReport, render as render_scheduling

SLOWEST_TURN: Final = 1.03
"""Our median turn may be this many times the quickstart's."""
LATEST_GREETING: Final = 0.7
"""Seconds from the INVITE to the first word."""
MOST_OFF: Final = 0.1
"""Seconds by which the latency that the API tells may differ from the telephone's (median)."""
HELD: Final = 2.0
"""Seconds: a turn that took longer waited for the end-of-turn model."""
Values: TypeAlias = Callable[[AgentResults], Sequence[float]]
"""Takes the values of one measure out of an agent's results."""


@dataclass(frozen=True)
class Row:
    """One measure of both agents, in `unit`."""

    what: str
    unit: str
    ours: Figures | None
    theirs: Figures | None

    @property
    def ratio(self) -> float | None:
        if self.ours is None or self.theirs is None or self.theirs.median == 0:
            return None
        return self.ours.median / self.theirs.median


@dataclass
class Report:
    """Everything that `render` writes down."""

    plan: Plan
    date: str
    machine: str
    busy_before: float
    """Cores that others used on the machine when the run began."""
    versions: Mapping[str, str]
    by_sip: bool
    ours: AgentResults | None
    theirs: AgentResults | None
    loop: Sequence[float] = ()
    """The transport's own round trip, seconds."""
    api: Sequence[ApiFigures] = ()
    scheduling: SchedulingReport | None = None
    takeovers: list[takeover.TakeoverFigures] = field(default_factory=list)
    load: LoadReport | None = None
    not_measured: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """What should have been measured and could not be."""

    @property
    def rows(self) -> list[Row]:
        """The comparison."""
        begin = "INVITE" if self.by_sip else "join"
        answered = "200 OK" if self.by_sip else "the agent's track"
        return [
            self._row("turn", _each(lambda call: call.turns)),
            self._row("turn that was not held", _each(_not_held)),
            self._row(f"{begin} → first word", lambda one: one.greeted),
            self._row(f"{begin} → {answered}", lambda one: one.answered),
            self._row("turn with an unsure ending", _each(lambda call: call.unsure_turns)),
            self._row("turn of a word", _each(lambda call: call.short_turns)),
            self._row(
                "number or e-mail dictated with pauses", _each(lambda call: call.dictated_turns)
            ),
            self._row("every turn of these", _each(lambda call: call.every_turn)),
            self._row("turn with a tool → something heard", _each(lambda call: call.tool_turns)),
            self._row("turn with a tool → its answer", _each(lambda call: call.tool_answers)),
            self._row("interruption → silence", _each(lambda call: call.interruptions)),
            self._row(
                "memory idle (PSS)", lambda one: [x.idle.pss / MIB for x in one.costs], "MiB"
            ),
            self._row(
                "memory per call (PSS)",
                lambda one: [x.memory_per_call / MIB for x in one.costs],
                "MiB",
            ),
            self._row("processor idle", lambda one: [x.idle.cores for x in one.costs], "cores"),
            self._row(
                "processor per call", lambda one: [x.cores_per_call for x in one.costs], "cores"
            ),
        ]

    @property
    def broken(self) -> list[str]:
        """What was promised and not kept, or could not be judged although it was asked for."""
        found = list(self.failed)
        if self.scheduling is not None:
            found += self.scheduling.broken
        found += takeover.broken(self.takeovers)
        if self.load is not None:
            found += self.load.broken
        return found + self.compared_badly

    @property
    def compared_badly(self) -> list[str]:
        """What was promised of the two agents' calls and not kept; the sections tell of theirs."""
        if self.ours is None or self.theirs is None:
            return []
        found = []
        off = self.ours.off_by
        if self.by_sip and off is not None and off.median > MOST_OFF:
            found.append(f"latency in the API: {off.median:.2f} s off the telephone's (median)")
        turn, sure_turn, greeting = self.rows[:3]
        # A synthetic voice has more turns held than a person's: an agent that holds fewer must not
        # win by that alone.
        for row in (turn, sure_turn):
            if row.ratio is None:
                found.append(f"{row.what}: there is nothing to compare")
            elif row.ratio > SLOWEST_TURN:
                found.append(
                    f"{row.what}: our median is {row.ratio:.2f} times the quickstart's,"
                    f" more than {SLOWEST_TURN:.2f}"
                )
        if self.by_sip and greeting.ours is None:
            found.append("greeting: never heard")
        elif self.by_sip and greeting.ours is not None and greeting.ours.median > LATEST_GREETING:
            found.append(
                f"greeting: heard {greeting.ours.median:.2f} s after the INVITE (median),"
                f" later than {LATEST_GREETING:.1f} s"
            )
        return found

    def _row(self, what: str, values: Values, unit: str = "s") -> Row:
        ours, theirs = (
            figures(values(results)) if results is not None else None
            for results in (self.ours, self.theirs)
        )
        return Row(what, unit, ours, theirs)


def render(report: Report) -> str:
    """The report in Markdown."""
    transport = "a SIP phone through livekit-sip" if report.by_sip else "WebRTC (no livekit-sip)"
    lines = [
        "# Bench",
        "",
        f"Measured on {report.date}, in one run of `make bench`, the two agents in turn over"
        f" {report.plan.rounds} rounds, over {transport}.",
        "",
        f"- Machine: {report.machine}; before the run others used {report.busy_before:.2f} cores.",
        f"- Versions: {', '.join(f'{name} {version}' for name, version in report.versions.items())}.",
        "- Stand-ins for both: hearing 0.15 s after 0.2 s of silence, scripted words with interims;"
        " model 0.3 s to the first token and 15 ms a token; speech 0.15 s to the first byte.",
        "- *quickstart*: the documented livekit-agents quickstart with the same plugins, default options.",
        "- A turn: from the caller's last voiced packet to the first sound back, at the phone.",
        "",
        *_table(report.rows),
        "",
        *_counts(report),
    ]
    if report.loop:
        loop = figures(report.loop)
        assert loop is not None
        lines += [
            "",
            f"The transport's own share (a participant that returns each frame at once):"
            f" {loop.median:.3f} s there and back, P95 {loop.p95:.3f}"
            f" ({loop.count} beeps).",
        ]
    if report.takeovers:
        lines += ["", takeover.HEADING, "", *takeover.render(report.takeovers)]
    if report.load is not None:
        lines += ["", LOAD_HEADING, "", *render_load(report.load)]
    if report.api:
        lines += ["", "## API", "", *_api_table(report.api)]
    if report.scheduling is not None:
        lines += ["", HEADING, "", *render_scheduling(report.scheduling)]
    if report.not_measured:
        lines += ["", "## Not measured", "", *(f"- {line}" for line in report.not_measured)]
    lines += ["", "## Promises", "", *_promises(report)]
    return "\n".join(lines) + "\n"


def _promises(report: Report) -> list[str]:
    if report.ours is None or report.theirs is None:
        alone = "- Not judged: only one of the agents was measured."
        return [*(f"- **failed**: {line}" for line in report.failed), alone]
    # The promises of scheduling, of staff and under load stand in their sections.
    broken = [*report.failed, *report.compared_badly]
    lines = [f"- **not kept**: {line}" for line in broken]
    turn = f"our median turn at most {SLOWEST_TURN:.2f} times the quickstart's"
    if not any(line.startswith("turn") for line in broken):
        lines.append(f"- kept: {turn}")
    greeting = f"the greeting within {LATEST_GREETING:.1f} s of the INVITE (median)"
    if not report.by_sip:
        lines.append(f"- not judged (no SIP): {greeting}")
    elif not any(line.startswith("greeting") for line in broken):
        lines.append(f"- kept: {greeting}")
    return lines


def _table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| | unit | reception median | P95 | min–max | n | quickstart median | P95 | min–max | n |"
        " ratio of medians |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        digits = _digits(row.unit)
        line = [
            row.what,
            row.unit,
            *cells(row.ours, digits=digits),
            *cells(row.theirs, digits=digits),
        ]
        lines.append(f"| {' | '.join([*line, ratio])} |")
    return lines


def _api_table(measured: Sequence[ApiFigures]) -> list[str]:
    lines = [
        f"`GET /api/v1/calls` of a business with {CALLS:,} calls, one request at a time, milliseconds.",
        "",
        "| | median | P95 | min–max | n |",
        "|---|---|---|---|---|",
    ]
    for one in measured:
        found = figures(one.milliseconds)
        lines.append(f"| {one.what} | {' | '.join(cells(found, digits=_digits('ms')))} |")
    return lines


def _digits(unit: str) -> int:
    return {"MiB": 0, "ms": 1}.get(unit, 3)


def _counts(report: Report) -> list[str]:
    lines = []
    for name, results in (("reception", report.ours), ("quickstart", report.theirs)):
        if results is None:
            continue
        turns = results.each(lambda call: call.turns)
        held = sum(turn > HELD for turn in turns)
        lines.append(
            f"- {name}: {held} of {len(turns)} turns took longer than {HELD:.0f} s (held by"
            f" the end-of-turn model), {results.cut_ins} cut-ins, {results.unanswered} lines"
            f" unanswered, {len(results.failed)} failures."
        )
        lines += [f"  - {failure}" for failure in results.failed]
    off = report.ours.off_by if report.ours is not None else None
    if off is not None:
        lines.append(
            f"- The latency that the API tells of an answer is {off.median:.3f} s off the telephone's"
            f" (median; {off.most:.3f} at most, {off.count} answers)."
        )
    return lines


def _each(values: Callable[[CallFigures], Sequence[float]]) -> Values:
    """These values of every whole conversation of an agent."""
    return lambda results: results.each(values)


def _not_held(call: CallFigures) -> list[float]:
    return [turn for turn in call.turns if turn <= HELD]
