"""Opening, counting, acknowledging and settling what somebody has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from domain.alerts.models import Alert, AlertKind
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.paging import Position, check_limit
from domain.text import clean_line

AlertState = Literal["open", "resolved"]

LONGEST_SUBJECT: Final = 200
"""Characters."""
LASTING: Final[frozenset[str]] = frozenset({"provider_down", "test_call_failed"})
"""What is wrong until it works again, whoever has seen it. The other kinds tell of something that happened:
they are settled once somebody has seen them."""


async def open_alert(
    scope: Scope, *, kind: AlertKind, subject: str, urgent: bool, call_id: UUID | None = None
) -> Alert:
    """Tell of something: a new alert, or one more time on the alert that is open for the same kind and
    subject. Two at once make one. An alert that becomes urgent stays so; the first call is kept.

    `subject` is what it is about (a call's id, a provider), and nothing private. Raises Invalid on `kind` or
    `subject`.
    """
    _check_kind(kind)
    now = scope.seam.now()
    fresh = insert(Alert).values(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        kind=kind,
        subject=_subject(subject),
        urgent=urgent,
        call_id=call_id,
        opened_at=now,
        last_at=now,
        times=1,
    )
    counted = fresh.on_conflict_do_update(
        index_elements=["business_id", "kind", "subject"],
        index_where=Alert.resolved_at.is_(None),
        set_={
            "times": Alert.times + 1,
            # Two at once may commit in the other order than they looked at the clock.
            "last_at": func.greatest(Alert.last_at, fresh.excluded.last_at),
            "urgent": Alert.urgent | fresh.excluded.urgent,
            "call_id": func.coalesce(Alert.call_id, fresh.excluded.call_id),
        },
    )
    found = await scope.session.scalars(
        counted.returning(Alert), execution_options={"populate_existing": True}
    )
    return found.one()


async def resolve_alert(scope: Scope, *, kind: AlertKind, subject: str) -> bool:
    """Close the open alert of this kind and subject: what it told of is over. Whether there was one. Raises
    Invalid on `kind` or `subject`."""
    _check_kind(kind)
    subject = _subject(subject)
    closed = await scope.session.scalars(
        update(Alert)
        .where(Alert.kind == kind, Alert.subject == subject, Alert.resolved_at.is_(None))
        .values(resolved_at=scope.seam.now())
        .returning(Alert.id)
    )
    return bool(closed.all())


async def get(scope: Scope, *, alert_id: UUID) -> Alert:
    """Raises NotFound."""
    alert = await scope.session.scalar(select(Alert).where(Alert.id == alert_id))
    if alert is None:
        raise NotFound("alert")
    return alert


async def acknowledge_alert(scope: Scope, *, alert_id: UUID, by: str) -> Alert:
    """Somebody has seen it: the first who says so is kept. What is not LASTING is resolved with it. `by` is
    the id of a user or key. Raises NotFound."""
    now = scope.seam.now()
    # One statement: of two who acknowledge at once, one is written.
    await scope.session.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=by)
        .execution_options(synchronize_session=False)
    )
    await scope.session.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.resolved_at.is_(None), Alert.kind.not_in(LASTING))
        .values(resolved_at=now)
        .execution_options(synchronize_session=False)
    )
    found = select(Alert).where(Alert.id == alert_id).execution_options(populate_existing=True)
    alert = await scope.session.scalar(found)
    if alert is None:
        raise NotFound("alert")
    return alert


async def list_alerts(
    scope: Scope,
    *,
    limit: int = 50,
    after: tuple[AlertState, Position] | None = None,
    state: AlertState | None = None,
    kind: AlertKind | None = None,
    call_id: UUID | None = None,
) -> Sequence[Alert]:
    """Alerts: the open ones first, each part with the newest first. `after` is the state and the position of
    the last one read."""
    is_open = Alert.resolved_at.is_(None)
    query = select(Alert).order_by(is_open.desc(), Alert.opened_at.desc(), Alert.id.desc())
    if after is not None:
        part, position = after
        query = query.where(
            tuple_(is_open, Alert.opened_at, Alert.id) < (part == "open", position.at, position.id)
        )
    if state is not None:
        query = query.where(is_open if state == "open" else Alert.resolved_at.is_not(None))
    if kind is not None:
        query = query.where(Alert.kind == kind)
    if call_id is not None:
        query = query.where(Alert.call_id == call_id)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


def _subject(text: str) -> str:
    return clean_line(text, field="subject", longest=LONGEST_SUBJECT)


def _check_kind(kind: str) -> None:
    if kind not in get_args(AlertKind):
        raise Invalid("kind", f"must be one of {', '.join(get_args(AlertKind))}")
