"""Figures of a sample: median, 95th percentile, spread; and what they are compared by."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from domain.calls.log import percentile

__all__ = ["MIB", "Figures", "cells", "figures", "percentile"]

MIB = 2**20


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


def cells(found: Figures | None, *, digits: int) -> list[str]:
    """Median, P95, min–max and n for a row of a table in Markdown; a dash where there is nothing."""
    if found is None:
        return ["–", "–", "–", "0"]
    return [
        f"**{found.median:.{digits}f}**",
        f"{found.p95:.{digits}f}",
        f"{found.least:.{digits}f}–{found.most:.{digits}f}",
        str(found.count),
    ]
