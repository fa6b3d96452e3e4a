"""Commands that look after what is stored: the schema, the search index, secrets."""

from __future__ import annotations

import typer

from reception.commands.common import database_url, environment, fail


def migrate() -> None:
    """Bring the database's schema to the newest version."""
    found = environment()
    from reception.prepare_database import DatabaseUnusable, migrate

    try:
        typer.echo(migrate(found))
    except DatabaseUnusable as error:
        raise fail(str(error)) from None


def reindex() -> None:
    """Make calls from before an upgrade findable by what was said on them."""
    import asyncio

    from reception.reindex import reindex

    found = environment()
    count = asyncio.run(reindex(found, database_url(found)))
    typer.echo(f"reindexed the calls of {count} business{'' if count == 1 else 'es'}")


def secrets() -> None:
    """Print a fresh set of secrets for .env (production, compose.yaml)."""
    from reception.new_secrets import new_secrets

    for name, value in new_secrets().items():
        typer.echo(f"{name}={value}")
