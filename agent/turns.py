"""When the caller's turn ends and when they interrupt: the measured settings, in one place."""

from __future__ import annotations

from typing import Final

from livekit.agents import TurnHandlingOptions, inference
from livekit.agents.voice.room_io import AudioInputOptions, AudioOutputOptions, RoomOptions

from agent.providers import HEARING_RATE
from agent.speech_store import RATE

FINISHED_HOLD: Final = 0.6
OPEN_HOLD: Final = 1.5
"""Seconds that the turn is held when the detector is unsure: after a finished and an open sentence."""
MINIMUM_DELAY: Final = 0.3

_OPEN_WORDS: Final = frozenset(
    ("and", "or", "but", "so", "because", "the", "a", "an", "my", "your", "his", "her", "is", "are", "was",
     "it's", "i'm", "to", "for", "at", "of", "with", "on", "in", "from", "um", "uh")
)  # fmt: skip
_ANSWERS: Final = frozenset(
    ("yes", "yeah", "yep", "no", "nope", "okay", "ok", "sure", "correct", "right", "exactly", "thanks", "bye",
     "goodbye", "hello", "sí", "gracias", "adiós", "हाँ", "नहीं", "धन्यवाद")
)  # fmt: skip


def turn_handling() -> TurnHandlingOptions:
    """Options for an AgentSession. The detector is pinned to the one that runs on this machine:
    another version would send the call's sound to LiveKit's cloud."""
    return TurnHandlingOptions(
        turn_detection=inference.TurnDetector(version="v1-mini"),
        endpointing={"mode": "fixed", "min_delay": MINIMUM_DELAY, "max_delay": OPEN_HOLD},
        interruption={
            "mode": "vad",
            # 0.2 was measured; coughs and "mm-hm" are longer than that.
            "min_duration": 0.3,
            "false_interruption_timeout": 1.0,
        },
        preemptive_generation={"enabled": True},
    )


def room_options(caller_identity: str) -> RoomOptions:
    """The session hears the caller alone, and takes no text from anybody."""
    return RoomOptions(
        participant_identity=caller_identity,
        audio_input=AudioInputOptions(
            sample_rate=HEARING_RATE,
            frame_size_ms=50,
            # A telephone has its own gain control; ours costs a tenth of the call's CPU.
            auto_gain_control=False,
            pre_connect_audio=False,
        ),
        audio_output=AudioOutputOptions(sample_rate=RATE),
        text_input=False,
        text_output=True,
        close_on_disconnect=False,
        delete_room_on_close=False,
    )


def hold(text: str) -> float:
    """Seconds to wait after `text` (with the recogniser's punctuation) when the detector is unsure."""
    words = [word.strip(".?!,").lower() for word in text.split()]
    if not words or not text.rstrip().endswith((".", "?", "!")):
        return OPEN_HOLD
    # A single word is as often the first of a name or a number.
    finished = words[-1] not in _OPEN_WORDS if len(words) > 1 else words[0] in _ANSWERS
    return FINISHED_HOLD if finished else OPEN_HOLD
