"""The policy itself: from the situation to the next question, words or tool call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.thinking.departments import department_of
from sandbox.thinking.listing import Listed, speakable
from sandbox.thinking.offering import nearest, offering
from sandbox.thinking.services import service_of
from sandbox.thinking.situation import Situation, Wants
from sandbox.thinking.toolbox import Tool

_LONGEST = 280
"""Characters of a fact that are said: about 18 seconds, more than a caller listens to."""


@dataclass(frozen=True)
class Ask:
    """Words that end with a question about `wants`."""

    wants: Wants
    text: str


@dataclass(frozen=True)
class Say:
    """Words that ask nothing in particular."""

    text: str
    wants: Wants = "anything"


@dataclass(frozen=True)
class Do:
    """A tool call, with values by parameter name, and words said along with it."""

    tool: str
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


Step = Ask | Say | Do


def only_words(situation: Situation) -> Ask | Say:
    """The next step when no tool may be called."""
    step = next_step(situation, {})
    return Say(step.text) if isinstance(step, Do) else step


def next_step(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    """What to do now; never a tool that isn't in `tools`."""
    if situation.waits:
        return Say("Of course, take your time.")
    step = _towards_goal(situation, tools)
    if isinstance(step, Do):
        if step.tool in tools:
            return step
        return _without(situation, step)
    return _with_report(situation, step)


def _with_report(situation: Situation, step: Ask | Say) -> Ask | Say:
    fact = spoken_fact(situation.report)
    if not fact:
        return step
    if situation.apology:
        fact = f"I'm sorry. {fact}"
    return type(step)(text=f"{fact} {step.text}".strip(), wants=step.wants)


def _without(situation: Situation, step: Do) -> Ask | Say:
    """The step's tool is missing or may not be called now."""
    if step.text:
        return Say(step.text)
    fact = spoken_fact(situation.report)
    sorry = "I'm sorry, I can't do that right now. Is there anything else I can help you with?"
    return Ask("anything", f"{fact} {sorry}".strip())


def spoken_fact(report: str) -> str:
    """A tool's fact as a sentence to say, cut at a sentence, or else at a comma, when long."""
    text = speakable(report)
    if len(text) > _LONGEST:
        cut = text[:_LONGEST]
        ends = (cut.rfind(mark) for mark in (". ", "; ", ", ", " "))
        text = cut[: next((end for end in ends if end > 0), _LONGEST)]
    if text and text[-1] not in ".?!":
        text += "."
    return text[:1].upper() + text[1:]


