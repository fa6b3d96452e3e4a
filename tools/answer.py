"""What a tool tells the model: what is true, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livekit.agents import ToolError

Outcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`fact | then`. `outcome` is for the call's log; `reply` is False when nobody is left to hear
    an answer of the model."""

    fact: str
    then: str
    outcome: Outcome = "done"
    reply: bool = True

    def __str__(self) -> str:
        return f"{self.fact} | {self.then}"


def refusal(fact: str, then: str) -> ToolError:
    """An error that the model can act on."""
    return ToolError(f"{fact} | {then}")
