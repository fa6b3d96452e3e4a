"""Names by which callers tell things of one kind apart."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from domain.database import Scope
from domain.errors import Conflict
from domain.handoffs.models import Department
from domain.places.models import Place
from domain.rooms.models import Room
from domain.services.models import Service
from domain.text import clean_line

_LONGEST = 80


async def free_name(
    scope: Scope,
    kind: type[Place] | type[Room] | type[Service] | type[Department],
    name: str,
    *,
    except_for: UUID | None = None,
) -> str:
    """The name as it is kept, if nothing else of its kind has it; `except_for` is what is renamed.

    Raises Invalid on `name`, Conflict when it is taken.
    """
    name = clean_line(name, field="name", longest=_LONGEST)
    # Callers say names; two that differ in case only could not be told apart.
    query = select(kind.id).where(func.lower(kind.name) == name.lower())
    if except_for is not None:
        query = query.where(kind.id != except_for)
    if await scope.session.scalar(query.limit(1)) is not None:
        raise Conflict(f"there is a {kind.__name__.lower()} with this name already")
    return name
