"""Intervals over rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tep_nb.core.review import Evidence, Flip
from tep_nb.core.spread import bootstrap, paired_interval


def test_the_interval_is_paired() -> None:
    """Rows that did not change count as 0; the same differences on more rows make a narrower one; none make none."""
    flips = [1.0] * 6 + [-1.0]
    low, high = paired_interval(flips, 40)
    assert low < 5 / 40 < high
    assert paired_interval(flips, 400)[1] - paired_interval(flips, 400)[0] < high - low
    assert paired_interval([], 3) == (0.0, 0.0)


def test_parts_of_points_are_drawn_by_the_seed() -> None:
    """The order of the differences does not matter, the seed does."""
    flips = [0.5, 0.25, -0.75, 0.1]
    assert paired_interval(flips, 40) == paired_interval(flips[::-1], 40) != paired_interval(flips, 40, seed=1)


@settings(max_examples=30)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(24, 60))
def test_whole_points_are_summed_up_exactly(wins: int, losses: int, n: int) -> None:
    """The exact percentiles are those that draws come near: within one row of the bootstrap's."""
    differences = [1.0] * wins + [-1.0] * losses
    exact = paired_interval(differences, n)
    drawn = bootstrap([*differences, *[0.0] * (n - wins - losses)], seed=3)
    assert exact == pytest.approx(drawn, abs=1.0001 / n)
    assert exact[0] <= (wins - losses) / n <= exact[1]


def test_every_row_won() -> None:
    """Where all rows won the gain is sure, as far as these rows go."""
    assert paired_interval([1.0] * 8, 8) == (1.0, 1.0)


def test_the_interval_of_evidence() -> None:
    """Metric evidence has the interval of its gain, and says it in points; the critic's scores of single rows are not kept."""
    flips = tuple(Flip(row, 0.0, 1.0, "", "") for row in range(7))
    found = Evidence("p", "t", "g", "metric", "proven", 0.25, 0.425, 40, 7, 0, 0.0078, flips)
    assert found.interval == paired_interval([1.0] * 7, 40) == (0.075, 0.3)
    assert found.summary() == (
        "proven: metric 25.0% -> 42.5% (95% +7.5 to +30.0 points) on 40 rows, 7 won, 0 lost, p = 0.008"
    )
    assert found.summary(interval=False) == "proven: metric 25.0% -> 42.5% on 40 rows, 7 won, 0 lost, p = 0.008"
    assert "(95% 0.0 to 0.0 points)" in replace(found, flips=(), wins=0).summary()
    assert replace(found, flips=()).interval is None
    local = replace(found, kind="local", p=None)
    assert local.interval is None
    assert "95%" not in local.summary()
