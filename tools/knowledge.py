"""Answering questions about the business from what it has told us, and from nothing else."""

from __future__ import annotations

import logging
import re
from typing import Final

from livekit.agents import RunContext

from domain.businesses.profile import CallProfile, ProfileKnowledge
from domain.hours.speech import spoken_closures, spoken_dates, spoken_pauses, spoken_week
from domain.knowledge.search import search
from domain.scheduling.matching import match
from domain.services.speech import spoken_service, spoken_services
from domain.text import clean_line
from tools.answer import Answer
from tools.context import CallContext
from tools.database import AWAY, reading
from tools.running import tool
from tools.understood import today_of

MOST_ANSWERS: Final = 3
LEAST_SHARED: Final = 0.5
"""Share of a question's telling words that an entry's question must hold, without the database."""

_LONGEST_QUESTION: Final = 500
_HOURS: Final = frozenset(
    [
        "open",
        "opens",
        "opening",
        "close",
        "closes",
        "closed",
        "closing",
        "hours",
        "hour",
        "weekend",
        "weekends",
        "saturday",
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "holiday",
        "holidays",
        "lunch",
    ]
)
_ADDRESS: Final = frozenset(
    [
        "address",
        "where",
        "located",
        "location",
        "directions",
        "street",
        "find",
        "situated",
        "come",
        "place",
    ]
)
_SERVICES: Final = frozenset(
    [
        "service",
        "services",
        "offer",
        "treatment",
        "treatments",
        "price",
        "prices",
        "cost",
        "costs",
        "charge",
        "charges",
        "much",
        "fee",
        "fees",
        "expensive",
        "long",
        "take",
        "takes",
    ]
)
_IDLE: Final = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "at",
        "be",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "have",
        "has",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "or",
        "please",
        "tell",
        "the",
        "there",
        "this",
        "to",
        "us",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)

log = logging.getLogger("reception.tools")


@tool
async def look_up(context: RunContext[CallContext], question: str) -> Answer:
    """Look up what the business says about itself: hours, address, services, prices, insurance, parking,
    anything a caller may ask. Use it for every such question you can't answer from your instructions.

    Args:
        question: The caller's question, as one whole sentence.
    """
    call = context.userdata
    question = clean_line(question, field="question", longest=_LONGEST_QUESTION)
    known = await _known(context, question)
    facts = known or _facts(call, question)
    if not facts:
        return Answer(
            fact="The business has said nothing about that",
            then="Say that you don't know, guess nothing, and offer to take a message so that the staff "
            "can answer.",
            outcome="refused",
        )
    return Answer(
        fact=" ".join(facts),
        then="Answer the caller's question from this alone, in one or two sentences. If it does not "
        "answer it, say that you don't know and offer to take a message.",
    )


async def _known(context: RunContext[CallContext], question: str) -> list[str]:
    try:
        async with reading(context) as scope:
            found = await search(scope, question=question, limit=MOST_ANSWERS)
    except AWAY as error:
        log.warning("database away", extra={"error": type(error).__name__})
        return remembered(context.userdata.profile.knowledge, question)
    return [f"{one.question} {one.answer}" for one in found]


def remembered(entries: tuple[ProfileKnowledge, ...], question: str) -> list[str]:
    """The entries of the call's profile whose question shares enough words with the caller's."""
    asked = _telling(question)
    if not asked:
        return []
    shared = [
        (sum(any(_alike(word, other) for other in _telling(one.question)) for word in asked), one)
        for one in entries
    ]
    near = [pair for pair in shared if pair[0] / len(asked) >= LEAST_SHARED]
    near.sort(key=lambda pair: -pair[0])
    return [f"{one.question} {one.answer}" for _, one in near[:MOST_ANSWERS]]


def _facts(call: CallContext, question: str) -> list[str]:
    """What the profile itself says to the question: hours, address, services and prices."""
    profile, words = call.profile, set(_words(question))
    service = match(question, ((one.name, one) for one in profile.services))
    if service is not None:
        return [spoken_service(service, language=profile.settings.language)]
    facts = []
    if words & _HOURS:
        facts += _hours(call)
    if words & _ADDRESS and profile.settings.address:
        facts.append(f"{profile.name} is at {profile.settings.address}.")
    if words & _ADDRESS and profile.places:
        further = "; ".join(
            f"{one.name}, {one.address or 'address not kept'}" for one in profile.places
        )
        facts.append(f"Further places: {further}.")
    if words & _SERVICES and profile.services:
        facts.append(f"Services: {spoken_services(profile.services)}.")
    return facts


def _hours(call: CallContext) -> list[str]:
    profile: CallProfile = call.profile
    language = profile.settings.language
    week = spoken_week(profile.hours, language=language)
    today = today_of(call)
    other = [
        spoken_closures(profile.closures, today=today, language=language),
        spoken_pauses(profile.pauses, today=today, language=language),
        spoken_dates(profile.date_hours, today=today, language=language),
    ]
    return [
        *([f"Opening hours: {week}."] if week else []),
        *(f"Also {said}." for said in other if said),
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _telling(text: str) -> set[str]:
    return {word for word in _words(text) if word not in _IDLE}


def _alike(left: str, right: str) -> bool:
    """`park` and `parking`, `insurance` and `insurances`."""
    short, long = sorted((left, right), key=len)
    return left == right or (len(short) >= 4 and long.startswith(short))
