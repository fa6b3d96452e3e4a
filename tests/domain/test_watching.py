"""What the installation knows of itself: its workers, its synthetic calls, its open matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from domain.alerts.models import Alert
from domain.alerts.operations import open_alert
from domain.database import Database
from domain.providers.models import ProviderBreaker
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from domain.watching import synthetic_calls, workers
from domain.watching.figures import read_figures
from domain.watching.models import SyntheticOutcome
from domain.watching.synthetic_calls import SyntheticResult
from domain.watching.workers import Sign
from tests.factories import make_business

NUMBER = "+12025550100"
SIGN = Sign(
    accepting=True,
    draining=False,
    active_calls=3,
    capacity=8,
    undelivered=2,
    oldest_undelivered_seconds=1.5,
)


async def place(database: Database, outcome: SyntheticOutcome, *, number: str = NUMBER) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        result = SyntheticResult(dialled=number, room="call-1", outcome=outcome)
        await synthetic_calls.keep_result(scope, result)


async def open_alerts(database: Database) -> Sequence[Alert]:
    async with database.scope(business_id=INSTALLATION) as scope:
        return (await scope.session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))).all()


async def test_the_second_failure_in_a_row_opens_an_alert_and_a_success_resolves_it(
    database: Database, seam: PinnedSeam
) -> None:
    await place(database, "no_agent")
    assert await open_alerts(database) == []
    await place(database, "passed", number="+12025550199")
    await place(database, "late_greeting")
    (alert,) = await open_alerts(database)
    assert (alert.kind, alert.subject, alert.urgent, alert.times) == (
        "test_call_failed",
        NUMBER,
        True,
        1,
    )
    await place(database, "no_answer")
    (alert,) = await open_alerts(database)
    assert alert.times == 2
    await place(database, "passed")
    assert await open_alerts(database) == []
    await place(database, "no_answer")
    assert await open_alerts(database) == []


async def test_a_call_is_due_when_the_last_is_long_enough_ago(
    database: Database, seam: PinnedSeam
) -> None:
    every = timedelta(minutes=5)

    async def due() -> bool:
        async with database.scope(business_id=INSTALLATION) as scope:
            return await synthetic_calls.is_due(scope, every=every)

    assert await due()
    await place(database, "passed")
    assert not await due()
    seam.advance(timedelta(minutes=4, seconds=20))
    assert not await due()
    seam.advance(timedelta(seconds=20))
    assert await due()


async def test_results_are_kept_for_a_month(database: Database, seam: PinnedSeam) -> None:
    await place(database, "passed")
    seam.advance(synthetic_calls.KEPT + timedelta(seconds=1))
    await place(database, "no_agent")
    async with database.scope(business_id=INSTALLATION) as scope:
        kept = await synthetic_calls.latest(scope, limit=5)
    assert [one.outcome for one in kept] == ["no_agent"]


async def test_a_worker_without_a_sign_of_life_counts_no_more(
    database: Database, seam: PinnedSeam
) -> None:
    silent, lively = seam.new_id(), seam.new_id()
    async with database.scope(business_id=INSTALLATION) as scope:
        await workers.give_sign(scope, worker_id=silent, sign=SIGN)
        await workers.give_sign(scope, worker_id=lively, sign=SIGN)
    seam.advance(workers.LOST_AFTER + timedelta(seconds=1))
    async with database.scope(business_id=INSTALLATION) as scope:
        await workers.give_sign(scope, worker_id=lively, sign=replace(SIGN, draining=True))
        (found,) = await workers.alive(scope)
    assert (found.id, found.draining) == (lively, True)
    async with database.scope(business_id=INSTALLATION) as scope:
        await workers.leave(scope, worker_id=lively)
        assert await workers.alive(scope) == []


async def test_figures_count_over_all_businesses_and_name_none(
    database: Database, seam: PinnedSeam
) -> None:
    first, second = [await make_business(database, name=name) for name in ("One", "Two")]
    for business_id in (first, second):
        async with database.scope(business_id=business_id) as scope:
            await open_alert(scope, kind="emergency", subject="call", urgent=True)
            scope.session.add(
                ProviderBreaker(
                    business_id=business_id,
                    kind="model",
                    provider="openai" if business_id == first else "openai@models.example",
                    state="open" if business_id == first else "closed",
                    override="open" if business_id == second else None,
                    changed_at=seam.now(),
                )
            )
    await place(database, "no_agent")
    async with database.scope(business_id=INSTALLATION) as scope:
        await workers.give_sign(scope, worker_id=seam.new_id(), sign=SIGN)
    figures = await read_figures(database)
    assert figures.alerts == {("emergency", True): 2}
    assert figures.breakers == {("model", "openai", "open"): 2}
    assert figures.calendars == {}
    assert [one.capacity for one in figures.workers] == [8]
    assert figures.synthetic is not None
    assert (figures.synthetic.failures_in_a_row, figures.synthetic.passed_at) == (1, None)
    assert figures.synthetic.counts == {"no_agent": 1}
