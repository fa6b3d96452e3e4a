"""What the tasks share: the database in their context, and queueing other jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from domain.database import Actor, Database
from domain.environment import Environment

ACTOR = Actor(kind="system", id="reception jobs")

_UNDER_WAY = """
    SELECT DISTINCT lock FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND lock = ANY(%(works)s)
"""


def database_of(context: JobContext) -> Database:
    """The database that this process serves."""
    return cast(Database, context.additional_context["database"])


def environment_of(context: JobContext) -> Environment:
    """The settings of this process."""
    return cast(Environment, context.additional_context["environment"])


async def queue_each(
    context: JobContext, task: str, works: Mapping[str, Mapping[str, str]]
) -> None:
    """Queue `task` with each arguments of `works`, except for works that are queued or under way.

    A work is named by what it is done to: two jobs of the same work never run at once, and only one
    waits, however many processes queue it.
    """
    if not works:
        return
    rows = await context.app.connector.execute_query_all_async(_UNDER_WAY, works=list(works))
    under_way = {row["lock"] for row in rows}
    for work, arguments in works.items():
        if work in under_way:
            continue
        try:
            await context.app.configure_task(
                task, allow_unknown=False, lock=work, queueing_lock=work
            ).defer_async(**arguments)
        except AlreadyEnqueued:
            # Another process was quicker.
            continue
