"""Questions: answered from what the business said, and from nothing else."""

from __future__ import annotations

import pytest

from domain.businesses.settings import BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from tests.domain.practice import Practice
from tests.tools.fakes import Line, ring
from tools import (
    look_up,
)


async def test_a_question_is_answered_from_what_the_business_wrote(line: Line) -> None:
    told = await line.use(look_up, question="Do you accept Delta Dental insurance?")
    assert "Yes, we are in network with Delta Dental." in told
    assert " | Answer the caller's question from this alone" in told


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "When are you open?",
            "Opening hours: Monday to Friday 9 a.m. to 5 p.m.; closed Saturday and Sunday.",
        ),
        (
            "Are you open on the holiday?",
            "closed from Thursday the 26th of November to Friday the 27th of November (Thanksgiving)",
        ),
        ("Where are you located?", "Riverside Dental is at 418 Water Street."),
        ("How much is a cleaning?", "Cleaning takes 30 minutes; price: 120 dollars. With polish."),
        ("What services do you offer?", "Services: Cleaning (120 dollars)."),
    ],
)
async def test_the_profile_answers_what_nobody_wrote_an_entry_for(
    database: Database, practice: Practice, question: str, answer: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        settings = BusinessSettings(greeting="Hello.", address="418 Water Street")
        await change_settings(scope, document=settings.model_dump(mode="json"))
    line = await ring(database, business_id=practice.business_id)
    assert answer in await line.use(look_up, question=question)


async def test_an_unknown_question_is_not_answered(line: Line) -> None:
    told = await line.use(look_up, question="Is there a bus stop nearby for my wheelchair?")
    assert told.startswith("The business has said nothing about that | Say that you don't know")
    assert line.journal.tool_calls[-1].outcome == "refused"


async def test_without_the_database_the_profile_of_the_call_answers(cut_off: Line) -> None:
    told = await cut_off.use(look_up, question="Do you take Delta Dental?")
    assert "in network with Delta Dental" in told
    assert "Opening hours" in await cut_off.use(look_up, question="When do you open?")
    unknown = await cut_off.use(look_up, question="Have you got a swimming pool?")
    assert unknown.startswith("The business has said nothing about that")
