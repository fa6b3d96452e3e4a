"""`reception reindex`: makes calls from before there was a search findable by what was said on them."""

from __future__ import annotations

from uuid import UUID

from domain.businesses import directory
from domain.calls import search
from domain.database import Database
from domain.environment import Environment

_AT_ONCE = 100
"""Calls a transaction: broken off and begun again, little is done twice."""


async def reindex(environment: Environment, database_url: str) -> int:
    """Index every call of every business, and return how many businesses there are. Doing it again, or
    while calls come in, changes nothing."""
    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        ids = await directory.business_ids(database)
        for business_id in ids:
            after: UUID | None = None
            while True:
                async with database.scope(business_id=business_id) as scope:
                    after = await search.reindex(scope, limit=_AT_ONCE, after=after)
                if after is None:
                    break
        return len(ids)
    finally:
        await database.aclose()
