"""What the graph view draws: where cards and edges lie, and what each card says."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

from tep_nb.core.data import Dataset
from tep_nb.core.graph import Agent, Graph, Node
from tep_nb.core.state import State
from tep_nb.core.step import LINE, Scored
from tep_nb.core.text import count_tokens
from tep_nb.notebook.views.geometry import LABEL, LIVE, STILL, Drawing, Sizes, draw
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.memo import by_identity
from tep_nb.notebook.views.text import clip, shown

__all__ = ["card_view", "graph_data", "paint_graph", "past_data", "place"]

_SCORES = 12
"""Scores that a card draws, the last ones."""

Places = dict[str, Any]
Cards = dict[str, tuple[tuple[Any, ...], dict[str, Any]]]
"""By node, what a card was made of, and the card."""


def paint_graph(bench: Bench) -> dict[str, Any]:
    """The values ``graph`` (places and edges; a decision moves nothing), ``card/NAME``, and ``digest``, the graph's."""
    graph, state = bench.graph, bench.state
    if graph is None:
        return {"graph": place(None), "digest": ""}
    pending = _pending(state)
    kept = _cards(state.dataset if state else graph)
    cards = {f"card/{node.name}": _card(kept, graph, node, state, pending) for node in graph.order}
    return {"graph": _live(graph), "digest": graph.digest, **cards}


def place(graph: Graph | None, sizes: Sizes = STILL) -> Places:
    """Where everything lies: boxes in topological order, edges with their labels, the size; pure."""
    if graph is None:
        return {"nodes": [], "edges": [], "width": 0, "height": 0}
    drawing = draw(graph, sizes)
    return _place(drawing, names=[node.name for node in graph.order])


@by_identity(8)
def _live(graph: Graph) -> Places:
    return place(graph, LIVE)


@by_identity(8)
def _place(drawing: Drawing, *, names: list[str]) -> Places:
    boxes = [drawing.boxes[name] for name in names]
    nodes = [{"name": box.name, "x": box.x, "y": box.y, "w": box.w, "h": box.h, "layer": box.layer} for box in boxes]
    edges = [
        {
            "source": line.source, "target": line.target, "label": line.label, "fields": ", ".join(line.fields),
            "guard": line.guard, "path": line.path, "lx": line.anchor[0], "ly": line.anchor[1], "lw": LABEL,
        }
        for line in drawing.lines
    ]  # fmt: skip
    return {"nodes": nodes, "edges": edges, "width": drawing.width, "height": drawing.height}


def graph_data(graph: Graph | None, state: State | None = None, sizes: Sizes = LIVE) -> dict[str, Any]:
    """A whole graph, cards and places together; pure. Works on drafts, without a state."""
    found = place(graph, sizes)
    if graph is None:
        return found
    pending = _pending(state)
    boxes = zip(graph.order, found["nodes"], strict=True)
    nodes = [{**card_view(graph, node, state, pending), **box} for node, box in boxes]
    data: dict[str, Any] = shown({**found, "nodes": nodes})
    return data


def past_data(then: State, now: State) -> dict[str, Any]:
    """The graph as it was, for `showPast` on the page; ``changed`` names the nodes that have another prompt by now."""
    new = now.prompts
    changed = {name for name, prompt in then.prompts.items() if name not in new or new[name].text != prompt.text}
    users = [agent.name for agent in then.graph.agents if agent.prompt_name in changed]
    return {**graph_data(then.graph, then), "changed": users}


def _card(kept: Cards, graph: Graph, node: Node, state: State | None, pending: Counter[str]) -> dict[str, Any]:
    """The same object as the last time where nothing of it is new: then nobody needs to look at it again."""
    key: tuple[Any, ...] = (node, _words(graph)[node.name])
    if state and isinstance(node, Agent):
        key += (state.track(node.prompt_name), state.phase, pending[node.prompt_name])
    known = kept.get(node.name)
    if known is None or known[0] != key:
        known = kept[node.name] = (key, card_view(graph, node, state, pending))
    return known[1]


