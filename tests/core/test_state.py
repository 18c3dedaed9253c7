"""The fold: pure, and the only place where a prompt changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import again, approve, begin, chain, closing, data, edit, editor, events, fenced, model, prompts, run, seeded

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.core.state import State, replay, start
from tep_nb.errors import JournalError, TepError


def body(state: State) -> str:
    return json.dumps(state.body(), sort_keys=True)


def test_replay_is_the_live_state(tmp_path: Path) -> None:
    """The events of a journal give the live state byte for byte, at every command."""
    with closing(begin(tmp_path / "r.tep")) as session:

        async def drive() -> None:
            while session.state.phase != "done":
                await session.propose()
                assert body(replay(events(session))) == body(session.state)
                await session.run(seeded, steps=0)
                assert body(replay(events(session))) == body(session.state)

        run(drive())
        session.rewind(2)
        session.suggest("a1", "Pass number 1 on mine.\n{{question}}")
        session.undo()
        assert body(replay(events(session))) == body(session.state)
        assert replay(events(session)) == session.state


def test_apply_is_pure(tmp_path: Path) -> None:
    """Applying an event leaves the state as it was, and applying it again gives the same."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(seeded))
        first, *rest = events(session)
    state = start(first)
    for event in rest:
        before = body(state)
        after = state.apply(event)
        assert body(state) == before
        assert body(state.apply(event)) == body(after)
        state = after


def test_a_journal_without_a_start_is_refused() -> None:
    """No event, or another one first, is no session."""
    for found in ([], [ev.Stopped()]):
        with pytest.raises(JournalError, match="holds no session"):
            replay(found)


def play(session: tep.Session, choices: Any) -> None:
    """One random command of a person; refused ones change nothing."""
    state = session.state
    verb = choices.draw(
        st.sampled_from(["propose", "decide", "decide", "decide", "suggest", "undo", "rewind", "freeze", "assess"])
    )
    pending = state.step.pending
    name = choices.draw(st.sampled_from(sorted(state.prompts)))
    text = state.prompts[name].text.replace(
        " on", choices.draw(st.sampled_from([" on plus", " on minus", " on", "", " {{x}}"])), 1
    )
    try:
        if verb == "propose":
            run(session.propose())
        elif verb == "decide" and pending:
            proposal = choices.draw(st.sampled_from(pending))
            how = choices.draw(st.sampled_from(["approve", "override", "reject", "skip", "edit", "take"]))
            session.decide(
                {
                    "approve": lambda: proposal.approve("me"),
                    "override": lambda: proposal.approve("me", "because"),
                    "reject": lambda: proposal.reject("no", "me"),
                    "skip": lambda: proposal.skip("me"),
                    "edit": lambda: proposal.edit(text, "me", "because"),
                    "take": lambda: proposal.take([1], "me", "because"),
                }[how]()
            )
        elif verb == "assess" and pending:
            run(session.assess(choices.draw(st.sampled_from(pending))))
        elif verb == "suggest":
            session.suggest(name, text, "mine")
        elif verb == "undo":
            session.undo()
        elif verb == "rewind":
            session.rewind(choices.draw(st.integers(0, 3)))
        elif verb == "freeze":
            session.freeze(name, choices.draw(st.booleans()))
    except TepError:
        assert session.state is state or verb in ("propose", "assess")


