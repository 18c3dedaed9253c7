"""The metric on traces: a function of names, or a judge."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist, fmean

from tep_nb.core.data import Trace
from tep_nb.core.events import Evaluation, RowScore
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric, Score, as_score
from tep_nb.core.spread import bootstrap
from tep_nb.core.state import State
from tep_nb.core.text import show
from tep_nb.errors import EvidenceVoid, MetricError, TepError
from tep_nb.method.forward import gather
from tep_nb.method.judge import ask_judge
from tep_nb.model.runtime import Runtime

__all__ = ["SAME", "evaluation", "interval", "measure"]

SAME = 1e-9
"""Values nearer than this did not change."""


async def measure(door: Runtime, graph: Graph, metric: Metric, traces: Sequence[Trace]) -> list[RowScore]:
    """The metric on each trace; a failed row says so and has no value that counts.

    Raises
    ------
    MetricError
        The metric raised, or returned something that is no score; names metric and row.
    """
    return await gather(_one(door, graph, metric, trace) for trace in traces)


async def _one(door: Runtime, graph: Graph, metric: Metric, trace: Trace) -> RowScore:
    if trace.failed is not None:
        return RowScore(trace.row.id, 0.0, "", failed=": ".join(trace.failed))
    output = show(trace.values[graph.output])
    arguments = metric.arguments(trace.row, trace.values, graph.output)
    if metric.prompt is not None:
        judged = await ask_judge(door, metric.prompt, arguments, trace.row.id)
        if isinstance(judged, str):
            return RowScore(trace.row.id, 0.0, output, failed=judged)
        return RowScore(trace.row.id, judged.value, output, judged.note)
    score = await _call(door, metric, arguments, trace.row.id)
    return RowScore(trace.row.id, score.value, output, score.note)


async def _call(door: Runtime, metric: Metric, arguments: dict[str, object], row: int) -> Score:
    assert metric.fn is not None
    try:
        if metric.kind == "built-in":
            return as_score(metric.fn(**arguments), metric.name)
        return as_score(await door.in_thread(metric.fn, **arguments), metric.name)
    except TepError as error:
        raise MetricError(f"row {row}: {error}") from error
    except Exception as error:
        line = (str(error).strip().splitlines() or ["no message"])[-1][:300]
        raise MetricError(
            f"metric {metric.name} failed on row {row}: {type(error).__name__}: {line}; "
            "a session keeps its metric: mend the function, then begin a session with --again (again=True), which pays no "
            "recorded call twice"
        ) from error


def interval(values: Sequence[float], seed: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Interval of the mean: Wilson where all values are 0 or 1, else the seeded percentile bootstrap over rows.

    Parameters
    ----------
    values : sequence of float
        0 to 1, at least one.
    seed : int
    level : float
        0 to 1.
    """
    n = len(values)
    mean = fmean(values)
    if all(value in (0.0, 1.0) for value in values):
        z = NormalDist().inv_cdf((1 + level) / 2)
        centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * (mean * (1 - mean) / n + z * z / (4 * n * n)) ** 0.5
        # Where no row or every row is right, one end is exact; the formula leaves 2.8e-17.
        return 0.0 if mean == 0 else max(0.0, centre - half), 1.0 if mean == 1 else min(1.0, centre + half)
    return bootstrap(values, seed, level)


def evaluation(split: str, scores: Sequence[RowScore], model: str, state: State, seed: int) -> Evaluation:
    """A look at a split: failed rows do not count.

    Raises
    ------
    EvidenceVoid
        More than a fifth of the rows failed.
    """
    values = [score.value for score in scores if not score.failed]
    failed = [score.failed for score in scores if score.failed]
    if 5 * len(failed) > len(scores):
        raise EvidenceVoid(f"{len(failed)} of {len(scores)} rows failed, more than a fifth: no score; the first: {failed[0]}")
    return Evaluation(
        split, len(values), fmean(values), interval(values, seed), tuple(scores), model, state.graph.digest, state.step.index
    )
