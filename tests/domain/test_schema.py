"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from domain.models import Base
from tests.postgres import DatabaseAddress


def test_models_and_migrations_agree(database_address: DatabaseAddress) -> None:
    url = make_url(database_address.owner).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
