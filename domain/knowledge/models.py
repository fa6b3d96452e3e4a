"""Table of what a business has told us about itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Computed, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class KnowledgeEntry(BusinessOwned, Identified, Base):
    """A question and its answer, as the business wrote them; public, so not encrypted."""

    __tablename__ = "knowledge_entries"
    __table_args__ = (Index("ix_knowledge_entries_words", "words", postgresql_using="gin"),)

    question: Mapped[str]
    answer: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', question), 'A') || "
            "setweight(to_tsvector('english', answer), 'B')",
            persisted=True,
        ),
    )
