"""What the next step can take at most: a plain product of rows and nodes."""

from __future__ import annotations

from dataclasses import dataclass

from tep_nb.core.state import State
from tep_nb.method.tep.free import open_prompts
from tep_nb.method.tep.schedule import gate_rows, input_rows
from tep_nb.method.tep.settings import Settings

__all__ = ["Estimate", "estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calls of the next step at most, by purpose; what is recorded already is not subtracted."""

    calls: dict[str, int]

    @property
    def total(self) -> int:
        """All purposes together."""
        return sum(self.calls.values())


def estimate(tep: Settings, state: State) -> Estimate:
    """An upper bound on the model calls of the next step, re-asks left out, its gate included."""
    graph, m = state.graph, min(tep.minibatch, len(state.dataset.train))
    open_ = [n for n in open_prompts(state) if state.phase == "nudged" or not state.track(n).settled]
    users = sum(len(graph.users(name)) for name in open_)
    if state.phase == "done":
        return Estimate({})
    if state.phase == "free":
        refresh = state.inputs is None or not open_
        rows = len(input_rows(tep, state)) if refresh else 0
        return Estimate({"forward": rows * len(graph.agents), "actor": users * m, "critic": users * m, "editor": len(open_)})
    agents = {agent.name for agent in graph.agents}
    below = sum(len(graph.descendants(name) & agents) for name in open_)
    n = len(gate_rows(tep, state.dataset))
    return Estimate(
        {
            "forward": m * len(graph.agents),
            "critic": users * m,
            "editor": len(open_),
            "gate": n * (len(graph.agents) + below),
        }
    )
