"""What a business tells its callers."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import structlog
from litestar import Request, Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs, provide_business_id
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from connectors.chain import VendorsFailed
from connectors.model import word_answer
from domain.accounts.principal import Principal
from domain.businesses import operations as businesses, versions
from domain.database import Database
from domain.errors import Refused
from domain.knowledge import operations as knowledge
from domain.knowledge.search import search

_MOST_ENTRIES = 3
"""As the assistant finds them on a call."""

logger = structlog.get_logger(__name__)


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
        min_length=1,
        max_length=knowledge.LONGEST_QUESTION,
        description="As a caller would ask it.",
        examples=["Where can I park?"],
    )
    answer: str = Field(
        min_length=1,
        max_length=knowledge.LONGEST_ANSWER,
        description="What the caller is told, in plain sentences.",
    )
    active: bool = Field(True, description="False: told to nobody.")


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


class Question(Body):
    """What a caller might ask."""

    question: str = Field(min_length=1, max_length=500, examples=["Can I park at your place?"])


class WordedAnswer(View):
    """What a caller who asks this would hear, and from which entries."""

    outcome: Literal["answered", "unknown", "not_worded"] = Field(
        description="`unknown`: no entry fits, so nothing is said about it. `not_worded`: entries were "
        "found, but no model of the business's chain answered."
    )
    answer: str | None = Field(
        description="Worded by the business's model from the entries alone; null if it was not.",
        examples=["Yes, there is free parking behind the building."],
    )
    entries: list[FoundAnswer]


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


@post(
    "/ask",
    guards=[needs("manager")],
    responses=WRITES,
    status_code=200,
    dependencies={"business_id": Provide(provide_business_id)},
    summary="Ask a question",
)
async def ask_knowledge(
    request: Request[Principal, Any, Any],
    business_id: NamedDependency[UUID],
    data: JSONBody[Question],
) -> WordedAnswer:
    """Ask what a caller might ask: the entries that a call would find, and the answer that the
    business's model words from them. What the settings say (hours, address, services and their prices)
    is told on calls as well, and is not among the entries."""
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id) as scope:
        found = await search(scope, question=data.question, limit=_MOST_ENTRIES)
        settings, _ = await versions.current_settings(scope)
        business = (await businesses.get(scope)).name
    entries = [FoundAnswer.model_validate(one) for one in found]
    if not found:
        # Decided here: a model that is asked all the same would make something up.
        return WordedAnswer(outcome="unknown", answer=None, entries=[])
    try:
        answer = await word_answer(
            request.app.state.environment,
            settings,
            business=business,
            question=data.question,
            facts=[f"{one.question} {one.answer}" for one in found],
        )
    except (VendorsFailed, Refused) as error:
        logger.warning("answer_not_worded", reason=str(error))
        return WordedAnswer(outcome="not_worded", answer=None, entries=entries)
    return WordedAnswer(outcome="answered", answer=answer, entries=entries)


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
        ask_knowledge,
        create_knowledge,
        get_knowledge,
        update_knowledge,
        delete_knowledge,
    ],
)
