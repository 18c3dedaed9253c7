"""Another proposal in the place of one that a person does not want."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from scripts import again, approve, asked, begin, calls, closing, critic, edit, events, fenced, model, run

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.core.state import replay
from tep_nb.errors import BadReply, BudgetExceeded, ReviewError


def editor(request: tep.Request) -> str:
    """One more word for each edit that it is told was rejected; after three it has nothing else."""
    (prompt,) = fenced(request.text, "prompt")
    told = len(fenced(request.text, "rejected"))
    return edit(None, "nothing else would help") if told > 3 else edit(prompt.replace(" on", " on plus" + " again" * told, 1))


def at(path: Path, phase: str, **more: Any) -> tep.Session:
    """A session with proposals of this phase pending."""
    method = tep.TEP(seed=1, minibatch=2, phases=(phase,))
    session = begin(path, method=method, **{"model": model(editor=editor), **more})
    run(session.propose())
    return session


@pytest.mark.parametrize("phase", ["free", "nudged"])
def test_another_proposal_takes_the_place_of_the_first(tmp_path: Path, phase: str) -> None:
    """The same critiques and checks, the next id, another draw; the first ends as rejected by who asked, with the reason."""
    world = model(editor=editor)
    with closing(at(tmp_path / "r.tep", phase, model=world)) as session:
        first, other = session.state.step.pending
        before = len(asked(world, "editor"))
        new = run(session.again(first, "shorter, please", by="ada"))
        (text,) = asked(world, "editor")[before:]
        assert "reason: shorter, please" in "\n".join(fenced(text, "rejected"))
        state = session.state
        assert state.step.pending == (new, other)
        assert (new.id, new.by, new.critiques) == (f"{first.id[:-1]}2", "editor", first.critiques)
        assert new.after != first.after
        assert (state.decisions[-1].verdict, state.decisions[-1].by, state.decisions[-1].reason) == (
            "reject", "ada", "shorter, please",
        )  # fmt: skip
        assert state.prompts[first.prompt].text == first.before
        assert replay(events(session)) == state
        seeds = [request.seed for request in world.requests if request.role == "editor"]
        assert seeds[-1] not in seeds[:-1]


def test_without_a_reason_the_editor_is_told_that_another_is_wanted(tmp_path: Path) -> None:
    """Each text that was left in this way is told again, then and in later steps."""
    world = model(editor=editor)
    with closing(at(tmp_path / "r.tep", "free", model=world)) as session:
        first = session.state.step.pending[0]
        second = run(session.again(first.id, by="ada"))
        run(session.again(second, by="bob"))
        told = fenced(asked(world, "editor")[-1], "rejected")
        assert [re.findall("reason: (.*)", one)[0] for one in told] == ["a person asked for another proposal"] * 2
        assert [d.by for d in session.state.decisions] == ["ada", "bob"]
        assert len(session.state.rejected(first.prompt)) == 2


def test_an_editor_that_has_nothing_else_leaves_the_proposal(tmp_path: Path) -> None:
    """It stays pending, the call says why, nothing is written, and no failure is counted."""
    world = model(editor=lambda request: edit(None, "all is said") if "rejected" in request.text else editor(request))
    with closing(at(tmp_path / "r.tep", "nudged", model=world)) as session:
        first, before = session.state.step.pending[0], len(events(session))
        with pytest.raises(ReviewError, match=r"no other proposal for a1 \(all is said\): proposal .* stays pending"):
            run(session.again(first, by="ada"))
        assert first in session.state.step.pending
        assert len(events(session)) == before


def test_an_answer_that_cannot_be_read_is_asked_for_anew(tmp_path: Path) -> None:
    """The proposal stays pending; the same command asks further, and does not read the same replies for ever."""
    left = [2]

    def broken(request: tep.Request) -> str:
        if not fenced(request.text, "rejected"):
            return editor(request)
        left[0] -= 1
        return "no" if left[0] >= 0 else edit(fenced(request.text, "prompt")[0].replace(" on", " on plus plus", 1))

    with closing(at(tmp_path / "r.tep", "free", model=model(editor=broken))) as session:
        first = session.state.step.pending[0]
        with pytest.raises(BadReply, match="stays pending, ask again"):
            run(session.again(first, by="ada"))
        assert first in session.state.step.pending
        assert run(session.again(first, by="ada")).after.count("plus") == 2


def test_the_same_checks_hold(tmp_path: Path) -> None:
    """A text beyond the bound is refused in the nudged phase, as in a step; the critiques are not asked for again."""
    long = " word" * 60

    def far(request: tep.Request) -> str:
        (prompt,) = fenced(request.text, "prompt")
        return edit(prompt.replace(" on", " on" + long, 1)) if fenced(request.text, "rejected") else editor(request)

    with closing(at(tmp_path / "r.tep", "nudged", model=model(editor=far))) as session:
        before = calls(session)
        with pytest.raises(ReviewError, match=r"no other proposal for a1 .*are allowed"):
            run(session.again(session.state.step.pending[0], by="ada"))
        assert set(calls(session) - before) == {("editor", "ok")}


def test_texts_without_critiques_have_nothing_to_ask_from(tmp_path: Path) -> None:
    """A person's own edit and an earlier text that scored better are rejected or skipped, not asked again for."""
    with closing(begin(tmp_path / "r.tep")) as session:
        made = session.suggest("a1", "Pass number 1 on mine.\n{{question}}", by="ada")
        with pytest.raises(ReviewError, match="an edit of ada: no critiques led to it"):
            run(session.again(made, by="ada"))
        assert session.state.step.pending == (made,)


