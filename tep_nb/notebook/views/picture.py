"""The graph as a picture: SVG for pages, PNG for readers that show nothing else."""

from __future__ import annotations

import io
from base64 import b64encode
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from tep_nb.core.graph import Graph
from tep_nb.core.state import State
from tep_nb.core.visible import visible
from tep_nb.notebook.views.geometry import Box, Drawing, Line, draw
from tep_nb.notebook.views.graph import card_view
from tep_nb.notebook.views.text import esc, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["graph_pictures", "graph_png", "static_graph"]

# Readable on white and on black, because a picture cannot ask which it is on: the cards bring their own ground, and what lies
# outside of them is of a middle grey.
_CARD, _TOOL, _INK, _SOFT, _LINE = "#f6f8fa", "#e6e9ee", "#1f2328", "#57606a", "#7b828c"
_HUES = {"settling": "#1565c0", "settled": "#1b7f3b", "stuck": "#9a5b00", "frozen": "#57606a"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
_MONO = "ui-monospace, Menlo, Consolas, monospace"
_LABEL = 24
_WIDEST = 860
"""Pixels; nbconvert makes an image of an SVG and lets nothing shrink it, so that a wider one would be cut off."""
_BOLD, _END = ' font-weight="600"', ' text-anchor="end"'

_PAINTED = 60
"""Nodes up to which a PNG is made too: painting 200 takes three seconds, and nobody could read it."""

Words = tuple[float, float, str, float, str, bool, bool]
"""A text on a card: x, y of its baseline, the text, size in pixels, colour, bold, ends at x."""


def static_graph(graph: Graph, state: State | None = None) -> str:
    """The graph as one SVG picture that needs no script, no style and no network."""
    drawing = draw(graph)
    parts = [_edge(line) for line in drawing.lines]
    parts += [_card(card_view(graph, node, state), drawing.boxes[node.name]) for node in graph.order]
    title = f"Graph of {plural(len(graph.agents), 'agent')} and {plural(len(graph.tools), 'tool')}"
    w, h = round(drawing.width), round(drawing.height)
    shown = min(w, _WIDEST)
    size = f'viewBox="0 0 {w} {h}" width="{shown}" height="{round(h * shown / w)}"'
    arrow = (
        '<marker id="tep-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0.8 L7,4 L0,7.2 z" fill="{_LINE}"/></marker>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'style="max-width:100%;height:auto" font-family="{esc(_FONT)}"><title>{esc(title)}</title>'
        f"<defs>{arrow}</defs>{''.join(parts)}</svg>"
    )


def graph_pictures(graph: Graph, state: State | None = None) -> dict[str, str]:
    """One output with the graph for every reader: nbconvert shows the SVG, an untrusted page and some code hosts only the PNG."""
    size = f"{plural(len(graph.agents), 'agent')} and {plural(len(graph.tools), 'tool')}"
    found = {"text/plain": f"the graph of {size}", "image/svg+xml": static_graph(graph, state)}
    if len(graph.nodes) <= _PAINTED:
        found["image/png"] = b64encode(graph_png(graph, state)).decode("ascii")
    return found


def _edge(line: Line) -> str:
    dash = ' stroke-dasharray="4 3"' if line.guard else ""
    path = f'<path d="{line.path}" fill="none" stroke="{_LINE}" stroke-width="1.3"{dash} marker-end="url(#tep-arrow)"/>'
    x, y = line.anchor
    label = f'<text x="{x:.1f}" y="{y - 3:.1f}" text-anchor="end" font-family="{_MONO}" font-size="10" fill="{_LINE}">'
    return f"{path}{label}{esc(_clip(line.label, _LABEL))}</text>"


def _card(card: dict[str, Any], box: Box) -> str:
    tool = card["kind"] == "tool"
    dash = ' stroke-dasharray="5 3"' if card["guard"] else ""
    size = f'width="{box.w}" height="{box.h}" rx="{14 if tool else 5}"'
    ground = f'<rect x="{box.x:.1f}" y="{box.y:.1f}" {size} fill="{_TOOL if tool else _CARD}" stroke="{_LINE}"{dash}/>'
    if hue := _HUES.get(card["state"]):
        ground += f'<rect x="{box.x:.1f}" y="{box.y + 4:.1f}" width="3" height="{box.h - 8}" fill="{hue}"/>'
    texts = (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"{_BOLD if bold else ""}{_END if ends else ""}>'
        f"{esc(text)}</text>"
        for x, y, text, size, fill, bold, ends in _texts(card, box)
    )
    return f"<g>{ground}{''.join(texts)}</g>"


def _texts(card: dict[str, Any], box: Box) -> list[Words]:
    """What stands on a card, and where."""
    tool, state = card["kind"] == "tool", card["state"]
    left, right = box.x + 10, box.x + box.w - 8
    name = f"ƒ {card['name']}" if tool else card["name"]
    found: list[Words] = [
        (left, box.y + 18, _clip(name, 15 if state else 18 if tool else 22), 13, _INK, True, False),
        *((left, box.y + 34 + 14 * at, text, 11, _SOFT, False, False) for at, text in enumerate(_role(card, 25 if tool else 30))),
        (left, box.y + box.h - 9, _facts(card), 11, _INK, False, False),
    ]
    if state:
        found.append((right, box.y + 18, state, 11, _HUES[state], False, True))
    if card["guard"]:
        found.append((left, box.y + 63, _clip(f"when {card['guard']}", 28), 10, _SOFT, False, False))
    return found


def _role(card: dict[str, Any], letters: int) -> list[str]:
    """Two lines of what a node does, the end left out."""
    return wrap(card["role"], letters, max_lines=2, placeholder=" …")


def _facts(card: dict[str, Any]) -> str:
    if card["kind"] == "tool":
        return _clip(card["options"], 24) or "tool"
    score = f"{card['score']} / 10 · " if card["score"] else ""
    pending = f" · {card['pending']} pending" if card["pending"] else ""
    return f"{score}{card['tokens']} tok{pending}"


def _clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, the end left out."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def graph_png(graph: Graph, state: State | None = None) -> bytes:
    """The same picture as PNG, drawn without pyplot, which kernel subshells corrupt."""
    from matplotlib.figure import Figure

    drawing = draw(graph)
    dots = 108
    figure = Figure(figsize=(drawing.width / 72, drawing.height / 72), dpi=dots)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    axes.set_axis_off()
    for line in drawing.lines:
        _paint_line(axes, line)
    for node in graph.order:
        _paint_card(axes, card_view(graph, node, state), drawing.boxes[node.name])
    out = io.BytesIO()
    figure.savefig(out, format="png", transparent=True, dpi=_density(drawing, dots), metadata={"Software": None})
    return out.getvalue()


def _density(drawing: Drawing, dots: float) -> float:
    """Fewer dots for a large graph: a notebook should not grow by megabytes."""
    return min(dots, 72 * 4000 / max(drawing.width, drawing.height))


def _paint_line(axes: Axes, line: Line) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    (x, y), *rest = line.points
    places, codes = [(x, y)], [Path.MOVETO]
    for to_x, to_y in rest:
        bend = (to_x - x) / 2
        places += [(x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
        codes += [Path.CURVE4] * 3
        x, y = to_x, to_y
    style = "dashed" if line.guard else "solid"
    arrow = FancyArrowPatch(
        path=Path(places, codes), arrowstyle="-|>", mutation_scale=7, lw=1, color=_LINE, linestyle=style, shrinkA=0, shrinkB=0
    )
    axes.add_patch(arrow)
    x, y = line.anchor
    axes.text(x, y - 3, _plain(_clip(line.label, _LABEL)), size=8, color=_LINE, family="monospace", ha="right", parse_math=False)


def _paint_card(axes: Axes, card: dict[str, Any], box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    tool = card["kind"] == "tool"
    round_ = f"round,pad=0,rounding_size={14 if tool else 5}"
    style = "dashed" if card["guard"] else "solid"
    ground = FancyBboxPatch(
        (box.x, box.y), box.w, box.h, boxstyle=round_, fc=_TOOL if tool else _CARD, ec=_LINE, lw=1, linestyle=style
    )
    axes.add_patch(ground)
    if hue := _HUES.get(card["state"]):
        axes.add_patch(Rectangle((box.x, box.y + 4), 3, box.h - 8, color=hue, lw=0))
    for x, y, text, size, fill, bold, ends in _texts(card, box):
        axes.text(
            x, y, _plain(text), size=size * 0.88, color=fill, weight="bold" if bold else "normal", ha="right" if ends else "left",
            parse_math=False,
        )  # fmt: skip


def _plain(text: str) -> str:
    """A text for one line of a picture: no glyph is missing, nothing breaks the line."""
    return " ".join("".join(char if ord(char) < 0x2500 else "□" for char in visible(text)).split())
