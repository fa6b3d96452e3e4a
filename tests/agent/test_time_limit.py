"""The longest call: the assistant's time counts, a person's does not."""

from __future__ import annotations

import asyncio

import pytest

from agent.time_limit import TimeLimit


class Clock:
    """Time that moves only while somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.limit: TimeLimit | None = None
        self.person_from: float | None = None
        self.person_until: float | None = None

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        end = self.now + seconds
        assert self.limit is not None
        for moment, floor in ((self.person_from, "person"), (self.person_until, "assistant")):
            if moment is not None and self.now <= moment <= end:
                self.now = moment
                self.limit.floor_changed(floor)  # type: ignore[arg-type]
        self.now = end


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("agent.time_limit.time.monotonic", clock.monotonic)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


async def test_without_a_person_it_is_the_clock(clock: Clock) -> None:
    clock.limit = TimeLimit()
    await clock.limit.wait(60)
    assert clock.now == 160


async def test_the_time_of_a_person_is_added(clock: Clock) -> None:
    clock.limit = TimeLimit()
    clock.person_from, clock.person_until = 110, 140
    await clock.limit.wait(60)
    assert clock.now == 190


async def test_it_is_never_over_while_a_person_speaks(clock: Clock) -> None:
    clock.limit = TimeLimit()
    clock.person_from, clock.person_until = 159.9, 400
    await clock.limit.wait(60)
    assert clock.now >= 400
