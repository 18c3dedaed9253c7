"""DESIGN section 4, Rules: what may be decided, and what then holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from scripts import (
    again,
    approve,
    asked,
    begin,
    chain,
    closing,
    critique,
    data,
    edit,
    events,
    fenced,
    model,
    prompts,
    run,
    seeded,
)  # fmt: skip

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.errors import (
    DataError,
    Done,
    EvidenceNeeded,
    GraphError,
    MetricError,
    PendingDecisions,
    PromptError,
    ReviewError,
    StaleProposal,
    TepError,
)  # fmt: skip

NUDGED = tep.TEP(seed=1, minibatch=2, phases=("nudged",), nudged_cap=6, gate_rows=10)
MINE = "Pass number 1 on mine.\n{{question}}"


def refused(session: tep.Session, act: Any, kind: type[TepError], match: str = ".") -> None:
    """The act raises, and neither the journal nor the state has changed."""
    before, state = len(events(session)), session.state
    with pytest.raises(kind, match=match):
        act()
    assert len(events(session)) == before
    assert session.state is state


def test_pending_decisions_stop_the_next_step(tmp_path: Path) -> None:
    """propose() with decisions pending names them, asks nobody and writes nothing."""
    of = model()
    with closing(begin(tmp_path / "r.tep", model=of)) as session:
        run(session.propose())
        of.requests.clear()
        refused(session, lambda: run(session.propose()), PendingDecisions, r"2 proposals wait .*a1, a2.*approve, reject or skip")
        session.decide(session.state.step.pending[0].approve("me"))
        refused(session, lambda: run(session.propose()), PendingDecisions, "a2")
        assert of.requests == []


def test_done_names_what_is_left(tmp_path: Path) -> None:
    """propose() after the last phase raises Done, which names evaluate and rewind."""
    method = tep.TEP(phases=("free",), free_cap=1)
    with closing(begin(tmp_path / "r.tep", method=method, objective="")) as session:
        run(session.run(approve))
        refused(session, lambda: run(session.propose()), Done, r"evaluate.*rewind")


def test_unknown_decided_and_made_up_decisions(tmp_path: Path) -> None:
    """An unknown or decided proposal, verdict, an empty author, reason or override: nothing is written."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.propose())
        one, two = session.state.step.pending
        session.decide(one.approve("ada"))
        refused(session, lambda: session.decide(one.reject("no", "me")), ReviewError, r"decided already \(approve by ada\)")
        make = tep.Decision
        wrong = [
            (make("9.9.x.1", "approve", "x", "me"), "no proposal '9.9.x.1': pending are 0.1.a2.1"),
            (make(two.id, "accept", two.after, "me"), "'accept' is no verdict"),  # type: ignore[arg-type]
            (make(two.id, "approve", two.after, " "), "author"),
            (make(two.id, "reject", None, "me", reason=" "), "reason"),
            (make(two.id, "approve", two.after, "me", override=""), "override needs a reason"),
            (make(two.id, "approve", None, "me"), "needs a text"),
            (make(two.id, "skip", two.after, "me"), "has no text"),
            (make(two.id, "approve", two.after + " more", "me"), "use edit"),
        ]
        for decision, words in wrong:
            refused(session, lambda decision=decision: session.decide(decision), ReviewError, re.escape(words))
        refused(session, lambda: session.decide(make(two.id, "edit", "no field", "me")), PromptError, r"\{\{a1\}\}")
        refused(session, lambda: session.decide(make(two.id, "edit", two.before, "me")), PromptError, "a2 as it stands")
        with pytest.raises(TypeError, match="approve"):
            session.decide(two)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "act",
    [
        lambda p: p.approve(""), lambda p: p.reject("", "me"), lambda p: p.reject("no", " "), lambda p: p.skip(""),
        lambda p: p.approve("me", override=" "), lambda p: p.edit(p.after, "me", override=""), lambda p: p.take([], "me"),
        lambda p: p.take([99], "me"), lambda p: p.edit(p.before, "me"), lambda p: p.edit("no fields", "me"),
    ],
)  # fmt: skip
def test_empty_words_make_no_decision(tmp_path: Path, act: Any) -> None:
    """An empty author, reason or override, no hunk, the unchanged text or a lost placeholder cannot be decided."""
    with closing(begin(tmp_path / "r.tep", 1)) as session:
        run(session.propose())
        with pytest.raises((ReviewError, PromptError)):
            act(session.state.step.pending[0])


