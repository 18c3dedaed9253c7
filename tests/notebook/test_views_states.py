"""What the views draw of a state, as plain data; the states are made of events, as a session makes them."""

import json
from dataclasses import replace

import pytest

from tep_nb.core import events as ev
from tep_nb.core.graph import Agent, Graph, Tool
from tep_nb.core.review import Evidence, Flip, Proposal
from tep_nb.core.rubric import ALIGNMENT, SIX, Critique, Suggestion
from tep_nb.core.state import State, replay
from tep_nb.notebook.views.evidence import segments
from tep_nb.notebook.views.graph import graph_data
from tep_nb.notebook.views.history import history_rows
from tep_nb.notebook.views.review import review_data

EVIL = "<img src=x onerror=alert(1)>"


def tally(kept: str, scale: int = 1) -> str:
    """Adds up the numbers of the list."""
    return kept


def a_graph() -> Graph:
    return Graph(
        [
            Agent("collect", "List the objects.\nQuestion: {{question}}", output="items", role="Lists every object"),
            Agent("sort_out", "Keep {{items}} of the kind.", output="kept", when="items=x", otherwise="items"),
            Tool(tally),
            Agent("answer", "Sum: {{tally}}\nQuestion: {{question}}"),
        ]
    )


def started(graph: Graph) -> ev.Started:
    rows = {
        p: [[i + 10 * k, {"question": f"q{i}"}, "3"] for i in range(3)] for k, p in enumerate(("train", "validation", "test"))
    }
    return ev.Started(
        graph=graph.spec(), rows=rows, target="target", metric={"name": "exact_match"}, objective="The right number.",
        method={"phases": ["free", "nudged"]}, models={"actor": "simulated"}, budget={}, version="0.1.0",
    )  # fmt: skip


def a_proposal(graph: Graph, prompt: str, after: str, **more) -> Proposal:
    old = graph.prompts[prompt]
    return Proposal(
        id=f"0.1.{prompt}.1", prompt=prompt, agents=tuple(a.name for a in graph.users(prompt)), phase="free", before=old.text,
        after=after, hunks=old.diff(after), step=1, protect=old.protect, **more,
    )  # fmt: skip


def a_state(rationale: str = "It was vague.", warnings: tuple[str, ...] = ()) -> State:
    """One free step: two proposals, a silent prompt."""
    graph = a_graph()
    scores = {criterion.name: 6.0 for criterion in SIX}
    critique = Critique("collect", 0, "free", scores, (Suggestion("the list", "one a line " + EVIL),))
    first = a_proposal(
        graph, "collect", "List all objects.\nQuestion: {{question}}\nOne a line.", rationale=rationale, critiques=(critique,)
    )
    second = a_proposal(
        graph, "answer", "Sum: {{tally}}\nQuestion: {{question}}\nBe brief.", rationale="Long.", warnings=warnings
    )
    outcomes = (
        ev.Outcome("collect", (critique,), 6.0),
        ev.Outcome("sort_out", (), 9.0, silent=True),
        ev.Outcome("answer", (), 7.0),
    )
    drafted = ev.Drafted(
        step=1, phase="free", prompts=("collect", "sort_out", "answer"), rows=(0,), temperatures={}, refresh=True
    )
    return replay([started(graph), drafted, ev.Proposed(step=1, proposals=(first, second), outcomes=outcomes)])


def some_evidence(state: State, text: str | None = None, label: str = "worse") -> ev.Assessed:
    proposal = state.step.pending[0]
    flips = (Flip(4, 1.0, 0.0, "out " + EVIL, "other\u202e", "wrong"),)
    return ev.Assessed(
        evidence=Evidence(
            proposal.prompt, text or proposal.after, state.graph.digest, "metric", label, 0.5, 0.25, 4, 0, 1, 1.0, flips
        )
    )


