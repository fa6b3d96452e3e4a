"""What is known in a conversation: read anew from its messages for each request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from sandbox.thinking.conversation import Called, Result, result_of
from sandbox.thinking.listing import Listed, listed, preface, speakable
from sandbox.thinking.moments import When

Goal = Literal[
    "book",
    "move",
    "cancel",
    "find",
    "confirm",
    "message",
    "person",
    "question",
    "end",
    "know",
]
Wants = Literal[
    "service",
    "when",
    "offer",
    "name",
    "phone",
    "email",
    "code",
    "birth",
    "yes",
    "appointment",
    "message",
    "change",
    "anything",
]
"""What the assistant's last question was about."""

_DONE = {
    "book_appointment": r"\b(booked|confirmed|reserved|done)\b",
    "move_appointment": r"\b(moved|rescheduled|changed|confirmed|done)\b",
    "cancel_appointment": r"\b(cancell?ed|done)\b",
    "take_message": r"\b(taken|saved|noted|passed|recorded|kept|sent|done|message is|has the message)\b",
}
_UNDONE = re.compile(
    r"\b(not|no|cannot|can't|couldn't|could not|isn't|wasn't|unknown|invalid|error|taken already|already taken"
    r"|no longer|failed|unable)\b"
)


@dataclass
class Situation:
    """The caller's wish and what is still missing."""

    system: str
    today: date
    goal: Goal | None = None
    service: str | None = None
    when: When = field(default_factory=When)
    searched: bool = False
    """Whether find_times was asked with the present service and `when`."""
    search_failed: bool = False
    offers: list[Listed] = field(default_factory=list)
    chosen: Listed | None = None
    agreed: bool = False
    held: bool = False
    """The chosen time is held, and waits for what the tool demanded."""
    fee_told: bool = False
    """A tool told of a fee for what the caller wants."""
    queue: bool = False
    """The caller wants to be on the waiting list."""
    wished: When = field(default_factory=When)
    """When the caller wanted to come, also after a search that found nothing."""
    name: str | None = None
    phone: str | None = None
    digits: str = ""
    """Of a number said in pieces."""
    code: str = ""
    """Of a booking, as the caller said it."""
    birth: date | None = None
    """The caller's date of birth."""
    person: str | None = None
    """Whom the caller wants to see."""
    email: str | None = None
    own_number: bool = False
    """The caller said to use the number they are calling from."""
    doubts_number: bool = False
    """A tool wants to know whether that number is the right one."""
    demanded: set[Wants] = field(default_factory=set)
    """What tools sent the assistant to ask for."""
    appointments: list[Listed] | None = None
    """None: not looked for yet."""
    appointment: Listed | None = None
    message: str = ""
    urgent: bool = False
    question: str = ""
    to_save: bool = False
    report: str = ""
    """The fact that the assistant owes the caller."""
    apology: bool = False
    deeds: list[str] = field(default_factory=list)
    goodbye_said: bool = False
    ended: bool = False
    turns: int = 0
    hears: str = ""
    """The caller's last words."""
    waits: bool = False
    repeats: bool = False
    greets: bool = False
    forgets: bool = False
    eager: bool = False
    """"Yes" to "anything else?"."""
    lost: bool = False
    """The last words meant nothing here."""
    refused: bool = False
    """The caller turned down what was offered or read back."""

    def start(self, goal: Goal) -> None:
        """A new wish: what belonged to the old one is forgotten, the caller's identity isn't."""
        self.goal = goal
        self.service, self.person, self.when = None, None, When()
        self.forget_search()
        self.appointments, self.appointment = None, None
        self.message, self.question, self.urgent = "", "", False
        self.queue, self.fee_told, self.wished = False, False, When()
        self.demanded = set()

    def forget_search(self) -> None:
        self.searched = self.search_failed = False
        self.offers, self.chosen, self.agreed = [], None, False
        if self.held:
            # The next yes holds anew, and what was not answered yet is asked then.
            self.held = False
            self.demanded -= {"name", "phone"}

    def finish(self, fact: str, *, deed: str | None = None) -> None:
        """The wish is fulfilled, or can't be: tell the caller `fact`."""
        self.goal, self.report = None, fact
        self.agreed, self.held, self.queue, self.demanded = False, False, False, set()
        if deed:
            self.deeds.append(deed)


def take_result(situation: Situation, called: Called) -> None:
    """What a tool's answer changes. An unanswered call (interrupted) changes nothing."""
    if called.result is None:
        return
    result = result_of(called.result)
    takers = {
        "find_times": _times,
        "find_appointments": _appointments,
        "book_appointment": _deed,
        "move_appointment": _deed,
        "cancel_appointment": _deed,
        "take_message": _deed,
    }
    if called.tool == "end_call":
        situation.ended, situation.goodbye_said = True, called.spoke
        return
    if called.tool == "save_caller":
        situation.to_save = False
        _note_demands(situation, result)
        return
    taker = takers.get(called.tool)
    if taker:
        taker(situation, called, result)
    else:
        _told(situation, called, result)