def test_a_stale_proposal_cannot_be_decided(tmp_path: Path) -> None:
    """When the prompt is no longer a proposal's before, it is stale; a sibling's approval does not make it so."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.propose())
        one, two = session.state.step.pending
        mine = session.suggest("a1", MINE)
        session.decide(mine.approve("me"))
        for act in (lambda: one.approve("me"), lambda: one.reject("no", "me"), lambda: one.skip("me")):
            refused(session, lambda act=act: session.decide(act()), StaleProposal, "0.1.a1.1 is stale")
        session.decide(two.approve("me"))
        assert session.state.step.is_decided


def test_nudged_approval_needs_evidence_of_that_text(tmp_path: Path) -> None:
    """Approve, edit and take each need metric evidence for their own text on the current graph; local evidence is not enough."""

    def two(request: tep.Request) -> str:
        (prompt,) = fenced(request.text, "prompt")
        return edit(prompt.replace("Pass", "Pass plus", 1).replace(" on.", " on and on."))

    with closing(begin(tmp_path / "r.tep", 2, method=NUDGED, model=model(editor=two))) as session:
        run(session.propose())
        one, other = session.state.step.pending
        refused(session, lambda: session.decide(one.approve("me")), EvidenceNeeded, "assess")
        run(session.assess(one, kind="local"))
        refused(session, lambda: session.decide(one.approve("me", "because")), EvidenceNeeded)
        run(session.assess(one))
        refused(session, lambda: session.decide(one.take([1], "me")), EvidenceNeeded)
        refused(session, lambda: session.decide(one.edit(MINE, "me")), EvidenceNeeded)
        run(session.assess(other))
        run(session.assess(one, one.taken([1])))
        session.decide(one.take([1], "me", "because"))
        assert prompts(session)["a1"] == "Pass plus number 1 on.\n{{question}}"
        refused(session, lambda: session.decide(other.approve("me", "because")), EvidenceNeeded)  # the graph is another one now
        run(session.assess(other))
        session.decide(other.approve("me", "because"))


def test_free_approval_needs_none(tmp_path: Path) -> None:
    """In the free phase evidence is optional; fresh worse evidence still needs an override."""

    def lower(request: tep.Request) -> str:
        (prompt,) = fenced(request.text, "prompt")
        return edit(prompt.replace(" on", " on minus", 1))

    with closing(begin(tmp_path / "r.tep", 2, model=model(editor=lower))) as session:
        run(session.propose())
        one, two = session.state.step.pending
        assert run(session.assess(one)).label == "worse"
        refused(session, lambda: session.decide(one.approve("me")), ReviewError, r"critic's score 5\.0 -> 4\.0")
        session.decide(one.approve("me", override="trust me"))
        session.decide(two.approve("me"))


def test_evidence_goes_stale_with_the_graph(tmp_path: Path) -> None:
    """Evidence is of one graph: after a sibling's approval it is stale, after its undo fresh again."""
    with closing(begin(tmp_path / "r.tep", 2, method=NUDGED)) as session:
        run(session.propose())
        one, two = session.state.step.pending
        run(session.assess(one))
        run(session.assess(two))
        assert session.state.fresh("a2", two.after) is not None
        session.decide(one.approve("me", "because"))
        assert session.state.fresh("a2", two.after) is None
        session.undo()
        assert session.state.fresh("a2", two.after) is not None