def test_segments_hold_the_whole_prompt():
    """The kept and old parts make the prompt as it is, the kept and new ones the prompt as proposed."""
    proposal = a_state().step.pending[0]
    parts = segments(proposal.before, proposal.hunks)
    assert "".join(part.get("text", part.get("old", "")) for part in parts) == proposal.before
    assert "".join(part.get("text", part.get("new", "")) for part in parts) == proposal.after
    assert [part["hunk"] for part in parts if part.get("first")] == [hunk.number for hunk in proposal.hunks]


def test_review_holds_the_queue_and_why_others_have_no_proposal():
    """Pending proposals come in topological order; a prompt without one says why; a decision leaves the queue."""
    state = a_state()
    data = review_data(state)
    assert data["review"]["queue"] == ["0.1.collect.1", "0.1.answer.1"]
    assert data["review"]["notes"] == [{"prompt": "sort_out", "text": "nothing more to propose"}]
    later = state.apply(ev.Decided(decision=state.step.pending[0].reject("too long", "ada")))
    data = review_data(later)
    assert set(data) == {"review", "proposal/0.1.answer.1", "proof/0.1.answer.1"}
    assert data["review"]["queue"] == ["0.1.answer.1"]
    decided = {"id": "0.1.collect.1", "prompt": "collect", "verdict": "rejected", "by": "ada", "reason": "too long", "step": 1}
    assert data["review"]["decided"] == [decided]


def test_evidence_says_what_it_is_of_and_whether_it_holds():
    """Evidence of the proposal, of some hunks and of an edit are told apart; on another graph it is stale."""
    state = a_state()
    proposal = state.step.pending[0]
    assert len(proposal.hunks) > 1
    part, edit = proposal.taken([1]), proposal.before + "\nMine."
    for text in (proposal.after, part, edit):
        state = state.apply(some_evidence(state, text))
    shown = review_data(state)[f"proof/{proposal.id}"]["evidence"]
    assert [(e["of"], e["hunks"], e["fresh"]) for e in shown] == [
        ("proposal", [], True), ("edit", [], True), ("hunks", [1], True),
    ]  # fmt: skip
    assert shown[0]["label"] == "worse"
    approved = state.step.pending[1].approve("ada")
    later = review_data(state.apply(ev.Decided(decision=approved)))[f"proof/{proposal.id}"]["evidence"]
    assert [(e["of"], e["fresh"]) for e in later] == [("proposal", False)]


def test_chance_is_never_said_to_be_zero():
    """A p below one in a thousand is told as that."""
    state = a_state()
    proof = some_evidence(state).evidence
    better = replace(proof, label="proven")
    shown = [review_data(state.apply(ev.Assessed(evidence=replace(better, p=p)))) for p in (0.0004, 0.0313)]
    assert [data["proof/0.1.collect.1"]["evidence"][0]["chance"] for data in shown] == ["p < 0.001", "p = 0.031"]


def test_critiques_of_the_nudged_phase_tell_the_score_of_the_card():
    """Alignment counts as METHOD section 3 weighs it, so that the panel and the card give one number for one thing."""
    graph = a_graph()
    scores = {c.name: 9.0 for c in SIX} | {c.name: 3.0 for c in ALIGNMENT}
    critique = Critique("collect", 0, "nudged", scores, (Suggestion("the list", "one a line"),))
    score = critique.nudged_score(0.5)
    proposal = replace(a_proposal(graph, "collect", "List.\nQuestion: {{question}}", critiques=(critique,)), phase="nudged")
    drafted = ev.Drafted(step=1, phase="nudged", prompts=("collect",), rows=(0,), temperatures={}, beta=1.0)
    proposed = ev.Proposed(step=1, proposals=(proposal,), outcomes=(ev.Outcome("collect", (critique,), score),))
    state = replay([started(graph), drafted, proposed])
    view = review_data(state)["proposal/0.1.collect.1"]
    assert view["critiques"][0]["score"] == graph_data(graph, state)["nodes"][0]["score"] == "6.0"
    assert view["mean"] == "6.0 / 10 over 1 row"


