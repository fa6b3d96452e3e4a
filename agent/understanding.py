"""Turns that are not understood, twice in a row: the caller is offered a message or a person instead of being asked
to repeat for ever."""

from __future__ import annotations

import logging
import re
from typing import Final

from livekit.agents import ConversationItemAddedEvent
from livekit.agents.llm import ChatMessage

from agent.watched_call import WatchedCall
from domain.text import plain_words

UNSURE: Final = 0.4
"""A recogniser that is less sure of a turn (0 to 1) has guessed it."""
TURNS: Final = 2
MOST_OFFERS: Final = 2
"""Of one call: who wants neither is not offered it for ever."""

_LOST: Final = re.compile(
    r"(?<!\S)(?:"
    r"(?:did not|didn t|could not|couldn t|don t|do not|can t|cannot) (?:quite |really |fully )?(?:understand|catch|get|hear|make out|follow)(?: (?:that|you|it|what you said|the name|your|everything))?"
    r"|(?:say|repeat) (?:that|it) (?:again|once more)|please repeat|come again|have trouble (?:understanding|hearing)"
    r"|no (?:le |te |lo |la )?(?:he |pude |puedo )?(?:entendido|entendi|entiendo|entender|comprendo|comprendido)|(?:puede|podria) repetir\w*"
    r"|(?:समझ) (?:नहीं|नही) (?:पाया|पाई|पाया|पा|आया|आयी|सका|सकी|रहा|रही)\S*|(?:फिर से|दोबारा|दुबारा) (?:कहिए|बोलिए|बताइए|कहें|बोलें|बताएँ)"
    r")(?!\S)"
)
_LONGEST: Final = 30
"""Words of an answer that says only that: a longer one says more."""
_NOTE: Final = (
    "You did not understand the caller twice in a row, and they have just been offered that you take a message{or}."
    " If they say yes, do it with the tool; if they say something else that you understand, go on with that."
)

log = logging.getLogger("reception.agent.understanding")


class Understanding:
    """Counts the turns of one call that were lost."""

    def __init__(self, call: WatchedCall, *, can_transfer: bool) -> None:
        """`can_transfer`: there is somebody to connect the caller with."""
        self._call = call
        self._can_transfer = can_transfer
        self._lost = 0
        self._unsure = False
        self._offers = 0

    def added(self, event: ConversationItemAddedEvent) -> None:
        """The conversation has a new message."""
        item = event.item
        if not isinstance(item, ChatMessage):
            return
        if item.role == "user":
            confidence = item.transcript_confidence
            self._unsure = confidence is not None and confidence < UNSURE
        elif item.role == "assistant" and not item.interrupted:
            self._answered(item.text_content or "")

    def _answered(self, text: str) -> None:
        if not (self._unsure or says_lost(text)):
            self._lost = 0
            return
        self._unsure = False
        self._lost += 1
        if self._lost < TURNS or self._offers >= MOST_OFFERS or not self._call.undisturbed:
            return
        self._lost = 0
        self._offers += 1
        self._call.spawn(self._offer())

    async def _offer(self) -> None:
        log.info("caller not understood, offering another way")
        either = " or connect them with a person" if self._can_transfer else ""
        await self._call.voice.remember(_NOTE.format(**{"or": either}))
        await self._call.say_phrase("offer_person" if self._can_transfer else "offer_message")


def says_lost(text: str) -> bool:
    """Whether an answer of the assistant says that it did not understand."""
    words = plain_words(text)
    return len(words) <= _LONGEST and _LOST.search(" ".join(words)) is not None