def test_the_reason_reaches_every_later_editor(tmp_path: Path) -> None:
    """A rejection's reason is shown to the editor of that prompt ever after, in both phases; a skip is never told."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 2, model=of)) as session:
        run(session.propose())
        one, two = session.state.step.pending
        session.decide(one.reject("too much arithmetic", "me"))
        session.decide(two.skip("me"))
        of.requests.clear()
        run(session.run(approve))
        assert session.state.phase == "done"
    editors = asked(of, "editor")
    mine = [text for text in editors if "number 1" in fenced(text, "prompt")[0]]
    assert mine
    assert all(fenced(text, "rejected")[0].startswith("reason: too much arithmetic\nadded: plus\n") for text in mine)
    assert not any("rejected" in text for text in editors if text not in mine)
    assert any("# Nudged critiques" in text for text in mine)


def test_an_equal_proposal_is_not_shown_again(tmp_path: Path) -> None:
    """An editor that repeats a rejected edit is told so once; when it insists there is no proposal, with the reason noted."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 1, model=of)) as session:
        run(session.propose())
        session.decide(session.state.step.pending[0].reject("no", "me"))
        of.requests.clear()
        run(session.propose())
        assert session.state.step.proposals == ()
        assert "rejected before" in session.state.step.outcomes[0].note
    assert len(asked(of, "editor")) == 2
    assert "this edit was rejected before" in asked(of, "editor")[1]


def test_another_deletion_is_another_edit(tmp_path: Path) -> None:
    """Edits are compared by what they remove and add: after one rejected deletion a different one is shown."""
    texts = iter(["Pass number on.\n{{question}}", "Pass 1 on.\n{{question}}"])
    of = model(editor=lambda request: edit(next(texts)))
    with closing(begin(tmp_path / "r.tep", 1, model=of)) as session:
        run(session.propose())
        session.decide(session.state.step.pending[0].reject("no", "me"))
        run(session.propose())
        assert [p.after for p in session.state.step.pending] == ["Pass 1 on.\n{{question}}"]


def test_a_skip_is_recorded_and_never_blocks(tmp_path: Path) -> None:
    """A skipped proposal is no longer pending, is not applied, and the next step can be taken."""
    with closing(begin(tmp_path / "r.tep", 1)) as session:
        run(session.propose())
        before = prompts(session)
        session.decide(session.state.step.pending[0].skip("me"))
        assert session.state.step.is_decided
        assert session.state.decisions[-1].verdict == "skip"
        assert prompts(session) == before
        assert run(session.propose()).index == 2


def test_suggestions_are_proposals(tmp_path: Path) -> None:
    """A person's own edit waits for a decision like any other, before the first step and between steps."""
    with closing(begin(tmp_path / "r.tep")) as session:
        mine = session.suggest("a1", MINE, "I like it", by="ada")
        assert (mine.id, mine.by, mine.rationale, mine.phase) == ("0.0.a1.1", "ada", "I like it", "free")
        assert prompts(session)["a1"] != MINE
        refused(session, lambda: run(session.propose()), PendingDecisions)
        session.decide(mine.approve("ada"))
        assert prompts(session)["a1"] == MINE
        run(session.propose())
        refused(session, lambda: session.suggest("a1", MINE), PromptError, "as it stands")
        refused(session, lambda: session.suggest("a1", "No field."), PromptError, r"\{\{question\}\}")
        refused(session, lambda: session.suggest("a1", MINE + "{{more}}"), PromptError, r"\{\{more\}\}")
        refused(session, lambda: session.suggest("a9", MINE), GraphError, "no prompt is called 'a9'")
        refused(session, lambda: session.suggest("a1", MINE + "x", by=" "), ReviewError, "author")
        for more in ({"by": 3}, {"by": None}, {"reason": 3}, {"reason": None}):
            refused(session, lambda more=more: session.suggest("a1", MINE + "x", **more), TypeError, "of a suggestion is a str")  # type: ignore[arg-type, misc]
        with pytest.raises(TypeError):
            session.suggest("a1", 5)  # type: ignore[arg-type]


