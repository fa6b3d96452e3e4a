"""pocketsphinx over the receptionist's grammar: real hearing of a closed domain, in a thread."""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pocketsphinx

from sandbox.hearing import grammar
from sandbox.hearing.acoustics import model_folder
from sandbox.hearing.vocabulary import FIRST_NAMES, LAST_NAMES, PRONUNCIATIONS
from sandbox.hearing.words import Word

SAMPLE_RATE: Final = 16000
_FRAMES_PER_SECOND: Final = 100
_IDLE_KEPT: Final = 8
_NOISE: Final = 30.0
"""Of white noise mixed in (sample units). A phone carries nothing above 4 kHz, which the wideband
model takes for a sound of its own; with a little noise there more is heard right."""
_WORD_PENALTY: Final = 0.05
_SILENCE: Final = 0.5
"""Likelihood of a pause between words. With pocketsphinx's 0.005, pauses become short words."""
_BARE_NAME: Final = 0.02
_MEAN: Final = "54,1.3,-10.2,17.7,-9.9,-2.2,-2.7,-17.5,-1.7,-5.9,2.5,1,-7.5"
"""Cepstral mean of espeak-ng, half of it by telephone: where the running mean begins. Begun at
pocketsphinx's, a caller's first words are lost."""
NAMES: Final = frozenset([*FIRST_NAMES, *LAST_NAMES])

T = TypeVar("T")


@cache
def dictionary() -> str:
    """The model's dictionary cut down to the grammar's words: 130,000 words less to load."""
    known: dict[str, list[str]] = {}
    model = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    wanted = grammar.vocabulary()
    for line in model.read_text().splitlines():
        head, _, phones = line.partition(" ")
        word = re.sub(r"\(\d+\)$", "", head)
        if word in wanted:
            known.setdefault(word, []).append(phones.strip())
    lines = []
    for word in sorted(wanted):
        sounds = dict.fromkeys([*PRONUNCIATIONS.get(word, ()), *known.get(word, ())])
        if not sounds:
            raise RuntimeError(f"the grammar's word {word!r} has no pronunciation")
        lines += [f"{word}{f'({n + 1})' if n else ''} {s}" for n, s in enumerate(sounds)]
    return "\n".join(lines) + "\n"


def _likely(state: int, word: str) -> float:
    # Anything short and unclear would be somebody's name.
    return _BARE_NAME if state == 0 and word in NAMES else 1.0


def with_noise(pcm: bytes, chance: np.random.Generator) -> bytes:
    """PCM16 with a little white noise."""
    samples = np.frombuffer(pcm, dtype="<i2") + chance.normal(0, _NOISE, len(pcm) // 2)
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


def _decoder() -> pocketsphinx.Decoder:
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as file:
        file.write(dictionary())
        file.flush()
        decoder = pocketsphinx.Decoder(
            hmm=model_folder(),
            lm=None,
            dict=file.name,
            loglevel="FATAL",
            wip=_WORD_PENALTY,
            silprob=_SILENCE,
        )
    automaton = grammar.automaton()
    end = len(automaton.arcs)
    arcs: list[Any] = [
        (a, b, _likely(a, w), w) for a, row in automaton.arcs.items() for w, b in row.items()
    ]
    arcs += [(state, end, 1.0) for state in automaton.accepting]
    decoder.add_fsg("receptionist", decoder.create_fsg("receptionist", 0, end, arcs))
    decoder.activate_search("receptionist")
    return decoder


class Recogniser:
    """One decoder; one utterance at a time. Blocking: call through the pool."""

    def __init__(self) -> None:
        self._decoder = _decoder()
        self._noise = np.random.default_rng(1)
        self._partial: list[Word] = []
        self.reset()

    def reset(self) -> None:
        """A new caller: forget how the last one sounded."""
        self._decoder.set_cmn(_MEAN)

    def start(self) -> None:
        # The same audio gives the same words, whatever was heard before.
        self._noise = np.random.default_rng(1)
        self._partial = []
        self._decoder.start_utt()

    def feed(self, pcm: bytes) -> list[Word]:
        """Take in PCM16 mono at 16 kHz; the words so far."""
        noisy = with_noise(pcm, self._noise)
        self._decoder.process_raw(noisy, no_search=False, full_utt=False)
        self._partial = self._words(0.8)
        return self._partial

    def finish(self) -> list[Word]:
        """The words of the utterance: whole sentences of the grammar, or its last beginning of one."""
        self._decoder.end_utt()
        return self._words(0.97) or self._partial

    def _words(self, confidence: float) -> list[Word]:
        if self._decoder.hyp() is None:
            return []
        words = []
        for segment in self._decoder.seg() or ():
            token = re.sub(r"\(\d+\)$", "", segment.word)
            if token[:1] in "<([":
                continue
            start, end = segment.start_frame, segment.end_frame + 1
            words.append(
                Word(token, start / _FRAMES_PER_SECOND, end / _FRAMES_PER_SECOND, confidence)
            )
        return words


class RecogniserPool:
    """Decoders, made when needed (about 25 MB in use, 60 ms to make) and used again; work runs in two threads."""

    def __init__(self) -> None:
        self._idle: list[Recogniser] = []
        self._making = threading.Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="sandbox-hearing")

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def take(self) -> Recogniser:
        if not self._idle:
            return await self.run(self._make)
        recogniser = self._idle.pop()
        recogniser.reset()
        return recogniser

    def _make(self) -> Recogniser:
        with self._making:
            return Recogniser()

    async def warm(self) -> None:
        """Load the model and make the first decoder, so that the first caller needn't wait for it."""
        self.give_back(await self.take())

    def give_back(self, recogniser: Recogniser) -> None:
        if len(self._idle) < _IDLE_KEPT:
            self._idle.append(recogniser)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._idle.clear()
