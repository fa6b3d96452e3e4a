"""What the product reports of a call's latency, beside what the telephone has measured of it."""

from __future__ import annotations

from sqlalchemy import select

from bench.stack import DIALLED, Stack
from domain.businesses.directory import business_for_number
from domain.calls import log
from domain.calls.models import Call
from domain.database import Database


async def reported(stack: Stack) -> list[float]:
    """Seconds that the API tells of each answer of the newest call, in order."""
    database = Database(stack.postgres.app_url, keyring=stack.environment.keyring, pool_size=1)
    try:
        business_id = await business_for_number(database, DIALLED)
        assert business_id is not None
        async with database.scope(business_id=business_id) as scope:
            newest = select(Call.id).order_by(Call.started_at.desc()).limit(1)
            call_id = await scope.session.scalar(newest)
            if call_id is None:
                return []
            found = await log.latency(scope, call_id=call_id)
            return [one.seconds.total for one in found.answers if one.seconds.total is not None]
    finally:
        await database.aclose()


def differences(measured: list[float], told: list[float]) -> list[float]:
    """By how much each answer was heard later than is told. What is told beyond those that were measured came
    after them; none when fewer are told."""
    if len(told) < len(measured):
        return []
    return [heard - said for heard, said in zip(measured, told, strict=False)]
