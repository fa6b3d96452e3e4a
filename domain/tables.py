"""What every table shares: naming of constraints, ids, and the business a row belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

INSTALLATION = UUID(int=0)
"""The pseudo-business that owns what belongs to the installation itself (operator keys)."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), str: Text()}


class Identified:
    """A row with an id that may be shown outside: UUID version 7, made by the seam."""

    id: Mapped[UUID] = mapped_column(primary_key=True)


class BusinessOwned:
    """A row of one business; row-level security hides it from every other."""

    @declared_attr
    def business_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("businesses.id", ondelete="CASCADE"), index=True)
