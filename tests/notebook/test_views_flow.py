"""An example that flows through the graph: the rows that are offered, and what is shown of one."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts import closing, run

import tep_nb as tep
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Agent, Graph, Tool
from tep_nb.errors import ConfigError
from tep_nb.method.tep import TEP
from tep_nb.notebook.views.flow import flow_answer, rows_look

EVIL = "\u202e<img src=x>"


def shout(words: str) -> str:
    """Says it aloud."""
    return words.upper()


class Echo:
    """Answers with the first line of what it is asked, and the question."""

    name = "echo"

    async def complete(self, request):
        return tep.model.base.Reply(request.text.replace("\n", " "), tep.model.base.Usage(1, 1, estimated=True))


def graph() -> Graph:
    return Graph([
        Agent("words", "List: {{question}}"),
        Tool(shout, version="1"),
        Agent("check", "Check {{shout}}", when="words=never", otherwise="words"),
        Agent("answer", "Answer from {{check}} and {{note}}", inputs={"note": "hint"}),
    ], "answer")  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path):
    rows = [{"question": f"how many {n} {EVIL}", "hint": f"count {n % 3}", "target": f"secret{n}"} for n in range(50)]
    session = tep.Session.start(
        tmp_path / "r.tep", graph(), Dataset(rows[:30], rows[30:40], rows[40:]), metric="contains", objective="The number.",
        model=Echo(), method=TEP(seed=0),
    )  # fmt: skip
    with closing(session):
        yield SimpleNamespace(session=session, state=session.state)


def ids(look: dict) -> list[int]:
    return [row["id"] for row in look["rows"]]


def texts(parts: list[dict]) -> str:
    return "".join(part["text"] for part in parts)


def test_rows_are_found_by_number_and_by_words(bench):
    """The row of the number comes first, then those that hold it as a word; words must all be there, in any case."""
    assert ids(rows_look(bench)) == list(range(12))
    assert rows_look(bench)["after"] == 28
    assert ids(rows_look(bench, at=12)) == list(range(12, 24))
    assert ids(rows_look(bench, "7"))[:2] == [7, 17]
    assert set(ids(rows_look(bench, "MANY how 25"))) == {25}
    assert ids(rows_look(bench, "zebra")) == []
    assert rows_look(bench, "", 999)["rows"] == []


def test_no_test_row_and_no_target_is_offered(bench):
    """A look at test is counted, by evaluate; a target can neither be read in the list nor searched for."""
    assert rows_look(bench, "45")["rows"] == []
    assert rows_look(bench, "secret3")["rows"] == []
    assert {row["split"] for row in rows_look(bench, at=25)["rows"]} == {"train", "validation"}
    assert "secret" not in json.dumps(rows_look(bench))


def test_calls_are_told_before_they_are_made(bench):
    """Row by row, as `Session.flow_calls` says: what is recorded is not among them; before a session there is nothing."""
    assert {row["calls"] for row in rows_look(bench)["rows"]} == {bench.session.flow_calls(0)} != {0}
    run(bench.session.flow(3))
    assert [row["id"] for row in rows_look(bench)["rows"] if not row["calls"]] == [3]
    with pytest.raises(ConfigError, match="after %tep start"):
        rows_look(SimpleNamespace(session=None))


def test_each_node_tells_what_it_read_and_wrote(bench):
    """Fields are told once; a node names those that it reads, by its own name for them; one whose guard is false says so."""
    shown = flow_answer(run(bench.session.flow(3)), bench)
    assert shown["nodes"]["answer"]["reads"] == [["check", "check"], ["note", "hint"]]
    assert texts(shown["fields"]["hint"]["now"]) == "count 0"
    assert texts(shown["fields"]["shout"]["now"]) == texts(shown["fields"]["words"]["now"]).upper()
    assert {name: node["state"] for name, node in shown["nodes"].items()} == {
        "words": "new", "shout": "new", "check": "skipped", "answer": "new",
    }  # fmt: skip
    assert shown["nodes"]["check"]["note"] == 'did not run: it runs when words="never"; words is passed on'
    assert (shown["compared"], shown["changed"], shown["split"], shown["target"]) == (False, 0, "train", "secret3")
    assert {box["name"] for box in shown["drawing"]["nodes"]} == set(shown["nodes"])


def test_what_the_last_edit_changed_is_marked_word_by_word(bench):
    """Before and now are whole, what they share is no mark, and only the edited node and what follows from it differ."""
    session = bench.session
    old = texts(flow_answer(run(session.flow(3)), bench)["fields"]["answer"]["now"])
    session.decide(session.suggest("answer", "Answer briefly from {{check}} and {{note}}", by="ada").approve("ada"))
    shown = flow_answer(run(session.flow(3)), bench)
    states = {name: node["state"] for name, node in shown["nodes"].items()}
    assert states == {"words": "same", "shout": "same", "check": "skipped", "answer": "changed"}
    assert (shown["compared"], shown["changed"]) == (True, 1)
    assert shown["graph"] == session.state.graph.digest
    assert "ada" in shown["since"]
    assert [score["value"] for score in shown["scores"]] == ["0", "0"]
    answer = shown["fields"]["answer"]
    assert texts(answer["before"]) == old
    assert texts(answer["now"]) == old.replace("Answer", "Answer briefly")
    assert [part["text"].strip() for part in answer["now"] if part.get("differs")] == ["briefly"]
    assert not any(part.get("differs") for part in answer["before"])
    assert shown["fields"]["question"]["same"]
    assert "before" not in shown["fields"]["question"]


def test_long_texts_are_bounded(bench):
    """However much a node wrote, the page gets a few thousand characters of it; then old and new are each one mark."""
    session = bench.session
    long = "x y " * 20_000
    session.decide(session.suggest("words", long + "{{question}}", by="ada").approve("ada"))
    shown = flow_answer(run(session.flow(3)), bench)
    words = shown["fields"]["words"]
    assert len(json.dumps(shown)) < 60_000
    assert words["size"] > 80_000
    assert [part["differs"] for part in words["now"]] == [True]
