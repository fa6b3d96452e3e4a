"""The switch of a business: the assistant on, taking messages only, or off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from domain.businesses import operations as businesses
from domain.businesses.models import Number
from domain.database import Scope
from domain.errors import Invalid
from domain.phone import parse_phone
from domain.switches.models import Switch

Mode = Literal["on", "messages_only", "off"]


@dataclass(frozen=True, kw_only=True)
class SwitchState:
    """What the assistant of a business is switched to."""

    mode: Mode = "on"
    forward_to: str = ""
    """Where calls go that come while it is off (E.164); empty: voicemail. Kept while it is on, for the
    next time."""
    changed_at: datetime | None = None
    """None: it was never switched."""
    changed_by: str = ""
    """The id of the user or key."""


async def read(scope: Scope) -> SwitchState:
    """The switch as it is; on, where it was never changed."""
    row = await scope.session.scalar(select(Switch).execution_options(populate_existing=True))
    return SwitchState() if row is None else _state(row)


async def change(scope: Scope, *, mode: str, forward_to: str = "") -> SwitchState:
    """Switch the assistant for calls that come from now on; whoever changes it tells the calls that go on.

    Raises Invalid on `mode`, or on `forward_to` when it is no number or one that the assistant itself
    answers; NotFound where there is no such business.
    """
    if mode not in get_args(Mode):
        raise Invalid("mode", f"must be one of {', '.join(get_args(Mode))}")
    business = await businesses.get(scope)
    number = ""
    if forward_to.strip():
        number = parse_phone(forward_to, region=business.country, field="forward_to")
        await _check_not_own(scope, number)
    values = {
        "mode": mode,
        "forward_to": number or None,
        "changed_at": scope.seam.now(),
        "changed_by": scope.actor.id,
    }
    await scope.session.execute(
        insert(Switch)
        .values(business_id=scope.business_id, **values)
        .on_conflict_do_update(index_elements=["business_id"], set_=values)
    )
    # The consoles that are open learn of it as they learn of calls.
    await scope.session.execute(
        text("SELECT pg_notify('call_events', :business_id)"),
        {"business_id": str(scope.business_id)},
    )
    return await read(scope)


async def _check_not_own(scope: Scope, number: str) -> None:
    own = select(Number.id).where(Number.e164 == number)
    if await scope.session.scalar(own) is not None:
        raise Invalid("forward_to", "is a number that the assistant answers: calls would come back")


def _state(row: Switch) -> SwitchState:
    return SwitchState(
        mode=cast(Mode, row.mode),
        forward_to=row.forward_to or "",
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
