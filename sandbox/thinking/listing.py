"""Lines of a tool's answer that carry an opaque id: offers, appointments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.hearing.vocabulary import MONTHS, WEEKDAYS
from sandbox.thinking.moments import minutes_of

_LABEL = r"(?:offer_id|appointment_id|offer|appointment|slot|id|code|ref)"
_ID = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_LEADING = re.compile(
    rf"^\W*(?:{_LABEL}\s*[:=#]?\s+|{_LABEL}\s*[:=#]\s*)?[\[(`\"']*(?P<id>{_ID})[\])`\"']*\s*(?::|=|→|->|—|–|-|,)\s+(?P<text>.+)$"
)
_BRACKETED = re.compile(
    rf"^\W*[\[(`]\s*(?:{_LABEL}\s*[:=#]?\s*)?(?P<id>{_ID})[\])`]\s*(?P<text>.+)$"
)
_INSIDE = re.compile(
    rf"[\[(,;]?\s*\b(?:offer_id|appointment_id|slot_id|offer|appointment|id)\s*[:=]?\s*[`\"']?(?P<id>{_ID})[`\"']?\s*[\])]?"
)


@dataclass(frozen=True)
class Listed:
    """One thing a tool listed: its id, and what may be said of it."""

    id: str
    text: str

    @property
    def minute(self) -> int | None:
        """Its time as a minute of the half day."""
        found = minutes_of(self.text)
        return found[0] if found else None

    def on_weekday(self, name: str) -> bool:
        return name in self.text.lower()


def _is_id(token: str) -> bool:
    # Ids are opaque: they hold a digit, a dash or an underscore, or are capitals (A, B, C).
    return bool(re.search(r"[\d_-]", token)) or (token.isupper() and len(token) <= 8)


def listed(text: str) -> list[Listed]:
    """Every listed thing in `text`, in order; each on a line of its own or between semicolons."""
    found: list[Listed] = []
    for line in re.split(r"\n|;", text):
        item = _item(line.strip())
        if item and item.id not in {f.id for f in found}:
            found.append(item)
    return found


def _item(line: str) -> Listed | None:
    bracketed = _BRACKETED.match(line[line.index("[") :]) if "[" in line else None
    if bracketed and _says_when(bracketed["text"]):
        return Listed(bracketed["id"], _clean(bracketed["text"]))
    # A heading before the first item on the same line: "Free times: A1 = …".
    for candidate in (line, line.partition(": ")[2]):
        match = _LEADING.match(candidate)
        if match and _is_id(match["id"]) and _says_when(match["text"]):
            return Listed(match["id"], _clean(match["text"]))
    inside = next((m for m in _INSIDE.finditer(line) if _is_id(m["id"])), None)
    if inside and _says_when(line):
        return Listed(inside["id"], _clean(line[: inside.start()] + line[inside.end() :]))
    return None


def _says_when(text: str) -> bool:
    lowered = text.lower()
    return bool(minutes_of(text)) or any(w in lowered for w in (*WEEKDAYS, *MONTHS, "today"))


def _clean(text: str) -> str:
    text = re.sub(r",? (?:booking )?code .*$", "", text)
    return re.sub(r"\s+", " ", text).strip(" ,;-–—()[]`")


def preface(fact: str) -> str:
    """What a fact says before its list, when that is bad news: "No time then: all is taken."."""
    before = fact.partition("[")[0]
    sentences = re.findall(r"[^.]+\.(?:\s|$)", before)
    return "".join(sentences).strip() if re.match(r"no\b|not\b|nothing\b", fact.lower()) else ""


def speakable(text: str, *, question: str = "") -> str:
    """A fact without ids, brackets, markup and words meant for the assistant, as one may say it."""
    text = re.sub(r"\b(?:offer|appointment|slot|message|call)?_?id\s*[:=]\s*\S+", "", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "", text)
    text = re.sub(r"\[[^\]\s]*\]|[({`]\s*[)}`]", "", text)
    text = re.sub(r"[*`#\[\]]", "", text)
    text = re.sub(r"(?:Also|If the caller)[^.]*\bthe caller\b[^.]*\.?", "", text)
    text = text.replace("they call from", "you call from").replace("that calls", "you call from")
    text = _answer_of(text, question)
    return re.sub(r"\s+([,.;:?!])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;|")


def _answer_of(text: str, question: str) -> str:
    """Of "Question? Answer. Question? Answer." the answer whose question is nearest the caller's."""
    pairs = re.findall(r"([^.?!]+\?)\s*([^?]+?)(?=(?:(?<=[.!])\s+[^.?!]+\?)|$)", text, re.S)
    if not pairs:
        return text
    asked = set(re.findall(r"[a-z]{3,}", question.lower()))
    best = max(pairs, key=lambda p: len(asked & set(re.findall(r"[a-z]{3,}", p[0].lower()))))
    return str(best[1])
