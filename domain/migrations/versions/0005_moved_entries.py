"""Where an entry stands that somebody moved in an outside calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "calendar_entries", sa.Column("moved_to", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    raise NotImplementedError(
        "restore a backup instead: a downgrade would drop what staff are shown"
    )
