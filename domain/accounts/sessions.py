"""Sessions: what a user has who is signed in, and the signed token that names it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import jwt
from sqlalchemy import ColumnElement, delete, or_, select, text, update

from domain.accounts.models import Session, User
from domain.accounts.principal import MANAGED, Principal, Role
from domain.database import Database, Scope
from domain.errors import NotFound
from domain.paging import check_limit
from domain.tables import INSTALLATION
from domain.text import clean_line

IDLE = timedelta(minutes=30)
"""A session that is not used for so long has ended."""

LONGEST = timedelta(hours=12)
"""A session ends then however much it is used."""

_TOUCH_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=30)
_LONGEST_DEVICE = 100
_SHORTEST_SECRET = 32
_AUDIENCE = "reception-session"
_ALGORITHM = "HS256"


async def begin(scope: Scope, *, user: User, device: str = "") -> Session:
    """A new session of the user, who has proved who they are."""
    now = scope.seam.now()
    # Here, because only who signs in makes more: nobody reads what ended long ago.
    await scope.session.execute(
        delete(Session).where(Session.user_id == user.id, Session.expires_at < now - _KEPT)
    )
    session = Session(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        user_id=user.id,
        device=clean_line(
            device[:_LONGEST_DEVICE], field="device", longest=_LONGEST_DEVICE, required=False
        ),
        created_at=now,
        last_used_at=now,
        expires_at=now + LONGEST,
    )
    scope.session.add(session)
    await scope.session.flush()
    return session


def token_of(session: Session, *, secret: str) -> str:
    """The session's token (RFC 7519), signed with RECEPTION_JWT_SECRET. Raises ValueError when that is
    too short to sign with (RFC 7518 section 3.2)."""
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"RECEPTION_JWT_SECRET: at least {_SHORTEST_SECRET} characters are needed")
    claims = {
        "aud": _AUDIENCE,
        "sid": str(session.id),
        "sub": str(session.user_id),
        "exp": session.expires_at,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


async def authenticate(database: Database, *, token: str, secret: str) -> Principal | None:
    """Whose session this is; None when the token is forged or malformed, or the session has ended."""
    read = _read(token, secret=secret, now=database.seam.now())
    if read is None:
        return None
    session_id, user_id = read
    found = await _open(database, session_id)
    if found is None or found.user_id != user_id:
        return None
    now = database.seam.now()
    if now - found.last_used_at >= _TOUCH_EVERY:
        # Once a minute: a write at every request would make reading as dear as writing.
        async with database.scope(business_id=found.business_id) as scope:
            await scope.session.execute(
                update(Session).where(Session.id == session_id).values(last_used_at=now)
            )
    return Principal(
        business_id=None if found.business_id == INSTALLATION else found.business_id,
        role=cast(Role, found.role),
        user_id=user_id,
        session_id=session_id,
    )


async def is_open(database: Database, *, session_id: UUID) -> bool:
    """Whether the session goes on, for what outlasts a request. Asking is no use of it."""
    return await _open(database, session_id) is not None


async def list_open(
    scope: Scope, *, principal: Principal, limit: int = 50, after: UUID | None = None
) -> Sequence[Session]:
    """The open sessions of the one who asks and of the users they may manage, the newest first;
    `after` is the id at which the last page ended."""
    now = scope.seam.now()
    query = (
        select(Session)
        .join(User, User.id == Session.user_id)
        .where(
            _seen_by(principal),
            Session.ended_at.is_(None),
            Session.expires_at > now,
            Session.last_used_at > now - IDLE,
        )
        .order_by(Session.id.desc())
    )
    if after is not None:
        query = query.where(Session.id < after)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def get(scope: Scope, *, session_id: UUID) -> Session:
    """Raises NotFound."""
    session = await scope.session.scalar(select(Session).where(Session.id == session_id))
    if session is None:
        raise NotFound("session")
    return session


async def end(scope: Scope, *, session_id: UUID, principal: Principal) -> Session:
    """Refuse the session from now on; again changes nothing. Raises NotFound, also for one that the
    principal may not see."""
    session = await scope.session.scalar(
        select(Session)
        .join(User, User.id == Session.user_id)
        .where(Session.id == session_id, _seen_by(principal))
    )
    if session is None:
        raise NotFound("session")
    session.ended_at = session.ended_at or scope.seam.now()
    await scope.session.flush()
    return session


async def end_all(scope: Scope, *, user_id: UUID, but: UUID | None = None) -> None:
    """End every session of the user, but the one named."""
    query = update(Session).where(Session.user_id == user_id, Session.ended_at.is_(None))
    if but is not None:
        query = query.where(Session.id != but)
    await scope.session.execute(query.values(ended_at=scope.seam.now()))


def _seen_by(principal: Principal) -> ColumnElement[bool]:
    return or_(User.id == principal.user_id, User.role.in_(MANAGED[principal.role]))


async def _open(database: Database, session_id: UUID) -> Any:
    """The session's row with its user's, if the session goes on."""
    now = database.seam.now()
    async with database.unscoped() as session:
        found = (
            await session.execute(
                text("SELECT * FROM session_user_of(:session_id)"), {"session_id": session_id}
            )
        ).one_or_none()
    if found is None or not found.active or found.ended_at is not None:
        return None
    if now >= found.expires_at or now - found.last_used_at >= IDLE:
        return None
    return found


def _read(token: str, *, secret: str, now: datetime) -> tuple[UUID, UUID] | None:
    """The ids of the session and its user."""
    # A secret that is empty, as in a process that serves nothing, would let anybody sign.
    if len(secret) < _SHORTEST_SECRET:
        return None
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            # Time is the seam's, not the library's.
            options={"require": ["exp", "sid", "sub"], "verify_exp": False, "verify_iat": False},
        )
        if datetime.fromtimestamp(claims["exp"], UTC) <= now:
            return None
        return UUID(claims["sid"]), UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError):
        return None
