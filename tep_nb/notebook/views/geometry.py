"""Where cards, edges and labels lie: one drawing for the page and for the static twins."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from tep_nb.core.graph import Agent, Graph, Node
from tep_nb.notebook.layout import Layout, lay_out

__all__ = ["FLOW", "LIVE", "STILL", "Box", "Drawing", "Line", "Sizes", "draw"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width and height of an agent's and of a tool's card, in pixels."""

    card: tuple[float, float]
    tool: tuple[float, float]


STILL = Sizes((190, 86), (168, 78))
"""In pictures."""
LIVE = Sizes((206, 108), (168, 80))
"""On the page: with the scores of the last steps."""
FLOW = Sizes((230, 148), (220, 126))
"""While an example flows through: with what a node read and wrote."""
GUARD = 14
PORT = 15
"""Room for one edge's end, so that labels beside each other's ends do not overlap."""
LETTER = 6.4
"""Width of a letter of an edge's label, a little more than it needs."""
LABEL = 150
_LETTERS = int(LABEL / LETTER)
MARGIN = 10
GAP = 50
STUB = 30
BEND = 36
"""Room for a line to change its height before it runs level under its label."""


@dataclass(frozen=True, slots=True)
class Box:
    """A card's place, in pixels."""

    name: str
    x: float
    y: float
    w: float
    h: float
    layer: int

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn edge: from ``source`` to ``target``, or a stub where one of them is empty (a column, the output).

    ``label`` names the ``fields`` that go over it, or the first ones and how many more; ``points`` start and end at ports;
    ``anchor`` is where the label ends, just above the line.
    """

    source: str
    target: str
    label: str
    fields: tuple[str, ...]
    guard: bool
    points: tuple[tuple[float, float], ...] = ()
    anchor: tuple[float, float] = (0.0, 0.0)

    @property
    def path(self) -> str:
        """The line as an SVG path: curves that leave and arrive level."""
        (x, y), *rest = self.points
        found = [f"M{x:.1f},{y:.1f}"]
        for to_x, to_y in rest:
            bend = (to_x - x) / 2
            found.append(f"C{x + bend:.1f},{y:.1f} {to_x - bend:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}")
            x, y = to_x, to_y
        return " ".join(found)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything placed."""

    boxes: dict[str, Box]
    lines: tuple[Line, ...]
    width: float
    height: float


def width_of(label: str) -> float:
    """Pixels that an edge's label takes, at most `LABEL`."""
    return min(LABEL, len(label) * LETTER) if label else 0


def draw(graph: Graph, sizes: Sizes = STILL) -> Drawing:
    """Place a graph's nodes, edges and labels; pure."""
    lines = _lines(graph)
    ends = Counter(line.target for line in lines)
    return _draw(tuple(lines), tuple((node.name, *_size(node, ends[node.name], sizes)) for node in graph.order))


@lru_cache(maxsize=16)
def _draw(lines: tuple[Line, ...], cards: tuple[tuple[str, float, float], ...]) -> Drawing:
    """Kept, because most changes of a session (a decision, a score) move no card."""
    sizes: dict[Hashable, tuple[float, float]] = {name: (w, h) for name, w, h in cards}
    laid = lay_out(sizes, [(line.source, line.target) for line in lines if line.source and line.target], GAP, PORT + 7)
    level: dict[str, float] = defaultdict(float)
    for line in lines:
        if line.target:
            level[line.target] = max(level[line.target], _room(line))
    columns = _columns(laid, sizes, level)
    boxes = {
        name: Box(name, x + columns.shift(x), y + MARGIN, w, h, columns.index(x))
        for name, w, h in cards
        for x, y in (laid.positions[name],)
    }
    bends = {pair: [(x + columns.shift(x), y + MARGIN) for x, y in points[1:-1]] for pair, points in laid.edges.items()}
    right = max([MARGIN, *(_room(line) + MARGIN for line in lines if not line.target)])
    width = max(box.x + box.w for box in boxes.values()) + right
    return Drawing(boxes, _route(lines, boxes, bends, level), width, laid.height + 2 * MARGIN)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The layers' left sides as laid out with one gap for all, and how far each moves to give every label its room."""

    lefts: tuple[float, ...]
    shifts: tuple[float, ...]

    def index(self, x: float) -> int:
        return bisect_right(self.lefts, x + 0.5) - 1

    def shift(self, x: float) -> float:
        return self.shifts[self.index(x)]


