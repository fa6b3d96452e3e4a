"""The caller that `reception call` plays by default: books a cleaning, answering what is asked."""

from __future__ import annotations

from collections.abc import Callable

from reception.caller.caller import Heard
from reception.caller.conversation import Step

OPENING = "I would like to book a cleaning please."
ANY_TIME = "Tomorrow morning please."
FIRST_TIME = "The first one please."
NAME = "My name is Anna Miller."
PHONE = "My number is two zero two five five five zero one four three."
YES = "Yes please."
GOODBYE = "No, thank you. Goodbye."

MOST_TURNS = 12

# The first whose words are all in what the assistant said is the answer. Ordered from the end of
# the talk to its beginning: the closing question names the time and the service again.
_ANSWERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("anything else",), GOODBYE),
    (("is that correct",), YES),
    (("is that right",), YES),
    (("shall i",), YES),
    (("should i book",), YES),
    (("would you like me to book",), YES),
    (("phone number",), PHONE),
    (("number", "reach"), PHONE),
    (("name",), NAME),
    (("what day",), ANY_TIME),
    (("what time",), ANY_TIME),
    (("when would",), ANY_TIME),
    (("which",), FIRST_TIME),
    (("work for you",), FIRST_TIME),
    (("suit",), FIRST_TIME),
    (("how can i help",), OPENING),
    (("how may i help",), OPENING),
)


def booking_script() -> Callable[[Heard], Step | None]:
    """A fresh script; it ends after the goodbye, or after MOST_TURNS."""
    said: list[str] = []

    def next_step(heard: Heard) -> Step | None:
        if (said and said[-1] == GOODBYE) or len(said) >= MOST_TURNS:
            return None
        said.append(answer(heard.text, opening=not said))
        return said[-1]

    return next_step


def answer(text: str, *, opening: bool = False) -> str:
    """What the caller says to `text`; `opening`: nothing has been said yet."""
    if opening:
        return OPENING
    lowered = text.lower()
    for words, reply in _ANSWERS:
        if all(word in lowered for word in words):
            return reply
    return YES
