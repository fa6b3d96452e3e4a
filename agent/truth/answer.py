"""One answer of the model on its way to the caller."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from livekit.agents import FlushSentinel
from livekit.agents.llm import ChatChunk

from agent.truth.cleaning import Cleaner
from agent.truth.dump import Instructions
from agent.truth.sentences import Sentences
from agent.truth.words import fixed
from domain.claims.claim import Claim
from domain.claims.deeds import CallDeeds
from domain.claims.kinds import Spoken
from domain.claims.likely import borne_out, likely_claim
from domain.claims.recognition import asks, claims_of, moment_of, spoken_languages
from domain.claims.verdict import done_by, first_false

log = logging.getLogger("reception.agent.truth")

MOST_WORDS: Final = 120
"""Of one answer: about 50 s. Who wants more is asked."""
MOST_UNHEARD: Final = 600
"""Characters that are read on after a sentence was withheld: a tool may be called after them."""
MOST_ECHOES: Final = 2
"""So often a sentence is said in one answer."""

Out = ChatChunk | FlushSentinel | str

_GOES_ON: Final = re.compile(
    r"(?:so |and )?(?:that's|that is|it's|it is|this is|that will be|that'll be)\b|(?:es|eso es|será|sería) (?:el|mañana|hoy|a las)|(?:यह|वह|ये) ",
    re.IGNORECASE,
)
_GATHERS: Final = re.compile(
    r"\b(?:name|number|phone|call you|reach you|message|pass on|tell (?:him|her|them)|spell|about|date of birth|e-?mail|birthday|which|what day|what time|who|would you like|shall i|is that|correct)\b"
    r"|\b(?:nombre|número|teléfono|recado|mensaje|qué|cuál|quién|le parece|correcto|apellido|de parte)\b"
    r"|(?:नाम|नंबर|संदेश|क्या|कौन|किस|naam|number|kya)",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[^\W\d_]?[\w\s'¿\u0900-\u0963]*")
_MORE: Final = re.compile(
    r"\b(?:anything|something|what) else\b|\balgo más\b|\botra cosa\b|और कुछ|कुछ और|aur kuch", re.I
)


@dataclass(frozen=True)
class FalseClaim:
    """`text` claims what was not done."""

    claim: Claim
    text: str


@dataclass(frozen=True)
class NothingSaid:
    """There was nothing in the answer that could be spoken."""


Fault = FalseClaim | NothingSaid
Held = FalseClaim


class Answer:
    """Reads one stream of the model. After `read`: what was wrong with it, if anything."""

    def __init__(
        self,
        *,
        language: Spoken,
        deeds: CallDeeds,
        instructions: Instructions,
        now: datetime,
        zones: Sequence[ZoneInfo],
        tools: bool,
        may_be_silent: bool = False,
        filler: str = "",
        before: Sequence[str] = (),
    ) -> None:
        """`tools`: whether any may be used; `filler` is said before a tool that is called without a word;
        `before`: sentences that the caller has heard already of an answer that went wrong."""
        self.fault: Fault | None = None
        self.withheld: list[Held] = []
        self.refused: list[str] = []
        """Tools that were asked for when none could be used."""
        self._language: Spoken = language
        self._deeds = deeds
        self._instructions = instructions
        self._now = now
        self._zones = zones
        self._tools = tools
        self._may_be_silent = may_be_silent
        self._filler = filler
        self._cleaner = Cleaner(language)
        self._sentences = Sentences()
        self._spoken: list[str] = list(before)
        self._before = len(before)
        self._words = sum(len(text.split()) for text in before)
        self._flowed = ""
        """What passed of a question that is not whole."""
        self._echoes: Counter[str] = Counter({text.casefold(): MOST_ECHOES for text in before})
        self._promised: list[tuple[str, Claim | None]] = []
        """Sentences that wait for the tool which makes the first of them true."""
        self._claimed: Claim | None = None
        self._called: list[str] = []
        self._over = False
        self._unheard = 0

    @property
    def said(self) -> list[str]:
        """The sentences that passed, with those before."""
        return self._spoken

    @property
    def _speaks(self) -> bool:
        """Whether anything new passed."""
        return len(self._spoken) > self._before

    async def read(
        self, stream: AsyncIterator[ChatChunk | str | FlushSentinel]
    ) -> AsyncIterator[Out]:
        """What passes, as soon as it may."""
        async for chunk in stream:
            for out in self._chunk(chunk):
                yield out
            if self._over and (self._unheard > MOST_UNHEARD or self.fault is None):
                break
        else:
            for out in self._end():
                yield out
        self._judge()

    def _chunk(self, chunk: ChatChunk | str | FlushSentinel) -> Iterator[Out]:
        if isinstance(chunk, str):
            yield from self._text(chunk)
        elif isinstance(chunk, FlushSentinel):
            yield from self._sentence(self._sentences.rest())
            yield chunk
        elif chunk.delta is None:
            yield chunk
        else:
            if chunk.delta.content:
                yield from self._text(chunk.delta.content)
            if chunk.delta.tool_calls:
                yield from self._tool_calls(chunk)
            elif chunk.delta.extra:
                delta = chunk.delta.model_copy(update={"content": None})
                yield chunk.model_copy(update={"delta": delta})

    def _text(self, piece: str) -> Iterator[str]:
        if self._over:
            self._unheard += len(piece)
            return
        for sentence in self._sentences.push(piece):
            yield from self._sentence(sentence)
        yield from self._flow()

    def _flow(self) -> Iterator[str]:
        """What only asks claims nothing, and may be heard before it ends: the vendor's plugin sends the
        sentence before it off when it sees this one begin."""
        waiting = self._sentences.waiting
        if self._over or self._promised or self._words >= MOST_WORDS:
            return
        if not self._flowed and not (_PLAIN.match(waiting) and asks(waiting)):
            return
        plain = _PLAIN.match(waiting)
        size = plain[0].rstrip().rfind(" ") if plain else -1
        if size <= 0 or (plain and len(plain[0]) < len(waiting)):
            return
        taken = self._sentences.take(size)
        text = taken if self._flowed else taken.lstrip()
        before = " " if self._spoken and not self._flowed else ""
        self._flowed += taken
        self._words += len(taken.split())
        yield f"{before}{text}"

    def _tool_calls(self, chunk: ChatChunk) -> Iterator[Out]:
        assert chunk.delta is not None
        yield from self._sentence(self._sentences.rest())
        names = [call.name for call in chunk.delta.tool_calls]
        if not self._tools:
            self.refused += names
            return
        self._called += names
        if self._promised and all(
            claim is None or done_by(claim, self._called) for _, claim in self._promised
        ):
            yield from self._keep_promise()
        if self._filler and not self._spoken:
            yield from self._pass(self._filler)
        yield chunk.model_copy(update={"delta": chunk.delta.model_copy(update={"content": None})})

    def _end(self) -> Iterator[str]:
        yield from self._sentence(self._sentences.rest())
        if not self._promised:
            return
        if any(self._gathers(text) for text, _ in self._promised):
            # "I'll pass that on. May I have your name?": it is about to be done.
            yield from self._keep_promise()
            return
        claim, text = next((claim, text) for text, claim in self._promised if claim is not None)
        self._promised.clear()
        self._withhold(claim, text)

    def _judge(self) -> None:
        if self._called:
            # What the tools answer is answered next: the caller is not left without a word.
            self.fault = None
        elif self.fault is None and not self._speaks and not self._may_be_silent:
            self.fault = NothingSaid()

    def _sentence(self, sentence: str) -> Iterator[str]:
        if self._over or not sentence:
            return
        if self._flowed:
            yield from self._end_of_question(sentence)
            return
        text = self._cleaner.clean(sentence)
        if not text:
            return
        if self._instructions.read_out_in(text):
            self._over = True
            log.warning("instructions not read out")
            yield from self._pass(fixed("not_read_out", self._language))
            return
        self._echoes[text.casefold()] += 1
        if self._echoes[text.casefold()] > MOST_ECHOES:
            return
        claim = self._false_claim(text)
        if claim is None and not self._promised:
            yield from self._pass(text)
        elif claim is None or claim.firmness == "announced":
            self._promised.append((text, claim))
        else:
            self._withhold(claim, text)

    def _end_of_question(self, rest: str) -> Iterator[str]:
        begun, self._flowed = self._flowed.strip(), ""
        text = self._cleaner.clean(rest)
        claim = self._false_claim(f"{begun} {text}")
        if claim is None or claim.firmness == "announced":
            self._spoken.append(f"{begun} {text}")
            if text:
                yield text if text[0] in ".?!,;:" else f" {text}"
            return
        self._spoken.append(begun)
        self._withhold(claim, text)

    def _false_claim(self, text: str) -> Claim | None:
        claims = [*claims_of(text), *self._going_on(text)]
        false = first_false(claims, self._deeds, now=self._now, zones=self._zones)
        if claims and false is None:
            self._claimed = claims[-1]
        if claims:
            return false
        likely = likely_claim(text)
        return None if likely is None or borne_out(likely, self._deeds) else likely

    def _going_on(self, text: str) -> Iterator[Claim]:
        """ "You're all set. That's Tuesday at ten.": the time belongs to what was claimed before."""
        before = self._claimed
        if before is None or "?" in text or not _GOES_ON.match(text):
            return
        if before.language in spoken_languages(text) and (
            moment := moment_of(text, before.language)
        ):
            yield Claim(kind=before.kind, firmness="done", language=before.language, moment=moment)

    def _gathers(self, text: str) -> bool:
        return "?" in text and bool(_GATHERS.search(text)) and not _MORE.search(text)

    def _keep_promise(self) -> Iterator[str]:
        promised, self._promised = self._promised, []
        for text, _ in promised:
            yield from self._pass(text)

    def _withhold(self, claim: Claim, text: str) -> None:
        self.fault = FalseClaim(claim, text)
        self.withheld.append(self.fault)
        self._over = True

    def _pass(self, text: str) -> Iterator[str]:
        words = len(text.split())
        if self._words + words > MOST_WORDS and self._words:
            self._over = True
            text = fixed("go_on", self._language)
        self._words += words
        yield f" {text}" if self._spoken else text
        self._spoken.append(text)
