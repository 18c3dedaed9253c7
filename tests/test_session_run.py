"""run(), budget, stop, Busy, two event loops."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from scripts import again, approve, begin, calls, closing, edit, events, fenced, model, prompts, run, seeded

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.errors import BadReply, BudgetExceeded, Busy, ConfigError, ModelError, ReviewError


def body(session: tep.Session) -> str:
    return json.dumps(session.state.body(), sort_keys=True)


def test_run_is_a_client_of_the_verbs(tmp_path: Path) -> None:
    """run() leads to the state that propose, assess and decide lead to."""
    with closing(begin(tmp_path / "a.tep")) as one, closing(begin(tmp_path / "b.tep")) as two:
        run(one.run(seeded))

        async def by_hand() -> None:
            while two.state.phase != "done":
                await two.propose()
                while two.state.step.pending:
                    proposal = two.state.step.pending[0]
                    two.decide(seeded(proposal, await two.assess(proposal, local=True)))

        run(by_hand())
        assert body(one) == body(two)
        assert calls(one) == calls(two)


@pytest.mark.parametrize(
    ("given", "steps", "phase"), [({"steps": 0}, 0, "free"), ({"steps": 2}, 2, "free"), ({"until": "nudged"}, 6, "nudged")]
)
def test_run_stops(tmp_path: Path, given: dict[str, Any], steps: int, phase: str) -> None:
    """At the first of steps, the phase that began, done."""
    with closing(begin(tmp_path / "r.tep")) as session:
        state = run(session.run(approve, **given))
        assert (state.step.index <= steps, state.phase) == (True, phase)
        assert state.step.is_decided
        run(session.run(approve))
        assert session.state.phase == "done"
        assert run(session.run(approve)) is session.state
        with pytest.raises(ReviewError, match="nudged or done"):
            run(session.run(approve, until="free"))


def test_a_deciders_none_is_a_question(tmp_path: Path) -> None:
    """None leaves the proposal pending and ends the run; a person answers, and the next run goes on."""
    asked: list[str] = []

    def shy(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision | None:
        asked.append(proposal.prompt)
        return None if proposal.prompt == "a2" else proposal.approve("shy")

    with closing(begin(tmp_path / "r.tep")) as session:
        state = run(session.run(shy))
        assert [p.prompt for p in state.step.pending] == ["a2"]
        assert state.step.index == 1
        session.decide(state.step.pending[0].skip("me"))
        run(session.run(shy))
        assert session.state.step.index == 2
        assert asked == ["a1", "a2", "a1", "a2"]


def test_what_run_buys(tmp_path: Path) -> None:
    """Local evidence in the free phase, metric evidence in the nudged one, and its local part where that says no worse."""
    seen: list[tuple[str, str, str, bool]] = []

    def watch(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision:
        assert evidence is not None
        seen.append((proposal.phase, evidence.kind, evidence.label, evidence.local is not None))
        return approve(proposal, evidence)

    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(watch))
    assert {kind for phase, kind, _, _ in seen if phase == "free"} == {"local"}
    nudged = {(kind, label == "no worse", local) for phase, kind, label, local in seen if phase == "nudged"}
    assert nudged == {("metric", True, True)}
    with closing(begin(tmp_path / "b.tep", method=tep.TEP(minibatch=2, free_cap=2, gate="both", phases=("free",)))) as session:
        seen.clear()
        run(session.run(watch))
    assert {kind for _, kind, _, _ in seen} == {"metric"}


@pytest.mark.parametrize("cap", [1, 5, 23, 40, 52, 60])
def test_the_budget_stops_and_a_raised_one_pays_what_is_missing(tmp_path: Path, cap: int) -> None:
    """The cap is never passed, the state is kept, and the whole session costs what it costs without a stop."""
    with closing(begin(tmp_path / "whole.tep")) as whole:
        run(whole.run(seeded))
        expected, paid = body(whole), whole.usage.calls
    path = tmp_path / "r.tep"
    with closing(begin(path, budget=tep.Budget(calls=cap))) as session:
        state = run(session.run(seeded))
        assert session.usage.calls == min(cap, paid) == cap
        assert state.phase != "done"
        assert isinstance(events(session)[-1], ev.Budgeted)
        assert f"budget of {cap} calls" in events(session)[-1].reason
        run(session.run(seeded))
        assert session.usage.calls == cap
    with closing(again(path, budget=tep.Budget())) as session:
        run(session.run(seeded))
        assert session.usage.calls == paid
        assert json.loads(body(session)) == json.loads(expected)


@pytest.mark.parametrize("verb", ["propose", "assess", "evaluate", "ask"])
def test_each_verb_stops_at_the_budget(tmp_path: Path, verb: str) -> None:
    """A verb that would pass the budget raises BudgetExceeded, which names the cap, what was spent and the remedy."""
    with closing(begin(tmp_path / "r.tep")) as session:
        made = session.suggest("a1", "Pass number 1 on mine.\n{{question}}")
        if verb == "propose":
            session.decide(made.skip("me"))
        session.set_budget(tep.Budget(calls=1))
        act: dict[str, Callable[[], Awaitable[Any]]] = {
            "propose": session.propose, "assess": lambda: session.assess(made),
            "evaluate": lambda: session.evaluate("test"), "ask": lambda: session.ask(row=1),
        }  # fmt: skip
        with pytest.raises(BudgetExceeded, match=r"budget of 1 calls \(1 spent\): raise it"):
            run(act[verb]())
        assert session.usage.calls == 1


def test_other_budgets() -> None:
    """Tokens and cost are checked with what is reserved; seconds once they are spent; a cost cap needs prices."""
    from tep_nb.model.budget import Spent

    spent = Spent(3, 100, 50, 2.0, 0.0001)
    for budget in (
        tep.Budget(calls=3),
        tep.Budget(tokens=155),
        tep.Budget(seconds=2.0),
        tep.Budget(cost=0.00012, prompt_price=1),
    ):
        with pytest.raises(BudgetExceeded, match="raise it"):
            budget.check(spent, Spent(1, 21, 0, 0, 0.000021))
    tep.Budget(calls=4, tokens=171, seconds=2.1, cost=0.000122, prompt_price=1).check(spent, Spent(1, 21, 0, 0, 0.000021))
    assert "prices" in tep.Budget(cost=1).warning
    assert not tep.Budget(cost=1, prompt_price=2).warning
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(ConfigError):
            tep.Budget(tokens=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        tep.Budget(calls=True)


class Held:
    """A model whose calls wait until they are let go."""

    name = "scripted"

    def __init__(self) -> None:
        self.inner = model()
        self.open = False
        self.waiting = 0
        self.arrived: asyncio.Event | None = None

    async def complete(self, request: tep.Request) -> tep.Reply:
        if not self.open:
            self.waiting += 1
            if self.arrived is not None:
                self.arrived.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.waiting -= 1
        return await self.inner.complete(request)


def outcomes(path: Path) -> Counter[str]:
    """How the recorded attempts ended."""
    with closing(sqlite3.connect(path)) as connection:
        return Counter(outcome for (outcome,) in connection.execute("SELECT outcome FROM calls"))


@pytest.mark.parametrize("verb", ["propose", "run", "assess", "evaluate"])
def test_stop_keeps_everything(tmp_path: Path, verb: str) -> None:
    """Cancelling writes a stopped event, leaves no call in flight and no half of a step; the same verb then pays the rest."""
    held = Held()
    path = tmp_path / "r.tep"
    with closing(begin(path, model=held)) as session:
        held.open = True
        made = session.suggest("a2", "Pass number 2 on mine.\n{{a1}}")
        run(session.ask(row=0))
        if verb != "assess":
            session.decide(made.skip("me"))
        paid = session.usage.calls
        held.open = False
        act: dict[str, Callable[[], Awaitable[Any]]] = {
            "propose": session.propose, "run": lambda: session.run(approve, steps=1),
            "assess": lambda: session.assess(made), "evaluate": lambda: session.evaluate("test"),
        }  # fmt: skip

        async def stop() -> None:
            held.arrived = asyncio.Event()
            task = asyncio.ensure_future(act[verb]())
            await held.arrived.wait()
            with pytest.raises(Busy, match="wait for it, or stop it"):
                await session.propose()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert asyncio.all_tasks() == {asyncio.current_task()}

        run(stop())
        assert held.waiting == 0
        assert outcomes(path)["ok"] == paid
        assert outcomes(path)["stopped"] == session.usage.calls - paid > 0  # sent, and perhaps charged for
        stopped = [e for e in events(session) if isinstance(e, ev.Stopped)]
        assert [e.reason.endswith("was stopped") for e in stopped] == [True]
        assert session.running is None
        held.open = True
        before = len(held.inner.requests)
        run(act[verb]())
        assert len(held.inner.requests) > before
        keys = [r.key("x") for r in held.inner.requests]
        assert len(keys) == len(set(keys))


def test_busy(tmp_path: Path) -> None:
    """A second propose, assess, run or evaluate while one runs raises Busy, and so does going back; decide and freeze do not."""
    held = Held()
    with closing(begin(tmp_path / "r.tep", model=held)) as session:
        made = session.suggest("a1", "Pass number 1 on mine.\n{{question}}")

        async def drive() -> None:
            held.arrived = asyncio.Event()
            task = asyncio.ensure_future(session.evaluate("test"))
            await held.arrived.wait()
            assert session.running == "evaluate"
            for again_ in (
                session.propose(),
                session.assess(made),
                session.run(approve),
                session.evaluate("test"),
                session.ask(row=0),
            ):
                with pytest.raises(Busy, match="evaluate is running"):
                    await again_
            for act in (session.undo, lambda: session.rewind(0)):
                with pytest.raises((Busy, ReviewError)):
                    act()
            session.decide(made.approve("me"))
            session.freeze("a2")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run(drive())
        assert "mine" in prompts(session)["a1"]
        assert session.state.graph["a2"].frozen


def test_a_decision_during_evaluate_does_not_mix_graphs(tmp_path: Path) -> None:
    """What is measured is the state as it was when the look began, whatever is decided meanwhile."""

    class Slow(Held):
        async def complete(self, request: tep.Request) -> tep.Reply:
            if len(self.inner.requests) == 3:
                session.decide(made.approve("me"))
            return await self.inner.complete(request)

    with closing(begin(tmp_path / "r.tep", model=Slow())) as session:
        made = session.suggest("a2", "Pass number 2 on plus plus plus.\n{{a1}}")
        digest = session.state.graph.digest
        found = run(session.evaluate("test"))
        assert session.state.graph.digest != digest
        assert found.graph == digest


def test_a_person_may_be_faster(tmp_path: Path) -> None:
    """While a run waits for evidence a person decides that proposal; the run goes on with the next."""
    with closing(begin(tmp_path / "r.tep")) as session:
        fast: list[str] = []

        def person(event: ev.Event) -> None:
            if isinstance(event, ev.Assessed) and not fast:
                fast.append(event.proposal)
                proposal = session.state.proposal(event.proposal)
                assert proposal is not None
                session.decide(proposal.reject("too slow", "person"))

        session.subscribe(person)
        thread = threading.Thread(target=lambda: run(session.run(approve, steps=1)))
        thread.start()
        thread.join()
        assert [(d.proposal, d.by) for d in session.state.decisions] == [("0.1.a1.1", "person"), ("0.1.a2.1", "tester")]


def test_one_session_two_loops(tmp_path: Path) -> None:
    """No object bound to an event loop outlives a verb: a session works across loops, tools' thread and models included."""

    class Bound:
        """A model whose client belongs to the loop that made it."""

        name = "scripted"

        def __init__(self) -> None:
            self.inner, self.loop, self.closed = model(), None, 0

        async def complete(self, request: tep.Request) -> tep.Reply:
            loop = asyncio.get_running_loop()
            self.loop = self.loop or loop
            assert self.loop is loop
            return await self.inner.complete(request)

        async def aclose(self) -> None:
            self.loop, self.closed = None, self.closed + 1

    def tool(a1: str) -> str:
        return a1

    graph = tep.Graph(
        [tep.Agent("a1", "Pass number 1 on.\n{{question}}"), tep.Tool(tool), tep.Agent("a2", "Pass number 2 on.\n{{tool}}")]
    )
    bound = Bound()
    before = threading.active_count()
    with closing(begin(tmp_path / "r.tep", graph=graph, model=bound)) as session:
        run(session.propose())
        for proposal in session.state.step.pending:
            run(session.assess(proposal))
            session.decide(proposal.approve("me"))
        run(session.propose())
        run(session.evaluate("test"))
        assert bound.closed == 5
    for thread in threading.enumerate():
        if thread.name.startswith("tep_nb-tools"):
            thread.join()
    assert threading.active_count() <= before


