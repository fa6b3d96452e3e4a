"""Days and times in what a caller says, and in what a tool offers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sandbox.hearing.vocabulary import MONTHS, WEEKDAYS
from sandbox.thinking.numbers import CARDINALS, day_of_month, tokens, year_of

Part = Literal["any", "morning", "afternoon", "evening"]
_PART = re.compile(r"\b(morning|afternoon|evening|tonight)s?\b")
_ANY = re.compile(
    r"as soon as possible|earliest|next available|any ?time|any day|whenever|doesn't matter"
    r"|no preference|don't mind|asap|soonest"
)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\s*([ap])?")
_HOUR = re.compile(r"\b(\d{1,2})\s*([ap])\.?\s?m\b")
_HALF_DAY = 720


@dataclass(frozen=True)
class When:
    """The caller's wish. Dates inclusive, None: any. `minute` of the half day (0-719)."""

    first: date | None = None
    last: date | None = None
    part: Part = "any"
    minute: int | None = None
    flexible: bool = False

    @property
    def said(self) -> bool:
        """Whether anything was said at all."""
        return self.flexible or self != When()


def today_of(system: str) -> date | None:
    """The last date that the instructions name ("Today is Saturday 21 November 2026")."""
    found: list[tuple[int, date]] = []
    names = "|".join(m[:3] for m in MONTHS)
    for pattern, order in (
        (r"\b(\d{4})-(\d\d)-(\d\d)\b", "ymd"),
        (rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({names})[a-z]*\.?,? (\d{{4}})\b", "dmy"),
        (rf"\b({names})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", "mdy"),
    ):
        for match in re.finditer(pattern, system.lower()):
            parts = dict(zip(order, match.groups(), strict=True))
            month = parts["m"]
            number = int(month) if month.isdigit() else _month(month)
            try:
                found.append((match.start(), date(int(parts["y"]), number, int(parts["d"]))))
            except ValueError:
                continue
    return max(found)[1] if found else None


def _month(name: str) -> int:
    return next(n for n, m in enumerate(MONTHS, 1) if m.startswith(name[:3]))


def birth_of(text: str) -> date | None:
    """The date of birth in `text`: "the fifth of March nineteen eighty", "March 5, 1980", "1980-03-05"."""
    if match := re.search(r"\b(\d{4})-(\d\d)-(\d\d)\b", text):
        return _real(int(match[1]), int(match[2]), int(match[3]))
    words = tokens(text)
    for at, word in enumerate(words):
        if word not in MONTHS:
            continue
        month, after = MONTHS.index(word) + 1, [w for w in words[at + 1 :] if w != "the"]
        before = [w for w in words[:at] if w not in {"of", "the"}]
        if (year := year_of(after)) is not None:
            day = day_of_month(before[-2:]) or day_of_month(before[-1:])
        else:
            day = day_of_month(after)
            used = 2 if after[:1] in (["twenty"], ["thirty"]) else 1
            year = year_of(after[used:])
        if day and year:
            return _real(year, month, day)
    return None


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def when_of(text: str, *, today: date) -> When:
    """What `text` says about when."""
    lowered = text.lower()
    days = _days(tokens(lowered), today)
    part: Part = "any"
    if match := _PART.search(re.sub(r"good (morning|afternoon|evening)", "", lowered)):
        part = "evening" if match[1] == "tonight" else match[1]  # type: ignore[assignment]
        if match[1] == "tonight" and days is None:
            days = (today, today)
    minutes = minutes_of(lowered)
    first, last = days or (None, None)
    flexible = bool(_ANY.search(lowered))
    return When(first, last, part, minutes[0] if minutes else None, flexible)


def _days(words: list[str], today: date) -> tuple[date, date] | None:
    joined = " ".join(words)
    if "day after tomorrow" in joined:
        return (today + timedelta(2),) * 2
    for word, ahead in (("tomorrow", 1), ("today", 0)):
        if word in words:
            return (today + timedelta(ahead),) * 2
    if match := re.search(r"\b(\d{4})-(\d\d)-(\d\d)", joined):
        return (date(int(match[1]), int(match[2]), int(match[3])),) * 2
    dated = _dated(words, today)
    if dated:
        return dated, dated
    monday = today - timedelta(today.weekday())
    for at, word in enumerate(words):
        if word in WEEKDAYS or word.rstrip("s") in WEEKDAYS:
            number = WEEKDAYS.index(word if word in WEEKDAYS else word.rstrip("s"))
            day = monday + timedelta(number)
            following = at > 0 and words[at - 1] == "next"
            while day <= today or (following and day < monday + timedelta(7)):
                day += timedelta(7)
            return day, day
    if "next week" in joined:
        last = 1 if "early next week" in joined else 6
        return monday + timedelta(7), monday + timedelta(7 + last)
    if "this week" in joined:
        return today, monday + timedelta(6)
    if "next month" in joined:
        first = (today.replace(day=1) + timedelta(32)).replace(day=1)
        return first, (first + timedelta(32)).replace(day=1) - timedelta(1)
    return None


def _dated(words: list[str], today: date) -> date | None:
    for at, word in enumerate(words):
        if word in MONTHS and (word != "may" or words[at + 1 : at + 2] not in (["i"], ["we"])):
            after = words[at + 1 :]
            day = day_of_month(after[1:] if after[:1] == ["the"] else after)
            before = [w for w in words[:at] if w not in {"of", "the"}]
            day = day or day_of_month(before[-2:]) or day_of_month(before[-1:])
            return _coming(today, day, MONTHS.index(word) + 1) if day else None
    for at, word in enumerate(words[:-1]):
        following = words[at + 1 :]
        # "the first one" chooses an offer; "the twenty third" is a day.
        if word == "the" or word in WEEKDAYS:
            day = day_of_month(following)
            plain = following[0] in {"first", "second", "third"} and word == "the"
            ordinal = not (following[0].isdigit() or plain)
            if day and ordinal:
                return _coming(today, day, None)
    return None


def _coming(today: date, day: int, month: int | None) -> date | None:
    for ahead in range(0, 370):
        candidate = today + timedelta(ahead)
        if candidate.day == day and month in {None, candidate.month}:
            return candidate
    return None


def minutes_of(text: str) -> list[int]:
    """Every time in `text` as minutes of the half day (0-719), in order: "half past two" is 150."""
    lowered = text.lower()
    found: list[tuple[int, int]] = []
    for match in _CLOCK.finditer(lowered):
        found.append((match.start(), (int(match[1]) * 60 + int(match[2])) % _HALF_DAY))
    bare = _CLOCK.sub(lambda m: " " * len(m[0]), lowered)
    for match in _HOUR.finditer(bare):
        found.append((match.start(), int(match[1]) * 60 % _HALF_DAY))
    bare = _HOUR.sub(lambda m: " " * len(m[0]), bare)
    return [minute for _, minute in sorted(found + _spoken_times(bare))]


_UNIT = "|".join(w for w in CARDINALS if 1 <= CARDINALS[w] <= 12)
_SPOKEN = re.compile(
    rf"\b(?:(?P<half>half past|quarter past|quarter to) )?(?P<hour>{_UNIT}|noon)\b"
    rf"(?: (?P<minute>oh five|(?:{'|'.join(w for w in CARDINALS if CARDINALS[w] >= 10)})(?: five)?))?"
    r"(?P<mark> o'?clock| [ap]\.? ?m\b| in the (?:morning|afternoon|evening))?"
)


def _spoken_times(lowered: str) -> list[tuple[int, int]]:
    found = []
    for match in _SPOKEN.finditer(re.sub(r"[,.?!]", " ", lowered)):
        hour, minute = match["hour"], match["minute"]
        if hour == "noon":
            found.append((match.start(), 0))
            continue
        before = lowered[: match.start()].split()[-1:]
        rest = lowered[match.end() :].split()[:1]
        alone = not (match["half"] or minute or match["mark"])
        # "the second one", "two oh two": a bare number is a time only after "at" or as a whole.
        introduced = before in (["at"], ["after"], ["before"], ["take"], ["about"])
        whole = not before and (not rest or rest[0] in {"works", "please", "is", "sounds"})
        if alone and not introduced and not whole:
            continue
        value = CARDINALS[hour] * 60
        if match["half"]:
            value += {"half past": 30, "quarter past": 15, "quarter to": -15}[match["half"]]
        elif minute:
            value += sum({"oh": 0}.get(w, CARDINALS.get(w, 0)) for w in minute.split())
        found.append((match.start(), value % _HALF_DAY))
    return found
