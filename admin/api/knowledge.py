"""What a business tells its callers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.knowledge import operations as knowledge
from domain.knowledge.search import search


class KnowledgeEntry(View):
    """A question and its answer."""

    id: UUID
    question: str = Field(examples=["Where can I park?"])
    answer: str = Field(examples=["There is free parking behind the building."])
    active: bool
    created_at: Instant
    updated_at: Instant


class NewKnowledgeEntry(Body):
    """An entry to write."""

    question: str = Field(
        min_length=1, max_length=knowledge.LONGEST_QUESTION, examples=["Where can I park?"]
    )
    answer: str = Field(min_length=1, max_length=knowledge.LONGEST_ANSWER)
    active: bool = True


class KnowledgeEntryChange(Body):
    """What to change; what is absent or null stays."""

    question: str | None = Field(None, min_length=1, max_length=knowledge.LONGEST_QUESTION)
    answer: str | None = Field(None, min_length=1, max_length=knowledge.LONGEST_ANSWER)
    active: bool | None = Field(None, description="False: told to nobody.")


class FoundAnswer(View):
    """An entry that answers a question, as a call would find it."""

    entry_id: UUID
    question: str
    answer: str
    relevance: float = Field(description="Up to 1.", examples=[0.82])


@get("/", responses=READS, summary="List knowledge")
async def list_knowledge(
    transaction: Transaction, limit: Limit = 50, cursor: Cursor = None
) -> Page[KnowledgeEntry]:
    """Entries in the order they were written."""
    rows = await knowledge.list_entries(
        transaction, limit=limit + 1, after=read_id("knowledge", cursor)
    )
    return page(
        rows,
        limit,
        view=KnowledgeEntry.model_validate,
        cursor=lambda row: id_cursor("knowledge", row.id),
    )


@get("/search", responses=READS, summary="Try a question")
async def search_knowledge(
    transaction: Transaction,
    question: Annotated[str, QueryParameter(min_length=1, max_length=500)],
    limit: Annotated[int, QueryParameter(ge=1, le=20)] = 3,
) -> Page[FoundAnswer]:
    """What a caller who asks this would be answered from, the best first; empty when nothing fits."""
    found = await search(transaction, question=question, limit=limit)
    return Page(items=[FoundAnswer.model_validate(one) for one in found])


@post("/", guards=[needs("manager")], responses=WRITES, summary="Write an entry")
async def create_knowledge(
    transaction: Transaction, data: JSONBody[NewKnowledgeEntry]
) -> KnowledgeEntry:
    """Write an entry; calls know it from the next one on."""
    return KnowledgeEntry.model_validate(await knowledge.create(transaction, **dict(data)))


@get("/{entry_id:uuid}", responses=READS, summary="Read an entry")
async def get_knowledge(transaction: Transaction, entry_id: FromPath[UUID]) -> KnowledgeEntry:
    """One entry."""
    return KnowledgeEntry.model_validate(await knowledge.get(transaction, entry_id=entry_id))


@patch("/{entry_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change an entry")
async def update_knowledge(
    transaction: Transaction, entry_id: FromPath[UUID], data: JSONBody[KnowledgeEntryChange]
) -> KnowledgeEntry:
    """Change an entry."""
    return KnowledgeEntry.model_validate(
        await knowledge.update(transaction, entry_id=entry_id, **dict(data))
    )


@delete("/{entry_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Delete an entry")
async def delete_knowledge(transaction: Transaction, entry_id: FromPath[UUID]) -> None:
    """Delete an entry for good."""
    await knowledge.delete(transaction, entry_id=entry_id)


router = Router(
    path="/knowledge",
    tags=["knowledge"],
    route_handlers=[
        list_knowledge,
        search_knowledge,
        create_knowledge,
        get_knowledge,
        update_knowledge,
        delete_knowledge,
    ],
)
