"""Where the time of an answer went, from livekit-agents' metrics of the two chat messages of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.calls.events import TurnLatency

ON_THE_WAY_SECONDS: Final = 0.42
"""What of an answer's time cannot be seen from here. The caller's last sound until the detector's window that no
longer hears it: 0.11 s on the way in, about 0.15 s of frame, window and smoothing. And the first frame of the answer
until it sounds: 0.16 s through livekit-server and livekit-sip. Measured at a telephone on the same machine; `make
bench` shows by how much it is off. A real trunk adds its own."""


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
        total=_seconds(assistant, "e2e_latency", more=ON_THE_WAY_SECONDS),
    )


def _seconds(metrics: Mapping[str, Any], name: str, *, more: float = 0.0) -> float | None:
    value = metrics.get(name)
    return round(float(value) + more, 4) if value is not None else None
