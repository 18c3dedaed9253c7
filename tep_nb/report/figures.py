"""Pictures of a session as matplotlib Figures; never pyplot, whose state the kernel's threads would share."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tep_nb.core.graph import Graph
from tep_nb.core.node import Agent
from tep_nb.core.state import State
from tep_nb.report.rows import History, recorded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["graph_figure", "metric_figure", "score_figure", "svg"]

_EQUILIBRIUM = 8.0  # where critic scores converge in the paper's figure; below it an agent is stuck
_COLOURS = ("#1f6feb", "#b35900", "#1a7f37", "#8250df", "#bf3989", "#57606a", "#9a6700", "#0a7ea4")
_STYLES = ("-", "--", "-.", ":")  # colour is never the only difference
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def score_figure(state: State) -> Figure:
    """Each prompt's critic score (0 to 10) over the steps, with the line at 8.0 and the phases."""
    figure, axes = _figure()
    for index, name in enumerate(state.prompts):
        points = state.track(name).history
        # A nudged score counts alignment too: a line through both phases would join two scales.
        for number, phase in enumerate(dict.fromkeys(point.phase for point in points)):
            own = [point for point in points if point.phase == phase]
            label = "" if number else _label(name)
            axes.plot([p.step for p in own], [p.score for p in own], label=label, **_look(index))
    axes.axhline(_EQUILIBRIUM, color="#57606a", linewidth=1, linestyle=":")
    axes.annotate("8.0", (1, _EQUILIBRIUM), xycoords=("axes fraction", "data"), xytext=(3, -3), textcoords="offset points")
    axes.set_ylim(0, 10.3)
    axes.set_ylabel("critic's score")
    return _finish(figure, axes, state)


def metric_figure(history: History) -> Figure:
    """Every look at a split that still stands, with its 95% interval, and the gate's means of the edits that were applied."""
    figure, axes = _figure()
    looks = [look for look in history.looks if look.kept]
    for index, split in enumerate(dict.fromkeys(look.evaluation.split for look in looks)):
        own = [look for look in looks if look.evaluation.split == split]
        means = [look.evaluation.mean for look in own]
        ends = [abs(look.evaluation.interval[side] - look.evaluation.mean) for side in (0, 1) for look in own]  # never below 0
        lengths = [ends[: len(own)], ends[len(own) :]]
        axes.errorbar([look.step for look in own], means, yerr=lengths, capsize=3, label=_label(split), **_look(index))
    gates = [r for r in recorded(history.state) if r.decision.text is not None and r.evidence and r.evidence.kind == "metric"]
    if gates:
        after = [r.evidence.after for r in gates if r.evidence]
        points = {**_look(len(_COLOURS) - 3), "linestyle": "none"}
        axes.plot([r.step for r in gates], after, label="gate rows, after each applied edit", **points)
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel(f"metric: {_label(str(history.state.metric.get('name', '')))}")
    return _finish(figure, axes, history.state)


def graph_figure(graph: Graph) -> Figure:
    """The graph in layers from left to right: agents round, tools square and dashed, fields on the edges."""
    from matplotlib.figure import Figure

    places = _layers(graph)
    wide, high = (max(place[axis] for place in places.values()) + 1 for axis in (0, 1))
    figure = Figure(figsize=(max(6.0, 2.3 * wide), max(1.6, 1.1 * high)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.6, wide - 0.4)
    axes.set_ylim(0.6 - high, 0.6)
    for edge in graph.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        bend = 0.0 if x2 - x1 == 1 else -0.25  # an edge over a layer goes around the cards in it
        arrow = {"arrowstyle": "-|>", "color": "#57606a", "connectionstyle": f"arc3,rad={bend}", "shrinkA": 34, "shrinkB": 34}
        axes.annotate("", (x2, -y2), (x1, -y1), arrowprops=arrow)
        lift = 0.1 - bend * (x2 - x1) * 0.5
        axes.text((x1 + x2) / 2, -(y1 + y2) / 2 + lift, _label(edge.field), ha="center", va="bottom", fontsize=7, color="#57606a")
    for node in graph.nodes:
        x, y = places[node.name]
        agent = isinstance(node, Agent)
        box = {"boxstyle": "round,pad=0.5" if agent else "square,pad=0.5", "facecolor": "#ddf4ff" if agent else "#f6f8fa"}
        box |= {"edgecolor": "#1f6feb" if agent else "#57606a", "linestyle": "-" if agent else "--"}
        axes.text(x, -y, _label(node.name), ha="center", va="center", fontsize=9, bbox=box)
    return figure


def svg(figure: Figure, title: str) -> str:
    """One ``<svg>`` element for a page: text stays text, nothing refers outside, the same figure gives the same bytes."""
    from matplotlib import rc_context

    out = io.StringIO()
    # Without a salt of its own, two figures on one page would share the names of their clip paths.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def _figure() -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 3.2), layout="constrained")
    return figure, figure.subplots()


def _look(index: int) -> dict[str, Any]:
    colour = _COLOURS[index % len(_COLOURS)]
    style, mark = _STYLES[index // len(_COLOURS) % len(_STYLES)], _MARKS[index % len(_MARKS)]
    return {"color": colour, "linestyle": style, "marker": mark, "markersize": 4, "linewidth": 1.4}


def _label(text: str) -> str:
    """A text that matplotlib takes as it is: no formula between dollars, no leading underscore, which hides a label."""
    text = text if len(text) <= 40 else f"{text[:39]}…"
    return re.sub(r"^_", " _", text.replace("$", r"\$"))


def _finish(figure: Figure, axes: Axes, state: State) -> Figure:
    from matplotlib.ticker import MaxNLocator

    for number, (step, phase, _) in enumerate(state.phases):
        if number:
            axes.axvline(step + 0.5, color="#d0d7de", linewidth=1)
        axes.annotate(phase, (step + 0.5 if number else 0, 1), xycoords=("data", "axes fraction"), fontsize=7, va="bottom")
    axes.set_xlim(-0.3, max(1, state.step.index) + 0.8)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="lower right", framealpha=0.8)
    return figure


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
