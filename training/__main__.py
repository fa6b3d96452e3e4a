"""`python -m training`: learn the weights of `domain/learnt/weights` anew, and print what a fifth of the examples,
kept aside, says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from domain.learnt.classifier import NONE, Classifier, keep
from domain.learnt.features import features
from training.examples import Example, examples

CLASSIFIERS: Final = ("claims", "dangers")
STRENGTH: Final = 1.0
"""Inverse of the regularisation: chosen on the part that is kept aside."""
RAREST: Final = 2
"""Sentences that a feature has to be in."""
MOST_FEATURES: Final = 24_000
SEED: Final = 7


def learn(taught: Sequence[Example]) -> Classifier:
    """The weights for these examples."""
    counts = CountVectorizer(analyzer=features, binary=True, min_df=RAREST)
    rows = counts.fit_transform([one.text for one in taught])
    # A mistake on a rare label is as bad as one on a common one.
    model = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced")
    model.fit(rows, [one.label for one in taught])
    weights = model.coef_.T.astype(np.float32)
    # Most features say next to nothing; each that is kept costs memory in every process.
    kept = np.sort(np.argsort(-np.abs(weights).max(axis=1))[:MOST_FEATURES])
    names = counts.get_feature_names_out()[kept]
    return Classifier(
        labels=[str(one) for one in model.classes_],
        vocabulary={str(one): row for row, one in enumerate(names)},
        weights=weights[kept],
        bias=model.intercept_.astype(np.float32),
    )


def measure(classifier: Classifier, shown: Sequence[Example]) -> str:
    """How many are taken for something else, for several thresholds."""
    lines = []
    for threshold in (0.3, 0.5, 0.7, 0.9):
        wrong: Counter[str] = Counter()
        for one in shown:
            told = 1.0 - classifier.probabilities(one.text)[NONE] >= threshold
            wrong["alarm" if one.label == NONE else "missed"] += told is (one.label == NONE)
        none = sum(one.label == NONE for one in shown)
        lines.append(
            f"  from {threshold:g}: {wrong['missed']} of {len(shown) - none} missed, "
            f"{wrong['alarm']} of {none} false"
        )
    return "\n".join(lines)


def main() -> None:
    for name in CLASSIFIERS:
        everything = list(examples(name))
        taught, aside = train_test_split(
            everything,
            test_size=0.2,
            random_state=SEED,
            stratify=[one.label for one in everything],
        )
        print(f"{name}: {dict(Counter(one.label for one in everything))}")
        print(measure(learn(taught), aside))
        keep(name, learn(everything))


if __name__ == "__main__":
    main()
