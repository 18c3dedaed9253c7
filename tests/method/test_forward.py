"""A forward pass, its failures, and what becomes of the evidence."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from scripts import actor, approve, asked, begin, chain, closing, data, events, fenced, model, run

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.errors import BudgetExceeded, EvidenceVoid, ModelError, ToolFailed

NUDGED = tep.TEP(seed=1, minibatch=2, phases=("nudged",), nudged_cap=2, gate_rows=10)
VALIDATION = [row.target for row in data().validation]


def failing(*numbers: str, when: str = "") -> Any:
    """An actor whose calls fail on rows of these numbers (where the prompt holds ``when``)."""

    def act(request: tep.Request) -> str:
        if when in request.text and re.findall(r"\d+", request.text)[-1] in numbers:
            raise ModelError("the server broke\nin two lines")
        return actor(request)

    return act


def test_failed_rows_leave_both_sides(tmp_path: Path) -> None:
    """A row whose call failed before or after is in neither mean, and the evidence says how many."""
    of = model(failing(VALIDATION[0], VALIDATION[1], when="plus"))
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=NUDGED)) as session:
        run(session.propose())
        evidence = run(session.assess(session.state.step.pending[0]))
        assert (evidence.n, evidence.failed) == (8, 2)
        kept = [int(v) % 5 for v in VALIDATION[2:]]
        assert evidence.before == sum(r < 2 for r in kept) / 8
        assert evidence.after == sum(r < 3 for r in kept) / 8
        assert "2 rows failed and left out" in evidence.summary()


def test_too_many_failed_rows_are_an_error(tmp_path: Path) -> None:
    """More than a fifth failed: no label, an error that gives the first reason, and nothing but a failed event."""
    of = model(failing(*VALIDATION[:3], when="plus"))
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=NUDGED)) as session:
        run(session.propose())
        with pytest.raises(ModelError, match="3 of 10 rows failed, more than a fifth; the first: the server broke"):
            run(session.assess(session.state.step.pending[0]))
        assert session.state.evidence == ()
        assert isinstance(events(session)[-1], ev.Failed)


def test_failures_of_both_sides_add_up(tmp_path: Path) -> None:
    """A tenth failed before and another tenth and more after: together more than a fifth, so the evidence is void."""
    calls = {"n": 0}

    def act(request: tep.Request) -> str:
        number = re.findall(r"\d+", request.text)[-1]
        bad = VALIDATION[:2] if "plus" in request.text else VALIDATION[2:4]
        if number in bad and request.temperature == 0:
            calls["n"] += 1
            raise ModelError("broke")
        return actor(request)

    with closing(begin(tmp_path / "r.tep", 1, model=model(act), method=NUDGED)) as session:
        run(session.propose())
        with pytest.raises(EvidenceVoid, match="4 of 10 gate rows failed"):
            run(session.assess(session.state.step.pending[0]))
    assert calls["n"] == 4


def test_a_failed_row_is_never_scored(tmp_path: Path) -> None:
    """Evaluate leaves it out of the mean and says why; more than a fifth is an error."""
    targets = [row.target for row in data().test]
    with closing(begin(tmp_path / "r.tep", 1, model=model(failing(targets[0])))) as session:
        found = run(session.evaluate("test"))
        assert found.n == 4
        (failed,) = [row for row in found.rows if row.failed]
        assert failed.failed.startswith("a1: the server broke")
    with (
        closing(begin(tmp_path / "b.tep", 1, model=model(failing(*targets[:2])))) as session,
        pytest.raises(ModelError, match="2 of 5 rows failed"),
    ):
        run(session.evaluate("test"))


def test_a_budget_stop_is_no_failed_row(tmp_path: Path) -> None:
    """A node that failed beside one that the budget stopped: the budget is what the command raises."""
    graph = tep.Graph(
        [
            tep.Agent("a1", "Pass number 1 on.\n{{question}}"),
            tep.Agent("a2", "Pass number 2 on.\n{{question}}"),
            tep.Agent("a3", "Pass number 3 on.\n{{a1}} {{a2}}"),
        ]
    )

    def act(request: tep.Request) -> str:
        raise ModelError("broke")

    six = [{"question": f"number {n}", "target": "1"} for n in range(6)]
    with closing(begin(tmp_path / "r.tep", graph=graph, model=model(act), budget=tep.Budget(calls=11))) as session:
        with pytest.raises(BudgetExceeded):
            run(session.evaluate(six))
        assert session.usage.calls == 11


def number_of(a1: str, base: int = 100) -> dict[str, Any]:
    """Takes the number apart."""
    number = int(re.findall(r"\d+", a1)[-1])
    if number == 122:
        raise KeyError("not this one")
    return {"number": number, "above": number - base}


async def waiting(number: int) -> str:
    await asyncio.sleep(0)
    return f"number {number}"


def test_tools_in_a_graph(tmp_path: Path) -> None:
    """Plain and async tools run between agents, their failures are rows', their calls are recorded and free of charge."""
    graph = tep.Graph(
        [*chain(1).nodes, tep.Tool(number_of, output=("number", "above")), tep.Tool(waiting),
         tep.Agent("a4", "Pass number 4 on.\n{{above}}\n{{waiting}}")],
        output="a4",
    )  # fmt: skip
    with closing(begin(tmp_path / "r.tep", graph=graph, model=model(lambda r: r.text.splitlines()[-1]))) as session:
        found = run(session.evaluate("test"))
        assert [row.failed for row in found.rows] == [""] * 4 + [
            "number_of: tool number_of failed on row 22: KeyError: 'not this one'"
        ]
        assert found.mean == 1.0
        with pytest.raises(ToolFailed, match=r"^tool number_of failed on row"):
            run(session.ask(fields={"question": "number 122"}))
        trace = run(session.ask(row=18))
        assert trace.values["above"] == 18
        assert trace.calls["waiting"][0].inputs == {"number": 118}  # type: ignore[union-attr]
        assert "tool" not in session.usage.purposes


