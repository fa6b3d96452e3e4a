"""Tables of those who may use the API and the console: API keys, users and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, Identified

_ROLE = "role IN ('operator', 'owner', 'manager', 'staff', 'viewer')"


class ApiKey(Identified, Base):
    """A key to the API. Only its SHA-256 is kept; `business_id` is INSTALLATION for operators."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint(_ROLE, name="role"),)

    business_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    hint: Mapped[str]
    """The key's first characters, by which people tell keys apart."""
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class User(Identified, Base):
    """Somebody who signs in with e-mail and password; `business_id` is INSTALLATION for operators.

    An e-mail address is one user on the installation: who signs in names no business.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(_ROLE, name="role"),)

    business_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(EncryptedText)
    email: Mapped[str] = mapped_column(EncryptedText)
    email_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Blind index of the address in lower case, made for the INSTALLATION."""
    role: Mapped[str]
    password_hash: Mapped[str]
    """Argon2id, in PHC string format."""
    password_changed_at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Whose account it is, among those who give appointments or take calls."""
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    """In a row."""
    locked_until: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Session(Identified, Base):
    """A user's sign-in: ends when it is signed out, was not used for long, or is too old."""

    __tablename__ = "sessions"

    business_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(default="")
    """The browser's name, as far as it tells."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """The end, however much it is used."""
    ended_at: Mapped[datetime | None]
