"""How sure a mean is: percentile intervals over rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean

__all__ = ["bootstrap", "paired_interval"]

_DRAWS = 2000  # of a bootstrap


def bootstrap(values: Sequence[float], seed: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Interval of the mean: the seeded percentile bootstrap over rows.

    Parameters
    ----------
    values : sequence of float
        At least one.
    seed : int
    level : float
        0 to 1.
    """
    source, n, tail = random.Random(seed), len(values), (1 - level) / 2
    means = sorted(fmean(source.choices(values, k=n)) for _ in range(_DRAWS))
    return means[int(tail * _DRAWS)], means[int((1 - tail) * _DRAWS) - 1]


def paired_interval(differences: Sequence[float], n: int, seed: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Interval of the mean difference over n rows: the percentile bootstrap over rows.

    Where every row won or lost a whole point (a metric of 0 and 1) its distribution is summed up exactly; else it is drawn 2000
    times with the seed. It depends on which differences there are, not on their order.

    Parameters
    ----------
    differences : sequence of float
        Of the rows that changed, -1 to 1; the others did not.
    n : int
        At least 1.
    seed : int
    level : float
        0 to 1.
    """
    return _paired(tuple(sorted(differences)), n, seed, level) if differences else (0.0, 0.0)


@lru_cache(maxsize=4096)
def _paired(differences: tuple[float, ...], n: int, seed: int, level: float) -> tuple[float, float]:
    if set(differences) <= {-1.0, 1.0}:
        return _exact(differences.count(1.0) / n, differences.count(-1.0) / n, n, (1 - level) / 2)
    return bootstrap([*differences, *[0.0] * (n - len(differences))], seed, level)


def _exact(up: float, down: float, n: int, tail: float) -> tuple[float, float]:
    """Percentiles of the mean of n rows that rise with chance ``up`` and fall with chance ``down``."""
    chances, same = [1.0], 1 - up - down
    for _ in range(n):  # of the sums -k to k, after k rows
        c = chances
        chances = [
            down * a + same * b + up * d for a, b, d in zip([*c, 0.0, 0.0], [0.0, *c, 0.0], [0.0, 0.0, *c], strict=True)
        ]
    found, total = [], 0.0
    for index, chance in enumerate(chances):
        before, total = total, total + chance
        # The draws' percentiles in the limit: the first sum above the lower tail, the first that leaves the upper one.
        found += [index] * ((before <= tail < total) + (before < 1 - tail <= total))
    low, high = found[0], found[-1]
    return (low - n) / n, (high - n) / n
