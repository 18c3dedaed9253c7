"""The layered layout."""

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts import calls_of

from tep_nb.errors import GraphError
from tep_nb.notebook.layout import lay_out

SIZE = (180.0, 90.0)


@st.composite
def dags(draw):
    """Sizes, and edges from lower to higher numbers, given in any order."""
    count = draw(st.integers(1, 14))
    sizes = {n: (draw(st.integers(10, 200)), draw(st.integers(10, 120))) for n in draw(st.permutations(range(count)))}
    pairs = list(combinations(range(count), 2))
    edges = draw(st.lists(st.sampled_from(pairs), max_size=25)) if pairs else []
    return sizes, edges


def boxes(sizes, layout):
    return {node: (x, y, x + sizes[node][0], y + sizes[node][1]) for node, (x, y) in layout.positions.items()}


@given(dags())
def test_cards_never_overlap_and_stay_inside(graph):
    """Any two cards are apart, and all lie within the size that is told."""
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    cards = boxes(sizes, layout)
    for (a, b, c, d), (e, f, g, h) in combinations(cards.values(), 2):
        assert c < e or g < a or d < f or h < b
    for left, top, right, bottom in cards.values():
        assert left >= 0
        assert top >= 0
        assert right <= layout.width + 1e-6
        assert bottom <= layout.height + 1e-6


@given(dags())
def test_edges_run_forward_from_side_to_side(graph):
    """An edge leaves the middle of a right side, never turns back, and ends in the middle of a left side."""
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    assert set(layout.edges) == set(edges)
    for (source, target), points in layout.edges.items():
        (x, y), (to_x, to_y) = layout.positions[source], layout.positions[target]
        assert points[0] == pytest.approx((x + sizes[source][0], y + sizes[source][1] / 2))
        assert points[-1] == pytest.approx((to_x, to_y + sizes[target][1] / 2))
        assert [point[0] for point in points] == sorted(point[0] for point in points)
        assert points[0][0] < points[-1][0]


@given(dags())
def test_edges_pass_no_card(graph):
    """Up to its target's layer an edge runs level wherever it is beside a card, and between the cards."""
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    cards = boxes(sizes, layout)
    for (source, target), points in layout.edges.items():
        reached = sum(cards[target][::2]) / 2
        between = [card for node, card in cards.items() if node != source and sum(card[::2]) / 2 < reached - 1]
        for (x, y), (to_x, to_y) in pairwise(points):
            for left, top, right, bottom in between:
                if x + 1e-6 < right and left < to_x - 1e-6:
                    assert y == to_y
                    assert y < top or bottom < y


@given(dags())
def test_the_same_graph_gives_the_same_layout(graph):
    """Edges that stand twice change nothing, and nothing is left to chance."""
    sizes, edges = graph
    assert lay_out(sizes, edges) == lay_out(sizes, edges + edges)


def crossings(columns, edges):
    """Pairs of edges between two columns that cross."""
    place = {node: at for column in columns for at, node in enumerate(column)}
    level = {node: at for at, column in enumerate(columns) for node in column}
    return sum(
        level[a] == level[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0 for (a, b), (c, d) in combinations(edges, 2)
    )


def test_crossings_are_fewer_than_in_the_order_given():
    """Three chains that were given in twisted orders are drawn without a crossing, and the count is the drawing's."""
    given_columns = [["a", "b", "c"], ["c1", "a1", "b1"], ["b2", "c2", "a2"]]
    edges = [(f"{n}", f"{n}1") for n in "abc"] + [(f"{n}1", f"{n}2") for n in "abc"] + [("a", "b1")]
    layout = lay_out(dict.fromkeys([n for column in given_columns for n in column], SIZE), edges)
    drawn = [sorted(column, key=lambda node: layout.positions[node][1]) for column in given_columns]
    assert crossings(given_columns, edges) == 5
    assert crossings(drawn, edges) == layout.crossings == 0


@given(st.integers(2, 5), st.data())
def test_the_number_of_crossings_is_that_of_the_drawing(width, data):
    """Counted pair by pair between two columns the number is the same, and never more than in the order given."""
    columns = [[f"s{n}" for n in range(width)], [f"t{n}" for n in range(width)]]
    pairs = [(source, target) for source in columns[0] for target in columns[1]]
    edges = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    edges += [(columns[0][n], columns[1][n]) for n in range(width) if (columns[0][n], columns[1][n]) not in edges]
    layout = lay_out(dict.fromkeys(columns[0] + columns[1], SIZE), edges)
    drawn = [sorted(column, key=lambda node: layout.positions[node][1]) for column in columns]
    assert layout.crossings == crossings(drawn, edges) <= crossings(columns, edges)


def test_a_chain_is_straight_and_evenly_spaced():
    """Cards of one chain stand at one height, a gap apart."""
    names = list("abcd")
    layout = lay_out(dict.fromkeys(names, SIZE), list(pairwise(names)), gap_x=50)
    assert [layout.positions[name] for name in names] == [(at * 230.0, 0.0) for at in range(4)]
    assert (layout.width, layout.height) == (3 * 230 + 180, 90)


def test_a_ladder_runs_level():
    """Two chains, one of which reads the other all along: a hundred rungs drift apart by less than four cards."""
    edges = [pair for at in range(99) for pair in ((f"l{at}", f"l{at + 1}"), (f"r{at}", f"r{at + 1}"), (f"r{at}", f"l{at + 1}"))]
    layout = lay_out(dict.fromkeys([f"{side}{at}" for at in range(100) for side in "lr"], SIZE), edges)
    assert layout.height < 4 * SIZE[1]


def test_a_node_stands_between_its_two_readers():
    """A source is level with the middle of what reads it."""
    layout = lay_out(dict.fromkeys("abc", SIZE), [("a", "b"), ("a", "c")], gap_y=30)
    assert [layout.positions[name][1] for name in "abc"] == [60, 0, 120]


def test_a_source_stands_just_before_its_reader():
    """A tool without inputs is drawn beside the node that reads it, not far to the left."""
    layout = lay_out(dict.fromkeys(["a", "b", "c", "late"], SIZE), [("a", "b"), ("b", "c"), ("late", "c")])
    assert layout.positions["late"][0] == layout.positions["b"][0]


def test_nothing_is_drawn_of_nothing():
    """An empty graph has no size."""
    layout = lay_out({}, [])
    assert (layout.positions, layout.edges, layout.width, layout.height) == ({}, {}, 0, 0)


def test_cycles_and_unknown_nodes_are_named():
    """What cannot be drawn is an error that names it."""
    with pytest.raises(GraphError, match="cycle among b, c"):
        lay_out(dict.fromkeys("abc", SIZE), [("a", "b"), ("b", "c"), ("c", "b")])
    with pytest.raises(GraphError, match="'x', which is no node"):
        lay_out(dict.fromkeys("abc", SIZE), [("a", "x")])


@pytest.mark.parametrize("span", [2, 20, 1000])
def test_a_thousand_nodes_are_quick(span):
    """1000 nodes with 1500 edges take less than 1.5 million calls, however far the edges reach; twice the effort would show."""
    chance = random.Random(0)
    edges = [(a, min(999, a + chance.randint(1, span))) for a in (chance.randrange(999) for _ in range(1500))]
    assert calls_of(lambda: lay_out(dict.fromkeys(range(1000), SIZE), edges)) < 1_500_000
