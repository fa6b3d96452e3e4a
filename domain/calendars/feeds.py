"""Private feeds: one person's appointments under an address that nobody can guess."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, text

from domain.calendars.entries import describe
from domain.calendars.models import CalendarFeed
from domain.calendars.writing import feed
from domain.database import Database, Scope
from domain.errors import NotFound
from domain.people import operations as people
from domain.scheduling.models import Appointment

_TOKEN_BYTES = 32
_PAST = timedelta(days=30)
_MOST_ENTRIES = 5_000


async def rotate(
    scope: Scope, *, person_id: UUID, show_names: bool = False
) -> tuple[CalendarFeed, str]:
    """A new address for the person's feed, and its token, which is not kept; the old one shows nothing
    from now on. Raises NotFound."""
    await people.get(scope, person_id=person_id)
    token = scope.seam.token(_TOKEN_BYTES)
    row = await scope.session.get(CalendarFeed, person_id, with_for_update=True)
    if row is None:
        row = CalendarFeed(person_id=person_id, business_id=scope.business_id)
        scope.session.add(row)
    row.token_hash = _hash(token)
    row.show_names = show_names
    row.created_at = scope.seam.now()
    await scope.session.flush()
    return row, token


async def get(scope: Scope, *, person_id: UUID) -> CalendarFeed:
    """Raises NotFound when the person has no feed."""
    row = await scope.session.scalar(
        select(CalendarFeed).where(CalendarFeed.person_id == person_id)
    )
    if row is None:
        raise NotFound("feed")
    return row


async def remove(scope: Scope, *, person_id: UUID) -> None:
    """Close the feed; again changes nothing. Raises NotFound when there is no such person."""
    await people.get(scope, person_id=person_id)
    await scope.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person_id))


async def render(database: Database, *, token: str) -> bytes | None:
    """The feed as iCalendar: what is booked from a month ago on. None for a token of no feed."""
    if len(token) != 2 * _TOKEN_BYTES:
        return None
    async with database.unscoped() as session:
        found = (
            await session.execute(
                text("SELECT * FROM feed_of(:token_hash)"), {"token_hash": _hash(token)}
            )
        ).one_or_none()
    if found is None:
        return None
    async with database.scope(business_id=found.business_id) as scope:
        row = await scope.session.get(CalendarFeed, found.person_id)
        # It may have been given another address since the look-up.
        if row is None or row.token_hash != _hash(token):
            return None
        person = await people.get(scope, person_id=found.person_id)
        appointments = (
            await scope.session.scalars(
                select(Appointment)
                .where(
                    Appointment.person_id == person.id,
                    Appointment.state == "booked",
                    Appointment.starts_at > scope.seam.now() - _PAST,
                )
                .order_by(Appointment.starts_at, Appointment.id)
                .limit(_MOST_ENTRIES)
            )
        ).all()
        described = await describe(
            scope,
            appointment_ids=[appointment.id for appointment in appointments],
            show_names=row.show_names,
        )
        entries = [
            (described[appointment.id], appointment.updated_at) for appointment in appointments
        ]
        return feed(entries, name=person.name)


def _hash(token: str) -> bytes:
    # Unsalted and fast is right here: the token is 256 random bits, not a password.
    return hashlib.sha256(token.encode()).digest()