def card_view(graph: Graph, node: Node, state: State | None, pending: Counter[str] | None = None) -> dict[str, Any]:
    """What a card says of a node.

    Parameters
    ----------
    pending : Counter of prompt, optional
        How many proposals wait, where the caller has counted them.
    """
    links, fields = _words(graph)[node.name]
    card = {"name": node.name, "fields": fields}
    if not isinstance(node, Agent):
        options = ", ".join(f"{name}={value}" for name, value in node.options.items())
        tool = {"kind": "tool", "role": clip(node.doc, 200), "options": clip(options, 80), "state": "", "guard": "", "pending": 0}
        return {**card, **tool, "spoken": f"tool; {links}"}
    track = state.track(node.prompt_name) if state else None
    settled = ("stuck" if track.stuck else "settled") if track and track.settled else "settling"
    history = track.history[-_SCORES:] if track else ()
    rule = track.settled if track else ""
    tokens, first = _size(node.prompt.text), _first(state, node)
    return {
        **card,
        "kind": "agent",
        "prompt": node.prompt_name,
        "role": clip(node.role, 200),
        "state": "frozen" if node.frozen else settled if state else "",
        "phase": state.phase if state else "",
        "rule": clip(rule, 200),
        "score": f"{history[-1].score:.1f}" if history else None,
        "scores": [[round(scored.score, 6), scored.phase] for scored in history],
        "tokens": tokens,
        "grown": tokens - first,
        "pending": (_pending(state) if pending is None else pending)[node.prompt_name],
        "guard": str(node.guard) if node.guard else "",
        "shared": node.prompt_name if node.prompt_name != node.name else "",
        "spoken": "; ".join(filter(None, ("agent", rule and f"rule that fired: {clip(rule, 200)}", _series(history), links))),
    }


def _pending(state: State | None) -> Counter[str]:
    return Counter(proposal.prompt for proposal in state.step.pending) if state else Counter()


def _series(history: tuple[Scored, ...]) -> str:
    """In words, what the card draws as a line: the scores phase by phase, and on which side of 8.0 the last one lies."""
    if not history:
        return ""
    parts: list[str] = []
    phase = ""
    for scored in history:
        parts.append(f"{scored.score:.1f}" if scored.phase == phase else f"{scored.phase} {scored.score:.1f}")
        phase = scored.phase
    return f"scores {', '.join(parts)}; {'below' if history[-1].score < LINE else 'at or above'} {LINE}"


@by_identity(8)
def _words(graph: Graph) -> dict[str, tuple[str, list[str]]]:
    """Of each node in words what the page draws as lines, and the fields that it reads and writes."""
    readers: dict[str, dict[str, None]] = {}
    for edge in graph.edges:
        readers.setdefault(edge.source, {})[edge.target] = None
    found = {}
    for node in graph.order:
        needs, fed = node.needs, readers.get(node.name, {})
        links = f"reads {', '.join(needs)}; {'feeds ' + ', '.join(fed) if fed else 'gives the output'}"
        found[node.name] = (links, [*needs, *node.outputs])
    return found


@lru_cache(maxsize=1024)
def _size(text: str) -> int:
    return count_tokens(text)


def _first(state: State | None, agent: Agent) -> int:
    """Tokens of the agent's prompt at the session's start."""
    if state is None:
        return _size(agent.prompt.text)
    start = _start(state.dataset, state=state)
    return _size(start.prompts.get(agent.prompt_name, agent.prompt).text)


@by_identity(8)
def _start(dataset: Dataset, *, state: State) -> Graph:  # noqa: ARG001  all states of a session share its data: it is the key
    return state.lineage[-1].graph


@by_identity(8)
def _cards(owner: Dataset | Graph) -> Cards:  # noqa: ARG001  a session by its data, drafts by their graph
    return {}
