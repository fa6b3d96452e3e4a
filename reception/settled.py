"""Whether the database is already as `reception up` wants it, asked with as little loaded as possible.

The full preparation (`prepare_database`) loads SQLAlchemy, Alembic and the domain, which takes seconds; on every start
but the first it would find nothing to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import psycopg

from reception.home import project_root

DEMO_NUMBER = "+12025550100"
_VERSIONS = project_root() / "domain" / "migrations" / "versions"
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)


def newest_revision(folder: Path = _VERSIONS) -> str:
    """The one revision of `folder` that no other follows; empty when that is not clear."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for file in folder.glob("*.py"):
        for down, name in _REVISION.findall(file.read_text()):
            (followed if down else revisions).add(name)
    heads = revisions - followed
    return heads.pop() if len(heads) == 1 else ""


def is_migrated(url: str) -> bool:
    """Whether the schema behind `url` has the newest revision. False when it can't be told."""
    newest = newest_revision()
    return bool(newest) and _one(url, "SELECT version_num FROM alembic_version") == newest


def is_seeded(url: str, *, owner_key: str) -> bool:
    """Whether there is a demo business, and `owner_key` is a key of it that is not revoked."""
    if not owner_key:
        return False
    # As domain.accounts.keys keeps it.
    digest = hashlib.sha256(owner_key.encode()).digest()
    return bool(
        _one(
            url,
            "SELECT revoked_at IS NULL FROM api_key_by_hash(%s)"
            " WHERE business_id = business_for_number(%s)",
            (digest, DEMO_NUMBER),
        )
    )


def has_users(url: str) -> bool:
    """Whether somebody can sign in to the demo business."""
    return bool(_one_of_demo(url, "SELECT EXISTS (SELECT FROM users)"))


def is_password_kept(url: str, sign_in: Mapping[str, str]) -> bool:
    """Whether the password of `owner-sign-in` is still that of its user, as far as the time tells at
    which it was set: to work out the hash would take longer than everything else here."""
    if not {"EMAIL", "PASSWORD", "USER_ID", "SET_AT"} <= set(sign_in):
        return False
    found = _one_of_demo(
        url, "SELECT password_changed_at FROM users WHERE id::text = %s", (sign_in["USER_ID"],)
    )
    return isinstance(found, datetime) and found == _instant(sign_in["SET_AT"])


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _one_of_demo(url: str, query: str, parameters: tuple[object, ...] = ()) -> object:
    return _one(
        url,
        query,
        parameters,
        before="SELECT set_config('app.business_id', business_for_number(%s)::text, true)",
    )


def _one(url: str, query: str, parameters: tuple[object, ...] = (), *, before: str = "") -> object:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            if before:
                connection.execute(before, (DEMO_NUMBER,))
            row = connection.execute(query, parameters).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None