def test_a_cells_text_is_remembered(tmp_path: Path) -> None:
    """The state knows what the journal last recorded for an agent's cell: started with, or suggested from it."""
    with closing(begin(tmp_path / "r.tep")) as session:
        assert session.state.cells["a1"] == "Pass number 1 on.\n{{question}}"
        made = session.suggest("a1", MINE, cell=True)
        assert session.state.cells["a1"] == MINE
        session.decide(made.reject("no", "me"))
        assert session.state.cells["a1"] == MINE
        session.suggest("a1", MINE.replace("mine", "yours"))
        assert session.state.cells["a1"] == MINE


def test_a_step_that_is_not_finished_takes_no_suggestion(tmp_path: Path) -> None:
    """A suggestion in a planned step would be lost when the step's own proposals come: it is refused with the remedy."""
    with closing(begin(tmp_path / "r.tep", budget=tep.Budget(calls=3))) as session:
        with pytest.raises(TepError):
            run(session.propose())
        refused(session, lambda: session.suggest("a1", MINE), ReviewError, r"step 1 is planned and not finished: propose\(\)")
        session.set_budget(tep.Budget())
        run(session.propose())
        session.suggest("a1", MINE)
        assert {p.by for p in session.state.step.pending} == {"editor", "me"}


def test_freeze_withdraws(tmp_path: Path) -> None:
    """Freezing takes the pending proposal away and asks for no more, freeing asks again; tools and prompts stay."""
    of = model()
    with closing(begin(tmp_path / "r.tep", model=of)) as session:
        run(session.propose())
        one, two = session.state.step.pending
        before = prompts(session)
        session.freeze("a1")
        assert [p.prompt for p in session.state.step.pending] == ["a2"]
        refused(session, lambda: session.decide(one.approve("me")), StaleProposal, "withdrawn when a1 was frozen")
        session.decide(two.approve("me"))
        of.requests.clear()
        run(session.propose())
        assert session.state.step.prompts == ("a2",)
        assert not any("number 1" in fenced(text, "prompt")[0] for text in asked(of, "critic"))
        session.freeze("a1", frozen=False)
        session.decide(session.state.step.pending[0].skip("me"))
        run(session.propose())
        assert session.state.step.prompts == ("a1", "a2")
        assert prompts(session)["a1"] == before["a1"]
        refused(session, lambda: session.freeze("nope"), GraphError)


def test_what_persons_did_besides_deciding_is_known(tmp_path: Path) -> None:
    """Freezing with its author, and the ways back; an undo is of the state before, and takes a later freeze with it."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.propose())
        session.decide(session.state.step.pending[0].approve("me"))
        session.freeze("a2", by="ann")
        assert [(act.words, act.prompt, act.by) for act in session.state.acts] == [("froze", "a2", "ann")]
        session.undo()
        assert not session.state.graph.is_frozen("a2")
        assert session.state.acts == ()
        session.decide(session.state.step.pending[0].skip("me"))
        session.freeze("a2")
        run(session.propose())
        session.rewind(0)
        assert [act.words for act in session.state.acts] == ["rewound from step 2 to step 0"]


def test_a_prompt_frozen_in_an_unfinished_step_is_left_alone(tmp_path: Path) -> None:
    """A step that the budget stopped goes on without a prompt that was frozen meanwhile."""
    with closing(begin(tmp_path / "r.tep", budget=tep.Budget(calls=20))) as session:
        with pytest.raises(TepError):
            run(session.propose())
        assert session.state.step.prompts == ("a1", "a2")
        session.freeze("a1")
        session.set_budget(tep.Budget())
        run(session.propose())
        assert [p.prompt for p in session.state.step.proposals] == ["a2"]


def test_undo_and_rewind_say_what_is_there(tmp_path: Path) -> None:
    """Without a decision there is nothing to undo; a step that is not complete cannot be gone back to."""
    with closing(begin(tmp_path / "r.tep")) as session:
        refused(session, session.undo, ReviewError, "no decision")
        run(session.run(approve, steps=2))
        run(session.propose())
        refused(session, lambda: session.rewind(3), ReviewError, r"complete are 0 \(the start\) to 2")
        refused(session, lambda: session.rewind(7), ReviewError)
        refused(session, lambda: session.fork(tmp_path / "f.tep", at=7), ReviewError)
        assert not (tmp_path / "f.tep").exists()
        after_one = {name: text.replace(" plus plus", " plus") for name, text in prompts(session).items()}
        session.rewind(1)
        assert prompts(session) == after_one
        session.rewind(to=0)
        assert prompts(session) == {name: text.replace(" plus", "") for name, text in after_one.items()}
        assert session.state.reviewed == ()


def test_a_new_branch_draws_anew(tmp_path: Path) -> None:
    """After a rewind the same step has other draw numbers and temperatures; after an undo it has its own again."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 1, model=of)) as session:

        def drawn() -> set[int]:
            of.requests.clear()
            run(session.propose())
            return {r.seed for r in of.requests if r.seed}

        first = drawn()
        temperatures = session.state.step.temperatures
        session.decide(session.state.step.pending[0].approve("me"))
        second = drawn()
        assert first
        assert not first & second
        session.undo()
        session.decide(session.state.step.pending[0].approve("me"))
        assert drawn() == set()  # the very calls of the first time: all of them are recorded
        session.rewind(0)
        third = drawn()
        assert third
        assert not third & first
        assert session.state.step.temperatures != temperatures


