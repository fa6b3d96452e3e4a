"""What staff have to look at: emergencies on calls, and what is broken."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, actor_of, needs, provide_key_scope
from admin.models import Instant, View
from admin.pages import Cursor, Limit, Page, page, position_cursor, read_position
from admin.problems import READS, WRITES, BadRequest
from domain.accounts.principal import Principal
from domain.alerts import models, operations as alerts
from domain.alerts.models import AlertKind
from domain.alerts.operations import AlertState
from domain.paging import Position


class Alert(View):
    """Something that is wrong, or that staff must know at once."""

    id: UUID
    kind: AlertKind
    subject: str = Field(
        description="What it is about: a call's id, a provider, a task.", examples=["deepgram"]
    )
    urgent: bool
    call_id: UUID | None
    opened_at: Instant
    last_at: Instant = Field(description="When it happened last.")
    times: int = Field(description="How often it has happened.", examples=[1])
    acknowledged_at: Instant | None
    acknowledged_by: str | None = Field(description="The id of the user or key.")
    resolved_at: Instant | None = Field(
        description="Null: it is open. What lasts (`provider_down`, `test_call_failed`) is resolved when it "
        "works again, everything else when it is acknowledged."
    )


@get("/", responses=READS, summary="List alerts")
async def list_alerts(
    transaction: Transaction,
    in_state: Annotated[AlertState | None, QueryParameter(name="state")] = None,
    kind: FromQuery[AlertKind | None] = None,
    call_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Alert]:
    """The open ones first, and of each part the newest first. An operator who names no business sees those
    of the installation."""
    rows = await alerts.list_alerts(
        transaction,
        limit=limit + 1,
        after=_after(cursor),
        state=in_state,
        kind=kind,
        call_id=call_id,
    )
    return page(rows, limit, view=Alert.model_validate, cursor=_cursor_of)


@post(
    "/{alert_id:uuid}/acknowledge",
    status_code=200,
    guards=[needs("staff")],
    responses=WRITES,
    summary="Acknowledge an alert",
)
async def acknowledge_alert(
    request: Request[Principal, Any, Any], transaction: Transaction, alert_id: FromPath[UUID]
) -> Alert:
    """Say that somebody has seen it. Acknowledged again, the first time and person stay."""
    return Alert.model_validate(
        await alerts.acknowledge_alert(transaction, alert_id=alert_id, by=actor_of(request.user).id)
    )


def _cursor_of(row: models.Alert) -> str:
    part: AlertState = "open" if row.resolved_at is None else "resolved"
    return position_cursor(f"{part} alerts", row.opened_at, row.id)


def _after(cursor: str | None) -> tuple[AlertState, Position] | None:
    """Raises BadRequest."""
    try:
        position = read_position("open alerts", cursor)
        return None if position is None else ("open", position)
    except BadRequest:
        position = read_position("resolved alerts", cursor)
        return None if position is None else ("resolved", position)


router = Router(
    path="/alerts",
    tags=["alerts"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[list_alerts, acknowledge_alert],
)
