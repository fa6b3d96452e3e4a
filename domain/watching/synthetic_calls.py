"""The calls that the installation makes to itself: when one is due, what came of them, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select

from domain.alerts.operations import open_alert, resolve_alert
from domain.database import Scope
from domain.watching.models import SyntheticCall, SyntheticOutcome

FAILURES_FOR_ALERT: Final = 2
"""In a row: one call may have met a restart."""
GREETING_SECONDS: Final = 5.0
"""The caller's patience from dialling to the first word; a cold worker takes some of it."""
ANSWER_SECONDS: Final = 8.0
"""To the first word of an answer."""
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class SyntheticResult:
    """What came of one call. `dialled` is E.164; seconds are None where it did not come so far."""

    dialled: str
    room: str
    outcome: SyntheticOutcome
    greeting_seconds: float | None = None
    answer_seconds: float | None = None

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


async def keep_result(scope: Scope, result: SyntheticResult) -> SyntheticCall:
    """Store what came of a call; open the alert at the second failure in a row, resolve it at a success.
    In the INSTALLATION's scope."""
    now = scope.seam.now()
    call = SyntheticCall(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        placed_at=now,
        dialled=result.dialled,
        room=result.room,
        outcome=result.outcome,
        greeting_seconds=result.greeting_seconds,
        answer_seconds=result.answer_seconds,
    )
    scope.session.add(call)
    await scope.session.flush()
    await scope.session.execute(delete(SyntheticCall).where(SyntheticCall.placed_at < now - KEPT))
    if result.passed:
        await resolve_alert(scope, kind="test_call_failed", subject=result.dialled)
    elif await failures_in_a_row(scope, dialled=result.dialled) >= FAILURES_FOR_ALERT:
        await open_alert(scope, kind="test_call_failed", subject=result.dialled, urgent=True)
    return call


async def latest(scope: Scope, *, limit: int = 1) -> Sequence[SyntheticCall]:
    """The newest first."""
    query = select(SyntheticCall).order_by(SyntheticCall.placed_at.desc(), SyntheticCall.id.desc())
    return (await scope.session.scalars(query.limit(limit))).all()


async def failures_in_a_row(scope: Scope, *, dialled: str | None = None) -> int:
    """How many calls have failed since the last that passed; to `dialled` alone where that is given."""
    of_number = SyntheticCall.dialled == dialled if dialled else SyntheticCall.dialled != ""
    passed = (
        select(SyntheticCall.id)
        .where(of_number, SyntheticCall.outcome == "passed")
        # The ids sort by time.
        .order_by(SyntheticCall.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    count = await scope.session.scalar(
        select(func.count()).where(of_number, (SyntheticCall.id > passed) | passed.is_(None))
    )
    return count or 0


async def is_due(scope: Scope, *, every: timedelta) -> bool:
    """Whether the last call is `every` ago, or there was none."""
    newest = await latest(scope)
    # Half a minute less: the question is asked once a minute, and no minute is exactly one.
    return not newest or scope.seam.now() - newest[0].placed_at >= every - timedelta(seconds=30)