def test_many_failing_tools_stop_the_step(tmp_path: Path) -> None:
    """A tool that fails on more than a fifth of the rows is ToolFailed, and the step can be asked for again."""

    def broken(a1: str) -> str:
        raise RuntimeError("no index")

    graph = tep.Graph([*chain(1).nodes, tep.Tool(broken), tep.Agent("a3", "Pass number 3 on.\n{{broken}}")])
    with closing(begin(tmp_path / "r.tep", graph=graph)) as session:
        for _ in range(2):
            with pytest.raises(ToolFailed, match=r"tool broken failed on row \d+: RuntimeError: no index"):
                run(session.propose())
        assert session.state.step.index == 1


def test_system_and_user(tmp_path: Path) -> None:
    """A line --- user --- splits a prompt into a system and a user message; without it all of it is the user's."""
    graph = tep.Graph([tep.Agent("a1", "Be exact.\n--- user ---\nPass number 1 on.\n{{question}}")])
    of = model(lambda request: "5")
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        run(session.ask(row=0))
    (request,) = of.requests
    assert [(m.role, m.text) for m in request.messages] == [("system", "Be exact."), ("user", "Pass number 1 on.\nnumber 100")]
    assert (request.schema, request.temperature, request.seed, request.role) == (None, 0, 0, "actor")


@pytest.mark.parametrize(
    ("value", "otherwise", "written"), [("never", "a1", "It is 1100"), ("never", None, None), ("It is 1100", "a1", "ran")]
)
def test_a_guards_value(tmp_path: Path, value: str, otherwise: str | None, written: Any) -> None:
    """Where the guard is false the output takes the otherwise field's value, null without it, and no call is made."""
    graph = tep.Graph(
        [*chain(1).nodes, tep.Agent("a2", "Pass number 2 on.\n{{a1}}", when=f"a1={value}", otherwise=otherwise)], output="a2"
    )
    of = model(lambda request: "ran" if "number 2 on" in request.text else "It is 1100")
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        trace = run(session.ask(row=0))
        assert trace.values["a2"] == written
        assert (trace.calls["a2"] == "skipped") is (written != "ran")
    assert len(of.requests) == 1 + (written == "ran")


def test_branches_side_by_side(tmp_path: Path) -> None:
    """A node begins as soon as what it reads is there: it does not wait for a slow sibling branch."""
    graph = tep.Graph(
        [
            tep.Agent("slow", "Pass number 1 on.\n{{question}}"),
            tep.Agent("fast", "Pass number 2 on.\n{{question}}"),
            tep.Agent("next", "Pass number 3 on.\n{{fast}}"),
            tep.Agent("last", "Pass number 4 on.\n{{slow}} {{next}}"),
        ]
    )

    class Model:
        name = "m"

        def __init__(self) -> None:
            self.order: list[str] = []
            self.third = asyncio.Event()

        async def complete(self, request: tep.Request) -> tep.Reply:
            number = request.text.split()[2]
            if number == "1":
                await self.third.wait()
            if number == "3":
                self.third.set()
            self.order.append(number)
            return tep.Reply("7")

    of = Model()
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        run(asyncio.wait_for(session.ask(row=0), 20))
    assert of.order == ["2", "3", "1", "4"]


def test_a_refresh_reopens_those_whose_inputs_changed(tmp_path: Path) -> None:
    """After all have settled, agents that now read something else go on with a new series; others stay settled."""

    def content_but_first(request: tep.Request) -> str:
        from scripts import critique

        (prompt,) = fenced(request.text, "prompt")
        wants = [{"about": "x", "do": "add a plus"}] if "number 1 on.\n" in prompt else []
        return critique(6, wants, re.findall(r"^- (\w+): ", request.text, re.MULTILINE))

    graph = tep.Graph([*chain(2).nodes, tep.Agent("b", "Pass number 9 on.\n{{question}}")], output="a2")
    of = model(critic=content_but_first)
    with closing(
        begin(tmp_path / "r.tep", graph=graph, model=of, method=tep.TEP(seed=1, minibatch=2, phases=("free",)))
    ) as session:
        run(session.run(approve))
        steps = [(step.refresh, step.prompts) for step in session.state.steps]
        (reopened,) = [e.reopened for e in events(session) if isinstance(e, ev.Drafted) and e.reopened]
    assert steps[:2] == [(True, ("a1", "a2", "b")), (False, ("a1", "a2", "b"))]
    assert reopened == ("a2",)
    assert (True, ("a2",)) in steps
    assert steps[-1] == (True, ())
    assert asked(of, "editor")


def test_a_refresh_that_nobody_could_follow_is_free(tmp_path: Path) -> None:
    """When every agent is at its cap, the end of the free phase asks nobody."""
    of = model()
    method = tep.TEP(seed=1, minibatch=2, free_cap=2, tolerance=0, phases=("free",))
    with closing(begin(tmp_path / "r.tep", 2, model=of, method=method)) as session:
        run(session.run(approve, steps=2))
        of.requests.clear()
        step = run(session.propose())
        assert (step.refresh, step.prompts, session.state.phase) == (True, (), "done")
    assert of.requests == []
