"""Makes `adaptation.json`: `python -m sandbox.hearing.estimation` (about a minute).

Speaks random sentences of the grammar in several voices, two thirds of them through G.711, aligns
them with the unadapted model and fits the maps by expectation and maximisation.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pocketsphinx

from sandbox.hearing import acoustics, grammar
from sandbox.hearing.acoustics import CLASSES, PHONES, SIZE, STREAMS, Floats
from sandbox.hearing.recogniser import dictionary, with_noise
from sandbox.telephone import through_telephone
from sandbox.voice import speak

_SENTENCES: Final = 420
_VOICES: Final = (
    *("en-us",) * 3,
    *("en-us+f2",) * 2,
    *("en-us+m3", "en-us+m6", "en-us+f1", "en-us+m7"),
)
_SPEEDS: Final = (0.9, 1.0, 1.1)
_ROUNDS: Final = 6
_PRIOR: Final = 20.0
"""Weight of the identity map, in frames: a class with little data hardly moves."""
_WIDE: Final = {"beam": 1e-120, "wbeam": 1e-100, "pbeam": 1e-120}


def sentence(chance: random.Random) -> list[str]:
    """A random walk through the grammar, 14 words at most."""
    automaton = grammar.automaton()
    while True:
        state, said = 0, list[str]()
        while len(said) <= 14:
            row = automaton.arcs[state]
            if state in automaton.accepting and (not row or chance.random() < 0.5):
                return said
            said.append(chance.choice(sorted(row)))
            state = row[said[-1]]


def spoken(words: list[str]) -> str:
    """Grammar tokens as espeak-ng should read them."""
    written = {"ayem": "A M", "peeem": "P M", "check_up": "checkup", "o_clock": "o'clock"}
    return " ".join(written.get(w, w.replace("_", "-")) for w in words)


def _chain(decoder: Any, name: str, tokens: list[str]) -> None:
    arcs = [(n, n + 1, 1.0, token) for n, token in enumerate(tokens)]
    decoder.add_fsg(name, decoder.create_fsg(name, 0, len(tokens), arcs))
    decoder.activate_search(name)


def _decode(decoder: Any, pcm: bytes) -> list[Any]:
    decoder.start_utt()
    decoder.process_raw(pcm, no_search=False, full_utt=True)
    decoder.end_utt()
    return list(decoder.seg() or ()) if decoder.hyp() else []


class _Aligner:
    """Which phone each frame of a known sentence belongs to."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "cepstra"
        self._log.mkdir()
        self._phones_of = {line.split()[0]: line.split()[1:] for line in dictionary().splitlines()}
        (folder / "words").write_text(dictionary())
        # A dictionary of phones: the recogniser tells where words are, so the phones become words.
        spoken_phones = [p for p in PHONES if p.isalpha() and p != "SIL"]
        (folder / "phones").write_text("".join(f"ph_{p.lower()} {p}\n" for p in spoken_phones))
        shared = {"lm": None, "loglevel": "FATAL", **_WIDE}
        self._words = pocketsphinx.Decoder(dict=str(folder / "words"), **shared)
        self._phones = pocketsphinx.Decoder(
            dict=str(folder / "phones"), mfclogdir=str(self._log), **shared
        )

    def align(self, number: int, words: list[str], pcm: bytes) -> tuple[Floats, Any] | None:
        """Cepstra (frames x 13) and each frame's phone; None when the sentence doesn't fit."""
        _chain(self._words, f"u{number}", words)
        said = _decode(self._words, pcm)
        phones = [f"ph_{p.lower()}" for s in said for p in self._phones_of.get(s.word, ())]
        if not phones:
            return None
        _chain(self._phones, f"u{number}", phones)
        segments = _decode(self._phones, pcm)
        logged = sorted(self._log.iterdir())
        cepstra = np.frombuffer(logged[-1].read_bytes()[4:], ">f4").reshape(-1, SIZE)
        for file in logged:
            file.unlink()
        if not segments:
            return None
        labels = np.full(len(cepstra), PHONES.index("SIL"))
        for s in segments:
            if match := re.match(r"ph_([a-z]+)", s.word):
                labels[s.start_frame : s.end_frame + 1] = PHONES.index(match[1].upper())
        return cepstra.astype(np.float64), labels