def test_what_does_not_show_is_made_visible_but_for_the_text_to_edit():
    """Every text of a stranger has its hidden characters spelt out; the edit field keeps the characters themselves."""
    graph = a_graph()
    after = "List\u200b the objects.\nQuestion: {{question}}\x1b[31m"
    proposal = a_proposal(graph, "collect", after, rationale="\u202e" + EVIL)
    state = replay([started(graph), ev.Drafted(step=1, phase="free", prompts=("collect",), rows=(0,), temperatures={})])
    state = state.apply(ev.Proposed(step=1, proposals=(proposal,), outcomes=()))
    view = review_data(state)["proposal/0.1.collect.1"]
    assert view["rationale"] == "⟦U+202E⟧" + EVIL
    assert view["after"] == after
    said = json.dumps({key: value for key, value in view.items() if key != "after"}, ensure_ascii=False)
    assert "\u200b" not in said
    assert "⟦U+200B⟧" in said
    assert "⟦U+001B⟧" in said


def test_graph_has_a_card_a_node_and_a_line_a_dependency():
    """Cards say state, score, tokens and pending; guards are marked; columns and the output are stubs; no two cards overlap."""
    data = graph_data(a_graph(), a_state())
    cards = {node["name"]: node for node in data["nodes"]}
    assert cards["collect"]["pending"] == 1
    assert cards["collect"]["score"] == "6.0"
    assert cards["collect"]["state"] == "settling"
    assert cards["tally"]["kind"] == "tool"
    assert cards["sort_out"]["guard"] == 'items="x"'
    assert cards["collect"]["spoken"] == "agent; scores free 6.0; below 8.0; reads question; feeds sort_out"
    assert {(e["source"], e["target"], e["label"]) for e in data["edges"]} == {
        ("", "collect", "question"), ("collect", "sort_out", "items"), ("sort_out", "tally", "kept"),
        ("tally", "answer", "tally"), ("", "answer", "question"), ("answer", "", "answer"),
    }  # fmt: skip
    boxes = list(cards.values())
    for one in boxes:
        assert one["x"] >= 0
        assert one["x"] + one["w"] <= data["width"]
        for other in boxes:
            apart = one["x"] + one["w"] < other["x"] or other["x"] + other["w"] < one["x"]
            apart = apart or one["y"] + one["h"] < other["y"] or other["y"] + other["h"] < one["y"]
            assert one is other or apart


def test_graph_of_drafts_needs_no_state():
    """Before start there are cards without state, and with no graph at all there is nothing."""
    assert {node["state"] for node in graph_data(a_graph())["nodes"]} == {""}
    assert graph_data(None)["nodes"] == []


@pytest.mark.parametrize(("event", "state"), [
    (ev.Settled(prompt="collect", rule="silent", stuck=False), "settled"),
    (ev.Settled(prompt="collect", rule="cap", stuck=True), "stuck"),
    (ev.Frozen(prompt="collect", frozen=True, by="ada"), "frozen"),
])  # fmt: skip
def test_card_shows_the_equilibrium(event, state):
    """Settled, stuck and frozen are said on the card."""
    shown = a_state().apply(event)
    assert graph_data(shown.graph, shown)["nodes"][0]["state"] == state


def test_history_is_newest_first_and_has_reasons():
    """Decisions, phases and looks at a split are rows; overrides and reasons are said."""
    state = a_state()
    first, second = state.step.pending
    state = state.apply(ev.Decided(decision=replace(first.approve("ada"), override="I know better")))
    state = state.apply(ev.Decided(decision=second.reject("too long", "ada")))
    state = state.apply(ev.Evaluated(evaluation=ev.Evaluation("test", 3, 0.5, (0.1, 0.9), (), step=1)))
    rows = history_rows(state)[::-1]
    assert [row["kind"] for row in rows] == ["look", "decision", "decision", "phase"]
    assert not rows[0]["why"].startswith("on a branch that was left")
    left = history_rows(state.apply(ev.Rewound(to=state.seq - 1, why="rewind")))[::-1]
    assert left[0]["why"].startswith("on a branch that was left, 95%"), "its figure is not that of the prompts as they are now"
    assert rows[1]["why"] == "too long"
    assert rows[2]["why"] == "override: I know better"
    assert rows[2]["score"] == "6.0"