def _note_demands(situation: Situation, result: Result) -> bool:
    """Remember what the tool wants asked; whether it wants anything."""
    nouns: tuple[tuple[Wants, str], ...] = (
        ("name", "name"),
        ("phone", "phone|number|telephone"),
        ("code", "code|reference"),
        ("birth", "date of birth|birth date"),
        ("service", "service"),
    )
    found = {what for what, noun in nouns if result.asks_for(noun)}
    situation.demanded |= found
    # What was given is what the tool didn't like.
    if "name" in found:
        situation.name = None
    if "phone" in found:
        situation.phone, situation.digits, situation.own_number = None, "", False
    if "birth" in found:
        situation.birth = None
    if "service" in found:
        situation.service = None
    return bool(found)


def _times(situation: Situation, called: Called, result: Result) -> None:
    situation.searched = True
    if situation.queue and re.match(r"on the waiting list", result.fact.lower()):
        situation.finish(result.fact, deed="waiting_list")
        return
    situation.offers = listed(result.fact)
    situation.chosen, situation.agreed = None, False
    situation.report = preface(result.fact)
    if situation.offers:
        exact = [o for o in situation.offers if o.minute == situation.when.minute]
        # "Tuesday at ten", and ten is free: nothing is left to choose.
        if situation.when.minute is not None and len(exact) == 1 and not situation.report:
            situation.chosen = exact[0]
        return
    situation.search_failed = True
    if _note_demands(situation, result):
        situation.searched = False
        return
    situation.report = result.fact
    if not situation.queue:
        situation.when = When()
    if "take_message" in result.whole and "find_times" not in result.whole:
        _fall_back(situation, result)


def _fall_back(situation: Situation, result: Result) -> None:
    wish = f"Wants an appointment: {situation.service or 'no service named'}."
    situation.start("message")
    situation.message, situation.report = wish, result.fact


def _appointments(situation: Situation, called: Called, result: Result) -> None:
    found = listed(result.fact)
    if not found and _note_demands(situation, result):
        situation.report, situation.code = result.fact, ""
        return
    if called.arguments.get("confirm_id") and result.fact.lower().startswith("confirmed"):
        situation.finish(result.fact, deed="confirm")
        return
    situation.appointments = found
    if situation.goal == "find" or not found:
        situation.finish(result.fact)
    elif len(found) == 1:
        situation.appointment = found[0]


def _deed(situation: Situation, called: Called, result: Result) -> None:
    # Only the first clause: a message's own words ("I can't come") follow it.
    clause = re.split(r"[:,.;]", result.fact.lower())[0]
    if re.search(_DONE[called.tool], clause) and not _UNDONE.search(clause):
        situation.finish(result.fact, deed=called.tool)
        return
    if re.match(r"held\b", clause):
        _held(situation, result)
        return
    situation.agreed = situation.held = False
    if re.search(r"\bfee\b", result.fact) and "fee_accepted" in result.next_step:
        situation.fee_told, situation.report = True, result.fact
        return
    if _note_demands(situation, result):
        return
    if "find_times" in result.whole and situation.goal in {"book", "move"}:
        situation.report = result.fact
        situation.forget_search()
        return
    if "take_message" in result.whole and called.tool != "take_message":
        _fall_back(situation, result)
        return
    if more := listed(result.fact):
        situation.offers, situation.chosen, situation.report = more, None, preface(result.fact)
        return
    situation.apology = True
    situation.finish(result.fact)


def _held(situation: Situation, result: Result) -> None:
    """The time waits for a name or a number: what is known already need not be asked."""
    situation.held = True
    situation.report = "I am holding that time for you"
    if situation.name is None and result.asks_for("name"):
        situation.demanded.add("name")
    if situation.phone is None and not situation.own_number and result.asks_for("number"):
        situation.demanded.add("phone")
        situation.doubts_number = "they call from" in result.whole


def _told(situation: Situation, called: Called, result: Result) -> None:
    """look_up, transfer_to_person and tools the policy doesn't know: say what they answered."""
    fallen = called.tool == "transfer_to_person" and (
        "take_message" in result.whole or "take a message" in result.whole
    )
    if fallen:
        situation.start("message")
        situation.report = result.fact
        return
    question, situation.question = situation.question, ""
    fact = speakable(result.fact, question=question)
    if result.next_step.lower().startswith("say that you don't know"):
        fact = "I'm sorry, I don't know that"
    if called.tool == "look_up" and situation.goal in {"book", "move", "cancel", "message"}:
        situation.report = fact
        return
    situation.finish(fact, deed=called.tool)


def replan(situation: Situation, when: When) -> None:
    """Another day or time than before: the old offers don't count."""
    known = situation.when
    merged = when
    # "in the afternoon" after "next Tuesday" narrows the day; "Wednesday" replaces it.
    if when.first is None and not when.flexible:
        merged = replace(known, part=when.part, minute=when.minute)
    situation.when = situation.wished = merged
    situation.forget_search()
