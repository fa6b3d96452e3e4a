"""Table of API keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, Identified


class ApiKey(Identified, Base):
    """A key to the API. Only its SHA-256 is kept; `business_id` is INSTALLATION for operators."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("role IN ('operator', 'owner', 'manager', 'staff', 'viewer')", name="role"),
    )

    business_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    hint: Mapped[str]
    """The key's first characters, by which people tell keys apart."""
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
