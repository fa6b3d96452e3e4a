"""Keys: the caller's count, and 0 asks for a person."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from livekit import rtc

from agent.dtmf import Digits


def press(digit: str, identity: str = "caller") -> rtc.SipDTMF:
    participant = cast(rtc.RemoteParticipant, SimpleNamespace(identity=identity))
    return rtc.SipDTMF(code=0, digit=digit, participant=participant)


def test_only_the_caller_s_keys_are_heard() -> None:
    pressed: list[str] = []
    asked: list[bool] = []
    digits = Digits(
        identity="caller",
        record=lambda event: pressed.append(event.digit),
        wants_person=lambda: asked.append(True),
    )
    for one in (press("5"), press("0", "staff"), press("#"), press("?"), press("a")):
        digits.pressed(one)
    assert pressed == ["5", "#", "A"]
    assert not asked
    digits.pressed(press("0"))
    assert pressed[-1] == "0"
    assert asked == [True]


def test_one_is_for_a_message_and_nothing_else_is() -> None:
    wanted: list[str] = []
    digits = Digits(
        identity="caller",
        record=lambda _: None,
        wants_person=lambda: wanted.append("person"),
        wants_message=lambda: wanted.append("message"),
    )
    for one in (press("1"), press("1", "staff"), press("2")):
        digits.pressed(one)
    assert wanted == ["message"]