def test_the_best_text_is_offered_once(tmp_path: Path) -> None:
    """An agent that settled below its best score has the text that scored best put forward, once, without a call."""

    def falling(request: tep.Request) -> str:
        wants = [{"about": "the number", "do": "add a plus"}]
        score = 4 if "plus" in fenced(request.text, "prompt")[0] else 9
        return critique(score, wants, re.findall(r"^- (\w+): ", request.text, re.MULTILINE))

    of = model(critic=falling)
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=tep.TEP(seed=1, minibatch=2, free_cap=2))) as session:
        run(session.run(approve, steps=2))
        assert session.state.track("a1").settled.startswith("cap")
        of.requests.clear()
        step = run(session.propose())
        (offer,) = step.pending
        assert of.requests == []
        assert (offer.by, offer.after) == ("best", "Pass number 1 on.\n{{question}}")
        assert "9.0" in offer.rationale
        session.decide(offer.approve("me"))
        assert session.state.track("a1").settled
        run(session.propose())
        assert session.state.step.pending == ()
        assert session.state.phase == "nudged"


def test_guarded_nodes_are_not_judged(tmp_path: Path) -> None:
    """Where its guard is false a node makes no call, takes the otherwise field's value, and no critic is asked about it."""
    graph = tep.Graph(
        [
            *chain(1).nodes,
            tep.Agent("a2", "Pass number 2 on.\n{{a1}}", when="a1=never", otherwise="a1"),
            tep.Agent("a3", "Pass number 3 on.\n{{a2}}"),
        ]
    )
    of = model()
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        run(session.run(approve))
        assert session.state.phase == "done"
        trace = run(session.ask(row=0))
        assert trace.calls["a2"] == "skipped"
        assert trace.values["a2"] == trace.values["a1"]
        assert session.state.steps[0].outcome("a2").note == "no row of this minibatch reached it"  # type: ignore[union-attr]
    assert not any("number 2" in text for text in asked(of, "actor"))
    assert not any("number 2" in fenced(text, "prompt")[0] for text in (*asked(of, "critic"), *asked(of, "editor")))


def test_a_shared_prompt_gets_one_proposal(tmp_path: Path) -> None:
    """From the critiques of all its users; its evidence re-runs the descendants of all."""
    graph = tep.Graph(
        [
            tep.Agent("a1", "Pass it on.\n{{x}}", prompt_name="both", inputs={"x": "question"}),
            tep.Agent("a2", "Pass it on.\n{{x}}", prompt_name="both", inputs={"x": "a1"}),
        ]
    )
    of = model()
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        step = run(session.propose())
        (proposal,) = step.pending
        assert (proposal.prompt, proposal.agents) == ("both", ("a1", "a2"))
        assert {c.agent for c in proposal.critiques} == {"a1", "a2"}
        session.decide(proposal.approve("me"))
        assert {a.prompt.text for a in session.state.graph.agents} == {"Pass it on plus.\n{{x}}"}
    assert len(asked(of, "editor")) == 1


