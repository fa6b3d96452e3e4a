"""How long each vendor's stand-in takes. All in seconds; defaults are what the benchmark counts with."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, le=60)]


class HearingDelays(BaseModel):
    """Deepgram's stand-in."""

    model_config = ConfigDict(extra="forbid")

    endpoint_silence: Seconds = 0.2
    """Silence after which an utterance has ended."""
    final: Seconds = 0.15
    """From there to the final transcript."""
    interim_every: Annotated[float, Field(ge=0.02, le=10)] = 0.1
    interim_lag: Seconds = 0.15
    """How far an interim is behind the audio."""
    revised_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of utterances whose last word is another in the interims than in the final."""


class ThinkingDelays(BaseModel):
    """OpenAI's stand-in."""

    model_config = ConfigDict(extra="forbid")

    first_token: Seconds = 0.3
    token: Seconds = 0.015
    """Between tokens after the first."""


class SpeakingDelays(BaseModel):
    """ElevenLabs' stand-in."""

    model_config = ConfigDict(extra="forbid")

    first_byte: Seconds = 0.15
    """From a flushed sentence to its first audio."""
    times_real_time: Annotated[float, Field(gt=0, le=1000)] = 20.0
    """How much faster than real time audio is delivered."""


class Delays(BaseModel):
    """Every vendor's delays."""

    model_config = ConfigDict(extra="forbid")

    deepgram: HearingDelays = Field(default_factory=HearingDelays)
    openai: ThinkingDelays = Field(default_factory=ThinkingDelays)
    elevenlabs: SpeakingDelays = Field(default_factory=SpeakingDelays)
