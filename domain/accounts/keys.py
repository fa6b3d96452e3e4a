"""API keys: made once, shown once, kept only as a hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import select, text, update

from domain.accounts.models import ApiKey
from domain.accounts.principal import ROLES, Principal, Role
from domain.businesses import operations as businesses
from domain.database import Database, Scope
from domain.errors import Invalid, NotFound
from domain.seam import Seam
from domain.tables import INSTALLATION
from domain.text import clean_line

_SECRET_BYTES = 24
_SHAPE = re.compile(r"rcp_([0-9a-f]{48})_([0-9a-f]{8})")
_HINT_LENGTH = 10
_TOUCH_EVERY = timedelta(minutes=1)


async def create(scope: Scope, *, name: str, role: str) -> tuple[ApiKey, str]:
    """A new key of the scope's business and its text, which is nowhere kept.

    Operator keys, and only they, belong to the installation: make them in a scope of INSTALLATION.
    Raises Invalid on `name` or `role`, NotFound when there is no such business.
    """
    if role not in ROLES:
        raise Invalid("role", f"must be one of {', '.join(ROLES)}")
    if (role == "operator") != (scope.business_id == INSTALLATION):
        raise Invalid("role", "operator keys belong to the installation, all others to a business")
    if scope.business_id != INSTALLATION:
        await businesses.get(scope)
    key_text = _make(scope.seam)
    key = ApiKey(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        name=clean_line(name, field="name", longest=100),
        role=role,
        hint=key_text[:_HINT_LENGTH],
        hash=_hash(key_text),
        created_at=scope.seam.now(),
    )
    scope.session.add(key)
    await scope.session.flush()
    return key, key_text


async def authenticate(database: Database, *, key: str) -> Principal | None:
    """Whose key this is; None when it is malformed, mistyped, unknown or revoked."""
    if not well_formed(key):
        return None
    now = database.seam.now()
    async with database.unscoped() as session:
        found = (
            await session.execute(
                text("SELECT * FROM api_key_by_hash(:key_hash)"), {"key_hash": _hash(key)}
            )
        ).one_or_none()
    if found is None or found.revoked_at is not None:
        return None
    if found.last_used_at is None or now - found.last_used_at >= _TOUCH_EVERY:
        # Once a minute: a write at every request would make reading as dear as writing.
        async with database.scope(business_id=found.business_id) as scope:
            await scope.session.execute(
                update(ApiKey).where(ApiKey.id == found.key_id).values(last_used_at=now)
            )
    return Principal(
        key_id=found.key_id,
        business_id=None if found.business_id == INSTALLATION else found.business_id,
        role=cast(Role, found.role),
    )


async def list_keys(scope: Scope) -> Sequence[ApiKey]:
    """Every key of the scope's business, revoked ones too, the newest first."""
    return (await scope.session.scalars(select(ApiKey).order_by(ApiKey.id.desc()))).all()


async def revoke(scope: Scope, *, key_id: UUID) -> ApiKey:
    """Refuse the key from now on; again changes nothing. Raises NotFound."""
    key = await scope.session.scalar(select(ApiKey).where(ApiKey.id == key_id))
    if key is None:
        raise NotFound("API key")
    key.revoked_at = key.revoked_at or scope.seam.now()
    await scope.session.flush()
    return key


def well_formed(key: str) -> bool:
    """Whether `key` can be a key at all: `rcp_<random>_<checksum>` with the right checksum, so that
    a mistyped key costs no query."""
    shape = _SHAPE.fullmatch(key)
    return shape is not None and hmac.compare_digest(_checksum(shape[1]), shape[2])


def _make(seam: Seam) -> str:
    secret = seam.token(_SECRET_BYTES)
    return f"rcp_{secret}_{_checksum(secret)}"


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


def _hash(key: str) -> bytes:
    # Unsalted and fast is right here: the secret is 192 random bits, not a password.
    return hashlib.sha256(key.encode()).digest()
