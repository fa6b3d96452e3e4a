"""The telephone numbers that a business answers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.businesses import operations as businesses
from domain.businesses.models import Number
from domain.database import Scope
from domain.errors import Conflict, NotFound
from domain.phone import parse_phone
from domain.text import clean_line


async def add(scope: Scope, *, e164: str, label: str = "") -> Number:
    """Answer calls to `e164` for this business; a national number is read in its country.

    Raises Invalid on `e164` or `label`, Conflict when the installation has the number already, NotFound.
    """
    business = await businesses.get(scope)
    number = parse_phone(e164, region=business.country, field="e164")
    # The other holder may be a business whose rows are hidden from here: only the index knows.
    added = await scope.session.scalar(
        insert(Number)
        .values(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            e164=number,
            label=clean_line(label, field="label", longest=60, required=False),
            created_at=scope.seam.now(),
        )
        .on_conflict_do_nothing(index_elements=["e164"])
        .returning(Number)
    )
    if added is None:
        raise Conflict("this number is in use already")
    return added


async def list_numbers(scope: Scope) -> Sequence[Number]:
    """Every number of the business, the oldest first."""
    return (await scope.session.scalars(select(Number).order_by(Number.id))).all()


async def remove(scope: Scope, *, number_id: UUID) -> None:
    """Stop answering a number. Raises NotFound."""
    number = await scope.session.scalar(select(Number).where(Number.id == number_id))
    if number is None:
        raise NotFound("number")
    await scope.session.delete(number)
    await scope.session.flush()
