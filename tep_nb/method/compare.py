"""Two points of a session side by side: what was changed, and what it does to the metric on the same rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from tep_nb.core.metric import Metric
from tep_nb.core.review import Paid
from tep_nb.core.state import State
from tep_nb.core.text import Hunk
from tep_nb.errors import DataError
from tep_nb.method.paired import Paired, measure_both
from tep_nb.method.tep.schedule import gate_rows
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import Runtime

__all__ = ["Changed", "Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Changed:
    """One prompt that differs between two points."""

    prompt: str
    before: str
    after: str
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Paired):
    """What lies between two points of a session.

    Attributes
    ----------
    before, after, n, failed, flips
        Of the gate rows, as `Paired` has them.
    one, other : int
        Steps after which the points lie; 0 is the start.
    prompts : tuple of Changed
        Prompts whose texts differ.
    paid : Paid or None
        What this comparison paid for.
    """

    one: int
    other: int
    prompts: tuple[Changed, ...]
    paid: Paid | None = field(default=None, compare=False)


async def compare(tep: Settings, door: Runtime, one: State, other: State, metric: Metric) -> Comparison:
    """Measure two points on the gate rows; what is recorded is not asked again.

    Raises
    ------
    DataError
        There are no validation rows.
    EvidenceVoid
        More than a fifth of the rows failed on either side.
    """
    rows = gate_rows(tep, one.dataset)
    if not rows:
        raise DataError("two points are compared on validation rows, and there are none: split some off")
    both = await measure_both(door, one.graph, other.graph, metric, rows, tep.seed)
    return Comparison(
        both.before, both.after, both.n, both.failed, both.flips,
        one=one.step.index, other=other.step.index, prompts=_changed(one, other),
    )  # fmt: skip


def _changed(one: State, other: State) -> tuple[Changed, ...]:
    return tuple(
        Changed(name, prompt.text, other.prompts[name].text, prompt.diff(other.prompts[name]))
        for name, prompt in one.prompts.items()
        if prompt.text != other.prompts[name].text
    )
