"""What the model writes, as it can be spoken: no markup, no code, no addresses, no ids.

livekit-agents' own `filter_markdown` and `filter_emoji` clean only what is synthesised; the transcript and
the model's memory of what it said would keep the rest.
"""

from __future__ import annotations

import re
from typing import Final

from livekit.agents.voice.transcription.filters import EMOJI_PATTERN

_AND: Final = {"en": "and", "es": "y", "hi": "और"}
_WEB: Final = re.compile(
    r"(?:https?://|www\.)(?:www\.)?(?P<host>[a-z0-9.-]+\.[a-z]{2,})(?::\d+)?(?:[/?#][^\s)\]>\"']*[^\s)\]>\"'.,;:!?])?",
    re.I,
)
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REPLACED: Final = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(rf"[\[(]?\b{_UUID}\b[\])]?", re.I), ""),
    (re.compile(r"</?[a-z][^<>]{0,80}>", re.I), ""),
    (re.compile(r"^\s{0,3}#{1,6}\s+"), ""),
    (re.compile(r"^\s*(?:[-+*•‣◦▪–]|\d{1,2}[.)])\s+"), ""),
    (re.compile(r"^\s*>\s+"), ""),
    (re.compile(r"^\s*(?:[-*_]\s*){3,}$"), ""),
    (re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*$"), ""),
    (re.compile(r"\s*\|\s*"), ", "),
    (re.compile(r"[*~`]+|(?<!\w)_+|_+(?!\w)|\\[nt\"]"), ""),
    (re.compile(r"[{}<>\\^=]|(?<!\w)#(?!\d)|[→←⇒•▪●■◆★☆✓✔✗]"), " "),
)
_EMPTY: Final = re.compile(r"^[\s,.;:\-–—|\"'()\[\]]*$")
_CODE: Final = re.compile(
    r"^\s*(?:def \w+\(|class \w+\s*[:({]|import \w+\s*(?:;|$)|from \w+ import |function\b.*\(|(?:const|let|var) \w+\s*="
    r"|SELECT .* FROM |INSERT INTO |return\b.*;|print\(|#!)|\w\(.*\)\s*[;{]$|^\s*\w+\([^)]*\)$|^\s*\"\w+\"\s*:"
)
_FENCE: Final = "```"


class Cleaner:
    """Cleans one answer, sentence by sentence: code and JSON may go over several of them."""

    def __init__(self, language: str) -> None:
        """`language` is ISO 639-1."""
        self._and = _AND.get(language, "and")
        self._in_code = False
        self._depth = 0

    def clean(self, sentence: str) -> str:
        """What is to be spoken of `sentence`, without space around; empty for nothing."""
        text = self._without_json(self._without_code(sentence))
        if not text.strip() or _CODE.search(text):
            return ""
        text = EMOJI_PATTERN.sub("", text)
        text = _WEB.sub(lambda found: found["host"], text)
        for pattern, replacement in _REPLACED:
            text = pattern.sub(replacement, text)
        text = re.sub(r"\s&\s", f" {self._and} ", text)
        text = re.sub(r"\s+", " ", text).strip().strip(",").strip()
        text = re.sub(r"\s+([,.;:?!])", r"\1", re.sub(r"\(\s*\)|\[\s*\]", "", text))
        return "" if _EMPTY.match(text) else text

    def _without_code(self, text: str) -> str:
        kept = []
        for index, part in enumerate(text.split(_FENCE)):
            if index:
                self._in_code = not self._in_code
            if not self._in_code:
                kept.append(part)
        return " ".join(kept)

    def _without_json(self, text: str) -> str:
        if not self._depth and not re.search(r"[\[{]\s*[\"{\[]|\{\s*$|\{\s*\w+\s*:", text):
            return text
        kept = []
        for letter in text:
            if letter in "{":
                self._depth += 1
            elif letter == "}" and self._depth:
                self._depth -= 1
            elif not self._depth:
                kept.append(letter)
        return "".join(kept)
