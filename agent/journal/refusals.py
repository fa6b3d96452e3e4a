"""Telling a database that is away from one that will not have a certain entry."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import exc

from domain.alerts.operations import open_alert, resolve_alert
from domain.database import Database
from domain.tables import INSTALLATION

_REFUSING: Final = ("22", "23", "44", "P0")
"""Classes of SQLSTATE (PostgreSQL, appendix A): wrong data, a constraint, a view's check, a trigger's word."""
_FORBIDDEN: Final = "42501"
"""A row of another business. The other errors of class 42 are those of a schema that is older or newer than
this process: they pass."""

log = logging.getLogger("reception.agent.refusals")


def is_refusal(error: BaseException) -> bool:
    """Whether the same entry will be refused again, however long one waits."""
    if isinstance(error, exc.DBAPIError):
        if not isinstance(error.orig, psycopg.Error):
            return False
        if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
            return False
        state = error.orig.sqlstate
        # Without a state the driver itself could not send the value.
        return state is None or state.startswith(_REFUSING) or state == _FORBIDDEN
    if isinstance(error, exc.StatementError):
        # A value that could not even be written into the statement.
        return True
    # Everything else that is not about reaching the database is about the entry.
    return isinstance(error, Exception) and not isinstance(
        error, exc.SQLAlchemyError | TimeoutError | OSError | psycopg.Error
    )


async def tell_set_aside(database: Database, *, call_id: UUID | None, subject: str) -> None:
    """Raise the alert that a call's facts wait for somebody to look. Never raises: the log has it too."""
    try:
        async with database.scope(business_id=INSTALLATION) as scope:
            await open_alert(
                scope, kind="work_failed", subject=subject, urgent=False, call_id=call_id
            )
    except Exception as error:
        log.warning("alert not raised", extra={"error": type(error).__name__})


async def tell_delivered(database: Database, *, subject: str) -> None:
    """The alert is over: what was set aside has been taken after all. Never raises."""
    try:
        async with database.scope(business_id=INSTALLATION) as scope:
            await resolve_alert(scope, kind="work_failed", subject=subject)
    except Exception as error:
        log.warning("alert not resolved", extra={"error": type(error).__name__})
