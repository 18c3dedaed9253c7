"""What the graph view draws."""

from __future__ import annotations

from typing import Any

from tep_nb.core.graph import Agent, Graph, Node
from tep_nb.core.state import State
from tep_nb.core.text import count_tokens
from tep_nb.notebook.views.geometry import LABEL, draw
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import clip, shown

__all__ = ["card_view", "graph_data", "paint_graph"]


def paint_graph(bench: Bench) -> dict[str, Any]:
    """The value ``graph``: the session's, or the drafts'."""
    return {"graph": graph_data(bench.graph, bench.state)}


def graph_data(graph: Graph | None, state: State | None = None) -> dict[str, Any]:
    """What the graph view draws; pure. Works on drafts, without a state."""
    if graph is None:
        return {"nodes": [], "edges": [], "width": 0, "height": 0}
    drawing = draw(graph)
    nodes = [
        {**card_view(graph, node, state), "x": box.x, "y": box.y, "w": box.w, "h": box.h, "layer": box.layer}
        for node in graph.order
        for box in (drawing.boxes[node.name],)
    ]
    edges = [
        {
            "source": line.source, "target": line.target, "label": line.label, "guard": line.guard, "path": line.path,
            "lx": line.anchor[0], "ly": line.anchor[1], "lw": LABEL,
        }
        for line in drawing.lines
    ]  # fmt: skip
    data: dict[str, Any] = shown({"nodes": nodes, "edges": edges, "width": drawing.width, "height": drawing.height})
    return data


def card_view(graph: Graph, node: Node, state: State | None) -> dict[str, Any]:
    """What a card says of a node."""
    if not isinstance(node, Agent):
        options = ", ".join(f"{name}={value}" for name, value in node.options.items())
        card = {"name": node.name, "kind": "tool", "role": clip(node.doc, 200), "options": clip(options, 80), "state": ""}
        return {**card, "guard": "", "pending": 0, "spoken": _spoken(graph, node)}
    track = state.track(node.prompt_name) if state else None
    settled = ("stuck" if track.stuck else "settled") if track and track.settled else "settling"
    status = "frozen" if node.frozen else settled if state else ""
    score = f"{track.history[-1].score:.1f}" if track and track.history else None
    pending = sum(p.prompt == node.prompt_name for p in state.step.pending) if state else 0
    size = count_tokens(node.prompt.text)
    return {
        "name": node.name,
        "kind": "agent",
        "role": clip(node.role, 200),
        "state": status,
        "rule": track.settled if track else "",
        "score": score,
        "tokens": size,
        "pending": pending,
        "guard": str(node.guard) if node.guard else "",
        "shared": node.prompt_name if node.prompt_name != node.name else "",
        "spoken": _spoken(graph, node),
    }


def _spoken(graph: Graph, node: Node) -> str:
    """In words, what the page draws as lines."""
    readers = dict.fromkeys(edge.target for edge in graph.edges if edge.source == node.name)
    kind = "agent" if isinstance(node, Agent) else "tool"
    return f"{kind}; reads {', '.join(node.needs)}; {'feeds ' + ', '.join(readers) if readers else 'gives the output'}"
