"""When the caller's turn ends and when they interrupt: the measured settings, in one place."""

from __future__ import annotations

from typing import Final

from livekit.agents import TurnHandlingOptions, inference
from livekit.agents.voice.room_io import AudioInputOptions, AudioOutputOptions, RoomOptions
from livekit.agents.voice.turn import EndpointingOptions

from agent.providers import HEARING_RATE
from agent.speech_store import RATE
from agent.utterance import Asked, dictating, finished, words_of

FINISHED_HOLD: Final = 0.6
OPEN_HOLD: Final = 1.5
"""Seconds that the turn is held when the detector is unsure: after a finished and an open sentence."""
ANSWER_HOLD: Final = 0.45
"""After the plain answer to a question that wants a yes or a no."""
MOST_WORDS_OF_ANSWER: Final = 3
DICTATION_HOLD: Final = 2.0
"""In the middle of a number, an address or a spelling."""
MINIMUM_DELAY: Final = 0.3
DICTATION_DELAY: Final = 1.1
"""In the middle of those the detector is not trusted: the voice falls after each group of digits."""


def turn_handling() -> TurnHandlingOptions:
    """Options for an AgentSession. The detector is pinned to the one that runs on this machine:
    another version would send the call's sound to LiveKit's cloud."""
    return TurnHandlingOptions(
        turn_detection=inference.TurnDetector(version="v1-mini"),
        endpointing={"mode": "fixed", "min_delay": MINIMUM_DELAY, "max_delay": OPEN_HOLD},
        interruption={
            "mode": "vad",
            # The library's own value is 0.5. Noise that stops the assistant is gone on from sooner instead, once no
            # words have come of it.
            "min_duration": 0.2,
            "false_interruption_timeout": 0.8,
        },
        # The assistant's own say when: `agent.speculation`.
        preemptive_generation={"enabled": True, "preemptive_tts": True},
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


def hold(text: str, asked: Asked = "anything") -> EndpointingOptions:
    """Seconds to wait after `text`, the turn so far: at least, and when the detector is unsure. `asked` is what it
    answers."""
    if dictating(text, asked):
        return EndpointingOptions(min_delay=DICTATION_DELAY, max_delay=DICTATION_HOLD)
    if not finished(text, asked):
        return EndpointingOptions(min_delay=MINIMUM_DELAY, max_delay=OPEN_HOLD)
    plain = asked == "yes_no" and len(words_of(text)) <= MOST_WORDS_OF_ANSWER
    return EndpointingOptions(
        min_delay=MINIMUM_DELAY, max_delay=ANSWER_HOLD if plain else FINISHED_HOLD
    )
