"""Intervals over rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tep_nb.core.review import Evidence, Flip
from tep_nb.core.spread import paired_interval


def test_the_interval_is_paired() -> None:
    """Rows that did not change count as 0; the same differences on more rows make a narrower one."""
    flips = [1.0] * 6 + [-1.0]
    low, high = paired_interval(flips, 40)
    assert low < 5 / 40 < high
    assert paired_interval(flips, 400)[1] - paired_interval(flips, 400)[0] < high - low


def test_parts_of_points_are_drawn_by_the_seed() -> None:
    """The order of the differences does not matter, the seed does."""
    flips = [0.5, 0.25, -0.75, 0.1]
    assert paired_interval(flips, 40) == paired_interval(flips[::-1], 40) != paired_interval(flips, 40, seed=1)


def test_a_published_example() -> None:
    """7 losses and 1 win of 21 pairs: the figures of Fagerland, Lydersen and Laake (Statistics in Medicine 33, 2014)."""
    assert paired_interval([1.0] + [-1.0] * 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)


@settings(max_examples=60)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 60))
def test_whole_points_are_never_sure(wins: int, losses: int, others: int) -> None:
    """However many rows won, lost or stayed, the interval holds the difference and has a width; wins and losses are alike."""
    n = max(1, wins + losses + others)
    low, high = paired_interval([1.0] * wins + [-1.0] * losses, n)
    assert -1 <= low <= (wins - losses) / n <= high <= 1
    assert high - low > 1 / (n + 4)
    assert paired_interval([-1.0] * wins + [1.0] * losses, n) == (-high, -low)


@pytest.mark.parametrize("n", [1, 8, 40])
def test_what_never_happened_is_as_unsure_as_its_wilson_interval(n: int) -> None:
    """No flip among n rows, and n of n, leave z*z/(n + z*z) open."""
    z = 1.959964
    assert paired_interval([], n) == pytest.approx((-z * z / (n + z * z), z * z / (n + z * z)))
    low, high = paired_interval([1.0] * n, n)
    assert high == pytest.approx(1.0)
    assert low < 1 - z * z / (n + z * z) / 2


def test_the_interval_of_evidence() -> None:
    """Metric evidence has the interval of its gain, and says it in points; the critic's scores of single rows are not kept."""
    flips = tuple(Flip(row, 0.0, 1.0, "", "") for row in range(7))
    found = Evidence("p", "t", "g", "metric", "proven", 0.25, 0.425, 40, 7, 0, 0.0078, flips)
    assert found.interval == paired_interval([1.0] * 7, 40) == pytest.approx((0.072, 0.3195), abs=5e-5)
    assert found.summary() == (
        "proven: metric 25.0% -> 42.5% (95% +7.2 to +31.9 points) on 40 rows, 7 won, 0 lost, p = 0.008"
    )
    assert found.summary(interval=False) == "proven: metric 25.0% -> 42.5% on 40 rows, 7 won, 0 lost, p = 0.008"
    assert "(95% -8.8 to +8.8 points)" in replace(found, flips=(), wins=0).summary()
    assert replace(found, flips=()).interval is None
    local = replace(found, kind="local", p=None)
    assert local.interval is None
    assert "95%" not in local.summary()
