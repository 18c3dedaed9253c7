"""The graph view's data, and its static twin in SVG."""

from __future__ import annotations

from typing import Any

from tep_nb.core.graph import Agent, Graph, Node
from tep_nb.core.state import State
from tep_nb.core.text import count_tokens
from tep_nb.notebook.views.geometry import LABEL, Box, Drawing, Line, draw
from tep_nb.notebook.views.text import clip, esc, shown

__all__ = ["card_view", "graph_data", "static_graph"]


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
        return {**card, "guard": "", "pending": 0, "spoken": _spoken(graph, node, "tool", node.doc)}
    track = state.track(node.prompt_name) if state else None
    settled = ("stuck" if track.stuck else "settled") if track and track.settled else "settling"
    status = "frozen" if node.frozen else settled if state else ""
    score = f"{track.history[-1].score:.1f}" if track and track.history else None
    pending = sum(p.prompt == node.prompt_name for p in state.step.pending) if state else 0
    size = count_tokens(node.prompt.text)
    said = [status, f"score {score} of 10" if score else "", f"{pending} pending" if pending else "", f"{size} tokens"]
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
        "spoken": _spoken(graph, node, "agent", *said),
    }


def _spoken(graph: Graph, node: Node, *facts: str) -> str:
    """The card in words."""
    readers = [other.name for other, _ in graph.consumers(node.name)]
    ends = [f"reads {', '.join(node.needs)}", f"feeds {', '.join(readers)}" if readers else "gives the output"]
    return "; ".join([", ".join((node.name, *(fact for fact in facts if fact))), *ends])


# --- the static twin: readable on white and on black, because it cannot ask which it is on

_INK, _SOFT, _LINE = "#6b7280", "#7a828e", "#8b949e"
_HUES = {"settling": "#3b82c4", "settled": "#2e9e54", "stuck": "#b7791f", "frozen": "#8b949e"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


def static_graph(graph: Graph, state: State | None = None) -> str:
    """The graph as one SVG picture that needs no script, no style and no network."""
    drawing = draw(graph)
    parts = [_edge(line) for line in drawing.lines]
    parts += [_card(card_view(graph, node, state), drawing.boxes[node.name]) for node in graph.order]
    return _frame(drawing, parts, f"Graph of {len(graph.agents)} agents and {len(graph.tools)} tools")


def _frame(drawing: Drawing, parts: list[str], title: str) -> str:
    w, h = round(drawing.width), round(drawing.height)
    arrow = (
        f'<marker id="tep-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0.8 L7,4 L0,7.2 z" fill="{_LINE}"/></marker>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        f'style="max-width:100%;height:auto" font-family="{esc(_FONT)}" font-size="12"><title>{esc(title)}</title>'
        f"<defs>{arrow}</defs>{''.join(parts)}</svg>"
    )


def _edge(line: Line) -> str:
    dash = ' stroke-dasharray="4 3"' if line.guard else ""
    path = f'<path d="{line.path}" fill="none" stroke="{_LINE}" stroke-width="1.3"{dash} marker-end="url(#tep-arrow)"/>'
    x, y = line.anchor
    label = clip_end(line.label, 24)
    return path + (
        f'<text x="{x:.1f}" y="{y - 3:.1f}" text-anchor="end" font-family="ui-monospace, Menlo, Consolas, monospace" '
        f'font-size="10" fill="{_SOFT}">{esc(label)}</text>'
    )


def clip_end(text: str, limit: int) -> str:
    """At most ``limit`` characters, the end left out."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _card(card: dict[str, Any], box: Box) -> str:
    tool = card["kind"] == "tool"
    hue = _HUES.get(card["state"], _LINE)
    dash = ' stroke-dasharray="5 3"' if card["guard"] else ""
    x, y = box.x, box.y
    size = f'width="{box.w}" height="{box.h}" rx="{14 if tool else 5}"'
    parts = [f'<rect x="{x}" y="{y}" {size} fill="#8b949e" fill-opacity="0.10" stroke="{_LINE}"{dash}/>']
    if not tool and card["state"]:
        parts.append(f'<rect x="{x}" y="{y + 4}" width="3" height="{box.h - 8}" fill="{hue}"/>')
    name = f"ƒ {card['name']}" if tool else card["name"]
    state = card["state"]
    parts.append(_words(x + 10, y + 18, clip_end(name, 22 if not state else 16), 'font-weight="600" font-size="13"', _INK))
    if state:
        parts.append(_words(x + box.w - 8, y + 18, state, 'text-anchor="end" font-size="11"', hue))
    parts.append(_words(x + 10, y + 34, clip_end(card["role"], 32 if not tool else 26), 'font-size="11"', _SOFT))
    if card["guard"]:
        parts.append(_words(x + 10, y + 48, clip_end(f"when {card['guard']}", 32), 'font-size="10"', _SOFT))
    parts.append(_words(x + 10, y + box.h - 9, _facts(card), 'font-size="11"', _INK))
    return f"<g>{''.join(parts)}</g>"


def _facts(card: dict[str, Any]) -> str:
    if card["kind"] == "tool":
        return clip_end(card["options"], 24) or "tool"
    score = f"{card['score']} / 10 · " if card["score"] else ""
    pending = f" · {card['pending']} pending" if card["pending"] else ""
    return f"{score}{card['tokens']} tokens{pending}"


def _words(x: float, y: float, text: str, style: str, fill: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {style} fill="{fill}">{esc(text)}</text>'
