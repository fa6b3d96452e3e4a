"""Departments: whom callers are handed to, in which order and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, text

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.handoffs.department_fields import (
    MOST_MEMBERS,
    RING_SECONDS,
    TRIES,
    Ring,
    When,
    check_description,
    check_members,
    check_own_hours,
    check_position,
    check_ring,
    check_ring_seconds,
    check_tries,
    check_when,
    own_numbers,
    read_phone,
)
from domain.handoffs.models import Department, DepartmentHours, DepartmentMember
from domain.hours.spans import Span
from domain.names import free_name
from domain.people.models import Person

MOST_DEPARTMENTS: Final = 50


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody who takes a department's calls."""

    person_id: UUID
    name: str
    unreachable: bool
    """They are not rung: they have no telephone, or are not active any more."""


@dataclass(frozen=True, kw_only=True)
class DepartmentDetails:
    """A department with its people in their order, and its own week."""

    department: Department
    members: Sequence[Member]
    own_hours: Sequence[DepartmentHours]


async def create(
    scope: Scope,
    *,
    name: str,
    description: str = "",
    phone: str | None = None,
    ring: str = "in_order",
    ring_seconds: int = 20,
    tries: int = 1,
    hours: str = "opening",
    own_hours: Sequence[Span] = (),
    member_ids: Sequence[UUID] = (),
    position: int | None = None,
) -> DepartmentDetails:
    """A new department, the last unless `position` (0 is the first) says otherwise.

    Raises Invalid naming the field, Conflict when another department has the name or there are too many.
    """
    check_position(position)
    await _lock(scope)
    others = await _ordered(scope)
    if len(others) >= MOST_DEPARTMENTS:
        raise Conflict(f"there are {MOST_DEPARTMENTS} departments already")
    department = Department(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        name=await free_name(scope, Department, name),
        description=check_description(description),
        position=len(others),
        phone=await read_phone(scope, phone),
        ring=check_ring(ring),
        ring_seconds=check_ring_seconds(ring_seconds),
        tries=check_tries(tries),
        hours=check_when(hours),
        active=True,
        created_at=scope.seam.now(),
    )
    check_own_hours(hours, own_hours)
    await check_members(scope, member_ids, already=frozenset())
    scope.session.add(department)
    await scope.session.flush()
    await _set_members(scope, department.id, member_ids)
    await _set_own_hours(scope, department.id, own_hours)
    if position is not None:
        _place(department, others, position)
    await scope.session.flush()
    return await get(scope, department_id=department.id)


async def update(
    scope: Scope,
    *,
    department_id: UUID,
    name: str | None = None,
    description: str | None = None,
    phone: str | None = None,
    ring: str | None = None,
    ring_seconds: int | None = None,
    tries: int | None = None,
    hours: str | None = None,
    own_hours: Sequence[Span] | None = None,
    member_ids: Sequence[UUID] | None = None,
    position: int | None = None,
    active: bool | None = None,
) -> DepartmentDetails:
    """Change what is given; an empty `phone` removes it, `member_ids` and `own_hours` replace what was.

    Raises Invalid naming the field, NotFound, Conflict when another department has the name.
    """
    await _lock(scope)
    before = await get(scope, department_id=department_id)
    department = before.department
    changes: dict[str, object] = {}
    if name is not None:
        changes["name"] = await free_name(scope, Department, name, except_for=department_id)
    if description is not None:
        changes["description"] = check_description(description)
    if phone is not None:
        changes["phone"] = await read_phone(scope, phone)
    if ring is not None:
        changes["ring"] = check_ring(ring)
    if ring_seconds is not None:
        changes["ring_seconds"] = check_ring_seconds(ring_seconds)
    if tries is not None:
        changes["tries"] = check_tries(tries)
    if hours is not None:
        changes["hours"] = check_when(hours)
    if hours is not None or own_hours is not None:
        week = [_span(row) for row in before.own_hours] if own_hours is None else own_hours
        check_own_hours(hours or department.hours, week)
    if member_ids is not None:
        known = frozenset(member.person_id for member in before.members)
        await check_members(scope, member_ids, already=known)
    check_position(position)
    if active is not None:
        changes["active"] = active
    for field, value in changes.items():
        setattr(department, field, value)
    if member_ids is not None:
        await _set_members(scope, department_id, member_ids)
    if own_hours is not None:
        await _set_own_hours(scope, department_id, own_hours)
    if position is not None:
        others = [one for one in await _ordered(scope) if one.id != department_id]
        _place(department, others, position)
    await scope.session.flush()
    return await get(scope, department_id=department_id)


