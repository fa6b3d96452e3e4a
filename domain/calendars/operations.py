"""The outside calendars of a business's people: connecting, changing, disconnecting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete as remove_rows, func, select, update

from domain.calendars.access import ADDRESSES, KINDS, SIGNED_IN, check_access, place_of
from domain.calendars.models import BusyTime, Calendar, CalendarEntry
from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.paging import check_limit
from domain.people import operations as people
from domain.text import clean_line

LONGEST_NAME = 120
MOST_OF_A_PERSON = 20

Direction = Literal["both", "in", "out"]
_DIRECTIONS = ("both", "in", "out")
_NOT_SIGNED_IN = "nobody has signed in to it yet"


async def connect(
    scope: Scope,
    *,
    person_id: UUID,
    kind: str,
    name: str,
    direction: str = "both",
    access: Mapping[str, Any],
    private: bool = False,
    show_names: bool = False,
) -> Calendar:
    """Keep a calendar in step with a person's appointments from now on.

    `private`: whether its address may be in a private network, which is not the business's to say.
    Raises Invalid naming the field, Conflict when the person has this calendar already.
    """
    if kind not in KINDS:
        raise Invalid("kind", f"must be one of {', '.join(KINDS)}")
    name, direction = _name(name), _direction(kind, direction)
    checked = check_access(kind, access)
    try:
        await people.get(scope, person_id=person_id)
    except NotFound:
        raise Invalid("person_id", "is not a person of this business") from None
    theirs = (
        await scope.session.scalars(select(Calendar).where(Calendar.person_id == person_id))
    ).all()
    if len(theirs) >= MOST_OF_A_PERSON:
        raise Conflict(f"a person has at most {MOST_OF_A_PERSON} calendars")
    place = _place(kind, checked)
    if any(_place(other.kind, other.access) == place for other in theirs):
        raise Conflict("this person has this calendar already")
    now = scope.seam.now()
    signed_in = kind not in SIGNED_IN or "refresh_token" in checked
    calendar = Calendar(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        person_id=person_id,
        kind=kind,
        name=name,
        direction=direction,
        access={**checked, "private": private},
        state="new" if signed_in else "sign_in_needed",
        error="" if signed_in else _NOT_SIGNED_IN,
        failing_since=None if signed_in else now,
        show_names=show_names,
        next_at=now,
        created_at=now,
    )
    scope.session.add(calendar)
    await scope.session.flush()
    return calendar


async def change(
    scope: Scope,
    *,
    calendar_id: UUID,
    name: str | None = None,
    direction: str | None = None,
    access: Mapping[str, Any] | None = None,
    private: bool | None = None,
    show_names: bool | None = None,
    active: bool | None = None,
) -> Calendar:
    """Change what is given; of `access` the fields that are given. With new access, or made active, it
    is tried again at once, and read anew. Inactive, it blocks nothing and is not written to.

    Raises Invalid, NotFound.
    """
    calendar = await get(scope, calendar_id=calendar_id, lock=True)
    if name is not None:
        calendar.name = _name(name)
    if direction is not None:
        calendar.direction = _direction(calendar.kind, direction)
    if access is not None:
        await _change_access(scope, calendar, access, private=private)
    if show_names is not None and show_names != calendar.show_names:
        calendar.show_names = show_names
        await _write_again(scope, calendar)
    off = calendar.state == "off" if active is None else not active
    if off:
        calendar.state = "off"
    elif access is not None or calendar.state == "off":
        _begin_anew(scope, calendar)
        await scope.session.execute(
            update(CalendarEntry)
            .where(CalendarEntry.calendar_id == calendar.id)
            .values(next_at=scope.seam.now(), failures=0)
        )
    if off or calendar.direction == "out":
        # Read anew when it counts again: what was read before may not be true by then.
        calendar.cursor = None
        await scope.session.execute(
            remove_rows(BusyTime).where(BusyTime.calendar_id == calendar.id)
        )
    if direction is not None:
        calendar.cursor = None
        calendar.next_at = scope.seam.now()
    calendar.version += 1
    await scope.session.flush()
    return calendar


async def disconnect(scope: Scope, *, calendar_id: UUID) -> None:
    """Forget the calendar and what it said is busy. Our entries that still stand in it stay there: take
    them away first (`connectors.sync.disconnect`). Raises NotFound."""
    calendar = await get(scope, calendar_id=calendar_id, lock=True)
    await scope.session.delete(calendar)
    await scope.session.flush()


async def get(scope: Scope, *, calendar_id: UUID, lock: bool = False) -> Calendar:
    """One calendar, with its row locked until the transaction's end if `lock`. Raises NotFound."""
    query = select(Calendar).where(Calendar.id == calendar_id)
    calendar = await scope.session.scalar(query.with_for_update() if lock else query)
    if calendar is None:
        raise NotFound("calendar")
    return calendar


async def list_calendars(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, person_id: UUID | None = None
) -> Sequence[Calendar]:
    """Calendars in the order they were connected; `after` is the id at which the last page ended."""
    query = select(Calendar).order_by(Calendar.id)
    if after is not None:
        query = query.where(Calendar.id > after)
    if person_id is not None:
        query = query.where(Calendar.person_id == person_id)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def sign_in(scope: Scope, *, calendar_id: UUID, tokens: Mapping[str, Any]) -> Calendar:
    """Use what somebody's sign-in at the vendor gave. Raises Invalid, NotFound."""
    return await change(scope, calendar_id=calendar_id, access=tokens)


async def _change_access(
    scope: Scope, calendar: Calendar, access: Mapping[str, Any], *, private: bool | None
) -> None:
    before = dict(calendar.access)
    trusted = bool(before.pop("private", False))
    after = check_access(calendar.kind, {**before, **access})
    if place_of(calendar.kind, after) != place_of(calendar.kind, before):
        entries = select(func.count()).where(CalendarEntry.calendar_id == calendar.id)
        if await scope.session.scalar(entries):
            raise Invalid(
                "access", "is another calendar: connect that one, and disconnect this one"
            )
    # Never taken back by who may not give it: another address needs the permission anew.
    if private or any(after.get(name) != before.get(name) for name in ADDRESSES):
        trusted = bool(private)
    calendar.access = {**after, "private": trusted}


def _begin_anew(scope: Scope, calendar: Calendar) -> None:
    signed_in = calendar.kind not in SIGNED_IN or "refresh_token" in calendar.access
    calendar.state = "new" if signed_in else "sign_in_needed"
    calendar.error = "" if signed_in else _NOT_SIGNED_IN
    calendar.failing_since = None if signed_in else scope.seam.now()
    calendar.failures = 0
    calendar.cursor = None
    calendar.next_at = scope.seam.now()


async def _write_again(scope: Scope, calendar: Calendar) -> None:
    await scope.session.execute(
        update(CalendarEntry)
        .where(CalendarEntry.calendar_id == calendar.id)
        .values(delivered_version=0, next_at=scope.seam.now())
    )
    calendar.next_at = scope.seam.now()


def _place(kind: str, access: Mapping[str, Any]) -> tuple[Any, ...]:
    # A feed may change its address freely, but two of the same are one.
    return (*place_of(kind, access), access.get("url") if kind == "ics" else None)


def _name(text: str) -> str:
    return clean_line(text, field="name", longest=LONGEST_NAME)


def _direction(kind: str, direction: str) -> str:
    if direction not in _DIRECTIONS:
        raise Invalid("direction", "must be both, in or out")
    if kind == "ics" and direction != "in":
        raise Invalid("direction", "must be in: a published calendar can only be read")
    return direction
