"""Where staff may send a caller."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Invalid
from domain.handoffs.models import Department
from domain.people.models import Person


async def check_target(
    scope: Scope,
    *,
    department_id: UUID | None = None,
    person_id: UUID | None = None,
    number: str = "",
) -> None:
    """One of them at most, and of this business. Raises Invalid on the one that is wrong."""
    named = {
        "department_id": department_id is not None,
        "person_id": person_id is not None,
        "number": bool(number),
    }
    given = [field for field, is_named in named.items() if is_named]
    if len(given) > 1:
        raise Invalid(given[1], f"cannot go with {given[0]}: name one of them")
    if department_id is not None:
        department = await scope.session.scalar(
            select(Department).where(Department.id == department_id)
        )
        if department is None:
            raise Invalid("department_id", "is no department of this business")
        if not department.active:
            raise Invalid("department_id", "is a department that is not in use any more")
    if person_id is not None:
        person = await scope.session.scalar(select(Person).where(Person.id == person_id))
        if person is None:
            raise Invalid("person_id", "is nobody of this business")
        if not person.active:
            raise Invalid("person_id", "is somebody who does not work here any more")
        if person.phone is None:
            raise Invalid("person_id", "is somebody without a telephone number")
