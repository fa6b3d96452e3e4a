"""One turn of the caller, taken into the situation, in the light of what they were asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.hearing.vocabulary import WEEKDAYS
from sandbox.thinking.intents import NOT_URGENT, URGENT, Intent, intents_of, plain
from sandbox.thinking.listing import Listed
from sandbox.thinking.moments import When, birth_of, minutes_of, when_of
from sandbox.thinking.names import name_of
from sandbox.thinking.numbers import code_of, longest_digits, phone_number
from sandbox.thinking.services import person_of, service_of
from sandbox.thinking.situation import Goal, Situation, Wants, replan
from sandbox.thinking.toolbox import Tool

_OWN_NUMBER = re.compile(r"calling from|this number|same number|number (that )?i'm on")
_INSTEAD = re.compile(r"\b(actually|instead|rather)\b")
_BORN = re.compile(r"\b(born|birth|birthday)\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ORDINALS = {"first": 0, "earlier": 0, "second": 1, "third": 2, "last": -1, "later": -1}
_GOALS: tuple[Intent, ...] = (
    "person",
    "cancel",
    "move",
    "confirm",
    "find",
    "message",
    "question",
    "book",
)


def take_words(
    situation: Situation, text: str, *, asked: Wants | None, tools: Mapping[str, Tool]
) -> None:
    """Everything that the turn `text` changes; `asked` is what the assistant had asked for."""
    situation.turns += 1
    situation.hears = text
    situation.report, situation.apology = "", False
    situation.waits = situation.repeats = situation.greets = situation.lost = False
    situation.refused = situation.forgets = situation.eager = False
    intents = intents_of(text)
    if asked == "message" and not intents & {"forget", "bye", "person", "cancel", "wait"}:
        _message(situation, text)
        return
    if "queue" in intents and situation.goal == "book":
        situation.queue = True
        return
    if _birth(situation, text, asked=asked):
        return
    learned = _identity(situation, text, asked=asked)
    if "wait" in intents or "repeat" in intents:
        situation.waits, situation.repeats = "wait" in intents, "repeat" in intents
        return
    if "forget" in intents:
        _forget(situation, asked)
        return
    goal = _goal(situation, intents, asked, text)
    if goal is not None:
        _begin(situation, goal, text, tools)
        return
    progressed = _progress(situation, text, intents, asked, tools, learned=learned)
    if progressed or learned:
        return
    if "bye" in intents or ("no" in intents and asked == "anything"):
        situation.start("end")
    elif "greet" in intents:
        situation.greets = True
    elif "yes" in intents and asked == "anything":
        situation.eager = True
    elif not intents & {"yes", "no"} or asked is None or situation.goal is None:
        situation.lost = True


def _goal(
    situation: Situation, intents: set[Intent], asked: Wants | None, text: str
) -> Goal | None:
    """The wish that this turn begins, None when it goes on with the one there is."""
    found = next((g for g in _GOALS if g in intents), None)
    if found is None:
        return None
    scheduling = situation.goal in {"book", "move"}
    if found == "confirm" and situation.goal == "confirm":
        intents.add("yes")
        return None
    if found == "book" and scheduling:
        return None
    if found == "move" and situation.goal == "move":
        return None
    if found == "cancel" and situation.goal == "cancel":
        return None
    if found == "cancel" and scheduling and "appointment" not in text.lower():
        # "Cancel it" in the middle of booking: there is nothing to cancel yet.
        intents.add("forget")
        return None
    if (
        found == "question"
        and asked in {"when", "offer"}
        and when_of(text, today=situation.today).said
    ):
        return None
    if found == "message" and situation.goal == "message":
        return None
    return found  # type: ignore[return-value]


def _begin(situation: Situation, goal: Goal, text: str, tools: Mapping[str, Tool]) -> None:
    if goal == "question":
        # A question in the middle doesn't end what was going on.
        if situation.goal in {None, "know", "end"}:
            situation.goal = "question"
        situation.question = text.strip()
        return
    situation.start(goal)
    if goal in {"book", "move"}:
        situation.service = service_of(text, situation.system, tools.get("find_times"))
        situation.when = situation.wished = when_of(text, today=situation.today)
        situation.person = person_of(text, situation.system)
    if goal == "message":
        opening = re.search(r"(leave|take|give).*\bmessage\b", text.lower())
        if not opening:
            _message(situation, text)
    if goal == "person":
        situation.message = text.strip()


def _message(situation: Situation, text: str) -> None:
    if situation.goal != "message":
        situation.start("message")
    situation.message = f"{situation.message} {text.strip()}".strip()
    lowered = text.lower()
    situation.urgent = bool(URGENT.search(lowered)) and not NOT_URGENT.search(lowered)


def _forget(situation: Situation, asked: Wants | None) -> None:
    if asked in {"yes", "offer"} and situation.goal in {"book", "move"}:
        situation.chosen, situation.agreed, situation.refused = None, False, True
        return
    situation.goal = None
    situation.forgets = True


def _birth(situation: Situation, text: str, *, asked: Wants | None) -> bool:
    """Whether the turn told the caller's date of birth."""
    if asked != "birth" and not _BORN.search(text.lower()):
        return False
    born = birth_of(text)
    if born is None:
        return False
    situation.birth = born
    situation.demanded -= {"birth", "code"}
    if asked != "birth" and (name := name_of(text, asked=False)):
        situation.name = name
        situation.demanded.discard("name")
    return True


