"""Advice is not spoken: the gate over whole answers, and over what a receptionist says all day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from agent.advice_gate import AdviceGate
from domain.businesses.profile import CallProfile, ProfileKnowledge
from domain.businesses.settings import BusinessSettings
from domain.safety.advice import gives_advice

PROFILE = CallProfile(
    business_id=UUID(int=1),
    name="Riverside Dental",
    time_zone="America/New_York",
    country="US",
    settings=BusinessSettings(greeting="Hello."),
    settings_version=1,
    knowledge=(
        ProfileKnowledge(
            question="Pain after a filling?", answer="Take two tablets of what you were given."
        ),
    ),
)


async def _spoken(*sentences: str) -> list[str]:
    async def answer() -> AsyncIterator[str]:
        for sentence in sentences:
            yield sentence

    return [str(out).strip() async for out in AdviceGate(PROFILE).speak(answer())]


async def test_one_sentence_stands_for_all_that_may_not_be_said() -> None:
    spoken = await _spoken(
        "I'm sorry to hear that.",
        " It sounds like you have an infection.",
        " You can take two tablets of ibuprofen.",
        " Shall I find a time?",
    )
    assert spoken[0] == "I'm sorry to hear that." and spoken[-1] == "Shall I find a time?"
    assert spoken[1].startswith("I'm not able to advise you on that.") and len(spoken) == 3


async def test_what_the_business_has_told_callers_is_said() -> None:
    told = "Take two tablets of what you were given."
    assert await _spoken(told) == [told]


def test_nothing_that_a_receptionist_says_all_day_is_held_up() -> None:
    said = [
        line.rpartition("|")[2].strip()
        for path in sorted((Path(__file__).parent / "claims").glob("*.txt"))
        for line in path.read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert len(said) > 500
    assert [sentence for sentence in said if gives_advice(sentence)] == []
