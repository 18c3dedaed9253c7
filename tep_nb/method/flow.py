"""One row through the graph as it is and as it was before the last edit: what that edit changed on the way."""

from __future__ import annotations

from dataclasses import dataclass

from tep_nb.core.data import Call, Row, Trace
from tep_nb.core.events import RowScore
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric
from tep_nb.core.state import State
from tep_nb.method.forward import forward, gather
from tep_nb.method.measure import measure
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import Runtime

__all__ = ["Flow", "flow", "flow_calls"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One row through two graphs.

    Attributes
    ----------
    row : int
        Its id.
    now : Trace
        Through the current graph.
    before : Trace or None
        Through the graph before the last decision that changed a prompt; None where there was none on this branch.
    since : str
        That decision in words, empty without one.
    graph : str
        Digest of the current graph, so that a reader can tell whether it still is.
    scores : tuple of RowScore
        The metric now and, where there is a graph before, before; empty where a judge scores, because that would be calls more.
    """

    row: int
    now: Trace
    before: Trace | None
    since: str
    graph: str = ""
    scores: tuple[RowScore, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the nodes that wrote something else, or that one of both skipped, in topological order."""
        if self.before is None:
            return ()
        old = self.before.calls
        return tuple(name for name, calls in self.now.calls.items() if _wrote(calls) != _wrote(old.get(name, "skipped")))


def _wrote(calls: tuple[Call, ...] | str) -> tuple[str, ...] | None:
    return None if isinstance(calls, str) else tuple(call.text for call in calls)


def _before(state: State) -> tuple[Graph | None, str]:
    """The graph before the last decision that changed a prompt, and that decision in words."""
    for proposal, decision in reversed(state.reviewed):
        if decision.text is not None:
            said = f"{decision.verdict} of {proposal.prompt} by {decision.by} (step {proposal.step})"
            return state.graph.with_prompt(proposal.prompt, proposal.before), said
    return None, ""


async def flow(tep: Settings, door: Runtime, state: State, row: Row, metric: Metric) -> Flow:
    """Run both graphs on a row; what is recorded is not asked again.

    Raises
    ------
    ToolFailed, ModelError, MetricError
        A call failed for good, on either side; so did the metric.
    """
    before, since = _before(state)
    graphs = [state.graph] if before is None else [state.graph, before]
    made = await gather([forward(door, graph, [row], "ask", tep.seed) for graph in graphs])
    traces = [trace for (trace,) in made]
    scores = [] if metric.prompt is not None else await measure(door, state.graph, metric, traces)
    return Flow(row.id, traces[0], None if before is None else traces[1], since, state.graph.digest, tuple(scores))


def flow_calls(state: State) -> int:
    """Model calls at most: every agent, and before the last edit once more the edited ones and all agents behind them."""
    agents = {agent.name for agent in state.graph.agents}
    last = next((proposal.prompt for proposal, decision in reversed(state.reviewed) if decision.text is not None), None)
    return len(agents) + (len(agents & state.graph.descendants(last)) if last is not None else 0)
