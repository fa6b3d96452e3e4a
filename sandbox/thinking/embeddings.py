"""Deterministic embeddings: texts that share words or pieces of words are near each other."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

DIMENSIONS: Final = 1536
_COMMON: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "do",
        "does",
        "you",
        "your",
        "i",
        "my",
        "me",
        "we",
        "to",
        "of",
        "for",
        "on",
        "in",
        "at",
        "and",
        "or",
        "it",
        "what",
        "how",
        "can",
    ]
)


@lru_cache(maxsize=4096)
def embed(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """A unit vector of hashed words (weight 1, common ones 0.2) and three-letter pieces (0.35)."""
    vector: NDArray[np.float64] = np.zeros(dimensions)
    for word in re.findall(r"\w+", text.lower()):
        stem = re.sub(r"(ing|ed|es|s)$", "", word) if len(word) > 4 else word
        _add(vector, f"w {stem}", 0.2 if word in _COMMON else 1.0)
        if word not in _COMMON:
            padded = f" {word} "
            for at in range(len(padded) - 2):
                _add(vector, f"p {padded[at : at + 3]}", 0.35)
    length = float(np.linalg.norm(vector))
    if not length:
        # A vector of length 0 has no direction: cosine distance to it is undefined.
        vector[0], length = 1.0, 1.0
    return tuple((vector / length).tolist())


def _add(vector: NDArray[np.float64], feature: str, weight: float) -> None:
    digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    vector[number % len(vector)] += weight if number >> 63 else -weight
