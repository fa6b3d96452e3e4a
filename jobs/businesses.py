"""What every business needs from time to time."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from procrastinate import JobContext

from domain.businesses.directory import business_ids
from domain.database import Scope
from domain.idempotency import requests
from domain.providers import operations as providers
from domain.scheduling import expiry, waiting_list
from domain.tables import INSTALLATION
from jobs.work import ACTOR, database_of, queue_each

EACH_MINUTE = ("clear_expired_holds", "pass_on_waiting_list")
EACH_HOUR = ("forget_old_requests",)


async def each_minute(context: JobContext, *, timestamp: int) -> None:
    """Queue what each business needs by the minute: one job each, so that a business whose job fails
    holds up no other."""
    await _queue_for_all(context, EACH_MINUTE)


async def each_hour(context: JobContext, *, timestamp: int) -> None:
    """Queue what each business needs by the hour, and do the same for the installation."""
    async with _scope(context, INSTALLATION) as scope:
        await providers.forget_old(scope)
    await _queue_for_all(context, EACH_HOUR)


async def clear_expired_holds(context: JobContext, *, business_id: str) -> None:
    """Give back the times that were held for somebody who never said yes."""
    async with _scope(context, UUID(business_id)) as scope:
        await expiry.clear_all_expired_holds(scope)


async def pass_on_waiting_list(context: JobContext, *, business_id: str) -> None:
    """Offer freed times to those who wait for one."""
    async with _scope(context, UUID(business_id)) as scope:
        await waiting_list.pass_on(scope)


async def forget_old_requests(context: JobContext, *, business_id: str) -> None:
    """Drop answers that were kept for a repeated request, and counts of its providers' tries."""
    async with _scope(context, UUID(business_id)) as scope:
        await requests.forget_old(scope)
        await providers.forget_old(scope)


async def _queue_for_all(context: JobContext, tasks: tuple[str, ...]) -> None:
    found = await business_ids(database_of(context))
    for task in tasks:
        await queue_each(
            context,
            task,
            {f"{task} {one}": {"business_id": str(one)} for one in found},
        )


def _scope(context: JobContext, business_id: UUID) -> AbstractAsyncContextManager[Scope]:
    """The transaction of one business's job."""
    return database_of(context).scope(business_id=business_id, actor=ACTOR)
