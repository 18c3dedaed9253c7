"""The forward signal: what a step is for, in a size that does not depend on depth (METHOD section 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric
from tep_nb.core.node import Agent, Tool
from tep_nb.core.text import beginning, count_tokens, show
from tep_nb.method.template import fence, fill, load

__all__ = ["Contract", "Signal", "contracts"]

_MOST = 8  # contracts of one agent (our choice)
_LONGEST = 60  # tokens of one contract (our choice)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*(?:[.!?]|$|(?=\n))")


@dataclass(frozen=True, slots=True)
class Contract:
    """What one consumer reads and expects."""

    consumer: str
    fields: tuple[str, ...]
    expects: str


def contracts(graph: Graph, metric: Metric, node: str) -> tuple[Contract, ...]:
    """The contracts of a node's direct consumers; the metric is the last node's."""
    found = [Contract(other.name, read, _short(_expects(other, read))) for other, read in graph.consumers(node)]
    if graph.producers[graph.output].name == node:
        found.append(Contract(f"the metric {metric.name}", (graph.output,), _short(metric.doc)))
    return tuple(found[:_MOST])


def _expects(node: Agent | Tool, fields: tuple[str, ...]) -> str:
    if isinstance(node, Tool):
        return node.doc
    if node.expects:
        return node.expects
    said = [_sentence(node.prompt.text, f"{{{{{name}}}}}") for name, source in node.reads.items() if source in fields]
    return " ".join(dict.fromkeys(sentence for sentence in said if sentence))


def _sentence(text: str, part: str) -> str:
    """The sentence (or line) that holds a placeholder."""
    return next((m[0].strip() for m in _SENTENCE.finditer(text) if part in m[0]), "")


def _short(text: str) -> str:
    """At most 60 tokens of a text, as it stands."""
    short = beginning(text, _LONGEST)
    return " ".join(short.split()) + " …" * (count_tokens(text) > _LONGEST)


@dataclass(frozen=True, slots=True)
class Signal:
    """Built once per minibatch; ``scores`` are the end scores of its rows, ``targets`` what the sink's critic may see."""

    graph: Graph
    metric: Metric
    objective: str
    scores: dict[int, float]
    targets: dict[int, object]

    def text(self, node: str, row: int) -> str:
        """The section of the critic's request for one node and row."""
        known = self.scores.get(row)
        mean = sum(self.scores.values()) / len(self.scores) if self.scores else 0.0
        sink = self.graph.producers[self.graph.output].name == node
        reference = ""
        if sink and row in self.targets:
            reference = "\nThe reference of this row:\n\n" + fence("reference", show(self.targets[row]))
        return fill(
            load("critic_signal"),
            {
                "objective": fence("objective", self.objective),
                "contracts": "\n".join(map(_fenced, contracts(self.graph, self.metric, node))) or "(nothing reads it)",
                "metric": " ".join(self.metric.name.split()),  # one line, whatever its labels are
                "score": "not known" if known is None else f"{known:.3g}",
                "mean": f"{mean:.3g}",
                "reference": reference,
            },
        ).strip()


def _fenced(contract: Contract) -> str:
    return fence("consumer", f"{contract.consumer} reads {', '.join(contract.fields)}\nexpects: {contract.expects}")
