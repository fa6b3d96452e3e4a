"""The history of appointments: every change with who made it, on which call and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domain.database import SYSTEM, Actor, Scope
from domain.errors import NotFound
from domain.paging import LARGEST_PAGE, check_limit
from domain.scheduling.models import Appointment, AppointmentEvent
from domain.text import clean_text

Kind = Literal["held", "booked", "moved", "cancelled", "expired", "confirmed", "changed"]
Values = Mapping[str, Any]

LONGEST_REASON = 500

_COLUMNS = (
    "state",
    "service_id",
    "person_id",
    "place_id",
    "room_id",
    "contact_id",
    "series_id",
    "starts_at",
    "ends_at",
    "confirmed_at",
)
"""What a history may show: ids, states and instants, nothing that somebody wrote or said."""


def values_of(appointment: Appointment) -> Values:
    """The appointment as a history keeps it, to be compared with what it is after a change."""
    return {name: _plain(getattr(appointment, name)) for name in _COLUMNS}


async def record(
    scope: Scope,
    appointment: Appointment,
    kind: Kind,
    *,
    before: Values | None = None,
    reason: str = "",
    details: Values | None = None,
    actor: Actor | None = None,
) -> None:
    """Add a change to the appointment's history, in the transaction that makes it.

    `before` are its `values_of` before the change, None for a new one; `details` are further ids or
    flags. The appointment's row has to be locked or new: events are numbered without gaps. Raises
    Invalid on `reason`.
    """
    before = before or {}
    after = {
        name: value for name, value in values_of(appointment).items() if before.get(name) != value
    }
    await _insert(
        scope,
        appointment.id,
        kind,
        actor=actor or scope.actor,
        reason=reason,
        before={name: before[name] for name in after if name in before},
        after={**after, **(details or {})},
    )


async def record_expired(scope: Scope, appointment_id: UUID) -> None:
    """Tell that a hold was cleared because its time was over, whoever's booking cleared it."""
    await _insert(
        scope,
        appointment_id,
        "expired",
        actor=SYSTEM,
        reason="",
        before={"state": "held"},
        after={"state": "cancelled"},
    )


async def events_of(
    scope: Scope, appointment_id: UUID, *, limit: int = LARGEST_PAGE, after: int = 0
) -> Sequence[AppointmentEvent]:
    """What happened to the appointment, the first change first; `after` is the number at which the
    last page ended. Raises NotFound."""
    if await scope.session.get(Appointment, appointment_id) is None:
        raise NotFound("appointment")
    query = (
        select(AppointmentEvent)
        .where(AppointmentEvent.appointment_id == appointment_id, AppointmentEvent.number > after)
        .order_by(AppointmentEvent.number)
        .limit(check_limit(limit))
    )
    return (await scope.session.scalars(query)).all()


def checked_reason(reason: str) -> str:
    """Raises Invalid on `reason`."""
    return clean_text(reason, field="reason", longest=LONGEST_REASON, required=False)


async def _insert(
    scope: Scope,
    appointment_id: UUID,
    kind: Kind,
    *,
    actor: Actor,
    reason: str,
    before: Values,
    after: Values,
) -> None:
    last = (
        select(func.coalesce(func.max(AppointmentEvent.number), 0) + 1)
        .where(AppointmentEvent.appointment_id == appointment_id)
        .scalar_subquery()
    )
    await scope.session.execute(
        insert(AppointmentEvent).values(
            appointment_id=appointment_id,
            business_id=scope.business_id,
            number=last,
            kind=kind,
            at=scope.seam.now(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            call_id=actor.call_id,
            reason=checked_reason(reason) or None,
            before=dict(before),
            after=dict(after),
        )
    )


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
