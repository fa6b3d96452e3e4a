"""What is sent to a voice at a time: a sentence, the moment that it is whole."""

from __future__ import annotations

import re
from typing import Final

from livekit.agents import tokenize
from livekit.agents.tokenize import SentenceStream

from agent.truth.sentences import Sentences

_WHOLE: Final = re.compile(r"[.!?…।]+[\"')\]]*\s*$")


class SpokenSentences(tokenize.SentenceTokenizer):
    """Unlike the plugin's own tokenizer it does not wait for the next sentence to begin, nor put short ones
    together: what comes here has passed the truth gate, which passes whole sentences, and a full stop at the end
    of what has come is the end of one."""

    def tokenize(self, text: str, *, language: str | None = None) -> list[str]:
        """The sentences of a whole text."""
        sentences = Sentences()
        found = [*sentences.push(text), sentences.rest()]
        return [bare for one in found if (bare := one.strip())]

    def stream(self, *, language: str | None = None) -> SentenceStream:
        return _Stream()


class _Stream(SentenceStream):
    def __init__(self) -> None:
        super().__init__()
        self._sentences = Sentences()

    def push_text(self, text: str) -> None:
        self._check_not_closed()
        for sentence in self._sentences.push(text):
            self._send(sentence)
        if _WHOLE.search(self._sentences.waiting):
            self._send(self._sentences.rest())

    def flush(self) -> None:
        self._check_not_closed()
        self._send(self._sentences.rest())

    def end_input(self) -> None:
        self.flush()
        self._do_close()

    async def aclose(self) -> None:
        self._do_close()

    def _send(self, sentence: str) -> None:
        if sentence.strip():
            self._event_ch.send_nowait(tokenize.TokenData(token=sentence.strip()))