def test_leaks_need_a_person(tmp_path: Path) -> None:
    """An edit that holds an answer of validation or test carries the warning leak; only an override applies it."""
    answer = data().validation[0].target
    long = tep.Dataset(*[[{"question": r.fields["question"], "target": f"number {r.target}"} for r in part] for part in
                         (data().train, data().validation, data().test)])  # fmt: skip

    def leaky(request: tep.Request) -> str:
        (prompt,) = fenced(request.text, "prompt")
        return edit(prompt.replace(" on", f" on, as number {answer} shows", 1))

    with closing(begin(tmp_path / "r.tep", 1, data=long, model=model(editor=leaky))) as session:
        run(session.propose())
        (proposal,) = session.state.step.pending
        assert proposal.leaks
        assert any(answer in warning for warning in proposal.warnings)
        refused(session, lambda: session.decide(proposal.approve("me")), ReviewError, "leak.*override")
        assert tep.deciders.approve_all(proposal, None).verdict == "reject"  # type: ignore[union-attr]
        mine = session.suggest("a1", proposal.after + " Yes.")
        assert mine.leaks
        assert tep.deciders.approve_all(mine, None).verdict == "reject"  # type: ignore[union-attr]
        session.decide(proposal.approve("me", override="it is no secret"))


def test_no_request_holds_a_reference(tmp_path: Path) -> None:
    """Of a whole session no request holds a target outside the question that names it and what agents made of it."""
    secret = [{"question": f"number {n}", "target": f"answer{n}secret"} for n in range(12)]
    parts = tep.Dataset(secret[:4], secret[4:8], secret[8:])
    of = model()
    with closing(
        begin(tmp_path / "r.tep", 2, model=of, data=parts, metric=lambda output, target: float(target[6:-6] in output))
    ) as s:
        run(s.run(seeded))
        run(s.evaluate("test"))
        assert s.state.phase == "done"
    assert of.requests
    assert not any("secret" in request.text for request in of.requests)


def test_evaluate_and_its_rows(tmp_path: Path) -> None:
    """Every look is an event; splits and rows are checked; another model and the failed rows are told."""
    with closing(begin(tmp_path / "r.tep", 1)) as session:
        found = run(session.evaluate("test"))
        assert (found.split, found.n, found.model) == ("test", 5, "scripted")
        assert isinstance(events(session)[-1], ev.Evaluated)
        other = run(session.evaluate([{"question": "number 0", "target": "0"}], model=model(lambda r: "0", name="other")))
        assert (other.split, other.mean, other.model) == ("rows", 1.0, "other")
        assert len(session.state.evaluations) == 2
        refused(session, lambda: run(session.evaluate("tset")), DataError, "train, validation or test")
        refused(session, lambda: run(session.evaluate([])), DataError, "no rows")
        refused(session, lambda: run(session.evaluate([{"target": "1"}])), GraphError, "'question'")
        refused(session, lambda: run(session.ask(row=99)), DataError, "99")
        refused(session, lambda: run(session.ask(fields={})), DataError, "question")
        refused(session, lambda: run(session.ask(fields={"question": "x", "y": 1})), DataError, "y")
        refused(session, lambda: run(session.ask()), DataError)
        with pytest.raises(TypeError):
            run(session.evaluate("test", model="gpt"))  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            run(session.assess(None))  # type: ignore[arg-type]
        refused(session, lambda: run(session.assess("nope")), ReviewError, "'nope'")


def plain(answer: str, target: str, question: str) -> tep.Score:
    """The number must be there."""
    return tep.Score(float(target in answer), f"asked {question}")


async def slow(output: str, row: dict[str, Any]) -> float:
    return float(len(row) == 1 and bool(output))


def loud(*args: Any) -> float:
    return float(not args)


