"""What a migration may do beside a release that goes on working: the written rule of docs/deploy.md, as checks
of the SQL that it really runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_NAME = r'(?:IF (?:NOT )?EXISTS )?(?:ONLY )?"?([\w.]+)"?'
_ALTER = re.compile(rf"^ALTER TABLE {_NAME} (.*)$", re.I)
_CREATE = re.compile(rf"^CREATE (?:UNLOGGED )?TABLE {_NAME}", re.I)
_INDEX = re.compile(
    rf"^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?\S+ ON {_NAME}", re.I
)
_WRITE = re.compile(rf"^(?:UPDATE|DELETE FROM) {_NAME}", re.I)
_DROP = re.compile(rf"^DROP TABLE {_NAME}", re.I)
_HARMLESS_DEFAULT = re.compile(
    r"DEFAULT (?:now\(\)|CURRENT_TIMESTAMP|'[^']*'(?:::\w+)?|[\w.-]+(?!\w*\())", re.I
)

# Of one `ALTER TABLE`, what the older release or the calls in progress would feel.
_ACTIONS: Final[Mapping[str, re.Pattern[str]]] = {
    "drops a column that the older release may read": re.compile(r"\bDROP COLUMN\b", re.I),
    "renames what the older release reads": re.compile(r"\bRENAME\b", re.I),
    "rewrites the table to change a type": re.compile(
        r"\bALTER COLUMN \S+ (?:SET DATA )?TYPE\b", re.I
    ),
    "reads the whole table to refuse NULL": re.compile(r"\bSET NOT NULL\b", re.I),
    "takes a default away that the older release's INSERT relies on": re.compile(
        r"\bDROP DEFAULT\b", re.I
    ),
}


@dataclass(frozen=True)
class Breach:
    """One statement that breaks the rule."""

    table: str
    why: str

    def __str__(self) -> str:
        return f"{self.table}: {self.why}"


def breaches(statements: Iterable[str], *, argued: Collection[str] = ()) -> list[Breach]:
    """What of one migration's statements breaks the rule, but for the tables of which the migration
    argues (`ARGUED`) that it does no harm. Tables that it makes itself are free: nobody uses them yet."""
    # Alembic's own note of where it is changes with every migration.
    made = {"alembic_version"}
    found: list[Breach] = []
    for statement in (" ".join(one.split()) for one in statements):
        if created := _CREATE.match(statement):
            made.add(created[1])
            continue
        found += [
            breach
            for breach in _of_statement(statement)
            if breach.table not in made and breach.table not in argued
        ]
    return found


def _of_statement(statement: str) -> list[Breach]:
    if altered := _ALTER.match(statement):
        return [Breach(altered[1], why) for why in _of_alteration(altered[2])]
    if (index := _INDEX.match(statement)) and not index[1]:
        return [Breach(index[2], "builds an index not CONCURRENTLY: nobody can write meanwhile")]
    if written := _WRITE.match(statement):
        return [Breach(written[1], "changes rows of a table in use: it belongs into a job")]
    if dropped := _DROP.match(statement):
        return [Breach(dropped[1], "drops a table that the older release may read")]
    return []


def _of_alteration(action: str) -> list[str]:
    found = [why for why, pattern in _ACTIONS.items() if pattern.search(action)]
    if re.search(r"\bADD COLUMN\b", action, re.I):
        default = re.search(r"\bDEFAULT\b", action, re.I)
        if re.search(r"\bNOT NULL\b", action, re.I) and not default:
            found.append("adds a column that the older release's INSERT does not fill")
        if default and not _HARMLESS_DEFAULT.search(action):
            found.append("rewrites the table to give each row its default")
    elif re.search(
        r"\bADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY)\b", action, re.I
    ) and not re.search(r"\bNOT VALID\b", action, re.I):
        found.append("reads the whole table for a constraint: add it NOT VALID, then VALIDATE it")
    elif re.search(
        r"\bADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b", action, re.I
    ) and not re.search(r"\bUSING INDEX\b", action, re.I):
        found.append("builds an index under a lock: build it CONCURRENTLY, then USING INDEX")
    return found
