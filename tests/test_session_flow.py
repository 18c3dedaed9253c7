"""One row through the graph, before and after the last edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import again, begin, closing, critique, model, run

import tep_nb as tep
from tep_nb.errors import DataError, ModelError

PLUS = "Pass number {} on plus.\n{{{{{}}}}}"


def edit(session: tep.Session, prompt: str, text: str) -> None:
    session.decide(session.suggest(prompt, text, by="ada").approve("ada"))


def test_what_an_edit_changed_on_the_way(tmp_path: Path) -> None:
    """Both traces, who changed what, and the nodes that write something else now: the edited one and what reads it."""
    with closing(begin(tmp_path / "r.tep", 3)) as session:
        first = run(session.flow(2))
        assert (first.row, first.before, first.since, first.changed) == (2, None, "", ())
        assert first.now.values["a1"] == "It is 1102"
        edit(session, "a1", PLUS.format(1, "question"))
        found = run(session.flow(2))
        assert found.since == "approve of a1 by ada (step 0)"
        assert found.before == first.now
        assert found.now.values["a1"] == "It is 102"
        assert found.graph == session.state.graph.digest
        assert [score.row for score in found.scores] == [2, 2], "the metric now and before"
        assert found.changed[0] == "a1"
        edit(session, "a3", "Pass on, number 3.\n{{a2}}")
        found = run(session.flow(2))
        assert found.since.startswith("approve of a3")
        assert found.changed == ()
        session.undo()
        assert run(session.flow(2)).since.startswith("approve of a1")


def test_a_rejection_changes_no_graph(tmp_path: Path) -> None:
    """The graph before is the one before the last decision that changed a prompt, not before the last decision."""
    with closing(begin(tmp_path / "r.tep", 2)) as session:
        edit(session, "a1", PLUS.format(1, "question"))
        session.decide(session.suggest("a2", PLUS.format(2, "a1"), by="ada").reject("no", "bob"))
        assert run(session.flow(2)).since == "approve of a1 by ada (step 0)"


def test_no_call_is_paid_twice(tmp_path: Path) -> None:
    """At most as many calls as were announced; a second look, a look from `ask` and one after a resume pay nothing."""
    path = tmp_path / "r.tep"
    with closing(begin(path, 3)) as session:
        assert session.flow_calls(2) == 3
        run(session.ask(2))
        assert (session.usage.calls, session.flow_calls(2)) == (3, 0)
        run(session.flow(2))
        assert session.usage.calls == 3
        edit(session, "a2", PLUS.format(2, "a1"))
        assert (session.flow_calls(2), session.flow_calls(3)) == (2, 5), "of a row that was asked before, a2 and a3"
        run(session.flow(2))
        assert session.usage.calls == 4, "a2 says the same, so a3 is answered from the record"
        assert session.flow_calls(2) == 0
        run(session.flow(2))
    with closing(again(path)) as session:
        run(session.flow(2))
        assert session.usage.calls == 4
        assert {event.kind for event in session.journal.events()} == {"started", "suggested", "decided", "resumed"}


def test_a_skipped_node_counts_as_changed(tmp_path: Path) -> None:
    """A node whose guard holds on one side only is named."""
    graph = tep.Graph(
        [
            tep.Agent("check", "Say yes.\n{{question}}", output="verdict"),
            tep.Agent("mend", "Mend it.\n{{question}}", output="answer", when='verdict="no"', otherwise="question"),
        ],
        output="answer",
    )

    def actor(request: tep.Request) -> str:
        return "no" if "Say no" in request.text else "yes"

    with closing(begin(tmp_path / "r.tep", graph=graph, model=model(actor, lambda r: critique(9, [], [])))) as session:
        edit(session, "check", "Say no.\n{{question}}")
        assert run(session.flow(1)).changed == ("check", "mend")


def test_calls_are_foreseen_through_tools_guards_and_several_fields(tmp_path: Path) -> None:
    """After a look nothing is left to call, also where a tool, a guard or an agent of two fields stands on the way."""

    def shout(plan: str) -> str:
        """Speaks up."""
        return plan.upper()

    graph = tep.Graph(
        [
            tep.Agent("first", "Plan.\n{{question}}", output=("plan", "words")),
            tep.Tool(shout, output="said"),
            tep.Agent("mend", "Mend.\n{{said}}", output="mended", when='words="none"', otherwise="said"),
            tep.Agent("last", "End.\n{{mended}} {{words}}", output="answer", temperature=0.5),
        ],
        output="answer",
    )

    def actor(request: tep.Request) -> str:
        return '{"plan": "a", "words": "b"}' if "Plan." in request.text else "x"

    with closing(begin(tmp_path / "r.tep", graph=graph, model=model(actor))) as session:
        assert session.flow_calls(1) == 3
        assert run(session.flow(1)).now.calls["mend"] == "skipped"
        assert session.usage.calls == 2
        assert session.flow_calls(1) == 0


def test_a_reply_that_was_asked_for_again_is_not_foreseen(tmp_path: Path) -> None:
    """The number stays an upper bound: the agent and what reads it are counted, though all of it is recorded."""
    replies = iter(["", "fine"])
    with closing(begin(tmp_path / "r.tep", 1, model=model(lambda request: next(replies)))) as session:
        run(session.flow(1))
        assert session.flow_calls(1) == 1
        run(session.flow(1))
        assert session.usage.calls == 2


def test_rows_that_there_are_not(tmp_path: Path) -> None:
    """An unknown row is named; a row is a whole number."""
    with closing(begin(tmp_path / "r.tep")) as session:
        for call in (lambda row: run(session.flow(row)), session.flow_calls):
            with pytest.raises(DataError, match="999"):
                call(999)
            with pytest.raises(TypeError):
                call("1")


def test_a_failed_call_is_an_error(tmp_path: Path) -> None:
    """As in `ask`: there is nothing to show; the row and node are named."""

    def actor(request: tep.Request) -> str:
        raise ModelError("out of order")

    with closing(begin(tmp_path / "r.tep", model=model(actor))) as session, pytest.raises(ModelError, match="out of order"):
        run(session.flow(2))