def test_subscribers(tmp_path: Path) -> None:
    """Each event with kind and time, on the recording thread, until unsubscribed; one that fails warns and stops nothing."""
    with closing(begin(tmp_path / "r.tep")) as session:
        seen: list[ev.Event] = []

        def broken(event: ev.Event) -> None:
            raise KeyError("view")

        end, end_broken = session.subscribe(seen.append), session.subscribe(broken)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            run(session.propose())
        assert any("a subscriber failed: KeyError" in str(w.message) for w in caught)
        end_broken()
        assert [event.kind for event in seen] == ["drafted", "proposed"]
        assert all(event.at.startswith("20") for event in seen)
        end()
        end()
        session.decide(session.state.step.pending[0].approve("me"))
        assert len(seen) == 2


def test_a_failed_step_can_be_asked_for_again(tmp_path: Path) -> None:
    """A model that fails on more than a fifth of the rows is an error that is recorded; the step then pays what is missing."""
    broken = [True]

    def actor(request: tep.Request) -> str:
        from scripts import actor as plain

        if broken[0] and "number 2 on" in request.text:
            raise ModelError("no server at here: is it running?")
        return plain(request)

    of = model(actor)
    with closing(begin(tmp_path / "r.tep", model=of)) as session:
        with pytest.raises(ModelError, match=r"8 of 8 rows failed.*no server at here"):
            run(session.propose())
        assert isinstance(events(session)[-1], ev.Failed)
        assert session.state.step.index == 1
        assert not session.state.step.proposed
        broken[0] = False
        of.requests.clear()
        run(session.propose())
        assert session.state.step.index == 1
        assert not any(r.temperature == 0 and "number 1 on" in r.text for r in of.requests if r.role == "actor")