@settings(max_examples=30)
@given(choices=st.data())
def test_no_prompt_changes_without_an_event(choices: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a person does, a prompt changes at a decided or rewound event and at no other; the journal replays."""
    path = tmp_path_factory.mktemp("random") / "r.tep"
    with closing(begin(path, method=tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=2, gate_rows=5))) as session:
        for _ in range(choices.draw(st.integers(1, 14))):
            play(session, choices)
        first, *rest = events(session)
        before = body(session.state)
        assert body(replay([first, *rest])) == before
    with closing(again(path)) as session:
        assert body(session.state) == before  # nothing is left to follow from what was decided
    state = start(first)
    for event in rest:
        after = state.apply(event)
        texts = {n: p.text for n, p in state.prompts.items()}
        if {n: p.text for n, p in after.prompts.items()} != texts:
            assert isinstance(event, ev.Decided | ev.Rewound)
            if isinstance(event, ev.Decided):
                assert event.decision.text is not None
        elif not isinstance(event, ev.Frozen | ev.Rewound):
            assert after.graph.digest == state.graph.digest
        state = after


STAYS = {"branch", "branches", "cells", "evaluations", "budget", "models"}


@settings(max_examples=30)
@given(choices=st.data())
def test_undo_is_the_state_before_the_decision(choices: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """After any commands, every undo leads to what was there just before the decision that it takes back."""

    def kept(state: State) -> dict[str, Any]:
        return {name: value for name, value in json.loads(body(state)).items() if name not in STAYS}

    path = tmp_path_factory.mktemp("undo") / "r.tep"
    with closing(begin(path, method=tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=2, gate_rows=5))) as session:
        before: list[dict[str, Any]] = []
        for _ in range(choices.draw(st.integers(1, 14))):
            state = session.state
            play(session, choices)
            if len(session.state.reviewed) > len(state.reviewed):
                before.append(kept(state))
            del before[len(session.state.reviewed) :]
        while before:
            session.undo()
            assert kept(session.state) == before.pop()
            assert len(session.state.reviewed) == len(before)
        with pytest.raises(TepError, match="no decision"):
            session.undo()


def test_undo_takes_back_a_phase(tmp_path: Path) -> None:
    """Undo goes to just before the last decision, also where a phase and settled prompts followed from it."""
    with closing(begin(tmp_path / "r.tep", method=tep.TEP(seed=1, minibatch=2, nudged_cap=1, phases=("nudged",)))) as session:
        run(session.propose())
        while session.state.step.pending:
            (first, *_) = session.state.step.pending
            run(session.assess(first))
            before = session.state
            session.decide(approve(first, None))
        assert session.state.phase == "done"
        session.undo()
        assert session.state.phase == "nudged"
        assert body(session.state) == body(before)
        assert isinstance(events(session)[-1], ev.Rewound)
        assert session.state.branch == 0
        session.decide(first.reject("no", "me"))
        assert session.state.phase == "done"


def test_branches_are_counted(tmp_path: Path) -> None:
    """Every rewind begins a branch of a number not used before, an undo none, and ids name the branch."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(approve, steps=2))
        session.rewind(1)
        assert (session.state.branch, session.state.step.index) == (1, 1)
        session.rewind(0)
        assert (session.state.branch, session.state.step.index) == (2, 0)
        run(session.propose())
        assert {proposal.id for proposal in session.state.step.pending} == {"2.1.a1.1", "2.1.a2.1"}
        session.decide(session.state.step.pending[0].approve("me"))
        session.undo()
        assert session.state.branch == 2


def test_a_rewind_keeps_looks_budget_and_cells(tmp_path: Path) -> None:
    """What was looked at, what may be spent and what a cell said stay, whatever is taken back."""
    with closing(begin(tmp_path / "r.tep")) as session:
        text = "Pass number 1 on mine.\n{{question}}"
        session.suggest("a1", text, cell=True)
        run(session.evaluate("test"))
        session.set_budget(tep.Budget(calls=500))
        session.rewind(0)
        assert len(session.state.evaluations) == 1
        assert session.state.budget["calls"] == 500
        assert session.state.cells["a1"] == text
        assert prompts(session)["a1"] == "Pass number 1 on.\n{{question}}"
        assert session.state.step.pending == ()


def test_a_late_suggestion_ends_idleness(tmp_path: Path) -> None:
    """An edit that a person applies after a nudged step was complete counts as an applied edit of that step."""
    quiet = model(editor=lambda request: edit(None))
    method = tep.TEP(seed=1, minibatch=2, phases=("nudged",), nudged_cap=9)
    with closing(begin(tmp_path / "r.tep", model=quiet, method=method)) as session:
        run(session.propose())
        assert (session.state.nudged, session.state.idle) == (1, 1)
        made = session.suggest("a1", "Pass number 1 on plus.\n{{question}}")
        assert not session.state.step.is_decided
        run(session.assess(made))
        session.decide(made.approve("me"))
        assert (session.state.nudged, session.state.idle, len(session.state.steps)) == (1, 0, 1)
        run(session.propose())
        assert (session.state.phase, session.state.idle) == ("nudged", 1)


def test_two_suggestions_of_one_prompt(tmp_path: Path) -> None:
    """Approving one withdraws the other, which is stale from then on; their ids differ."""
    with closing(begin(tmp_path / "r.tep")) as session:
        one = session.suggest("a1", "Pass number 1 on mine.\n{{question}}")
        two = session.suggest("a1", "Pass number 1 on yours.\n{{question}}")
        assert one.id != two.id
        session.decide(two.approve("me"))
        assert session.state.step.pending == ()
        with pytest.raises(TepError, match="stale"):
            session.decide(one.approve("me"))


def test_a_dataset_and_a_graph_come_back(tmp_path: Path) -> None:
    """The started event holds the rows with their ids and targets, and the whole graph."""
    with closing(begin(tmp_path / "r.tep", graph=chain(3), data=data(3, 2, 1))) as session:
        back = replay(events(session))
    assert back.dataset == session.state.dataset
    assert [row.id for row in back.dataset.rows] == list(range(6))
    assert back.graph.spec() == chain(3).spec()


def test_proposals_in_topological_order(tmp_path: Path) -> None:
    """Pending proposals, a person's among them, stand in the order in which the gate walks them."""
    only = model(editor=lambda request: edit(None) if "number 1" in fenced(request.text, "prompt")[0] else editor(request))
    with closing(begin(tmp_path / "r.tep", graph=chain(3), model=only)) as session:
        run(session.propose())
        session.suggest("a1", "Pass number 1 on mine.\n{{question}}")
        assert [p.prompt for p in session.state.step.pending] == ["a1", "a2", "a3"]


def test_the_same_evidence_is_one_fact(tmp_path: Path) -> None:
    """Evidence that is bought again, as after a crash, changes nothing in the state."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.propose())
        for _ in range(2):
            run(session.assess(session.state.step.pending[0]))
            assert len(session.state.evidence) == 1


def test_an_applied_edit_ends_idleness(tmp_path: Path) -> None:
    """Idle counts the last nudged steps that applied nothing: an approval brings it back to 0, a rejection does not."""
    method = tep.TEP(seed=1, minibatch=2, phases=("nudged",), nudged_cap=9)
    with closing(begin(tmp_path / "r.tep", 1, method=method)) as session:
        run(session.propose())
        session.decide(session.state.step.pending[0].skip("me"))
        assert session.state.idle == 1
        run(session.propose())
        run(session.assess(session.state.step.pending[0]))
        session.decide(session.state.step.pending[0].approve("me", "because"))
        assert (session.state.idle, session.state.nudged) == (0, 2)


def test_a_look_says_whether_its_branch_was_left(tmp_path: Path) -> None:
    """Every look at a split stays counted; one that going back has left is not the branch's own, a later one is."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.evaluate("test"))
        run(session.run(seeded, steps=2))
        run(session.evaluate("validation"))
        session.rewind(1)
        run(session.evaluate("train"))
        session.rewind(session.state.step.index)
        assert [(look.split, kept) for look, kept in session.state.looks] == [
            ("test", True), ("validation", False), ("train", True),
        ]  # fmt: skip
        assert replay(events(session)).looks == session.state.looks


def test_events_that_do_not_fit_are_a_damaged_file(tmp_path: Path) -> None:
    """A decision on no proposal, a way back to nowhere: one line that names the event, not an error of Python."""
    with closing(begin(tmp_path / "r.tep")) as session:
        first = events(session)
    for odd in (ev.Rewound(to=77, why="rewind"), ev.Decided(decision=tep.Decision("9.9.a1.9", "skip", None, "me"))):
        with pytest.raises(JournalError, match=rf"event 2 \({odd.kind}\) does not fit the 1 before it: the file is damaged"):
            replay([*first, odd])
