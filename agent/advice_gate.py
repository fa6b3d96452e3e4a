"""Holds up what of an answer advises as only a doctor or a lawyer may: the caller hears that this is not for the
receptionist to say. Behind the truth gate, which passes whole sentences."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from livekit.agents import FlushSentinel
from livekit.agents.llm import ChatChunk

from agent.phrases import spoken_language
from domain.businesses.profile import CallProfile
from domain.safety.advice import gives_advice
from domain.text import plain_words

_INSTEAD: Final = {
    "en": "I'm not able to advise you on that. I can make an appointment, or take a message for the staff.",
    "es": "No puedo aconsejarle sobre eso. Puedo darle una cita o tomar un recado para el personal.",
    "hi": "मैं इस बारे में सलाह नहीं दे सकता। मैं अपॉइंटमेंट दे सकता हूँ या कर्मचारियों के लिए संदेश ले सकता हूँ।",
}

log = logging.getLogger("reception.agent.safety")


class AdviceGate:
    """Of one call."""

    def __init__(self, profile: CallProfile) -> None:
        own = [profile.settings.instructions]
        own += [f"{one.question} {one.answer}" for one in profile.knowledge]
        own += [service.description for service in profile.services]
        self._known = " ".join(plain_words(" ".join(own)))
        self._instead = _INSTEAD[spoken_language(profile.settings.language)]

    async def speak(
        self, answer: AsyncGenerator[ChatChunk | str | FlushSentinel, None]
    ) -> AsyncGenerator[ChatChunk | str | FlushSentinel, None]:
        """What of an answer may be spoken, with one sentence for all that may not."""
        told = False
        # One that is interrupted is not read on.
        async with aclosing(answer):
            async for out in answer:
                advice = gives_advice(out, known=self._known) if isinstance(out, str) else None
                if advice is None:
                    yield out
                    continue
                log.warning("advice withheld", extra={"advice": advice})
                if not told:
                    told = True
                    yield f" {self._instead}"