@pytest.mark.parametrize("own", [plain, slow, loud, tep.judge("Is it right? {{output}} {{target}} {{question}}")])
def test_metrics_are_functions_of_names(tmp_path: Path, own: Any) -> None:
    """Fields, columns, target, row and output by name, sync, async or a judge; a Score's note goes into the evidence."""
    graph = tep.Graph([tep.Agent("answer", "Pass number 1 on.\n{{question}}")])
    of = model()
    with closing(begin(tmp_path / "r.tep", graph=graph, metric=own, model=of, method=NUDGED)) as session:
        found = run(session.evaluate("test"))
        assert found.n == 5
        if own is plain:
            assert found.rows[0].note == f"asked {session.state.dataset.test[0].fields['question']}"
        if isinstance(own, tep.Metric):
            assert found.mean == pytest.approx(0.7)
            assert session.usage.purposes["judge"].calls == 5
            run(session.propose())
            evidence = run(session.assess(session.state.step.pending[0]))
            assert evidence.judged
            assert "a judge's" in evidence.summary()
    again(tmp_path / "r.tep", metric=None if isinstance(own, tep.Metric) else own).close()


@pytest.mark.parametrize(
    ("own", "match"),
    [
        (lambda output: 2, "not within 0 to 1"),
        (lambda output: None, "nothing"),
        (lambda output: float("nan"), "not within 0 to 1"),
        (lambda output: "0.9", "return a number"),
        (lambda output: next(iter([])), "StopIteration"),
        (lambda output: exit(3), "SystemExit 3"),
        (lambda output: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_metric_that_returns_no_score(tmp_path: Path, own: Any, match: str) -> None:
    """A metric that raises, ends, or returns no number from 0 to 1 is named with its row; the session goes on."""
    with closing(begin(tmp_path / "r.tep", 1, metric=own)) as session:
        with pytest.raises(MetricError, match=rf"row \d+.*{match}|{match}.*row \d+"):
            run(session.evaluate("test"))
        assert isinstance(events(session)[-1], ev.Failed)
        run(session.propose())


def test_resume_checks_functions(tmp_path: Path) -> None:
    """Tools and metric are passed again and checked by name and version; the rest is in the file."""

    def tool(a1: str) -> str:
        return a1

    def other(a1: str) -> str:
        return a1 + ""

    graph = tep.Graph([*chain(1).nodes, tep.Tool(tool), tep.Agent("a3", "Pass number 3 on.\n{{tool}}")])
    path = tmp_path / "r.tep"
    begin(path, graph=graph, metric=plain_metric).close()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"metric": plain_metric}, r"tools tool; pass tool with tools="),
        ({"metric": plain_metric, "tools": [tep.Tool(other, name="tool")]}, "tool tool is not the recorded one"),
        ({"metric": plain_metric, "tools": [tool, other]}, "no tool 'other'"),
        ({"metric": None, "tools": [tool]}, "metric of its own, plain_metric"),
        ({"metric": plain, "tools": [tool]}, "'plain'.*'plain_metric'"),
    ]
    for given, match in wrong:
        with pytest.raises(TepError, match=match):
            again(path, **given)
    with closing(again(path, metric=plain_metric, tools=[tool])) as session:
        run(session.propose())
        assert session.usage.calls > 0


def plain_metric(output: str) -> float:
    return 1.0


def test_named_models_are_checked(tmp_path: Path) -> None:
    """An agent's model is a key of Models.named, checked at start and resume, and asked for that agent alone."""
    graph = tep.Graph([*chain(1).nodes, tep.Agent("a2", "Pass number 2 on.\n{{a1}}", model="small")])
    path = tmp_path / "r.tep"
    with pytest.raises(TepError, match="a2 asks for the model 'small'"):
        begin(path, graph=graph)
    small, big = model(name="small"), model(name="big")
    with closing(begin(path, graph=graph, model=tep.Models(big, named={"small": small}))) as session:
        run(session.evaluate("test"))
    assert {r.text.split()[2] for r in small.requests} == {"2"}
    assert {r.text.split()[2] for r in big.requests} == {"1"}
    with pytest.raises(TepError, match="'small'"):
        again(path)
