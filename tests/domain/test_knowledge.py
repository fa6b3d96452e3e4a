"""What a business knows is found by the question a caller asks, and nothing else is."""

from __future__ import annotations

import pytest

from domain.database import Database
from domain.demo import _KNOWLEDGE, seed_demo
from domain.errors import Invalid, NotFound
from domain.knowledge import operations as knowledge
from domain.knowledge.search import LEAST_RELEVANCE, search
from tests.factories import make_business


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("where can I park", "Canal Lane"),
        ("is there free parking nearby", "Canal Lane"),
        ("do you have parking?", "Canal Lane"),
        ("do you take Delta Dental", "Delta Dental"),
        ("which insurance do you accept", "Delta Dental"),
        ("do you take my insurance", "Delta Dental"),
        ("do you accept Medicaid", "Medicaid"),
        ("do you accept credit cards", "credit"),
        ("can I pay with cash", "cash"),
        ("do you offer payment plans", "instalments"),
        ("are you accepting new patients", "new patient"),
        ("what should I bring to my appointment", "photo identification"),
        ("what is your cancellation policy", "24 hours"),
        ("how much notice do I need to cancel", "24 hours"),
        ("do you see children", "age of three"),
        ("do you treat kids", "age of three"),
        ("I have a toothache, what can I do", "emergency visit"),
        ("where are you located", "Water Street"),
        ("can you give me directions", "Water Street"),
        ("is the office wheelchair accessible", "ramp"),
        ("do you speak spanish", "Spanish"),
        ("do you offer braces", "orthodontist"),
        ("does whitening hurt", "sensitive"),
        ("I need a copy of my x-rays", "records"),
        ("what is your website", "dot example"),
        ("what is your email address", "dot example"),
    ],
)
async def test_a_question_finds_its_answer(database: Database, asked: str, word: str) -> None:
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        found = await search(scope, question=asked)
    assert found and word in found[0].answer, [answer.question for answer in found]


@pytest.mark.parametrize(
    "asked",
    [
        "how much is a haircut",
        "do you sell pizza",
        "do you see dogs",
        "do you accept kaiser",
        "do you offer botox",
        "what is the capital of France",
        "can you help me with my taxes",
        "who won the game last night",
        "do you do heart surgery",
        "is your manager married",
        "could you tell me what you think please",
        "what is the weather tomorrow",
        "do you have a swimming pool",
        "yes please",
        "???",
        "' | & ! ( ) :* <-> \\ \\' --",
    ],
)
async def test_an_unknown_question_finds_nothing(database: Database, asked: str) -> None:
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        assert await search(scope, question=asked) == []


async def test_every_entry_is_found_by_its_own_question(database: Database) -> None:
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        for question, answer in _KNOWLEDGE:
            found = await search(scope, question=question, limit=1)
            assert [one.answer for one in found] == [answer]
            assert found[0].relevance == pytest.approx(1)


async def test_inactive_entries_and_other_businesses_are_not_searched(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        entry = await knowledge.create(scope, question="Is there parking?", answer="Yes.")
        assert (await search(scope, question="parking"))[0].relevance >= LEAST_RELEVANCE
        await knowledge.update(scope, entry_id=entry.id, active=False)
        assert await search(scope, question="parking") == []
        await knowledge.update(scope, entry_id=entry.id, active=True, answer="No.")
    async with database.scope(business_id=two) as scope:
        assert await search(scope, question="parking") == []
        with pytest.raises(NotFound):
            await knowledge.get(scope, entry_id=entry.id)


async def test_entries_are_listed_in_pages_and_deleted(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        made = [
            (await knowledge.create(scope, question=f"q{count}", answer="a")).id
            for count in range(3)
        ]
        page = await knowledge.list_entries(scope, limit=2)
        rest = await knowledge.list_entries(scope, limit=2, after=page[-1].id)
        assert [entry.id for entry in (*page, *rest)] == made
        await knowledge.delete(scope, entry_id=made[0])
        with pytest.raises(NotFound):
            await knowledge.delete(scope, entry_id=made[0])


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [("", "a", "question"), ("q" * 301, "a", "question"), ("q", " ", "answer")],
)
async def test_an_entry_that_cannot_be_is_refused_by_field(
    database: Database, question: str, answer: str, field: str
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=business_id) as scope:
            await knowledge.create(scope, question=question, answer=answer)
    assert refusal.value.field == field


@pytest.mark.parametrize("question", ["", "x" * 501, "nul \x00"])
async def test_a_question_that_cannot_be_asked_is_refused(
    database: Database, question: str
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid):
        async with database.scope(business_id=business_id) as scope:
            await search(scope, question=question)