def _towards_goal(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    if situation.ended:
        return Say("" if situation.goodbye_said else "Goodbye.")
    if situation.question:
        return Do("look_up", {"question": situation.question})
    goal = situation.goal
    if goal == "book":
        return _book(situation, tools)
    if goal == "move":
        return _move(situation, tools)
    if goal in {"cancel", "find"}:
        return _cancel(situation)
    if goal == "confirm":
        return _confirm(situation)
    if goal == "message":
        return _message(situation, tools)
    if goal == "person":
        wanted = department_of(situation.message)
        values = {"reason": situation.message, "department": wanted}
        return Do("transfer_to_person", values)
    if goal == "end":
        return _end(situation)
    return _no_goal(situation, tools)


def _no_goal(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    if situation.goal == "know" and situation.to_save and "save_caller" in tools:
        known = {"name": situation.name, "phone": situation.phone, "email": situation.email}
        return Do("save_caller", known)
    if situation.report:
        return Ask("anything", "Is there anything else I can help you with?")
    if situation.forgets:
        return Ask("anything", "No problem. Is there anything else I can help you with?")
    if situation.eager:
        return Ask("anything", "How can I help you?")
    if situation.lost:
        return Ask("anything", "I'm sorry, I didn't understand that. How can I help you?")
    if situation.goal == "know" and situation.name:
        return Ask("anything", f"Thank you, {situation.name.split()[0]}. How can I help you?")
    if situation.turns and not situation.greets and not situation.repeats:
        return Ask("anything", "Is there anything else I can help you with?")
    return Ask("anything", "Hello! How can I help you?")


def _end(situation: Situation) -> Step:
    outcomes = {
        "book_appointment": "booked an appointment",
        "move_appointment": "moved an appointment",
        "cancel_appointment": "cancelled an appointment",
        "take_message": "message taken",
        "look_up": "question answered",
    }
    done = [outcomes[d] for d in situation.deeds if d in outcomes]
    # Where the tool has a list of outcomes, the last words find the entry for a call without a deed.
    outcome = done[-1] if done else "caller finished, goodbye, no other request"
    values = {"outcome": outcome, "reason": outcome, "summary": outcome}
    return Do("end_call", values, "Thank you for calling. Goodbye!")


def _search(situation: Situation) -> Do:
    when = situation.wished if situation.queue else situation.when
    part = when.part
    if when.minute is not None and part == "any":
        # Office hours: half past two is in the afternoon, half past nine in the morning.
        part = "morning" if when.minute >= 7 * 60 else "afternoon"
    values = {
        "service": situation.service,
        "first_date": when.first.isoformat() if when.first else None,
        "last_date": when.last.isoformat() if when.last else None,
        "part_of_day": part,
        "person": situation.person,
        "place": None,
        "wait": False,
    }
    if situation.queue:
        values |= {**_who(situation), "wait": True}
    return Do("find_times", values)


def _times(situation: Situation, tools: Mapping[str, Tool]) -> Step | None:
    """Find and offer times; None once the caller has chosen one."""
    if situation.refused and situation.offers and situation.chosen is None:
        return Ask("offer", f"No problem. {offering(nearest(situation))}")
    if situation.refused and not situation.offers:
        return Ask("when", "No problem. What other day or time would suit you?")
    if situation.chosen is not None:
        return None
    if situation.offers:
        return Ask("offer", offering(nearest(situation)))
    if situation.search_failed and not situation.when.said:
        return Ask("when", "Is there another day that would suit you?")
    if not situation.when.said:
        return Ask("when", "What day and time would suit you?")
    if situation.searched:
        return Ask("when", "Is there another day that would suit you?")
    return _search(situation)


def _identity(situation: Situation, tool: Tool | None, why: str) -> Ask | None:
    """Ask for the name or number that `tool` can't do without, or that a tool sent us to ask for."""
    name = tool.parameter("caller_name", "name") if tool else None
    if situation.name is None and (
        "name" in situation.demanded or (tool and name and not tool.nullable(name))
    ):
        return Ask("name", f"May I have your full name{why}?")
    phone = tool.parameter("caller_phone", "phone") if tool else None
    missing = situation.phone is None and not situation.own_number
    if missing and ("phone" in situation.demanded or (tool and phone and not tool.nullable(phone))):
        if situation.digits:
            return Ask("phone", "Go on.")
        if situation.doubts_number:
            return Ask("phone", "Is the number you are calling from the right one to reach you?")
        return Ask("phone", "What is the best phone number to reach you?")
    return None


def _who(situation: Situation) -> dict[str, Any]:
    return {
        "caller_name": situation.name,
        "caller_phone": situation.phone,
        "name": situation.name,
        "phone": situation.phone,
    }


def _book(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    finder = tools.get("find_times")
    service = finder.parameter("service") if finder else None
    if situation.service is None and (
        "service" in situation.demanded or (finder and service and not finder.nullable(service))
    ):
        return Ask("service", "What would you like to come in for?")
    if situation.queue:
        return _identity(situation, None, " for the waiting list") or _search(situation)
    step = _times(situation, tools)
    if step is not None:
        return step
    assert situation.chosen is not None
    if ask := _identity(situation, tools.get("book_appointment"), " for the booking"):
        return ask
    if not situation.agreed:
        return Ask("yes", _read_back(situation, situation.chosen))
    values = {
        "offer_id": situation.chosen.id,
        "slot_id": situation.chosen.id,
        "note": None,
        "for_name": None,
    }
    return Do("book_appointment", {**values, **_who(situation)})


def _read_back(situation: Situation, chosen: Listed) -> str:
    parts = [f"So that's {chosen.text}"]
    if situation.service and situation.service.lower() not in chosen.text.lower():
        parts.append(f"for a {situation.service.lower()}")
    if situation.name:
        parts.append(f"under the name {situation.name}")
    text = ", ".join(parts)
    if situation.phone:
        digits = " ".join(situation.phone.removeprefix("+1").lstrip("+"))
        text += f", and your number is {digits}"
    return f"{text}. Shall I book it?"


def _appointment(situation: Situation) -> Step | None:
    """Find the appointment that the caller means; None once it is known."""
    if situation.appointment is not None:
        return None
    if ask := _identity(situation, None, ""):
        return ask
    if "birth" in situation.demanded:
        return Ask("birth", "What is your date of birth?")
    if "code" in situation.demanded and situation.birth is None:
        return Ask("code", "Do you have the booking code?")
    if situation.appointments is None:
        born = situation.birth.isoformat() if situation.birth else None
        known = {"code": situation.code or None, "date_of_birth": born, "confirm_id": None}
        return Do("find_appointments", {**_who(situation), **known})
    found = [a.text for a in situation.appointments]
    return Ask("appointment", f"I see {', and '.join(found)}. Which one do you mean?")


def _cancel(situation: Situation) -> Step:
    step = _appointment(situation)
    if step is not None:
        return step
    assert situation.appointment is not None
    if not situation.agreed:
        if situation.fee_told:
            return Ask("yes", "Do you accept that, and shall I cancel it?")
        return Ask("yes", f"I found {situation.appointment.text}. Shall I cancel it?")
    return Do("cancel_appointment", _change(situation, situation.appointment))


def _change(situation: Situation, appointment: Listed) -> dict[str, Any]:
    return {
        "appointment_id": appointment.id,
        "fee_accepted": situation.fee_told,
        "reason": None,
    }


def _confirm(situation: Situation) -> Step:
    step = _appointment(situation)
    if step is not None:
        return step
    assert situation.appointment is not None
    if not situation.agreed:
        return Ask("yes", f"I found {situation.appointment.text}. Will you be there?")
    return Do("find_appointments", {"confirm_id": situation.appointment.id, "code": None})


def _move(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    step = _appointment(situation) or _times(situation, tools)
    if step is not None:
        if isinstance(step, Do) and step.tool == "find_times" and not situation.service:
            assert situation.appointment is not None
            return Do("find_times", {**step.values, "service": _service_in(situation, tools)})
        return step
    assert situation.appointment is not None and situation.chosen is not None
    if not situation.agreed:
        if situation.fee_told:
            return Ask("yes", "Do you accept that, and shall I move it?")
        moved = f"from {situation.appointment.text} to {situation.chosen.text}"
        return Ask("yes", f"So I move it {moved}. Is that right?")
    change = _change(situation, situation.appointment)
    return Do("move_appointment", {**change, "offer_id": situation.chosen.id})


def _service_in(situation: Situation, tools: Mapping[str, Tool]) -> str | None:
    assert situation.appointment is not None
    text = situation.appointment.text
    return service_of(text, situation.system, tools.get("find_times")) or text.split(",")[0]


def _message(situation: Situation, tools: Mapping[str, Tool]) -> Step:
    if not situation.message:
        opening = "" if situation.report else "Of course. "
        return Ask("message", f"{opening}What would you like me to pass on?")
    if ask := _identity(situation, tools.get("take_message"), ""):
        return ask
    values = {
        **_who(situation),
        "text": situation.message,
        "message": situation.message,
        "urgency": "urgent" if situation.urgent else "normal",
    }
    return Do("take_message", values)
