"""Where the time of an answer went, from livekit-agents' metrics of the two chat messages of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.calls.events import TurnLatency


def turn_latency(*, caller: Mapping[str, Any], assistant: Mapping[str, Any]) -> TurnLatency | None:
    """The latency of an answer; None when it answered nothing (a greeting, a prompt).

    `caller` and `assistant` are `ChatMessage.metrics` (livekit-agents 1.8.9, MetricsReport).
    """
    if assistant.get("e2e_latency") is None:
        return None
    return TurnLatency(
        end_of_turn=_seconds(caller, "end_of_turn_delay"),
        transcription=_seconds(caller, "transcription_delay"),
        model=_seconds(assistant, "llm_node_ttft"),
        speech=_seconds(assistant, "tts_node_ttfb"),
        total=_seconds(assistant, "e2e_latency"),
    )


def _seconds(metrics: Mapping[str, Any], name: str) -> float | None:
    value = metrics.get(name)
    return round(float(value), 4) if value is not None else None
