"""Keyset pages: lists that stay in step while rows are added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import Invalid

LARGEST_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page ended in a list ordered by instant, then id."""

    at: datetime
    id: UUID


def check_limit(limit: int) -> int:
    """Raises Invalid when `limit` is not from 1 to LARGEST_PAGE, or one more: whoever reads pages asks
    for one row beyond to know whether there is a next."""
    if not 1 <= limit <= LARGEST_PAGE + 1:
        raise Invalid("limit", f"must be from 1 to {LARGEST_PAGE}")
    return limit
