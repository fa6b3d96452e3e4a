"""Writing down what a business tells its callers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import NotFound
from domain.knowledge.models import KnowledgeEntry
from domain.paging import check_limit
from domain.text import clean_line, clean_text

LONGEST_QUESTION = 300
LONGEST_ANSWER = 4000


async def create(
    scope: Scope, *, question: str, answer: str, active: bool = True
) -> KnowledgeEntry:
    """A new entry. Raises Invalid on `question` or `answer`."""
    now = scope.seam.now()
    entry = KnowledgeEntry(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        question=_question(question),
        answer=_answer(answer),
        active=active,
        created_at=now,
        updated_at=now,
    )
    scope.session.add(entry)
    await scope.session.flush()
    return entry


async def update(
    scope: Scope,
    *,
    entry_id: UUID,
    question: str | None = None,
    answer: str | None = None,
    active: bool | None = None,
) -> KnowledgeEntry:
    """Change what is given. Raises Invalid, NotFound."""
    entry = await get(scope, entry_id=entry_id)
    if question is not None:
        entry.question = _question(question)
    if answer is not None:
        entry.answer = _answer(answer)
    if active is not None:
        entry.active = active
    entry.updated_at = scope.seam.now()
    await scope.session.flush()
    return entry


async def delete(scope: Scope, *, entry_id: UUID) -> None:
    """Raises NotFound."""
    await scope.session.delete(await get(scope, entry_id=entry_id))
    await scope.session.flush()


async def get(scope: Scope, *, entry_id: UUID) -> KnowledgeEntry:
    """Raises NotFound."""
    entry = await scope.session.scalar(select(KnowledgeEntry).where(KnowledgeEntry.id == entry_id))
    if entry is None:
        raise NotFound("knowledge entry")
    return entry


async def list_entries(
    scope: Scope, *, limit: int = 50, after: UUID | None = None
) -> Sequence[KnowledgeEntry]:
    """Entries in the order they were made; `after` is the id at which the last page ended."""
    query = select(KnowledgeEntry).order_by(KnowledgeEntry.id)
    if after is not None:
        query = query.where(KnowledgeEntry.id > after)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


def _question(text: str) -> str:
    return clean_line(text, field="question", longest=LONGEST_QUESTION)


def _answer(text: str) -> str:
    return clean_text(text, field="answer", longest=LONGEST_ANSWER)
