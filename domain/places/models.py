"""Table of the further addresses of a business."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class Place(BusinessOwned, Identified, Base):
    """A further address at which a business gives appointments, with a zone of its own.

    Where a column `place_id` of another table is NULL, the business's main address is meant: its zone
    and country are the business's.
    """

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("business_id", "name"),)

    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str]
    """IANA name."""
    country: Mapped[str]
    """ISO 3166-1 alpha-2, for public holidays."""
    subdivision: Mapped[str] = mapped_column(default="")
    """ISO 3166-2 without the country (`NY`), for public holidays; empty: those of the whole country."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
