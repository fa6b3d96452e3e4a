"""A time that could not be had is refused together with those that can be (RFC 9457 section 3.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from pydantic import Field

from admin.models import Instant, View
from admin.problems import MEDIA_TYPE, WRITES, Problem, problem
from domain.database import Scope
from domain.errors import Conflict, DomainError
from domain.scheduling import times
from domain.scheduling.lookup import zone_at

_MOST = 3


class FreeTime(View):
    """A time at which a person can give a service."""

    service_id: UUID
    person_id: UUID
    person_name: str = Field(examples=["Dr. Sarah Chen"])
    starts_at: Instant
    ends_at: Instant
    place_id: UUID | None = Field(description="Null: the business's main address.")
    time_zone: str = Field(description="Of the place.", examples=["America/New_York"])


class TimeProblem(Problem):
    """A time could not be had; others can be."""

    alternatives: list[FreeTime] = Field(description="The next free times of the same service.")


class TimeConflict(Exception):
    """A conflict about a time, with the next free ones."""

    def __init__(self, reason: str, alternatives: list[FreeTime]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.alternatives = alternatives


@asynccontextmanager
async def alternatives_named(
    transaction: Scope,
    *,
    service_id: UUID,
    starts_at: datetime,
    person_id: UUID | None = None,
    place_id: UUID | None = None,
) -> AsyncIterator[None]:
    """Turns a Conflict about the time into a TimeConflict."""
    try:
        yield
    except Conflict as conflict:
        raise TimeConflict(
            conflict.reason,
            await _next_free(
                transaction,
                service_id=service_id,
                starts_at=starts_at,
                person_id=person_id,
                place_id=place_id,
            ),
        ) from conflict


async def _next_free(
    transaction: Scope,
    *,
    service_id: UUID,
    starts_at: datetime,
    person_id: UUID | None,
    place_id: UUID | None,
) -> list[FreeTime]:
    day = starts_at.astimezone(await zone_at(transaction, place_id)).date()
    try:
        found = await times.find_times(
            transaction,
            service_id=service_id,
            first_day=day,
            last_day=day,
            person_id=person_id,
            place_id=place_id,
            limit=_MOST,
        )
    except DomainError:
        return []  # the service is gone: the conflict alone is the answer
    return [FreeTime.model_validate(time) for time in found.times or found.alternatives]


def _on_conflict(request: Request[Any, Any, Any], error: TimeConflict) -> Response[Problem]:
    plain = problem(
        request,
        status=409,
        slug="conflict",
        title="It clashes with what is there",
        detail=error.reason,
    )
    return Response(
        TimeProblem(**plain.content.model_dump(), alternatives=error.alternatives),
        status_code=409,
        media_type=MEDIA_TYPE,
    )


EXCEPTION_HANDLERS: dict[Any, Any] = {TimeConflict: _on_conflict}
"""Of a router whose handlers raise TimeConflict."""

TIME_WRITES = WRITES | {
    409: ResponseSpec(
        TimeProblem,
        description="The time can't be had, or it clashes with what is there already.",
        media_type=MEDIA_TYPE,
        generate_examples=False,
    )
}
"""The errors of an endpoint that takes a time."""