async def remove(scope: Scope, *, department_id: UUID) -> None:
    """Drop a department with its hours and shifts; its people stay. Raises NotFound."""
    await _lock(scope)
    department = (await get(scope, department_id=department_id)).department
    await scope.session.delete(department)
    await scope.session.flush()
    for place, other in enumerate(await _ordered(scope)):
        other.position = place
    await scope.session.flush()


async def get(scope: Scope, *, department_id: UUID) -> DepartmentDetails:
    """Raises NotFound."""
    row = await scope.session.scalar(select(Department).where(Department.id == department_id))
    if row is None:
        raise NotFound("department")
    return (await _details(scope, [row]))[0]


async def list_departments(
    scope: Scope, *, active: bool | None = None
) -> Sequence[DepartmentDetails]:
    """Every department in its order."""
    rows = await _ordered(scope)
    return await _details(scope, [row for row in rows if active in (None, row.active)])


async def check_department(scope: Scope, department_id: UUID) -> Department:
    """The department, if it may be named in another row. Raises Invalid on `department_id`: the foreign
    key alone would accept another business's."""
    try:
        return (await get(scope, department_id=department_id)).department
    except NotFound:
        raise Invalid("department_id", "is not a department of this business") from None


async def _details(scope: Scope, rows: Sequence[Department]) -> list[DepartmentDetails]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    members: dict[UUID, list[Member]] = {one: [] for one in ids}
    found = await scope.session.execute(
        select(DepartmentMember.department_id, Person)
        .join(Person, Person.id == DepartmentMember.person_id)
        .where(DepartmentMember.department_id.in_(ids))
        .order_by(DepartmentMember.position, DepartmentMember.person_id)
    )
    for department_id, person in found:
        members[department_id].append(
            Member(
                person_id=person.id,
                name=person.name,
                unreachable=not (person.phone and person.active),
            )
        )
    spans: dict[UUID, list[DepartmentHours]] = {one: [] for one in ids}
    week = await scope.session.scalars(
        select(DepartmentHours)
        .where(DepartmentHours.department_id.in_(ids))
        .order_by(DepartmentHours.weekday, DepartmentHours.opens)
    )
    for span in week:
        spans[span.department_id].append(span)
    return [
        DepartmentDetails(department=row, members=members[row.id], own_hours=spans[row.id])
        for row in rows
    ]


async def _ordered(scope: Scope) -> list[Department]:
    query = select(Department).order_by(Department.position, Department.id)
    return list((await scope.session.scalars(query)).all())


async def _lock(scope: Scope) -> None:
    """Make others who change departments of this business wait: names and places in the order are
    compared with those of all."""
    await scope.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('departments'), hashtext(:business_id))"),
        {"business_id": str(scope.business_id)},
    )


def _place(department: Department, others: Sequence[Department], position: int) -> None:
    row = [*others[:position], department, *others[position:]]
    for place, one in enumerate(row):
        one.position = place


async def _set_members(scope: Scope, department_id: UUID, member_ids: Sequence[UUID]) -> None:
    await scope.session.execute(
        delete(DepartmentMember).where(DepartmentMember.department_id == department_id)
    )
    scope.session.add_all(
        DepartmentMember(
            business_id=scope.business_id,
            department_id=department_id,
            person_id=person_id,
            position=place,
        )
        for place, person_id in enumerate(member_ids)
    )
    await scope.session.flush()


async def _set_own_hours(scope: Scope, department_id: UUID, spans: Sequence[Span]) -> None:
    await scope.session.execute(
        delete(DepartmentHours).where(DepartmentHours.department_id == department_id)
    )
    scope.session.add_all(
        DepartmentHours(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            department_id=department_id,
            weekday=span.weekday,
            opens=span.opens,
            closes=span.closes,
        )
        for span in spans
    )
    await scope.session.flush()


def _span(row: DepartmentHours) -> Span:
    return Span(weekday=row.weekday, opens=row.opens, closes=row.closes)


__all__ = [
    "MOST_DEPARTMENTS",
    "MOST_MEMBERS",
    "RING_SECONDS",
    "TRIES",
    "DepartmentDetails",
    "Member",
    "Ring",
    "When",
    "check_department",
    "create",
    "get",
    "list_departments",
    "own_numbers",
    "remove",
    "update",
]
