"""How sure a mean is, and a difference of two: intervals over rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from statistics import NormalDist, fmean

__all__ = ["bootstrap", "paired_interval"]

_DRAWS = 2000  # of a bootstrap
_HALVINGS = 40  # to 1e-12


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
    """Interval of the mean difference over n rows.

    Where every row won or lost a whole point (a metric of 0 and 1), or none changed, it is Tango's score interval for paired
    proportions (Statistics in Medicine 17, 1998), which claims no certainty that n rows cannot give; else the percentile
    bootstrap over rows, 2000 draws with the seed. It depends on which differences there are, not on their order.

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
    return _paired(tuple(sorted(differences)), n, seed, level)


@lru_cache(maxsize=4096)
def _paired(differences: tuple[float, ...], n: int, seed: int, level: float) -> tuple[float, float]:
    if not set(differences) <= {-1.0, 1.0}:
        return bootstrap([*differences, *[0.0] * (n - len(differences))], seed, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    up, down = differences.count(1.0), differences.count(-1.0)
    # Wins and losses change places with the sign: one end is the other's, seen from the other side.
    return -_upper(down, up, n, z), _upper(up, down, n, z)


def _upper(up: int, down: int, n: int, z: float) -> float:
    """The largest difference at which ``up`` wins and ``down`` losses of n rows are no more than z deviations away."""
    low, high = (up - down) / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # Maximum likelihood of the chance to lose, if the difference of the chances were this one.
        b = (2 * n - up + down) * middle - up - down
        lose = (sqrt(max(0.0, b * b + 8 * n * down * middle * (1 - middle))) - b) / (4 * n)
        deviation = sqrt(max(0.0, n * (2 * lose + middle * (1 - middle))))
        low, high = (middle, high) if n * middle - (up - down) <= z * deviation else (low, middle)
    return high
