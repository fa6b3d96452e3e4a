"""Tables of businesses, their numbers and the history of their settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class Business(Identified, Base):
    """A tenant. `time_zone` is an IANA name, `country` an ISO 3166-1 alpha-2 code."""

    __tablename__ = "businesses"

    name: Mapped[str]
    time_zone: Mapped[str]
    country: Mapped[str]
    settings_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class SettingsVersion(BusinessOwned, Base):
    """One version of a business's settings, whole; never changed after it is written."""

    __tablename__ = "settings_versions"

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("businesses.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Number(BusinessOwned, Identified, Base):
    """A telephone number that this business answers; E.164, unique on the installation."""

    __tablename__ = "numbers"
    __table_args__ = (CheckConstraint(r"e164 ~ '^\+[1-9][0-9]{6,14}$'", name="e164"),)

    e164: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
