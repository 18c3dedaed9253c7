"""What the graph view draws: places, cards that change one by one, the graph as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import pytest
from test_views_states import a_graph, a_state

from tep_nb.core import events as ev
from tep_nb.core.graph import Agent, Graph
from tep_nb.core.state import Scored, State, Track
from tep_nb.notebook.views.geometry import FLOW, LABEL, LETTER, LIVE, STILL, draw
from tep_nb.notebook.views.graph import card_view, graph_data, paint_graph, past_data, place
from tep_nb.notebook.views.studio import graph_view


def bench(state: State | None = None, graph: Graph | None = None) -> SimpleNamespace:
    return SimpleNamespace(state=state, graph=graph or (state.graph if state else None))


def differs(old: dict, new: dict) -> set[str]:
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def scored(*scores: tuple[float, str]) -> State:
    history = tuple(Scored(step, "text", score, phase) for step, (score, phase) in enumerate(scores, 1))
    return replace(a_state(), tracks={"collect": Track(history=history)})


def test_a_decision_changes_the_cards_of_its_prompt_and_no_place():
    """So that the page draws one card anew, and not the graph."""
    state = a_state()
    before = paint_graph(bench(state))
    after = paint_graph(bench(state.apply(ev.Decided(decision=state.step.pending[0].approve("ada")))))
    assert differs(before, after) == {"card/collect", "digest"}
    assert {name for name in after if after[name] is not before[name]} == {"card/collect", "digest"}, "nor is another made anew"
    skipped = paint_graph(bench(state.apply(ev.Decided(decision=state.step.pending[1].skip("ada")))))
    assert differs(before, skipped) == {"card/answer"}


def test_card_says_how_the_prompt_has_grown_since_the_start():
    """Tokens are counted against the first text of the session, also after a rewind and in the nudged phase."""
    state = a_state()
    proposal = state.step.pending[0]
    later = state.apply(ev.Decided(decision=proposal.approve("ada"))).apply(ev.Phase(phase="nudged", reason="settled", round=1))
    card = paint_graph(bench(later))["card/collect"]
    assert card["phase"] == "nudged"
    assert card["grown"] == card["tokens"] - paint_graph(bench(state))["card/collect"]["tokens"] > 0
    assert paint_graph(bench(later))["card/answer"]["grown"] == 0


def test_scores_are_told_phase_by_phase_and_against_the_line():
    """What is drawn as a line is said in words too; of many scores the last twelve are shown."""
    state = scored((5.2, "free"), (6.0, "free"), (7.1, "nudged"))
    card = paint_graph(bench(state))["card/collect"]
    assert card["scores"] == [[5.2, "free"], [6.0, "free"], [7.1, "nudged"]]
    assert "scores free 5.2, 6.0, nudged 7.1; below 8.0" in card["spoken"]
    assert "at or above 8.0" in paint_graph(bench(scored((8.0, "free"))))["card/collect"]["spoken"]
    many = paint_graph(bench(scored(*((n / 10, "free") for n in range(50)))))["card/collect"]
    assert [score for score, _ in many["scores"]] == [n / 10 for n in range(38, 50)]


def test_the_rule_that_fired_is_said_on_the_card():
    """For the tooltip, and for those who cannot see one."""
    state = a_state().apply(ev.Settled(prompt="collect", rule="stable: three scores within 0.5", stuck=True))
    card = paint_graph(bench(state))["card/collect"]
    assert (card["state"], card["rule"]) == ("stuck", "stable: three scores within 0.5")
    assert "rule that fired: stable: three scores within 0.5" in card["spoken"]


def test_card_can_be_found_by_its_fields():
    """A search goes over what a node reads and writes, too."""
    graph = a_graph()
    assert card_view(graph, graph["sort_out"], None)["fields"] == ["items", "kept"]
    assert card_view(graph, graph["tally"], None)["fields"] == ["kept", "tally"]


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        (("plan",), "plan"), (("outline", "sources"), "outline, sources"), (("a" * 60,), "a" * 60),
        (tuple(f"part_{n:02}" for n in range(12)), "part_00 +11 more"), (("a", "b", "c" * 20), "a, b +1 more"),
        (("a" * 60, "b"), "a" * 14 + "… +1 more"),
    ],
)  # fmt: skip
def test_label_names_as_many_fields_as_it_has_room_for(fields, label):
    """What it has no room for is counted; the page tells all of them where the label is pointed at."""
    graph = Graph([Agent("plan", "{{question}}", output=fields), Agent("last", " ".join(f"{{{{{f}}}}}" for f in fields))], "last")
    [edge] = [edge for edge in place(graph)["edges"] if edge["source"] and edge["target"]]
    assert (edge["label"], edge["fields"]) == (label, ", ".join(fields))
    assert len(label) == 60 or len(label) * LETTER <= LABEL


@pytest.mark.parametrize("sizes", [STILL, LIVE, FLOW])
def test_cards_of_every_size_lie_apart(sizes):
    """Whatever a card has to hold, no two overlap and all are inside of what is drawn."""
    drawing = draw(a_graph(), sizes)
    for one, other in combinations(drawing.boxes.values(), 2):
        apart = one.x + one.w < other.x or other.x + other.w < one.x or one.y + one.h < other.y or other.y + other.h < one.y
        assert apart, (one.name, other.name)
    for box in drawing.boxes.values():
        assert 0 <= box.x <= box.x + box.w <= drawing.width
        assert 0 <= box.y <= box.y + box.h <= drawing.height


def test_saved_state_holds_the_cards_and_no_prompt():
    """What a page paints before its first word is saved with the notebook."""
    bench_ = SimpleNamespace(
        **vars(bench(a_state())), session=None, progress=None, running=None, errors="", planned=0, began=0.0, number=0,
    )
    bench_.subscribe = lambda callback: lambda: callback
    view = graph_view(bench_)
    assert {"graph", "card/collect", "status"} <= set(view.first)
    assert "List the objects.\\nQuestion" not in json.dumps(view.get_state())


def test_the_graph_as_it_was_marks_what_has_changed_since():
    """Of an earlier point the cards are those of then; nodes of a prompt that is another by now are named."""
    then = a_state()
    now = then.apply(ev.Decided(decision=then.step.pending[0].approve("ada")))
    past = past_data(then, now)
    assert past["changed"] == ["collect"]
    assert past["nodes"] == graph_data(then.graph, then)["nodes"]
    assert {"x", "role", "tokens", "pending"} <= set(past["nodes"][0])
    assert past_data(now, now)["changed"] == []


def test_shared_prompt_changes_all_its_users():
    """Two agents of one prompt are both marked, frozen and counted."""
    graph = Graph([
        Agent("one", "Say {{question}}.", prompt_name="both"), Agent("two", "Say {{question}}.", prompt_name="both"),
        Agent("last", "{{one}} {{two}}"),
    ])  # fmt: skip
    cards = paint_graph(bench(graph=graph))
    assert {cards[f"card/{name}"]["prompt"] for name in ("one", "two")} == {"both"}
    assert cards["card/one"]["shared"] == "both"
    assert cards["card/last"]["shared"] == ""


def test_no_graph_is_nothing():
    """Before the first cell there is nothing to draw, and no card."""
    assert paint_graph(bench()) == {"graph": {"nodes": [], "edges": [], "width": 0, "height": 0}, "digest": ""}
