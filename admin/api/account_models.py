"""What the API shows of users and of the one who is signed in."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from admin.models import Instant, View
from domain.accounts import sessions
from domain.accounts.principal import Role

IDLE_SECONDS = int(sessions.IDLE.total_seconds())


class SessionUser(View):
    """The user who is signed in."""

    id: UUID
    name: str = Field(examples=["Ann Baker"])
    email: str = Field(examples=["ann@example.com"])
    role: Role
    person_id: UUID | None = Field(description="Who of the business's people they are.")


class SessionBusiness(View):
    """The user's business."""

    id: UUID
    name: str = Field(examples=["Riverside Dental"])
    time_zone: str = Field(description="IANA name.", examples=["America/New_York"])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["US"])


class CurrentSession(View):
    """Who is signed in, where, and for how long."""

    user: SessionUser
    business: SessionBusiness | None = Field(description="Null for an operator.")
    expires_at: Instant = Field(description="The end, however much the session is used.")
    idle_seconds: int = Field(
        description="Not used for so long, it ends as well.", examples=[IDLE_SECONDS]
    )


class SignedIn(CurrentSession):
    """A session that has begun."""

    token: str = Field(description="For `Authorization: Bearer`; browsers keep it in the cookie.")


class User(View):
    """Somebody who may sign in."""

    id: UUID
    name: str = Field(examples=["Ann Baker"])
    email: str = Field(examples=["ann@example.com"])
    role: Role
    person_id: UUID | None = Field(description="Who of the business's people they are.")
    active: bool
    locked_until: Instant | None = Field(
        description="Set after too many failures to sign in; a new password lifts it."
    )
    last_sign_in_at: Instant | None
    created_at: Instant
