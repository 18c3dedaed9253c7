"""Where the cards of a graph stand and how its edges run: a layered layout of a DAG; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tep_nb.errors import GraphError

__all__ = ["Layout", "lay_out"]

Point = tuple[float, float]
_SWEEPS = 24  # forth or back; more gain nothing on graphs of up to 200 nodes
_EFFORT = 60_000  # edges visited in all sweeps, so that 1000 nodes take less than 0.3 s
_BEND = 6.0  # room that a passing edge takes in a layer, in pixels


@dataclass(frozen=True, slots=True)
class Layout:
    """Layers from left to right, all in the unit of the sizes given (pixels).

    Attributes
    ----------
    positions : mapping of node to (x, y)
        Upper left corners, from 0.
    edges : mapping of (source, target) to points
        From the middle of the source's right side to the middle of the target's left side, past the cards between and those
        of the source's layer. Only the end may slope: beside a target that is narrower than its layer, run it level.
    width, height : float
    crossings : int
        Of edges between neighbouring layers.
    """

    positions: dict[Hashable, Point]
    edges: dict[tuple[Hashable, Hashable], tuple[Point, ...]]
    width: float
    height: float
    crossings: int


def lay_out(
    nodes: Mapping[Hashable, tuple[float, float]],
    edges: Iterable[tuple[Hashable, Hashable]],
    gap_x: float = 80.0,
    gap_y: float = 24.0,
) -> Layout:
    """Lay out a DAG; the same input gives the same layout.

    Parameters
    ----------
    nodes : mapping of node to (width, height)
    edges : pairs of source and target
        Pairs that stand twice are drawn once.
    gap_x, gap_y : float
        Between layers, and between cards of one layer; pixels.

    Raises
    ------
    GraphError
        An edge of an unknown node, or a cycle.
    """
    return _Drawing(nodes, list(dict.fromkeys(edges)), gap_x, gap_y).result()


class _Drawing:
    """Nodes are numbers from here on: first the cards, then the bends of edges that pass a layer."""

    def __init__(
        self, nodes: Mapping[Hashable, tuple[float, float]], edges: list[tuple[Hashable, Hashable]], gap_x: float, gap_y: float
    ) -> None:
        self.names, self.gap_x, self.gap_y = list(nodes), gap_x, gap_y
        self.sizes = list(nodes.values())
        index = {name: number for number, name in enumerate(self.names)}
        for pair in edges:
            if odd := [name for name in pair if name not in index]:
                raise GraphError(f"an edge names {odd[0]!r}, which is no node: give each node a size")
        self.pairs = [(index[source], index[target]) for source, target in edges]
        self.layer = self._layers()
        self.up: list[list[int]] = [[] for _ in self.sizes]
        self.down: list[list[int]] = [[] for _ in self.sizes]
        self.paths = self._bend()
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for node, layer in enumerate(self.layer):
            self.rows[layer].append(node)

    def _layers(self) -> list[int]:
        """Longest path from a source; sources stand just before the first node that reads them."""
        after: list[list[int]] = [[] for _ in self.sizes]
        waiting = [0] * len(self.sizes)
        for source, target in self.pairs:
            after[source].append(target)
            waiting[target] += 1
        layer, order = [0] * len(self.sizes), [node for node, count in enumerate(waiting) if count == 0]
        sources = list(order)
        for node in order:
            for target in after[node]:
                layer[target] = max(layer[target], layer[node] + 1)
                waiting[target] -= 1
                if waiting[target] == 0:
                    order.append(target)  # the loop goes on with it
        if len(order) < len(layer):
            names = [str(self.names[node]) for node, count in enumerate(waiting) if count]
            raise GraphError(f"the nodes form a cycle among {', '.join(names)}: only a graph without cycles has layers")
        for node in sources:
            layer[node] = min((layer[target] for target in after[node]), default=1) - 1
        return layer

    def _bend(self) -> list[list[int]]:
        """Put a bend into each layer that an edge passes; edges of one source share their bends. Returns each edge's way."""
        bends: dict[tuple[int, int], int] = {}
        paths, joined = [], set()
        for source, target in self.pairs:
            path = [source]
            for layer in range(self.layer[source] + 1, self.layer[target]):
                bend = bends.setdefault((source, layer), len(self.sizes))
                if bend == len(self.sizes):
                    self.sizes.append((0.0, _BEND))
                    self.layer.append(layer)
                    self.up.append([])
                    self.down.append([])
                path.append(bend)
            path.append(target)
            for one, other in pairwise(path):
                if (one, other) not in joined:
                    joined.add((one, other))
                    self.down[one].append(other)
                    self.up[other].append(one)
            paths.append(path)
        return paths

    def _crossings(self, rows: Sequence[Sequence[int]]) -> int:
        place = {node: at for row in rows for at, node in enumerate(row)}
        total = 0
        for row in rows:
            seen: list[int] = []
            for node in row:
                ends = sorted(place[other] for other in self.down[node])
                for end in ends:
                    total += len(seen) - bisect_right(seen, end)
                for end in ends:
                    seen.insert(bisect_right(seen, end), end)
        return total

    def _sort(self) -> int:
        """Order each layer by the middle of its neighbours, forth and back, and keep the order with the fewest crossings."""
        best, fewest = [list(row) for row in self.rows], self._crossings(self.rows)
        links = sum(map(len, self.down))
        for sweep in range(min(_SWEEPS, max(4, _EFFORT // (links + 1)))):
            if fewest == 0:
                break
            near = self.up if sweep % 2 == 0 else self.down
            place = {node: float(at) for row in self.rows for at, node in enumerate(row)}
            for row in self.rows if sweep % 2 == 0 else reversed(self.rows):
                wish = {n: sum(place[m] for m in near[n]) / len(near[n]) if near[n] else place[n] for n in row}
                row.sort(key=wish.__getitem__)
                place.update((node, float(at)) for at, node in enumerate(row))
            if (now := self._crossings(self.rows)) < fewest:
                best, fewest = [list(row) for row in self.rows], now
        self.rows = best
        return fewest

    def _middles(self) -> list[float]:
        """Height of each node's middle: near its neighbours' on both sides, in the order of its layer, and apart.

        Of one side alone, a ladder's rungs would pull each layer a little further down than the one before.
        """
        middle = [0.0] * len(self.sizes)
        for row in self.rows:
            for node, y in zip(row, self._apart(row, [0.0] * len(row)), strict=True):
                middle[node] = y
        near = [up + down for up, down in zip(self.up, self.down, strict=True)]
        for sweep in range(6):
            for row in self.rows if sweep % 2 == 0 else reversed(self.rows):
                wish = [sum(middle[m] for m in near[n]) / len(near[n]) if near[n] else middle[n] for n in row]
                for node, y in zip(row, self._apart(row, wish), strict=True):
                    middle[node] = y
        return middle

    def _apart(self, row: Sequence[int], wish: Sequence[float]) -> list[float]:
        """The places nearest to the wished ones (least squares) that keep the order and the gaps: pool adjacent violators."""
        offsets = [0.0]
        for one, other in pairwise(row):
            offsets.append(offsets[-1] + (self.sizes[one][1] + self.sizes[other][1]) / 2 + self.gap_y)
        pools: list[tuple[float, int]] = []
        for y, offset in zip(wish, offsets, strict=True):
            total, count = y - offset, 1
            while pools and pools[-1][0] / pools[-1][1] > total / count:
                before, more = pools.pop()
                total, count = total + before, count + more
            pools.append((total, count))
        base = [total / count for total, count in pools for _ in range(count)]
        return [y + offset for y, offset in zip(base, offsets, strict=True)]

    def result(self) -> Layout:
        """Order, place, and draw."""
        crossings = self._sort()
        middle = self._middles()
        top = min((middle[n] - size[1] / 2 for n, size in enumerate(self.sizes)), default=0.0)
        left, widths = [0.0], [max(self.sizes[node][0] for node in row) for row in self.rows]
        for width in widths:
            left.append(left[-1] + width + self.gap_x)
        sides: dict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        for layer, row in enumerate(self.rows):
            for node in row:
                width = self.sizes[node][0] if node < len(self.names) else widths[layer]
                start = left[layer] + (widths[layer] - width) / 2
                sides[node] = (start, start + width)
        drawn = {}
        for path in self.paths:
            source, layer = path[0], self.layer[path[0]]
            points = [(sides[source][1], middle[source] - top)]
            if (right := left[layer] + widths[layer]) > points[0][0]:
                points.append((right, points[0][1]))
            for bend in path[1:-1]:
                points += [(sides[bend][0], middle[bend] - top), (sides[bend][1], middle[bend] - top)]
            points.append((sides[path[-1]][0], middle[path[-1]] - top))
            drawn[self.names[path[0]], self.names[path[-1]]] = tuple(points)
        cards = range(len(self.names))
        return Layout(
            {self.names[n]: (sides[n][0], middle[n] - self.sizes[n][1] / 2 - top) for n in cards},
            drawn,
            max(left[-1] - self.gap_x, 0.0),
            max((middle[n] + size[1] / 2 - top for n, size in enumerate(self.sizes)), default=0.0),
            crossings,
        )
