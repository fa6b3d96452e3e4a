"""Row-level security and grants, as SQL, for migrations to apply to each table."""

from __future__ import annotations

TENANT = "(SELECT NULLIF(current_setting('app.business_id', true), '')::uuid)"
"""The business of the transaction; NULL, which equals nothing, when none is set. A sub-select, because
PostgreSQL works it out once a statement then, and not again for every row."""


def seal(table: str, *, column: str = "business_id") -> list[str]:
    """Statements that show `table`'s rows only to the transaction of their business.

    FORCE binds the owner too: a migration or a look-up function that forgets the tenant sees
    nothing rather than everything.
    """
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT})",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO reception_app",
    ]


def reseal(table: str, *, column: str = "business_id") -> str:
    """Gives the policy of a sealed table the present text."""
    return f"ALTER POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT})"


def readable_by_owner(table: str) -> str:
    """Lets SECURITY DEFINER look-ups, which run as the owner, read across businesses."""
    return f"CREATE POLICY look_up ON {table} FOR SELECT TO reception_owner USING (true)"
