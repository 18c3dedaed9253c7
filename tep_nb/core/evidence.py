"""What a text does in the place of a prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tep_nb.core.spread import paired_interval

__all__ = ["Evidence", "Flip", "Label", "Paid", "chance_text"]

Label = Literal["proven", "no worse", "worse"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A row whose value changed, with the output before and after."""

    row: int
    before: float
    after: float
    output_before: str
    output_after: str
    note: str = ""

    @property
    def gain(self) -> float:
        """``after - before``."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Paid:
    """What one command paid for; all is 0 where everything was in the record.

    Attributes
    ----------
    calls, tokens : int
        Attempts, failed ones too; tokens of prompts and answers.
    cost : float or None
        In the currency of the prices; None without prices.
    seconds : float
        Of waiting for the model, summed over calls.
    """

    calls: int
    tokens: int
    cost: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text does when it replaces a prompt on a graph.

    Attributes
    ----------
    prompt, text : str
        Which prompt, and the text that was tried.
    graph : str
        Digest of the graph that it was tried against; the evidence is stale on any other.
    kind : {"metric", "local"}
    label : {"proven", "no worse", "worse"}
        METHOD section 3. Local evidence knows only *no worse* and *worse*.
    before, after : float
        Means over n rows: of the metric (0 to 1) or of the critic's score (0 to 10).
    n, wins, losses : int
        Rows compared, rows whose value rose, rows whose value fell.
    p : float or None
        One-sided exact sign test on wins against losses; None for local evidence.
    flips : tuple of Flip
    local : (before, after) or None
        The critic's scores, where they were bought beside metric evidence.
    failed : int
        Rows left out of both sides because a call failed.
    left_out : int
        Train rows left out because a demonstration quotes them.
    judged : bool
        The metric is a model's judgement.
    paid : Paid or None
        What the command that bought it paid for; None where that was not written down. No part of what the evidence says.
    """

    prompt: str
    text: str
    graph: str
    kind: Literal["metric", "local"]
    label: Label
    before: float
    after: float
    n: int
    wins: int
    losses: int
    p: float | None
    flips: tuple[Flip, ...] = ()
    local: tuple[float, float] | None = None
    failed: int = 0
    left_out: int = 0
    judged: bool = False
    paid: Paid | None = field(default=None, compare=False)

    @property
    def gain(self) -> float:
        """``after - before``."""
        return self.after - self.before

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% of the gain of the metric, paired by row (`tep_nb.core.spread.paired_interval`, seed 0).

        None for local evidence, whose scores of single rows are not kept, and wherever the flips are not all there.
        """
        if self.kind != "metric" or len(self.flips) != self.wins + self.losses:
            return None
        return paired_interval([flip.gain for flip in self.flips], self.n)

    @property
    def chance(self) -> str:
        """The sign test in words: ``p = 0.031``, ``p < 0.001`` where three digits would say 0; empty without a test.

        Of a *worse* text too: the test asks whether it is better, and its p beside the interval would read as "no difference".
        """
        return "" if self.p is None or self.label == "worse" else chance_text(self.p)

    def summary(self, *, interval: bool = True) -> str:
        """One line of numbers; ``interval`` adds that of the metric's gain, in points."""
        if self.kind == "local":
            return f"{self.label}: critic's score {self.before:.1f} -> {self.after:.1f} on {_rows(self.n)}"
        chance = f", {self.chance}" if self.chance else ""
        source = " (a judge's)" if self.judged else ""
        local = "" if self.local is None else f"; critic's score {self.local[0]:.1f} -> {self.local[1]:.1f}"
        failed = f"; {_rows(self.failed)} failed and left out" if self.failed else ""
        spread = f" (95% {_points(self.interval)} points)" if interval and self.interval else ""
        return (
            f"{self.label}: metric{source} {self.before:.1%} -> {self.after:.1%}{spread} on {_rows(self.n)}, "
            f"{self.wins} won, {self.losses} lost{chance}{local}{failed}"
        )


def chance_text(p: float) -> str:
    """The p of a sign test in words, as in `Evidence.chance`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"


def _points(interval: tuple[float, float]) -> str:
    low, high = (f"{100 * end:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0") for end in interval)
    return f"{low} to {high}"
