"""Pictures of a session as matplotlib Figures; never pyplot, whose state the kernel's threads would share."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from tep_nb.core.graph import Graph
from tep_nb.core.node import Agent
from tep_nb.core.state import State
from tep_nb.core.visible import visible
from tep_nb.report.rows import prompts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DIM", "INK", "LARGE", "PAPER", "canvas", "feedback_figure", "graph_figure", "hue", "label", "legend", "png", "svg"]

INK, DIM, PAPER = "#1f2328", "#57606a", "#fefefe"
_AGENT, _TOOL, _EDGE = "#ddf4ff", "#f6f8fa", "#1f6feb"
_HUES = ("#0b63ce", "#b35901", "#1a7f37", "#8250df", "#bf3989", "#0a7ea4", "#9a6700")
VARIABLES: Mapping[str, str] = {
    INK: "ink", DIM: "dim", PAPER: "paper", _AGENT: "agent", _TOOL: "soft", _EDGE: "edge",
    **{colour: f"c{index}" for index, colour in enumerate(_HUES)},
}  # fmt: skip
"""Colour to the name of the variable that a page with a dark scheme sets for it."""
LARGE = 60
"""Nodes from which on a graph is drawn with plain lines."""
_LETTERS = 30


def hue(index: int, most: int = len(_HUES)) -> str:
    """The colour of the nth of several things; grey from the ``most``-th on."""
    return _HUES[index] if index < min(most, len(_HUES)) else DIM


def label(text: str) -> str:
    """A text that matplotlib takes as it is: one short line of glyphs that its font has, no formula, no hidden label."""
    text = " ".join("".join(char if char < "\u2500" or char in "⟦⟧" else "□" for char in visible(text)).split())
    text = text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
    return re.sub(r"^_", " _", text.replace("$", r"\$"))


def canvas(heights: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Panels over one another that share their horizontal axis; heights in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, sum(heights) + 0.8), layout="constrained", facecolor=PAPER)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=list(heights))
    found: list[Axes] = []
    for index in range(len(heights)):
        axes = figure.add_subplot(grid[index, 0], sharex=found[0] if found else None)
        axes.set_facecolor("none")
        axes.tick_params(colors=INK, labelsize=8, labelbottom=index == len(heights) - 1)
        axes.xaxis.label.set(color=INK, fontsize=8)
        axes.yaxis.label.set(color=INK, fontsize=8)
        for side, spine in axes.spines.items():
            spine.set(color=DIM, visible=side in ("left", "bottom"))
        found.append(axes)
    return figure, found


def legend(axes: Axes, more: Sequence[str] = ()) -> None:
    """What the colours and shapes mean, right of the panel, where it covers no point; ``more`` are lines without a sign."""
    for line in more:
        axes.plot([], [], color=DIM, linewidth=1.2, label=line)
    if axes.get_legend_handles_labels()[0]:
        beside = (1.0, 1.03)
        axes.legend(loc="upper left", bbox_to_anchor=beside, borderaxespad=0.3, fontsize=8, frameon=False, labelcolor=INK)


def feedback_figure(state: State) -> Figure:
    """B(g): words and marks of one critique, its mean and its largest, by prompt; the nearest to the answer stands last."""
    measured = [row for row in prompts(state) if row["feedback"] is not None]
    measured = sorted(measured, key=lambda row: -row["hops"])[-40:]
    figure, (axes,) = canvas([0.5 + 0.22 * max(2, len(measured))])
    left = len(state.prompts) - len(measured)
    places = range(len(measured))
    axes.hlines(places, 0, [row["feedback_most"] for row in measured], color=DIM, linewidth=1)
    axes.plot([row["feedback"] for row in measured], places, "o", color=hue(0), markersize=5, label="mean")
    axes.plot([row["feedback_most"] for row in measured], places, "|", color=INK, markersize=9, label="largest")
    cap = state.method.get("cap_tokens")
    if isinstance(cap, int):
        axes.axvline(cap, color=DIM, linestyle=":", linewidth=1, label=f"cap, {cap}")
    axes.set_yticks(places, [f"{label(row['prompt'])}, depth {row['hops']}" for row in measured])
    axes.set_ylim(len(measured) - 0.4, -0.6)
    axes.set_xlim(0, None)
    axes.set_xlabel("B(g), words and punctuation marks of a critique")
    legend(axes, [f"{left} not shown"] if left else [])
    return figure


def graph_figure(graph: Graph) -> Figure:
    """The graph in layers from left to right: agents round, tools square and dashed, fields on the edges of a small one."""
    from matplotlib.figure import Figure

    places = _layers(graph)
    wide, high = (max(place[axis] for place in places.values()) + 1 for axis in (0, 1))
    figure = Figure(figsize=(max(6.0, 2.2 * wide), max(1.5, 1.1 * high)), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.6, wide - 0.4)
    axes.set_ylim(0.6 - high, 0.6)
    if len(graph.nodes) > LARGE:
        _lines(axes, graph, places)
    else:
        _arrows(axes, graph, places)
    for node in graph.nodes:
        x, y = places[node.name]
        agent = isinstance(node, Agent)
        box = {"boxstyle": "round,pad=0.5" if agent else "square,pad=0.5", "facecolor": _AGENT if agent else _TOOL}
        box |= {"edgecolor": _EDGE if agent else DIM, "linestyle": "-" if agent else "--"}
        name = "\n".join(wrap(label(node.name), 14)) or label(node.name)
        axes.text(x, -y, name, ha="center", va="center", fontsize=9, color=INK, bbox=box)
    return figure


def _arrows(axes: Axes, graph: Graph, places: Mapping[str, tuple[int, int]]) -> None:
    for edge in graph.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        bend = 0.0 if x2 - x1 == 1 else -0.25  # an edge over a layer goes around the cards in it
        arrow = {"arrowstyle": "-|>", "color": DIM, "connectionstyle": f"arc3,rad={bend}", "shrinkA": 36, "shrinkB": 36}
        axes.annotate("", (x2, -y2), (x1, -y1), arrowprops=arrow)
        lift = 0.1 - bend * (x2 - x1) * 0.5
        axes.text((x1 + x2) / 2, -(y1 + y2) / 2 + lift, label(edge.field), ha="center", va="bottom", fontsize=7.5, color=DIM)


def _lines(axes: Axes, graph: Graph, places: Mapping[str, tuple[int, int]]) -> None:
    """Plain lines: an arrow and a label for each of hundreds of edges take ten seconds, and nobody could read them."""
    from matplotlib.collections import LineCollection

    ends = [(places[edge.source], places[edge.target]) for edge in graph.edges]
    axes.add_collection(LineCollection([((x1, -y1), (x2, -y2)) for (x1, y1), (x2, y2) in ends], colors=DIM, linewidths=0.6))


def svg(figure: Figure, title: str) -> str:
    """One ``<svg>`` element for a page: text stays text, nothing refers outside, the same figure gives the same bytes.

    Its colours are variables of the page, with the figure's own where the page sets none.
    """
    from matplotlib import rc_context

    out = io.StringIO()
    # Without a salt of its own, two figures on one page would share the names of their clip paths.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(out, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    for colour, name in VARIABLES.items():
        text = re.sub(rf"(?<=: ){colour}(?=[;\"])", f"var(--{name}, {colour})", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def png(figure: Figure) -> bytes:
    """The same picture for readers that show nothing else, on a ground of its own."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110, metadata={"Software": None})
    return out.getvalue()


def _layers(graph: Graph) -> dict[str, tuple[int, int]]:
    """Column by the longest way to a node, row by the mean row of what it reads."""
    column: dict[str, int] = {}
    for node in graph.order:
        column[node.name] = max((column[e.source] + 1 for e in graph.edges if e.target == node.name), default=0)
    places: dict[str, tuple[int, int]] = {}
    for number in range(max(column.values()) + 1):
        names = [node.name for node in graph.order if column[node.name] == number]
        for row, name in enumerate(sorted(names, key=_middle(graph, places))):
            places[name] = (number, row)
    return places


def _middle(graph: Graph, places: Mapping[str, tuple[int, int]]) -> Callable[[str], float]:
    def middle(name: str) -> float:
        rows = [places[edge.source][1] for edge in graph.edges if edge.target == name]
        return sum(rows) / len(rows) if rows else 0.0

    return middle
