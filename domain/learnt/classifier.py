"""A linear classifier of sentences, as `python -m training` has learnt it from written examples.

Multinomial logistic regression over `features`: a few table lookups, no library, the same answer every time,
and weights that can be read (`Classifier.reasons`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.learnt.features import features

FOLDER: Final = Path(__file__).with_name("weights")
NONE: Final = "none"
"""The label of sentences that are nothing of what is looked for."""


@dataclass(frozen=True)
class Classifier:
    """`weights` has a row for each feature of `vocabulary` and a column for each label; `bias` one value for each
    label."""

    labels: Sequence[str]
    vocabulary: dict[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, text: str) -> dict[str, float]:
        """Of each label; together 1."""
        scores = self.bias + self.weights[self._rows(text)].sum(axis=0, dtype=np.float32)
        powers = np.exp(scores - scores.max())
        return dict(zip(self.labels, (powers / powers.sum()).tolist(), strict=True))

    def likely(self, *readings: str, threshold: float) -> str | None:
        """The likeliest label beside `NONE` of a sentence for which all of those together reach `threshold`. Of
        several readings the one counts that is `NONE` most."""
        least = max(map(self.probabilities, readings), key=lambda one: one[NONE])
        if 1.0 - least.pop(NONE) < threshold:
            return None
        return max(least, key=lambda one: least[one])

    def reasons(self, text: str, label: str, *, most: int = 8) -> list[tuple[str, float]]:
        """The features that speak for `label` most, with their weights."""
        column = list(self.labels).index(label)
        found = [
            (one, float(self.weights[self.vocabulary[one], column]))
            for one in features(text)
            if one in self.vocabulary
        ]
        return sorted(found, key=lambda one: -one[1])[:most]

    def _rows(self, text: str) -> list[int]:
        return [row for one in features(text) if (row := self.vocabulary.get(one)) is not None]


@cache
def load(name: str) -> Classifier:
    """The weights kept as `weights/<name>.npz`."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as kept:
        vocabulary = kept["vocabulary"].item().split("\n")
        return Classifier(
            labels=kept["labels"].item().split("\n"),
            vocabulary={one: row for row, one in enumerate(vocabulary)},
            weights=kept["weights"].astype(np.float32),
            bias=kept["bias"].astype(np.float32),
        )


def keep(name: str, classifier: Classifier) -> None:
    """Write it where `load` finds it; half of the precision is enough."""
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(
        FOLDER / f"{name}.npz",
        vocabulary=np.array("\n".join(classifier.vocabulary)),
        labels=np.array("\n".join(classifier.labels)),
        weights=classifier.weights.astype(np.float16),
        bias=classifier.bias.astype(np.float32),
    )
