"""The detector of voices: LiveKit's plugin for Silero, or the same model as livekit-agents brings it along."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from livekit.agents import inference, utils, vad
from livekit.plugins import silero
from numpy.typing import NDArray

_SMOOTHING: Final = 0.35
PAUSE_SECONDS: Final = 0.55
"""After so long without a voice the caller has stopped (`agent.patience` and `agent.deafness` count by it)."""


def load_detector(kind: Literal["silero", "bundled"]) -> vad.VAD:
    """`RECEPTION_VOICE_DETECTOR`: the plugin, or the lighter one. Takes 0.2 s. Its model runs on the caller's thread
    alone, so that it survives a fork; one for each process would cost 20 MiB in every call."""
    if kind == "bundled":
        return Detector()
    return silero.VAD.load(min_silence_duration=PAUSE_SECONDS)


class Detector(inference.VAD):
    """What `livekit.plugins.silero` hears, window by window (to 0.00001), without onnxruntime: a sixth of the
    processor time for each, and a library less in every worker."""

    def __init__(self) -> None:
        super().__init__(model="silero", min_silence_duration=PAUSE_SECONDS)

    def stream(self) -> vad.VADStream:
        stream: Any = super().stream()
        # A single loud window, as of a click, is no voice.
        stream._native_vad = _Smoothed(stream._native_vad)
        found: vad.VADStream = stream
        return found


class _Smoothed:
    """One stream's model; its probabilities averaged over the last windows."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._average = utils.ExpFilter(_SMOOTHING)

    def predict(self, window: NDArray[np.int16]) -> float:
        return float(self._average.apply(exp=1.0, sample=self._model.predict(window)))

    def reset(self) -> None:
        self._model.reset()
        self._average = utils.ExpFilter(_SMOOTHING)
