"""Taking a message without the model: what the caller says until they are silent, as it was heard."""

from __future__ import annotations

import asyncio
from typing import Final

from livekit.agents import UserInputTranscribedEvent, UserStateChangedEvent

SILENCE_SECONDS: Final = 6.0
LONGEST_SECONDS: Final = 120.0
_MOST_CHARACTERS: Final = 4000


class Voicemail:
    """Collects one message."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._activity = asyncio.Event()

    @property
    def text(self) -> str:
        return " ".join(self._pieces)[:_MOST_CHARACTERS]

    def heard(self, event: UserInputTranscribedEvent) -> None:
        self._activity.set()
        if event.is_final and event.transcript.strip():
            self._pieces.append(event.transcript.strip())

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking" or event.old_state == "speaking":
            self._activity.set()

    async def listen(
        self, *, silence: float = SILENCE_SECONDS, longest: float = LONGEST_SECONDS
    ) -> str:
        """Wait until the caller has been silent for `silence` seconds, and return their words."""
        try:
            async with asyncio.timeout(longest):
                while True:
                    self._activity.clear()
                    try:
                        async with asyncio.timeout(silence):
                            await self._activity.wait()
                    except TimeoutError:
                        return self.text
        except TimeoutError:
            return self.text