def test_decided_and_unknown_proposals_are_refused(tmp_path: Path) -> None:
    """No call is made for them."""
    world = model(editor=editor)
    with closing(at(tmp_path / "r.tep", "free", model=world)) as session:
        first, other = session.state.step.pending
        session.decide(first.skip("ada"))
        before = len(world.requests)
        with pytest.raises(ReviewError, match="decided already"):
            run(session.again(first, by="ada"))
        with pytest.raises(ReviewError, match="there is no proposal"):
            run(session.again("9.9.x.1", by="ada"))
        with pytest.raises(TypeError, match="Proposal or its id"):
            run(session.again(7, by="ada"))  # type: ignore[arg-type]
        with pytest.raises(ReviewError, match="author"):
            run(session.again(other, by=" "))
        with pytest.raises(TypeError):
            run(session.again(other, None, by="ada"))  # type: ignore[arg-type]
        assert len(world.requests) == before


def test_a_crash_before_the_record_pays_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both events are written together or not at all; the same command then answers from the record."""
    path = tmp_path / "r.tep"
    with closing(at(path, "free")) as session:
        first = session.state.step.pending[0]
        monkeypatch.setattr(session.journal, "append", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            run(session.again(first, by="ada"))
        monkeypatch.undo()
        paid = session.usage.calls
    with closing(again(path, model=model(editor=editor))) as session:
        assert first in session.state.step.pending
        new = run(session.again(first, by="ada"))
        assert session.usage.calls == paid
        assert new in session.state.step.pending


def test_a_budget_that_is_spent_stops_it(tmp_path: Path) -> None:
    """Nothing is decided."""
    with closing(at(tmp_path / "r.tep", "free")) as session:
        session.set_budget(tep.Budget(calls=session.usage.calls))
        with pytest.raises(BudgetExceeded):
            run(session.again(session.state.step.pending[0], by="ada"))
        assert not session.state.decisions


class Held:
    """A model whose editor, once ``hold`` is set, says that it was asked and answers when it is let go."""

    def __init__(self) -> None:
        self.name, self.inner, self.hold = "scripted", model(editor=editor), False
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def complete(self, request: tep.Request) -> tep.Reply:
        if self.hold and request.role == "editor":
            self.asked.set()
            await self.go.wait()
        return await self.inner.complete(request)


@pytest.mark.parametrize("verb", ["decide", "freeze"])
def test_who_decides_meanwhile_is_heard(tmp_path: Path, verb: str) -> None:
    """A decision or a freeze that was taken while the editor writes stands; the call says so and records nothing more."""
    held = Held()
    with closing(at(tmp_path / "r.tep", "free", model=held)) as session:
        first = session.state.step.pending[0]
        held.hold = True

        async def meanwhile() -> None:
            task = asyncio.ensure_future(session.again(first, by="ada"))
            await held.asked.wait()
            session.decide(first.approve("bob")) if verb == "decide" else session.freeze(first.prompt, by="bob")
            held.go.set()
            await task

        with pytest.raises(ReviewError, match="decided already" if verb == "decide" else "frozen"):
            run(meanwhile())
        assert [d.by for d in session.state.decisions] == (["bob"] if verb == "decide" else [])
        assert sum(isinstance(event, ev.Suggested) for event in events(session)) == 0


def test_undo_brings_the_first_back(tmp_path: Path) -> None:
    """Both wait then; the same is not proposed a second time, and approving either withdraws the other."""
    with closing(at(tmp_path / "r.tep", "free")) as session:
        first = session.state.step.pending[0]
        new = run(session.again(first, by="ada"))
        session.undo(by="ada")
        assert all(one in session.state.step.pending for one in (first, new))
        with pytest.raises(ReviewError, match=f"what waits already as {new.id}"):
            run(session.again(first, by="ada"))
        assert session.state.step.pending[:2] == (first, new)
        session.decide(first.approve("ada"))
        assert new not in session.state.step.pending


def test_the_run_goes_on_from_it(tmp_path: Path) -> None:
    """The step is decided when the new one is; the session ends as ever and replays."""
    with closing(begin(tmp_path / "r.tep", model=model(editor=editor, critic=critic))) as session:
        run(session.propose())
        run(session.again(session.state.step.pending[0], by="ada"))
        run(session.run(approve))
        assert session.state.phase == "done"
        assert replay(events(session)).body() == session.state.body()
        assert sum(isinstance(event, ev.Suggested) for event in events(session)) == 1
