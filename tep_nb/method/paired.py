"""The metric of two graphs on the same rows, compared row by row (METHOD section 3; our choice)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean

from tep_nb.core.data import Row
from tep_nb.core.events import RowScore
from tep_nb.core.evidence import chance_text
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric
from tep_nb.core.review import Flip
from tep_nb.core.spread import paired_interval
from tep_nb.errors import EvidenceVoid
from tep_nb.method.forward import forward, gather
from tep_nb.method.measure import SAME, measure
from tep_nb.model.runtime import Runtime

__all__ = ["Paired", "measure_both", "sign_test"]


def sign_test(wins: int, losses: int) -> float:
    """Chance of at least this many wins if wins and losses were even: exact, one-sided, 0 to 1."""
    n = wins + losses
    return sum(comb(n, k) for k in range(wins, n + 1)) / (1 << n)


@dataclass(frozen=True, slots=True)
class Paired:
    """What two graphs score on the same rows.

    Attributes
    ----------
    before, after : float
        Means of the metric over the n rows, 0 to 1.
    n, failed : int
        Rows that count; rows left out of both sides because a call failed on one.
    flips : tuple of Flip
        The rows whose value changed, in the order of the rows.
    """

    before: float
    after: float
    n: int
    failed: int
    flips: tuple[Flip, ...]

    @classmethod
    def of(cls, before: Sequence[RowScore], after: Sequence[RowScore]) -> Paired:
        """From the scores of both sides, row by row.

        Raises
        ------
        EvidenceVoid
            More than a fifth of the rows failed on either side.
        """
        both = list(zip(before, after, strict=True))
        pairs = [(b, a) for b, a in both if not b.failed and not a.failed]
        if 5 * (failed := len(both) - len(pairs)) > len(both):
            first = next(score.failed for side in (before, after) for score in side if score.failed)
            raise EvidenceVoid(f"{failed} of {len(both)} gate rows failed, more than a fifth: no label; the first: {first}")
        changed = [(b, a) for b, a in pairs if abs(a.value - b.value) > SAME]
        flips = tuple(Flip(b.row, b.value, a.value, b.output, a.output, a.note or b.note) for b, a in changed)
        return cls(fmean(b.value for b, _ in pairs), fmean(a.value for _, a in pairs), len(pairs), failed, flips)

    @property
    def wins(self) -> int:
        """Rows whose value rose."""
        return sum(flip.gain > 0 for flip in self.flips)

    @property
    def losses(self) -> int:
        """Rows whose value fell."""
        return len(self.flips) - self.wins

    @property
    def p(self) -> float:
        """The sign test of wins against losses, 0 to 1."""
        return sign_test(self.wins, self.losses)

    @property
    def chance(self) -> str:
        """The sign test in words, as in `Evidence.chance`."""
        return chance_text(self.p)

    @property
    def interval(self) -> tuple[float, float]:
        """95% of ``after - before``, paired by row, as in `Evidence.interval`."""
        return paired_interval([flip.gain for flip in self.flips], self.n)


async def measure_both(door: Runtime, before: Graph, after: Graph, metric: Metric, rows: Sequence[Row], seed: int) -> Paired:
    """The metric of two graphs on the gate's rows; what is recorded is not asked again.

    Parameters
    ----------
    door : Runtime
    before, after : Graph
    metric : Metric
    rows : sequence of Row
        At least one.
    seed : int
        As in `tep_nb.method.forward.forward`: both sides share their draws.

    Raises
    ------
    EvidenceVoid
        More than a fifth of the rows failed on either side.
    """
    graphs = (before, after)  # the old one first into the queue: usually all of it is recorded
    traces = await gather([forward(door, graph, rows, "gate", seed) for graph in graphs])
    old, new = await gather([measure(door, graph, metric, made) for graph, made in zip(graphs, traces, strict=True)])
    return Paired.of(old, new)
