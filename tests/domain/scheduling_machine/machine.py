"""The steps of the walk, as Hypothesis draws them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.seam import PinnedSeam
from tests.domain.scheduling_machine import syncing, walker
from tests.domain.scheduling_machine.invariants import check_all
from tests.domain.scheduling_machine.planning import ALL_KINDS, CHANGES, CUT, plan
from tests.domain.scheduling_machine.requests import Pick, Request
from tests.domain.scheduling_machine.world import World

# A fortnight before a clock change of one zone, and a month before the last of another: the horizon of
# every business reaches over clocks that go forward and clocks that go back.
BEGINNINGS = (
    datetime(
        2026, 3, 2, 12, tzinfo=UTC
    ),  # New York 8 and Berlin 29 March on, Lord Howe 5 April back
    datetime(
        2026, 9, 28, 12, tzinfo=UTC
    ),  # Lord Howe 4 October on, Berlin 25 October, New York back
)

_number = st.integers(0, 2**16 - 1)
picks: st.SearchStrategy[Pick] = st.tuples(_number, _number, _number)
kinds = st.sampled_from(ALL_KINDS)
steps_forward = st.sampled_from(
    [
        *(timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=2)),
        *(timedelta(minutes=45), timedelta(hours=7), timedelta(days=1), timedelta(days=3)),
    ]
)


class SchedulingMachine(RuleBasedStateMachine):
    """One walk. `world`, `runner` and `seam` are set by the test, and shared by its walks."""

    world: World
    runner: asyncio.Runner
    seam: PinnedSeam
    steps = 0
    walks = 0
    tally: Counter[tuple[str, str]] = Counter()  # noqa: RUF012

    @initialize(beginning=st.sampled_from(BEGINNINGS))
    def begin(self, beginning: datetime) -> None:
        self.world.empty()
        self.seam.advance(beginning - self.seam.now())
        self.runner.run(self.world.populate())
        self.runner.run(walker.open_the_book(self.world))
        type(self).walks += 1

    @rule(kind=kinds, pick=picks)
    def ask(self, kind: str, pick: Pick) -> None:
        self.runner.run(walker.alone(self.world, self._plan(kind, pick), self.tally))
        self._after()

    @rule(several=st.lists(st.tuples(kinds, picks), min_size=2, max_size=4))
    def ask_together(self, several: list[tuple[str, Pick]]) -> None:
        requests = self._plan_all(several)
        self.runner.run(walker.together(self.world, requests, self.tally))
        self._after()

    @rule(kind=st.sampled_from(CHANGES), pick=picks)
    def ask_twice_at_once(self, kind: str, pick: Pick) -> None:
        self.runner.run(walker.twice(self.world, self._plan(kind, pick), self.tally))
        self._after()

    @rule(
        kind=st.sampled_from(CUT),
        pick=picks,
        before=st.one_of(st.none(), st.integers(1, 24)),
        beside=st.lists(st.tuples(kinds, picks), max_size=2),
    )
    def cut(
        self, kind: str, pick: Pick, before: int | None, beside: list[tuple[str, Pick]]
    ) -> None:
        request, *others = self._plan_all([(kind, pick), *beside])
        self.runner.run(
            walker.cut_off(self.world, request, before=before, beside=others, tally=self.tally)
        )
        self._after()

    @rule(takes=st.lists(st.sampled_from(["hold", "book"]), min_size=2, max_size=4), pick=picks)
    def rush(self, takes: list[str], pick: Pick) -> None:
        practice = self.world.practices[pick[0] % len(self.world.practices)]
        self.runner.run(walker.rush(self.world, practice, pick, takes, self.tally))
        self._after()

    @rule(pick=picks)
    def hold_and_forget(self, pick: Pick) -> None:
        practice = self.world.practices[pick[0] % len(self.world.practices)]
        self.runner.run(walker.forgotten(self.world, practice, pick, self.tally))
        self._after()

    @rule(pick=picks)
    def something_happens_outside(self, pick: Pick) -> None:
        syncing.happen_outside(self.world, pick, self.tally)
        self._after()

    @rule(pick=picks, beside=st.lists(st.tuples(kinds, picks), max_size=2))
    def sync_shakily(self, pick: Pick, beside: list[tuple[str, Pick]]) -> None:
        others = self._plan_all(beside)
        self.runner.run(syncing.sync_shakily(self.world, pick, beside=others, tally=self.tally))
        self._after()

    @rule(pick=picks)
    def sync_to_the_end(self, pick: Pick) -> None:
        self.runner.run(syncing.sync_to_the_end(self.world, pick, self.tally))
        self._after()

    @rule(step=steps_forward)
    def time_passes(self, step: timedelta) -> None:
        self.seam.advance(step)
        self.tally["time passes", "done"] += 1
        self._after()

    def _plan(self, kind: str, pick: Pick) -> Request:
        return plan(self.world, kind, pick)

    def _plan_all(self, several: list[tuple[str, Pick]]) -> list[Request]:
        """What is asked at once, by different callers: a call does one thing after the other."""
        requests: list[Request] = []
        for one in several:
            request = self._plan(*one)
            calls = {other.actor.call_id for other in requests if other.actor.call_id}
            if request.actor.call_id not in calls:
                requests.append(request)
        return requests

    def _after(self) -> None:
        type(self).steps += 1
        check_all(self.world)