def _columns(laid: Layout, sizes: Mapping[Hashable, tuple[float, float]], level: Mapping[str, float]) -> _Columns:
    middles = {name: round(x + sizes[name][0] / 2, 1) for name, (x, _) in laid.positions.items()}
    lefts, shifts, moved = [], [], 0.0
    for at, middle in enumerate(sorted(set(middles.values()))):
        inside = [name for name, here in middles.items() if here == middle]
        room = max(level.get(str(name), 0.0) for name in inside)
        moved += MARGIN + room if at == 0 else max(0.0, room + BEND - GAP)
        lefts.append(min(laid.positions[name][0] for name in inside))
        shifts.append(moved)
    return _Columns(tuple(lefts), tuple(shifts))


def _room(line: Line) -> float:
    """The level stretch that a line's label needs."""
    return max(STUB, width_of(line.label)) + 14


def _lines(graph: Graph) -> list[Line]:
    """One line for each pair of nodes and kind of dependency, its fields listed."""
    fields: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for edge in graph.edges:
        fields[edge.source, edge.target, _guards(graph[edge.target], edge.field)].append(edge.field)
    for node in graph.order:
        if columns := [name for name in node.needs if name not in graph.producers]:
            fields["", node.name, False] = columns
    fields[graph.producers[graph.output].name, "", False] = [graph.output]
    return [
        Line(source, target, _label(names), tuple(names), guard) for (source, target, guard), names in fields.items()
    ]  # fmt: skip


def _label(fields: list[str]) -> str:
    """As many of the fields as there is room for, and how many more."""
    if len(fields) == 1 or len(", ".join(fields)) <= _LETTERS:
        return ", ".join(fields)
    for kept in range(len(fields) - 1, 0, -1):
        label = f"{', '.join(fields[:kept])} +{len(fields) - kept} more"
        if len(label) <= _LETTERS:
            return label
    more = f"… +{len(fields) - 1} more"
    return fields[0][: _LETTERS - len(more)] + more


def _guards(node: Node, name: str) -> bool:
    """Whether a node needs a field for its guard alone."""
    return isinstance(node, Agent) and node.guard is not None and name not in node.reads.values()


def _size(node: Node, ends: int, sizes: Sizes) -> tuple[float, float]:
    w, h = sizes.card if isinstance(node, Agent) else sizes.tool
    if isinstance(node, Agent) and node.guard is not None:
        h += GUARD
    return w, max(h, PORT * (ends + 1))


Points = list[tuple[float, float]]


def _route(
    lines: tuple[Line, ...],
    boxes: Mapping[str, Box],
    bends: Mapping[tuple[Hashable, Hashable], Points],
    level: Mapping[str, float],
) -> tuple[Line, ...]:
    """Give every line its end: a port in the order of where it comes from, so that lines do not cross at a card."""
    ends = defaultdict(list)
    for index, line in enumerate(lines):
        if line.target:
            inner = bends.get((line.source, line.target))
            # A stub has nowhere to come from: it goes below the others.
            height = inner[-1][1] if inner else boxes[line.source].middle if line.source else float("inf")
            ends[line.target].append((height, index))
    ports = {
        index: _port(boxes[name], at, len(found)) for name, found in ends.items() for at, (_, index) in enumerate(sorted(found))
    }
    return tuple(
        _out(line, boxes[line.source]) if not line.target
        else _into(line, boxes, bends.get((line.source, line.target), []), ports[index], level[line.target])
        for index, line in enumerate(lines)
    )  # fmt: skip


def _port(box: Box, index: int, total: int) -> float:
    step = min(PORT + 3, box.h / (total + 1))
    return box.middle + (index - (total - 1) / 2) * step


def _out(line: Line, box: Box) -> Line:
    """The stub that leaves the graph with its output."""
    start, end = box.x + box.w, box.x + box.w + _room(line)
    return replace(line, points=((start, box.middle), (end, box.middle)), anchor=(end - 9, box.middle - 2))


def _into(line: Line, boxes: Mapping[str, Box], inner: Points, port: float, level: float) -> Line:
    """A line into a card; its last ``level`` pixels run straight, under the label."""
    x = boxes[line.target].x
    end, anchor = (x - 1, port), (x - 9, port - 2)
    if not line.source:
        return replace(line, points=((x - _room(line), port), end), anchor=anchor)
    source = boxes[line.source]
    return replace(line, points=((source.x + source.w, source.middle), *inner, (x - level, port), end), anchor=anchor)
