"""What the facts of a call are in figures: names and closed sets of labels, nothing of anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from domain.businesses.settings import Kind
from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallFlag,
    CallFlagged,
    CallStarted,
    ClaimWithheld,
    Deed,
    EndReason,
    Event,
    ProviderFailed,
    ToolCalled,
    TransferEnded,
)
from domain.providers.endpoints import VENDORS
from tools import assistant_tools

Stage = Literal["end_of_turn", "transcription", "model", "speech", "total"]

OTHER: Final = "other"
"""In the place of whatever is in no closed set: a model may ask for a tool of any name."""


@dataclass(frozen=True)
class Figure:
    """One thing that happened, or one time that was measured (`value` in seconds)."""

    name: str
    labels: tuple[str, ...] = ()
    value: float = 1.0


def tool_names() -> frozenset[str]:
    """The tools that there are."""
    return frozenset(tool.id for tool in assistant_tools())


LABELS: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "calls_started": (frozenset({"sip", "webrtc"}),),
    "calls_ended": (frozenset(get_args(EndReason)),),
    "calls_synthetic": (),
    "call_setup": (),
    "calls_flagged": (frozenset(get_args(CallFlag)),),
    "claims_withheld": (frozenset(get_args(Deed)),),
    "turn": (frozenset(get_args(Stage)),),
    "tools": (tool_names(), frozenset({"done", "refused", "failed"})),
    "tool_time": (tool_names(),),
    "provider_requests": (
        frozenset(get_args(Kind)),
        frozenset(VENDORS),
        frozenset({"done", "failed"}),
    ),
    "transfers": (frozenset({"connected", "failed"}),),
    "figures_lost": (),
}
"""Every figure with what each of its labels may be."""


def of_event(event: Event, *, synthetic: bool = False, epoch: int = 1) -> Iterator[Figure]:
    """The figures of one fact. A synthetic call counts as such, and where it shows how fast we are; a call that
    another job took over (`epoch` above 1) has been counted."""
    if isinstance(event, CallStarted):
        if epoch > 1:
            return
        if synthetic:
            yield Figure("calls_synthetic")
        else:
            yield Figure("calls_started", (event.channel,))
    elif isinstance(event, CallEnded) and not synthetic:
        yield Figure("calls_ended", (event.reason,))
    elif isinstance(event, CallAnswered):
        yield Figure("call_setup", value=event.setup_seconds)
    elif isinstance(event, AssistantSaid) and event.latency is not None:
        for stage in get_args(Stage):
            seconds = getattr(event.latency, stage)
            if seconds is not None:
                yield Figure("turn", (stage,), seconds)
    elif isinstance(event, ToolCalled):
        yield Figure("tools", (event.name, event.outcome))
        yield Figure("tool_time", (event.name,), event.seconds)
    elif isinstance(event, ProviderFailed):
        yield Figure("provider_requests", (event.kind, event.provider, "failed"))
    elif isinstance(event, TransferEnded):
        yield Figure("transfers", (event.outcome,))
    elif isinstance(event, CallFlagged):
        yield Figure("calls_flagged", (event.flag,))
    elif isinstance(event, ClaimWithheld):
        yield Figure("claims_withheld", (event.deed,))


def closed(figure: Figure) -> Figure | None:
    """The figure with labels of the closed sets alone; None when there is no such figure."""
    sets = LABELS.get(figure.name)
    if sets is None or len(sets) != len(figure.labels):
        return None
    labels = tuple(
        label if label in allowed else OTHER
        for label, allowed in zip(figure.labels, sets, strict=True)
    )
    return Figure(figure.name, labels, figure.value)
