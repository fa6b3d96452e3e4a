"""The states of a call."""

from __future__ import annotations

import pytest

from agent.floor import Floor, FloorState
from domain.calls.events import FloorChanged


@pytest.mark.parametrize(
    "way",
    [
        ("assistant", "ended"),
        ("ended",),
        ("assistant", "briefing", "person", "assistant", "ended"),
        ("assistant", "person", "ended"),
        ("assistant", "briefing", "assistant"),
    ],
)
def test_every_change_is_told(way: tuple[Floor, ...]) -> None:
    told: list[FloorChanged] = []
    floor = FloorState(told.append)
    for step in way:
        assert floor.change(step, reason="because")
    assert [one.after for one in told] == list(way)
    assert [one.before for one in told] == ["answering", *way[:-1]]


@pytest.mark.parametrize(
    ("so_far", "after"),
    [
        ((), "person"),
        ((), "answering"),
        (("assistant",), "assistant"),
        (("ended",), "assistant"),
        (("ended",), "ended"),
        (("assistant", "person"), "briefing"),
    ],
)
def test_what_is_no_way_changes_and_tells_nothing(so_far: tuple[Floor, ...], after: Floor) -> None:
    told: list[FloorChanged] = []
    floor = FloorState(told.append)
    for step in so_far:
        floor.change(step)
    before = floor.now
    assert not floor.change(after)
    assert floor.now == before
    assert len(told) == len(so_far)


WAYS: dict[Floor, set[Floor]] = {
    "answering": {"assistant", "ended"},
    "assistant": {"briefing", "person", "ended"},
    "briefing": {"assistant", "person", "ended"},
    "person": {"person", "assistant", "ended"},
    "ended": set(),
}


@pytest.mark.parametrize("after", WAYS)
@pytest.mark.parametrize("before", WAYS)
def test_every_state_leads_where_it_should(before: Floor, after: Floor) -> None:
    told: list[FloorChanged] = []
    floor = FloorState(told.append)
    floor.now = before
    possible = after in WAYS[before]
    assert floor.leads_to(after) is possible
    assert floor.change(after, reason="because", by="user", identity="leg") is possible
    assert floor.now == (after if possible else before)
    assert told == (
        [FloorChanged(before=before, after=after, reason="because", by="user", identity="leg")]
        if possible
        else []
    )
