"""Figures of a sample: median, 95th percentile, spread; and what they are compared by."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """A sample in the unit of its values."""

    count: int
    median: float
    p95: float
    least: float
    most: float


def figures(values: Sequence[float]) -> Figures | None:
    """The figures of `values`; None when there are none."""
    if not values:
        return None
    return Figures(
        count=len(values),
        median=statistics.median(values),
        p95=percentile(values, 0.95),
        least=min(values),
        most=max(values),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sample lies, interpolated. Raises ValueError when empty."""
    if not values:
        raise ValueError("values: empty")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
