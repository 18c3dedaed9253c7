"""One row through the graph as it is and as it was before the last edit: what that edit changed on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tep_nb.core.data import Call, Row, Trace
from tep_nb.core.events import RowScore
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric
from tep_nb.core.node import Agent, Tool
from tep_nb.core.review import Decision, Proposal
from tep_nb.core.state import State
from tep_nb.method.forward import forward, gather, measured_draw, request_of, written_by
from tep_nb.method.measure import measure
from tep_nb.method.reply import Fault
from tep_nb.method.tep.settings import Settings
from tep_nb.model.base import Models, Reply
from tep_nb.model.runtime import Runtime

__all__ = ["Flow", "flow", "flow_calls", "last_edit"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One row through two graphs.

    Attributes
    ----------
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

    now: Trace
    before: Trace | None
    since: str
    graph: str = ""
    scores: tuple[RowScore, ...] = ()

    @property
    def row(self) -> int:
        """The row's id."""
        return self.now.row.id

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the nodes that wrote something else, or that one of both skipped, in topological order."""
        if self.before is None:
            return ()
        old = self.before.calls
        return tuple(name for name, calls in self.now.calls.items() if _wrote(calls) != _wrote(old.get(name, "skipped")))


def _wrote(calls: tuple[Call, ...] | str) -> tuple[str, ...] | None:
    return None if isinstance(calls, str) else tuple(call.text for call in calls)


def last_edit(state: State) -> tuple[Proposal, Decision] | None:
    """The last decision of this branch that changed a prompt, with its proposal; None before the first."""
    return next(((p, d) for p, d in reversed(state.reviewed) if d.text is not None), None)


async def flow(tep: Settings, door: Runtime, state: State, row: Row, metric: Metric) -> Flow:
    """Run both graphs on a row; what is recorded is not asked again.

    Raises
    ------
    ToolFailed, ModelError, MetricError
        A call failed for good, on either side; so did the metric.
    """
    graphs, since = [state.graph], ""
    if (last := last_edit(state)) is not None:
        proposal, decision = last
        graphs.append(state.graph.with_prompt(proposal.prompt, proposal.before))
        since = f"{decision.verdict} of {proposal.prompt} by {decision.by} (step {proposal.step})"
    made = await gather([forward(door, graph, [row], "ask", tep.seed) for graph in graphs])
    now, *earlier = [trace for (trace,) in made]
    scores = [] if metric.prompt is not None else await measure(door, state.graph, metric, [now, *earlier])
    return Flow(now, earlier[0] if earlier else None, since, state.graph.digest, tuple(scores))


def flow_calls(tep: Settings, state: State, row: Row, models: Models, known: Callable[[str], Any]) -> int:
    """Model calls that `flow` makes at most: those whose recorded reply is not there, or cannot be foreseen.

    Parameters
    ----------
    tep : Settings
    state : State
    row : Row
    models : Models
    known : callable
        The recorded reply under a key, or None.
    """
    unknown = _unrecorded(tep, state.graph, row, models, known)
    if (last := last_edit(state)) is None:
        return len(unknown)
    edit, _ = last
    before = state.graph.with_prompt(edit.prompt, edit.before)
    # A node that the edit cannot reach asks the same on both sides, and so only once.
    return len(unknown) + len(_unrecorded(tep, before, row, models, known) & before.descendants(edit.prompt))


def _unrecorded(tep: Settings, graph: Graph, row: Row, models: Models, known: Callable[[str], Any]) -> set[str]:
    """Names of the agents that would have to be asked; all that read what one of them writes are among them."""
    values = dict(row.fields)
    found: set[str] = set()
    for node in graph.order:
        written = None
        if all(need in values for need in node.needs):
            written = _tool(node, values, known) if isinstance(node, Tool) else _agent(tep, node, values, row.id, models, known)
        if written is not None:
            values.update(written)
        elif isinstance(node, Agent):
            found.add(node.name)
    return found


def _tool(tool: Tool, values: Mapping[str, Any], known: Callable[[str], Any]) -> dict[str, Any] | None:
    made = known(tool.key({name: values[name] for name in tool.needs}))
    if made is None:
        return None
    return dict(made) if len(tool.outputs) > 1 else {tool.output: made}


def _agent(
    tep: Settings, agent: Agent, values: Mapping[str, Any], row: int, models: Models, known: Callable[[str], Any]
) -> dict[str, Any] | None:
    if (passed := agent.passed_on(values)) is not None:
        return passed
    request = request_of(agent, agent.fields(values), agent.temperature, measured_draw(tep.seed, agent, row))
    said = known(request.key(models.of("actor", agent.model).name))
    if said is None:
        return None
    made = written_by(agent, Reply(said[0], finish=said[1]))
    return None if isinstance(made, Fault) else made  # what could not be used was asked for again: not foreseen here
