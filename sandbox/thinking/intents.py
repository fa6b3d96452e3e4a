"""What a caller wants, from the words of one turn."""

from __future__ import annotations

import re
from typing import Final, Literal

Intent = Literal[
    "book",
    "move",
    "cancel",
    "find",
    "confirm",
    "queue",
    "message",
    "person",
    "question",
    "bye",
    "yes",
    "no",
    "repeat",
    "wait",
    "greet",
    "forget",
]

_PATTERNS: Final[tuple[tuple[Intent, str], ...]] = (
    ("forget", r"never ?mind|forget it|changed my mind"),
    (
        "message",
        r"(leave|take|pass on) a message|give .* a message|^(please )?(tell|let|ask) (doctor|dr|[a-z]+)\b"
        r".*(late|call me|know|that i)|call me back|running late"
        r"|crown came off|filling fell out|refill of my|copy of my|i left my|broke a tooth"
        r"|gums are bleeding|question about my|pain is getting",
    ),
    (
        "person",
        r"(speak|talk) (to|with) (a |an |the |some|doctor|dr|billing|[a-z]+)|put me through|transfer me"
        r"|connect me|real person|human|operator|receptionist|manager|front desk",
    ),
    ("cancel", r"\bcancel\b(?!lation)|can't make (it|my appointment)"),
    ("move", r"\b(move|reschedule|postpone)\b|change (my|the) (appointment|booking)|change it to"),
    (
        "confirm",
        r"\bconfirm (my|the) (next )?(appointment|visit)|^(yes )?i('ll| will) (be there|come)\b",
    ),
    ("queue", r"\bwaiting list\b"),
    ("find", r"when is my|do i have an appointment|check my (next )?appointment"),
    (
        "question",
        r"\b(hours|open|close|located|location|address|directions|parking|park|insurance|(?<!i )accept|cost|costs"
        r"|price|how much|how long|new patients|wheelchair|accessible|policy|payment|cash|checks|cards"
        r"|offer|speak (spanish|french|german|chinese)|bring|dentists|website|phone number\?|email address\?"
        r"|get there|children|kids|charge)\b|do you (do|take|see)\b|are you a (robot|machine|real)"
        r"|am i (speaking|talking)|what('s| is| are) your",
    ),
    (
        "book",
        r"\b(book|schedule|make|get|set up|need|like|want)\b.*\b(an? |the )?(appointment|visit)"
        r"|\b(book|schedule)\b|come in\b|(need|like|want|for|get) an? [a-z -]+"
        r"|do you have (anything|something|any (openings|appointments|time))"
        r"|(is there|have you got) (anything|something)|toothache|next available",
    ),
    (
        "bye",
        r"\b(good)?bye\b|that's (all|it|everything)|have a nice day"
        r"|^(no )?(ok |great |perfect )?(thank you|thanks)( very much| a lot)?$|nothing else",
    ),
    ("repeat", r"repeat|say (that|it) again|^(sorry|pardon|what|excuse me)$|what did you say"),
    ("wait", r"one moment|hold on|just a second|^wait$|let me check"),
    (
        "no",
        r"^(no|nope|not)\b|that's (wrong|not)|neither|none of|don't work|^actually no|something else"
        r"|don't think so",
    ),
    (
        "yes",
        r"^(yes|yeah|yep|sure|correct|right|exactly|okay|ok|perfect|great|please|absolutely|of course)\b"
        r"|that's (correct|right|fine|perfect)|go ahead|sounds good|book it|works( for me)?$|please do|^i (do|am)$"
        r"|^i accept",
    ),
    ("greet", r"^(hello|hi|hey|good (morning|afternoon|evening))( there)?$|are you there"),
)
_COMPILED: Final = tuple((intent, re.compile(pattern)) for intent, pattern in _PATTERNS)
URGENT: Final = re.compile(r"urgent|emergency|bleeding|pain|broke|swollen|right away")
NOT_URGENT: Final = re.compile(r"not urgent")


def plain(text: str) -> str:
    """Lower case, no marks: what the patterns are written against."""
    lowered = text.lower().replace("’", "'")
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' ?:-]", " ", lowered)).strip()


def intents_of(text: str) -> set[Intent]:
    """All that the turn could mean; the policy picks by what it waits for."""
    bare = plain(text)
    unmarked = bare.replace("?", "").strip()
    found = {intent for intent, pattern in _COMPILED if pattern.search(unmarked)}
    if bare.endswith("?") and not found - {"greet", "yes", "no"}:
        found.add("question")
    return found