def _features(cepstra: Floats) -> Floats:
    """Frames x streams x 13, as the model's `1s_c_d_dd` with its mean taken away."""
    centred = cepstra - cepstra.mean(0)
    padded = np.pad(centred, ((3, 3), (0, 0)), mode="edge")

    def at(shift: int) -> Floats:
        return padded[3 + shift : 3 + shift + len(cepstra)]

    twice = (at(3) - at(-1)) - (at(1) - at(-3))
    return np.stack([centred, at(2) - at(-2), twice], axis=1)


def _aligned() -> Iterator[tuple[Floats, Any]]:
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        aligner = _Aligner(Path(folder))
        for number in range(_SENTENCES):
            words = sentence(chance)
            voice, speed = chance.choice(_VOICES), chance.choice(_SPEEDS)
            pcm = speak(spoken(words), voice=voice, speed=speed)
            if chance.random() < 0.6:
                pcm = through_telephone(pcm)
            pcm = with_noise(bytes(6400) + pcm + bytes(6400), np.random.default_rng(number))
            if (found := aligner.align(number, words, pcm)) is not None:
                yield _features(found[0]), found[1]


def _posteriors(frames: Floats, means: Floats, variances: Floats) -> Floats:
    precision = 1 / variances
    score = -0.5 * (
        np.square(frames) @ precision.T
        - 2 * frames @ (means * precision).T
        + (np.square(means) * precision).sum(1)
        + np.log(variances).sum(1)
    )
    weights = np.exp(score - score.max(1, keepdims=True))
    shares: Floats = weights / weights.sum(1, keepdims=True)
    return shares


def _fit(phones: list[int], stream: int, data: dict[int, Floats], model: list[Floats]) -> Floats:
    """The map of one class and stream: 13 x 14."""
    means, variances = model[0][:, stream], model[1][:, stream]
    identity = np.hstack([np.zeros((SIZE, 1)), np.eye(SIZE)])
    map_ = identity.copy()
    for _ in range(_ROUNDS):
        left = np.stack([_PRIOR * np.eye(SIZE + 1)] * SIZE)
        right = _PRIOR * identity
        for k in phones:
            frames = data[k][:, stream]
            if not len(frames):
                continue
            posteriors = _posteriors(frames, means[k] @ map_[:, 1:].T + map_[:, 0], variances[k])
            extended = np.hstack([np.ones((len(means[k]), 1)), means[k]])
            weight = posteriors.sum(0)[:, None] / variances[k]
            left += np.einsum("ji,ja,jb->iab", weight, extended, extended)
            right += ((posteriors.T @ frames) / variances[k]).T @ extended
        map_ = np.stack([np.linalg.solve(left[i], right[i]) for i in range(SIZE)])
    return map_


def main() -> None:
    """Estimate and write `adaptation.json`."""
    features, labels = zip(*_aligned(), strict=True)
    frames, owners = np.concatenate(features), np.concatenate(labels)
    data = {k: frames[owners == k] for k in range(len(PHONES))}
    means = acoustics.read_gaussians(acoustics.MODEL / "means")
    variances = np.maximum(acoustics.read_gaussians(acoustics.MODEL / "variances"), 1e-4)
    maps = {}
    for name, phones in CLASSES.items():
        numbers = [PHONES.index(p) for p in phones.split()]
        fitted = [_fit(numbers, s, data, [means, variances]) for s in range(STREAMS)]
        maps[name] = np.round(np.stack(fitted), 4).tolist()
    acoustics.ADAPTATION.write_text(json.dumps(maps, separators=(",", ":")) + "\n")
    print(f"{len(features)} sentences, {len(frames)} frames: wrote {acoustics.ADAPTATION}")


if __name__ == "__main__":
    main()
