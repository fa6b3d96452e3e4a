from __future__ import annotations

import statistics

import pytest
from hypothesis import given, strategies as st

from bench.figures import figures, percentile

VALUES = st.lists(st.floats(min_value=0, max_value=100), min_size=1, max_size=50)


def test_of_nothing_there_are_no_figures() -> None:
    assert figures([]) is None
    with pytest.raises(ValueError, match="values"):
        percentile([], 0.5)


def test_percentile_lies_between_the_two_nearest() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([1, 2], 0.95) == pytest.approx(1.95)
    assert percentile([7], 0.95) == 7


@given(VALUES)
def test_figures_are_in_order(values: list[float]) -> None:
    found = figures(values)
    assert found is not None
    assert found.least <= found.median <= found.most
    assert found.median - 1e-9 <= found.p95 <= found.most + 1e-9
    assert found.median == pytest.approx(statistics.median(values))
    assert percentile(values, 0.5) == pytest.approx(found.median)