def _identity(situation: Situation, text: str, *, asked: Wants | None) -> bool:
    """Names, numbers, addresses; whether any was new."""
    learned = False
    name = name_of(text, asked=asked == "name") if asked not in {"code", "birth"} else None
    if name:
        learned = situation.name != name
        # A surname alone completes the first name said before.
        surname = "last name" in text.lower() and situation.name and " " not in name
        situation.name = f"{situation.name} {name}" if surname else name
        situation.demanded.discard("name")
    if match := _EMAIL.search(text):
        situation.email, learned = match[0], True
    if _OWN_NUMBER.search(plain(text)):
        situation.own_number, learned = True, True
        situation.demanded.discard("phone")
        return learned
    digits = longest_digits(text)
    if (asked == "phone" and digits) or len(digits) >= 7:
        learned = True
        whole = situation.digits + digits if len(digits) < 10 else digits
        situation.digits = whole
        number = phone_number(whole, plus="plus" in text.lower() or "+" in text)
        if number:
            situation.phone, situation.digits = number, ""
            situation.demanded.discard("phone")
    elif asked in {"code", "birth"} and (code := code_of(text)):
        situation.code, learned = code, True
        situation.demanded -= {"code", "birth", "name"}
    elif asked == "phone" and situation.doubts_number and intents_of(text) & {"yes", "no"}:
        situation.own_number = "yes" in intents_of(text)
        situation.doubts_number, learned = False, True
        if situation.own_number:
            situation.demanded.discard("phone")
    if learned and situation.goal is None:
        situation.goal, situation.to_save = "know", True
    return learned


def _progress(
    situation: Situation,
    text: str,
    intents: set[Intent],
    asked: Wants | None,
    tools: Mapping[str, Tool],
    *,
    learned: bool,
) -> bool:
    """Go on with the present wish; whether the turn did anything for it."""
    if asked == "appointment" and situation.appointments:
        situation.appointment = _pick(situation.appointments, text)
        return situation.appointment is not None
    if "no" in intents and asked in {"phone", "code", "birth"} and not learned:
        if asked == "phone" and situation.goal == "message":
            situation.phone = "none"
            situation.demanded.discard("phone")
        else:
            situation.finish("Without it I can't do that")
        return True
    if situation.goal in {"cancel", "confirm"} and asked == "yes":
        return _decide(situation, intents)
    if situation.goal not in {"book", "move"}:
        return situation.goal is not None and bool(intents & {"yes", "no"}) and asked == "yes"
    answers = asked in {"offer", "yes"} and bool(situation.offers)
    if answers and _on_offers(situation, text, intents, asked):
        return True
    when = when_of(text, today=situation.today)
    service = service_of(text, situation.system, tools.get("find_times"), bare=asked == "service")
    if service and service != situation.service and asked not in {"name", "phone", "yes"}:
        situation.service = service
        situation.forget_search()
        if when.said:
            situation.when = when
        return True
    if person := person_of(text, situation.system):
        situation.person = person
        situation.forget_search()
        if not when.said:
            return True
    if when.said and (asked not in {"phone", "name"} or _INSTEAD.search(plain(text))):
        replan(situation, when)
        return True
    if asked == "when" and intents & {"yes", "no"}:
        situation.when = When(flexible=True)
        return True
    return False


def _on_offers(situation: Situation, text: str, intents: set[Intent], asked: Wants | None) -> bool:
    picked = _pick(situation.offers, text)
    if picked is not None and picked != situation.chosen:
        situation.chosen, situation.agreed = picked, False
        return True
    wished = when_of(text, today=situation.today)
    if wished.said and "no" in intents:
        replan(situation, wished)
        return True
    if asked == "yes":
        return _decide(situation, intents)
    lowered = plain(text)
    if (
        re.search(r"\b(anything|something)?\s*(earlier|later|sooner|else)\b", lowered)
        or "no" in intents
    ):
        return _others(situation, lowered)
    if wished.said:
        return False
    if intents & {"yes"} or re.search(r"\b(either|that one|any)\b", lowered):
        situation.chosen = situation.offers[0]
        return True
    return False


def _others(situation: Situation, lowered: str) -> bool:
    when = when_of(lowered, today=situation.today)
    if when.said:
        return False
    situation.refused, situation.chosen = True, None
    situation.offers, situation.when, situation.searched = [], When(), False
    return True


def _decide(situation: Situation, intents: set[Intent]) -> bool:
    """The caller's answer to what was read back."""
    if "no" in intents:
        situation.agreed, situation.refused = False, True
        if situation.goal == "cancel" or situation.fee_told:
            situation.finish("All right, the appointment stays as it is.")
        elif situation.goal == "confirm":
            situation.finish("All right, I have noted nothing.")
        situation.chosen = None
        return True
    if "yes" in intents:
        situation.agreed = True
        return True
    return False


def _pick(options: list[Listed], text: str) -> Listed | None:
    """The listed thing that `text` names by its place, day or time."""
    lowered = plain(text)
    days = [d for d in WEEKDAYS if d in lowered]
    minutes = minutes_of(text)
    fitting = [
        o
        for o in options
        if (not days or any(o.on_weekday(d) for d in days)) and (not minutes or o.minute in minutes)
    ]
    if days or minutes:
        return fitting[0] if fitting and (minutes or len(fitting) == 1) else None
    for word, place in _ORDINALS.items():
        plain_later = word in {"earlier", "later"} and f"the {word}" not in lowered
        if re.search(rf"\b{word}\b", lowered) and not plain_later and place < len(options):
            return options[place]
    return None
