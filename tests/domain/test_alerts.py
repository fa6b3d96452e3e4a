"""Alerts: one open for each kind and subject, however many tell of it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.alerts import operations as alerts
from domain.alerts.models import Alert, AlertKind
from domain.alerts.operations import AlertState
from domain.calls.events import CallFlagged
from domain.calls.models import CallEvent
from domain.calls.record import append, as_entry
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.paging import Position
from domain.tables import INSTALLATION
from tests.factories import make_business, make_call

CALL = UUID("01a20959-a680-7000-8000-000000000007")


async def _open(
    database: Database, business_id: UUID, kind: AlertKind, subject: str, *, urgent: bool = False
) -> Alert:
    async with database.scope(business_id=business_id) as scope:
        return await alerts.open_alert(scope, kind=kind, subject=subject, urgent=urgent)


async def test_what_happens_again_is_counted_on_the_open_alert(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        first = await alerts.open_alert(
            scope, kind="emergency", subject=str(CALL), urgent=False, call_id=CALL
        )
        assert (first.times, first.urgent, first.call_id) == (1, False, CALL)
        again = await alerts.open_alert(scope, kind="emergency", subject=str(CALL), urgent=True)
        assert (again.id, again.times, again.urgent, again.call_id) == (first.id, 2, True, CALL)
        assert again.last_at >= again.opened_at
        other = await alerts.open_alert(scope, kind="threat", subject=str(CALL), urgent=True)
        assert other.id != first.id


async def test_two_at_once_make_one(database: Database) -> None:
    made = await asyncio.gather(
        *(_open(database, INSTALLATION, "provider_down", "deepgram") for _ in range(5))
    )
    assert len({alert.id for alert in made}) == 1
    assert sorted(alert.times for alert in made) == [1, 2, 3, 4, 5]


async def test_what_is_resolved_begins_anew(database: Database) -> None:
    first = await _open(database, INSTALLATION, "provider_down", "deepgram")
    async with database.scope(business_id=INSTALLATION) as scope:
        assert await alerts.resolve_alert(scope, kind="provider_down", subject="deepgram")
        assert not await alerts.resolve_alert(scope, kind="provider_down", subject="deepgram")
    second = await _open(database, INSTALLATION, "provider_down", "deepgram")
    assert (second.id != first.id, second.times) == (True, 1)


async def test_what_happened_is_settled_when_it_was_seen_and_what_lasts_is_not(
    database: Database,
) -> None:
    business_id = await make_business(database)
    happened = await _open(database, business_id, "emergency", "a call")
    lasts = await _open(database, business_id, "provider_down", "deepgram")
    async with database.scope(business_id=business_id) as scope:
        seen = await alerts.acknowledge_alert(scope, alert_id=happened.id, by="ann")
        assert seen.acknowledged_at == seen.resolved_at == scope.seam.now()
        seen = await alerts.acknowledge_alert(scope, alert_id=lasts.id, by="ann")
        assert (seen.acknowledged_by, seen.resolved_at) == ("ann", None)
        again = await alerts.acknowledge_alert(scope, alert_id=lasts.id, by="ben")
        assert again.acknowledged_by == "ann"
        with pytest.raises(NotFound):
            await alerts.acknowledge_alert(scope, alert_id=CALL, by="ann")


async def test_the_list_has_the_open_ones_first_page_by_page(database: Database) -> None:
    business_id = await make_business(database)
    made = [await _open(database, business_id, "threat", str(number)) for number in range(6)]
    async with database.scope(business_id=business_id) as scope:
        for number in (1, 5):
            await alerts.acknowledge_alert(scope, alert_id=made[number].id, by="ann")
    expected = [made[number].id for number in (4, 3, 2, 0, 5, 1)]
    seen: list[UUID] = []
    after: tuple[AlertState, Position] | None = None
    async with database.scope(business_id=business_id) as scope:
        while rows := await alerts.list_alerts(scope, limit=4, after=after):
            seen += [row.id for row in rows]
            last = rows[-1]
            state: AlertState = "open" if last.resolved_at is None else "resolved"
            after = state, Position(at=last.opened_at, id=last.id)
        resolved = await alerts.list_alerts(scope, state="resolved")
        assert [row.id for row in resolved] == expected[4:]
        assert len(await alerts.list_alerts(scope, state="open", kind="threat")) == 4
        assert await alerts.list_alerts(scope, call_id=CALL) == []
    assert seen == expected


async def test_another_business_sees_and_settles_nothing(database: Database) -> None:
    business_id, other = (
        await make_business(database),
        await make_business(database, name="Other"),
    )
    mine = await _open(database, business_id, "emergency", "a call")
    async with database.scope(business_id=other) as scope:
        assert await alerts.list_alerts(scope) == []
        assert not await alerts.resolve_alert(scope, kind="emergency", subject="a call")
        with pytest.raises(NotFound):
            await alerts.acknowledge_alert(scope, alert_id=mine.id, by="eve")


@pytest.mark.parametrize(
    ("kind", "subject", "field"),
    [("fire", "x", "kind"), ("emergency", " ", "subject"), ("emergency", "x" * 201, "subject")],
)
async def test_what_makes_no_alert_is_refused(
    database: Database, kind: AlertKind, subject: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _open(database, INSTALLATION, kind, subject)
    assert refused.value.field == field


async def test_a_flagged_call_raises_one_alert_in_the_flags_own_transaction(
    database: Database,
) -> None:
    business_id = await make_business(database)
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[
            CallFlagged(flag="emergency"),
            CallFlagged(flag="abuse"),
            CallFlagged(flag="emergency"),
        ],
    )
    async with database.scope(business_id=business_id) as scope:
        (alert,) = await alerts.list_alerts(scope, call_id=call_id)
        assert (alert.kind, alert.urgent, alert.times) == ("emergency", True, 2)
        rows = await scope.session.scalars(
            select(CallEvent).where(CallEvent.call_id == call_id).order_by(CallEvent.seq)
        )
        # Delivered a second time, by a worker that found the spool.
        await append(scope, [as_entry(row) for row in rows])
    async with database.scope(business_id=business_id) as scope:
        (alert,) = await alerts.list_alerts(scope, call_id=call_id)
        assert alert.times == 2
