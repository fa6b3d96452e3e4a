"""Keys that the caller presses, taken from the room itself, so that they work with every vendor down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from livekit import rtc

from domain.calls.events import DigitPressed

PERSON_KEY: Final = "0"
"""Asks for a person, as on any telephone menu."""
MESSAGE_KEY: Final = "1"
"""Leaves a message, where the caller was told so."""


class Digits:
    """Tells of the caller's keys; those of staff in the room are not the caller's."""

    def __init__(
        self,
        *,
        identity: str,
        record: Callable[[DigitPressed], None],
        wants_person: Callable[[], None],
        wants_message: Callable[[], None] = lambda: None,
    ) -> None:
        self._identity = identity
        self._record = record
        self._wants_person = wants_person
        self._wants_message = wants_message

    def pressed(self, event: rtc.SipDTMF) -> None:
        if event.participant is None or event.participant.identity != self._identity:
            return
        digit = event.digit.upper()
        if digit not in set("0123456789*#ABCD"):
            return
        self._record(DigitPressed(digit=digit))
        if digit == PERSON_KEY:
            self._wants_person()
        elif digit == MESSAGE_KEY:
            self._wants_message()
