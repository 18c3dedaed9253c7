"""What the cells of a notebook declare, before and beside a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from tep_nb.core.data import Dataset
from tep_nb.core.graph import Graph, Node
from tep_nb.core.metric import Metric
from tep_nb.core.node import Agent, Tool
from tep_nb.errors import GraphError, ModelError
from tep_nb.method.tep import TEP
from tep_nb.model.base import Model, Models
from tep_nb.model.budget import Budget
from tep_nb.notebook.options import nearest

__all__ = ["ROLES", "Drafts"]

ROLES = ("actor", "critic", "editor", "judge")


@dataclass
class Drafts:
    """Agents, tools and settings by cell; running a cell again replaces what it declared."""

    nodes: dict[str, Node] = field(default_factory=dict)
    data: Dataset | None = None
    metric: Metric | None = None
    objective: str = ""
    output: str | None = None
    budget: Budget = field(default_factory=Budget)
    method: TEP = field(default_factory=TEP)
    models: dict[str, Model] = field(default_factory=dict)

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents, as declared."""
        return tuple(node for node in self.nodes.values() if isinstance(node, Agent))

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools, as declared."""
        return tuple(node for node in self.nodes.values() if isinstance(node, Tool))

    def graph(self) -> Graph:
        """The graph of all that is declared.

        Raises
        ------
        GraphError
            Nothing is declared, or it is no graph.
        """
        if not self.nodes:
            raise GraphError("nothing is declared: write an agent in a cell that begins with %%tep_agent NAME")
        return Graph(self.nodes.values(), self.output)

    def team(self) -> Models:
        """Who plays which role.

        Raises
        ------
        ModelError
            No model is declared.
        """
        if "actor" not in self.models:
            raise ModelError("no model answers yet: %tep model simulated needs no key; or openai:NAME, or a function of yours")
        roles = {role: self.models.get(role) for role in ROLES[1:]}
        return Models(
            self.models["actor"], **roles, named={name: model for name, model in self.models.items() if name not in ROLES}
        )

    def model(self, name: str) -> Model:
        """A model by the name it was declared for.

        Raises
        ------
        ModelError
            No such name; the closest.
        """
        if name not in self.models:
            known = ", ".join(self.models) or "none yet"
            hint = nearest(name, self.models)
            raise ModelError(f"no model is called {name!r}: {hint}%tep model … --for {name} adds it; there is {known}")
        return self.models[name]

    def drop(self, name: str) -> Node:
        """Forget an agent or a tool.

        Raises
        ------
        GraphError
            No such name; the closest.
        """
        if name not in self.nodes:
            known = ", ".join(self.nodes) or "none yet"
            raise GraphError(f"no agent or tool is called {name!r}: {nearest(name, self.nodes)}declared are {known}")
        return self.nodes.pop(name)

    def warnings(self, node: Node) -> list[str]:
        """What can already be said of a node among the others: certain faults, and fields that are not there yet."""
        found = []
        others = [other for other in self.nodes.values() if other is not node]
        for name in node.outputs:
            if twin := next((other for other in others if name in other.outputs), None):
                found.append(f"{twin.name} writes the field {name!r} too: rename one with --out")
            if self.data is not None and name in self.data.columns:
                found.append(f"{name!r} is a column as well: rename the column with %tep data … --rename NEW={name}")
        if self.data is not None:
            written = {name for other in self.nodes.values() for name in other.outputs}
            known = {*self.data.columns, *written}
            for name in node.needs:
                if name in (self.data.target, "target") and name not in known:
                    found.append(f"it reads {name!r}, the target column: no agent and no tool may see it")
                elif name not in known:
                    found.append(f"nobody writes {name!r} yet, and no column has that name: {nearest(name, known)}".rstrip(": "))
        if isinstance(node, Agent) and node.model is not None and node.model not in self.models:
            hint = nearest(node.model, self.models)
            found.append(f"no model is called {node.model!r} yet: {hint}%tep model … --for {node.model} adds it")
        try:
            Graph(self.nodes.values(), node.output)
        except GraphError as error:
            if "cycle" in str(error) or "share the prompt" in str(error):
                found.append(str(error))
        return found
