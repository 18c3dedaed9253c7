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
    """An upper bound on the model calls of the next step and the evidence for its proposals; re-asks are left out."""
    if state.phase == "done":
        return Estimate({})
    graph, m = state.graph, min(tep.minibatch, len(state.dataset.train))
    free = state.phase == "free"
    waiting = [name for name in open_prompts(state) if not free or not state.track(name).settled]
    names = waiting or open_prompts(state)  # a refresh reopens some of the settled ones
    users = sum(len(graph.users(name)) for name in names)
    gated = not free or tep.gate == "both"
    n = len(gate_rows(tep, state.dataset)) if gated else 0
    agents = {agent.name for agent in graph.agents}
    below = sum(len(graph.descendants(name) & agents) for name in names)
    passed = m
    if free:
        passed = len(input_rows(tep, state)) * (1 if state.inputs is None else 0 if waiting else 2)  # the old graph's and the new
    # A minibatch is judged, then each edit of it; without a free phase g_free is judged as well.
    unheld = 0 if free else sum(len(graph.users(name)) for name in names if not state.track(name).free)
    local = users * m
    calls = {
        "forward": passed * len(agents),
        "actor": 2 * local if free else local,
        "critic": 2 * local + unheld * m,
        "editor": len(names),
        "gate": n * (len(agents) + below),
    }
    if state.metric["kind"] == "judge":
        calls["judge"] = (0 if free else m) + n * (1 + len(names))
    return Estimate({purpose: count for purpose, count in calls.items() if count})
