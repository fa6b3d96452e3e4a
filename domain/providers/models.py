"""Tables of how providers do, for all workers together: the breaker's memory."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base

_KIND = "kind IN ('hearing', 'model', 'speech')"


class ProviderTally(Base):
    """Tries and failures of one provider in one minute. `business_id` is INSTALLATION where the
    provider's key is the installation's: one business's wrong key says nothing about the others'."""

    __tablename__ = "provider_tallies"
    __table_args__ = (
        CheckConstraint(_KIND, name="kind"),
        CheckConstraint("failures BETWEEN 0 AND tries", name="failures"),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]
    failures: Mapped[int]


class ProviderBreaker(Base):
    """Whether new calls use a provider first (`closed`), last (`open`), or for one call that tries it
    (`half_open`)."""

    __tablename__ = "provider_breakers"
    __table_args__ = (
        CheckConstraint(_KIND, name="kind"),
        CheckConstraint("state IN ('closed', 'open', 'half_open')", name="state"),
        CheckConstraint("override IN ('open', 'closed')", name="override"),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    changed_at: Mapped[datetime]
    probe_until: Mapped[datetime | None]
    """Until then one call tries it; after that another may."""
    override: Mapped[str | None]
    """What an operator has decided, whatever the figures say."""
    override_by: Mapped[str | None]
    override_at: Mapped[datetime | None]