def test_a_void_score_does_not_end_run(tmp_path: Path) -> None:
    """Where no critique of the edited text can be read, run gives the free decider None and goes on."""
    from scripts import critic

    def blind(request: tep.Request) -> str:
        return "?" if "plus" in fenced(request.messages[0].text, "prompt")[0] else critic(request)

    got: list[tep.Evidence | None] = []

    def skip(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision:
        got.append(evidence)
        return proposal.skip("me")

    with closing(
        begin(tmp_path / "r.tep", 1, model=model(critic=blind), method=tep.TEP(minibatch=2, phases=("free",)))
    ) as session:
        run(session.run(skip))
        assert session.state.phase == "done"
    assert got
    assert set(got) == {None}


def test_a_prompt_nobody_edits(tmp_path: Path) -> None:
    """A graph whose prompts are all frozen runs to its end without asking critic or editor."""
    from scripts import chain

    of = model()
    with closing(begin(tmp_path / "r.tep", graph=chain(2, frozen=True), model=of)) as session:
        run(session.run(approve))
        assert session.state.phase == "done"
        assert session.state.reviewed == ()
    assert {r.role for r in of.requests} == {"actor"}


def test_a_train_part_smaller_than_the_minibatch(tmp_path: Path) -> None:
    """One train row and no validation rows: the free phase works; the gate says what is missing."""
    from scripts import rows

    parts = tep.Dataset(rows(1), (), rows(2, 5))
    with closing(begin(tmp_path / "r.tep", 1, data=parts)) as session:
        run(session.run(approve, until="nudged"))
        assert {step.rows for step in session.state.steps if step.rows} == {(0,)}
        run(session.propose())
        with pytest.raises(tep.TepError, match="validation rows"):
            run(session.assess(session.state.step.pending[0]))


def test_minibatches_go_through_the_epochs(tmp_path: Path) -> None:
    """Rows are drawn without replacement, epoch by epoch, and only train rows; every refresh covers the next ones."""
    quiet = model(editor=lambda request: edit(None, "no"))
    method = tep.TEP(seed=1, minibatch=2, patience=9, nudged_cap=9, tolerance=0, free_cap=8, phases=("nudged",))
    with closing(begin(tmp_path / "r.tep", 1, model=quiet, method=method)) as session:
        run(session.run(approve, steps=8))
        drawn = [row for step in session.state.steps for row in step.rows]
    assert sorted(drawn[:8]) == sorted(drawn[8:]) == list(range(8))
    assert drawn[:8] != drawn[8:]


@pytest.mark.parametrize("phases", [("free",), ("nudged",), ("free", "nudged")])
def test_the_estimate_is_an_upper_bound(tmp_path: Path, phases: Any) -> None:
    """Before every step: no purpose takes more calls than estimated, the evidence of its proposals included."""
    method = tep.TEP(seed=1, minibatch=2, free_cap=3, nudged_cap=3, gate_rows=6, phases=phases)
    with closing(begin(tmp_path / "r.tep", 3, method=method)) as session:
        while session.state.phase != "done":
            expected = session.estimate()
            before = {purpose: spent.calls for purpose, spent in session.usage.purposes.items()}
            run(session.run(approve, steps=1))
            for purpose, spent in session.usage.purposes.items():
                assert spent.calls - before.get(purpose, 0) <= expected.calls.get(purpose, 0), (session.state.step, purpose)
        assert session.estimate().total == 0


def test_run_stops_at_a_critic_that_cannot_be_read(tmp_path: Path) -> None:
    """A step whose critiques are all unreadable ends run with one line; by hand the step stays possible."""
    with closing(begin(tmp_path / "r.tep", model=tep.ScriptedModel(lambda request: "prose", "mute"))) as session:
        with pytest.raises(BadReply, match=r"critiques of step 1 could be read.*check the critic \('mute'"):
            run(session.run(tep.deciders.approve_all))
        assert session.state.step.index == 1
        assert run(session.propose()).index == 2


def test_a_run_says_how_it_ended(tmp_path: Path) -> None:
    """Steps, the phase, a question with what is missing, the budget, the equilibrium, a failure; empty while it goes."""
    during: list[str] = []
    with closing(begin(tmp_path / "r.tep")) as session:
        assert session.ended == ""
        session.subscribe(lambda event: during.append(session.ended if session.running else ""))
        run(session.run(approve, steps=1))
        assert session.ended == "1 step"
        run(session.run(approve, steps=0))
        assert session.ended == "0 steps"
        run(session.run(lambda proposal, evidence: None))
        assert session.ended == f"a question: {session.state.step.pending[0].prompt}, because its decider leaves it to a person"
        run(session.run(tep.deciders.approve_if("no worse", gain=9.0)))
        assert session.ended.startswith("a question: a1, because the critic's score gains ")
        assert session.ended.endswith(", 9 is needed")
        session.set_budget(tep.Budget(calls=session.usage.calls))
        run(session.run(approve))
        assert session.ended.startswith("budget: the next call would pass the budget of")
        session.set_budget(tep.Budget())
        run(session.run(approve, until="nudged"))
        assert session.ended == "the nudged phase has begun"
        run(session.run(approve))
        assert session.ended == f"equilibrium ({session.state.phases[-1][2].removeprefix('nudged equilibrium: ')})"
    assert set(during) == {""}


def test_a_run_that_was_stopped_or_failed_says_so(tmp_path: Path) -> None:
    """The exception goes on, and the words stay."""
    held = Held()
    with closing(begin(tmp_path / "r.tep", model=held)) as session:

        async def drive() -> None:
            held.arrived = asyncio.Event()
            task = asyncio.ensure_future(session.run(approve))
            await held.arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run(drive())
        assert session.ended == "stopped"
    with closing(begin(tmp_path / "s.tep", model=model(critic=lambda request: "no"))) as session:
        with pytest.raises(BadReply):
            run(session.run(approve))
        assert session.ended.startswith("failed: none of the")


def test_a_policy_signs_its_decisions(tmp_path: Path) -> None:
    """Every automatic decision has the policy's whole name as its author."""
    policy = tep.deciders.parse("approve_if:no-worse,gain=1,reject")
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(policy))
        assert len(session.state.decisions) > 3
        assert {decision.by for decision in session.state.decisions} == {"approve_if:no worse,gain=1,reject"}
        assert {decision.verdict for decision in session.state.decisions} == {"approve", "reject"}
