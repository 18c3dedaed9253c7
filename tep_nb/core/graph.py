"""An immutable graph of agents and tools; its edges follow from field names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from tep_nb.core.kinds import a, check, check_text
from tep_nb.core.node import Agent, Tool
from tep_nb.core.spec import node_of, spec_of
from tep_nb.core.text import Prompt, digest
from tep_nb.errors import GraphError

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Agent", "Edge", "Graph", "Node", "Tool"]

Node = Agent | Tool


@dataclass(frozen=True, slots=True)
class Edge:
    """``target`` reads ``field``, which ``source`` writes."""

    source: str
    target: str
    field: str


@dataclass(frozen=True)
class Graph:
    """A stochastic computation graph (METHOD section 1).

    Parameters
    ----------
    nodes : sequence of Agent and Tool
    output : str, optional
        The field that is the answer of the whole; by default the one field that nobody reads.

    Raises
    ------
    GraphError
        Two producers of one field, a cycle, an unknown output, duplicate names, two texts of one shared prompt.
    """

    nodes: tuple[Node, ...]
    output: str

    def __init__(self, nodes: Iterable[Node], output: str | None = None) -> None:
        check("a graph", nodes, Iterable, "made of a sequence of Agent and Tool", "write Graph([Agent(…), …])")
        check_text("output of a graph", output, optional=True)
        object.__setattr__(self, "nodes", tuple(nodes))
        for node in self.nodes:
            if not isinstance(node, Agent | Tool):
                raise TypeError(f"a node is an Agent or a Tool, not {a(node)}: wrap a function in Tool(fn)")
        if not any(isinstance(node, Agent) for node in self.nodes):
            raise GraphError("the graph has no agent: there is no prompt to optimise")
        names = [node.name for node in self.nodes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise GraphError(f"two nodes are called {', '.join(twice)}: give each its own name")
        self._check_prompts()
        self.order  # noqa: B018  finds cycles now, not at first use, and before an output that only a cycle hides
        object.__setattr__(self, "output", self._output(output))

    def _check_prompts(self) -> None:
        texts: dict[str, Agent] = {}
        for agent in self.agents:
            first = texts.setdefault(agent.prompt_name, agent)
            if (first.prompt, first.frozen) != (agent.prompt, agent.frozen):
                raise GraphError(
                    f"{first.name} and {agent.name} share the prompt {agent.prompt_name!r} but differ in its text, protected "
                    "spans or --freeze: a shared prompt is one text"
                )

    def _output(self, output: str | None) -> str:
        if output is not None:
            if output not in self.producers:
                near = get_close_matches(output, self.producers, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise GraphError(f"no node writes the output {output!r}: fields are {sorted(self.producers)}{hint}")
            return output
        read = {name for node in self.nodes for name in node.needs}
        ends = [name for name in self.producers if name not in read]
        if len(ends) != 1:
            known = sorted(self.producers)
            raise GraphError(f"the output is not clear: nobody reads {ends}; name one of {known} with %tep output (output=)")
        return ends[0]

    @cached_property
    def producers(self) -> dict[str, Node]:
        """Field to the node that writes it."""
        found: dict[str, Node] = {}
        for node in self.nodes:
            for name in node.outputs:
                if name in found:
                    raise GraphError(
                        f"{found[name].name} and {node.name} both write the field {name!r}: rename one with --out NAME (output=)"
                    )
                found[name] = node
        return found

    @cached_property
    def order(self) -> tuple[Node, ...]:
        """Nodes in topological order; where it leaves a choice, as they were given."""
        names = [node.name for node in self.nodes]
        sources = {node.name: {self.producers[f].name for f in node.needs if f in self.producers} for node in self.nodes}
        sorter = TopologicalSorter(sources)
        try:
            sorter.prepare()
        except CycleError as error:
            path = " -> ".join(reversed(error.args[1]))
            if len(set(error.args[1])) == 1:
                path += f" ({error.args[1][0]} reads what it writes)"
            raise GraphError(f"the nodes form a cycle: {path}; a graph is acyclic, write a loop out (see --when)") from None
        ordered: list[str] = []
        ready: list[str] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=names.index)
            ordered.append(ready.pop(0))
            sorter.done(ordered[-1])
        return tuple(self[name] for name in ordered)

    def __getitem__(self, name: str) -> Node:
        check_text("the name of a node", name)
        for node in self.nodes:
            if node.name == name:
                return node
        names = [node.name for node in self.nodes]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"nodes are {', '.join(names)}"
        raise GraphError(f"no node is called {name!r}; {hint}")

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents, as given."""
        return tuple(node for node in self.nodes if isinstance(node, Agent))

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools, as given."""
        return tuple(node for node in self.nodes if isinstance(node, Tool))

    @cached_property
    def prompts(self) -> dict[str, Prompt]:
        """Prompt name to prompt, in topological order of first use."""
        return {node.prompt_name: node.prompt for node in self.order if isinstance(node, Agent)}

    def users(self, prompt: str) -> tuple[Agent, ...]:
        """The agents that use a prompt, in topological order.

        Raises
        ------
        GraphError
            No prompt has this name.
        """
        check_text("the name of a prompt", prompt)
        found = tuple(node for node in self.order if isinstance(node, Agent) and node.prompt_name == prompt)
        if not found:
            near = get_close_matches(prompt, self.prompts, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; prompts are {', '.join(self.prompts)}"
            raise GraphError(f"no prompt is called {prompt!r}{hint}")
        return found

    def is_frozen(self, prompt: str) -> bool:
        """Whether no edit of a prompt is asked for; errors as in `users`."""
        return self.users(prompt)[0].frozen

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """One edge a field that a node reads from another node."""
        return tuple(
            Edge(self.producers[name].name, node.name, name)
            for node in self.order
            for name in node.needs
            if name in self.producers
        )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Fields that nobody writes: they must be columns of the dataset."""
        return tuple(dict.fromkeys(name for node in self.order for name in node.needs if name not in self.producers))

    @cached_property
    def depth(self) -> int:
        """Agents on the longest path."""
        far: dict[str, int] = {}
        for node in self.order:
            before = max((far[e.source] for e in self.edges if e.target == node.name), default=0)
            far[node.name] = before + isinstance(node, Agent)
        return max(far.values())

    def descendants(self, prompt: str) -> frozenset[str]:
        """The users of a prompt and every node that depends on them."""
        found = {agent.name for agent in self.users(prompt)}
        for node in self.order:
            if any(edge.source in found for edge in self.edges if edge.target == node.name):
                found.add(node.name)
        return frozenset(found)

    def consumers(self, node: str) -> tuple[tuple[Node, tuple[str, ...]], ...]:
        """Who reads what of a node, in topological order."""
        return tuple(
            (other, read)
            for other in self.order
            if (read := tuple(e.field for e in self.edges if e.source == node and e.target == other.name))
        )

    def with_prompt(self, name: str, text: str) -> Graph:
        """The graph with another text of one prompt, for all agents that use it.

        Raises
        ------
        PromptError
            The text adds or drops a placeholder or a protected span.
        """
        changed = self.users(name)[0].prompt.replaced(text)
        nodes = (_with(n, prompt=changed) if isinstance(n, Agent) and n.prompt_name == name else n for n in self.nodes)
        return Graph(nodes, self.output)

    def with_frozen(self, prompt: str, frozen: bool) -> Graph:
        """The graph with one prompt frozen, or not; errors as in `users`."""
        self.users(prompt)
        nodes = (_with(n, frozen=frozen) if isinstance(n, Agent) and n.prompt_name == prompt else n for n in self.nodes)
        return Graph(nodes, self.output)

    def check(self, columns: Iterable[str], target: str) -> None:
        """Refuse a dataset that does not fit.

        Raises
        ------
        GraphError
            A node reads the target, a column is missing, or a column and a produced field have one name.
        """
        known = list(columns)
        for node in self.order:
            for name in node.needs:
                if name in self.producers or name in known:
                    continue
                if name in (target, "target"):
                    raise GraphError(
                        f"{node.name} reads {name!r}, the target column: no agent and no tool may see it; "
                        "the metric gets it as target"
                    )
                near = get_close_matches(name, [*known, *self.producers], 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise GraphError(
                    f"{node.name} reads {name!r}, which no node writes and no column has: columns are {known}{hint}"
                )
        for name in known:
            if name in self.producers:
                raise GraphError(
                    f"{name!r} is a column and is written by {self.producers[name].name}: rename the column with "
                    f"--rename NEW={name} (rename={{'NEW': {name!r}}})"
                )

    def spec(self) -> dict[str, Any]:
        """The graph as JSON, without the tools' functions."""
        return {"output": self.output, "nodes": [spec_of(node) for node in self.nodes]}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Graph:
        """The graph of a spec; its tools have no function."""
        return cls((node_of(node) for node in spec["nodes"]), spec["output"])

    @cached_property
    def digest(self) -> str:
        """Stands for everything in the spec."""
        return digest(self.spec())

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The graph for networkx: node attribute ``kind``, edge attribute ``field``."""
        import networkx

        drawn: nx.MultiDiGraph[str] = networkx.MultiDiGraph()
        for node in self.nodes:
            drawn.add_node(node.name, kind="agent" if isinstance(node, Agent) else "tool", outputs=node.outputs)
        for edge in self.edges:
            drawn.add_edge(edge.source, edge.target, field=edge.field)
        return drawn


def _with(agent: Agent, prompt: Prompt | None = None, frozen: bool | None = None) -> Agent:
    return Agent(
        agent.name,
        prompt or agent.prompt,
        output=agent.outputs,
        role=agent.role,
        inputs=agent.inputs,
        rubric=agent.rubric,
        model=agent.model,
        temperature=agent.temperature,
        frozen=agent.frozen if frozen is None else frozen,
        prompt_name=agent.prompt_name,
        when=agent.guard,
        expects=agent.expects,
    )
