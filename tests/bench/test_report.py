from __future__ import annotations

from bench.api import ApiFigures
from bench.calls import CallFigures
from bench.cost import Cost
from bench.report import Report, render
from bench.rounds import QUICK, AgentResults
from bench.usage import Usage


def results(*, turn: float, greeted: float) -> AgentResults:
    call = CallFigures(
        answered=greeted - 0.2,
        greeted=greeted,
        turns=[turn, turn + 0.1, turn - 0.1],
        unsure_turns=[turn + 0.5],
        tool_turns=[turn + 0.4],
        interruptions=[0.6],
    )
    cost = Cost(calls=2, idle=Usage(cores=0.02, pss=500 << 20), busy=Usage(0.32, 640 << 20))
    return AgentResults(calls=[call], costs=[cost])


def report(
    ours: AgentResults | None, theirs: AgentResults | None, *, by_sip: bool = True
) -> Report:
    return Report(
        plan=QUICK,
        date="2026-11-21",
        machine="2 cores",
        busy_before=0.1,
        versions={"livekit-agents": "1.8.9"},
        by_sip=by_sip,
        ours=ours,
        theirs=theirs,
        loop=[0.24, 0.25],
        api=[ApiFigures("newest page of 50", [8.0, 9.0, 10.0])],
    )


QUICKSTART = results(turn=1.3, greeted=1.3)


def test_a_faster_agent_keeps_both_promises() -> None:
    made = report(results(turn=0.8, greeted=0.62), QUICKSTART)
    assert made.broken == []
    text = render(made)
    assert "not kept" not in text
    assert "| turn | s | **0.800** |" in text
    assert text.count("- kept:") == 2
    assert "| newest page of 50 | **9.0** | 9.9 | 8.0–10.0 | 3 |" in text


def test_a_turn_slower_by_more_than_three_percent_is_told() -> None:
    lines = report(results(turn=1.3 * 1.04, greeted=0.6), QUICKSTART).broken
    assert [line.split(":")[0] for line in lines] == ["turn", "turn that was not held"]
    assert all("1.04 times" in line for line in lines)
    assert report(results(turn=1.3 * 1.02, greeted=0.6), QUICKSTART).broken == []


def test_a_late_greeting_is_told() -> None:
    made = report(results(turn=0.8, greeted=0.71), QUICKSTART)
    [line] = made.broken
    assert line.startswith("greeting: heard 0.71 s")
    assert "**not kept**: greeting" in render(made)


def test_without_sip_the_greeting_is_not_judged() -> None:
    made = report(results(turn=0.8, greeted=1.5), QUICKSTART, by_sip=False)
    assert made.broken == []
    assert "not judged (no SIP)" in render(made)
    assert "join → first word" in render(made)


def test_an_agent_that_answered_nothing_breaks_both_promises() -> None:
    made = report(AgentResults(failed=["a call: 486 Busy Here"]), QUICKSTART)
    assert [line.split(":")[0] for line in made.broken] == [
        "turn",
        "turn that was not held",
        "greeting",
    ]
    assert "486 Busy Here" in render(made)


def test_one_agent_alone_is_not_judged() -> None:
    made = report(None, QUICKSTART)
    assert made.broken == []
    assert "Not judged" in render(made)


def test_cost_per_call_is_what_the_calls_add_to_the_idle_worker() -> None:
    [cost] = QUICKSTART.costs
    assert cost.memory_per_call == 70 << 20
    assert round(cost.cores_per_call, 6) == 0.15


def test_turns_that_the_end_of_turn_model_held_are_counted() -> None:
    made = report(results(turn=3.0, greeted=0.6), QUICKSTART)
    assert "- reception: 3 of 3 turns took longer than 2 s" in render(made)


def test_an_agent_that_only_holds_fewer_turns_does_not_win_by_it() -> None:
    theirs = results(turn=1.3, greeted=1.3)
    theirs.calls[0].turns = [1.3, 3.0, 3.0]
    [line] = report(results(turn=1.5, greeted=0.6), theirs).broken
    assert line.startswith("turn that was not held")


def test_what_could_not_be_measured_is_a_failure() -> None:
    made = report(results(turn=0.8, greeted=0.6), QUICKSTART)
    made.failed.append("API: PartFailed: admin stopped with exit code 1")
    assert made.broken == made.failed
    assert "admin stopped" in render(made)
