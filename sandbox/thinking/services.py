"""The service that a caller means, among those that the business has."""

from __future__ import annotations

import re

from sandbox.thinking.intents import plain
from sandbox.thinking.toolbox import Tool

_AFTER_WISH = re.compile(
    r"\b(?:an?|the|for a|for an|my) ([a-z][a-z -]*?)(?= (?:appointment|visit|for|on|at|with|next|this|tomorrow|today"
    r"|in|please|as|later|early)\b|$)"
)
_LISTED = re.compile(r"services?[^:\n]{0,40}:(.*?)(?=\n\s*\n|\n[^\n-]{0,40}:|\Z)", re.I | re.S)
_SECTION = re.compile(r"^#+ *Services[^\n]*\n(.*?)(?=\n\s*\n|\n#|\Z)", re.I | re.S | re.M)
_PERSON = re.compile(r"\b(doctor|dr\.?|with) (?!doctor\b|dr\b)([A-Za-z]+)", re.I)
_NOT_SERVICES = frozenset(
    [
        "appointment",
        "visit",
        "booking",
        "first",
        "second",
        "third",
        "last",
        "morning",
        "afternoon",
        "evening",
        "message",
        "person",
        "question",
        "human",
        "time",
        "day",
        "moment",
        "week",
        "next",
        "earlier",
        "later",
        "one",
        "number",
        "name",
    ]
)


def known_services(system: str, find_times: Tool | None) -> list[str]:
    """Names from the tool's own choices, else from a "Services: …" passage of the instructions."""
    parameter = find_times.parameter("service") if find_times else None
    if find_times and parameter and (choices := find_times.choices(parameter)):
        return [str(c) for c in choices]
    match = _SECTION.search(system) or _LISTED.search(system)
    if not match:
        return []
    # A line of a section is "Cleaning: 30 minutes, 90 dollars": commas don't part names there.
    lines = r"\n" if _SECTION.search(system) else r"\n|;|,(?![^(]*\))"
    parts = re.split(lines, match[1])
    names = [re.split(r"[(:–—]|\s-\s", p.strip(" -*•\t."))[0].strip(" .") for p in parts]
    return [n for n in names if 2 < len(n) < 60]


def _stems(text: str) -> set[str]:
    joined = text.lower().replace("check-up", "checkup").replace("check up", "checkup")
    words = re.findall(r"[a-z]+", joined.replace("x-ray", "xray"))
    return {re.sub(r"(ing|s)$", "", w) if len(w) > 4 else w for w in words} - {
        "a",
        "an",
        "the",
        "for",
        "and",
        "appointment",
        "visit",
    }


def service_of(
    text: str, system: str, find_times: Tool | None, *, bare: bool = False
) -> str | None:
    """The known service that `text` names; `bare`: it answers "what for?", so any words will do."""
    said = _stems(plain(text))
    best, most = None, 0.0
    for name in known_services(system, find_times):
        stems = _stems(name)
        shared = len(said & stems)
        share = shared / len(stems) + shared / 100 if stems else 0.0
        if share > most:
            best, most = name, share
    if best is not None and most >= 0.5:
        return best
    for match in _AFTER_WISH.finditer(plain(text)):
        words = [w for w in match[1].split() if w not in {"new", "dental"}]
        if words and not set(words) & _NOT_SERVICES and len(words) <= 3:
            return match[1]
    if bare:
        words = plain(text).split()
        fillers = {"just", "it's", "for", "a", "an", "the", "please", "i", "need", "some"}
        left = [w for w in words if w not in fillers]
        return " ".join(left) if left and len(left) <= 5 else None
    return None


def person_of(text: str, system: str) -> str | None:
    """The person of the business that `text` asks for ("with doctor Chen"), if the instructions know
    one of that name."""
    for title, name in _PERSON.findall(text):
        known = re.search(rf"\b{re.escape(name)}\b", system, re.I)
        if known and known[0][:1].isupper():
            return known[0] if title.lower() == "with" else f"Dr. {known[0]}"
    return None
