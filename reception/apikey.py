"""`reception apikey create`: the first key of an installation, without a key."""

from __future__ import annotations

from uuid import UUID

from domain.accounts import keys
from domain.businesses import directory
from domain.database import Actor, Database
from domain.environment import Environment
from domain.errors import Invalid
from domain.tables import INSTALLATION

COMMAND = Actor(kind="operator", id="reception apikey create")


async def create(
    environment: Environment,
    database_url: str,
    *,
    name: str,
    role: str,
    business_id: UUID | None = None,
) -> str:
    """Make a key and return its text, which is nowhere kept.

    Without `business_id` the one business there is is meant; an operator's key belongs to none.
    Raises domain.errors.DomainError.
    """
    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        business_id = await business_of(database, role=role, business_id=business_id)
        async with database.scope(business_id=business_id, actor=COMMAND) as scope:
            _, text = await keys.create(scope, name=name, role=role)
        return text
    finally:
        await database.aclose()


async def business_of(database: Database, *, role: str, business_id: UUID | None) -> UUID:
    """Whose a key or a user of `role` is to be: the one business there is, if none is named, and the
    INSTALLATION for an operator. Raises Invalid on `business`."""
    if role == "operator":
        if business_id:
            raise Invalid("business", "an operator belongs to no business")
        return INSTALLATION
    if business_id is not None:
        return business_id
    ids = await directory.business_ids(database)
    if len(ids) != 1:
        raise Invalid("business", f"must be given: there are {len(ids)} businesses")
    return ids[0]
