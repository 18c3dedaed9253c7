# ruff: noqa: E501
"""The tasks: questions of the right style, graphs that run, metrics that say what they expect."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tep_nb.core.graph import Graph
from tep_nb.core.node import Tool
from tep_nb.errors import DataError
from tep_nb.model.simulated.things import find_question, find_words, is_of
from tep_nb.task import object_counting, word_sorting

DATA = Path(os.environ.get("TEP_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
TASKS = [(object_counting, "bbh_object_counting.json"), (word_sorting, "bbh_word_sorting.json")]


@pytest.mark.parametrize(("task", "file"), TASKS)
def test_generate_is_seeded(task, file):
    """The same seed gives the same questions, a longer run begins with the shorter one, another seed gives others."""
    assert task.generate(20, 3) == task.generate(40, 3)[:20]
    assert task.generate(20, 3) != task.generate(20, 4)
    assert all(set(row) == {"question", "target"} for row in task.generate(5, 0))


def test_generated_counting_questions_have_the_real_distribution():
    """2 to 12 phrases, distractors in about one of six, all amounts one in about a third, targets right."""
    rows = object_counting.generate(400, seed=11)
    asked = [find_question(row["question"])[0][2] for row in rows]
    assert [question.total for question in asked] == [int(row["target"]) for row in rows]
    assert {2, 12} == {min(len(q.things) for q in asked), max(len(q.things) for q in asked)}
    mixed = sum(any(not is_of(e.name, q.kind) for e in q.things) for q in asked) / len(asked)
    ones = sum(all((e.amount or 1) == 1 for e in q.things) for q in asked) / len(asked)
    assert 0.12 <= mixed <= 0.24
    assert 0.25 <= ones <= 0.45


def test_generated_sorting_questions_are_right():
    """Targets are the words of the question in order."""
    for row in word_sorting.generate(50, seed=2):
        found = find_words(row["question"])
        assert found is not None
        assert " ".join(sorted(found[2])) == row["target"]


@pytest.mark.parametrize(("task", "file"), TASKS)
def test_load_reads_the_real_file(task, file):
    """BIG-Bench's ``input`` column becomes ``question``; every real question is one that the simulated model can read."""
    if not (DATA / file).exists():
        pytest.skip(f"{DATA / file} is not there")
    rows = task.load(DATA / file)
    assert len(rows) == 125
    assert all(find_question(row["question"]) or find_words(row["question"]) for row in rows)


def test_real_counting_questions_are_known(tmp_path):
    """The nouns cover the real questions: counting by the tables gives every target."""
    path = DATA / "bbh_object_counting.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    rows = object_counting.load(path)
    assert [find_question(row["question"])[0][2].total for row in rows] == [int(row["target"]) for row in rows]


def test_load_names_a_bad_file(tmp_path):
    """A file that is missing or of another kind is an error that names it."""
    with pytest.raises(DataError, match="nowhere"):
        object_counting.load(tmp_path / "nowhere.json")
    (tmp_path / "other.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(DataError, match="examples"):
        word_sorting.load(tmp_path / "other.json")


@pytest.mark.parametrize(("task", "file"), TASKS)
def test_graph_reads_the_question_and_writes_an_answer(task, file):
    """The reference graph is a Graph from ``question`` to ``answer``; the metric says what it expects."""
    graph = task.graph()
    assert isinstance(graph, Graph)
    assert graph.output == "answer"
    assert task.objective
    assert re.search(r"end with the final number|nothing else", task.metric.__doc__)


def test_the_counting_graph_is_the_pinned_one():
    """Nodes, fields and the tool's contract are those that documents and notebooks name."""
    graph = object_counting.graph()
    assert [node.name for node in graph.order] == ["list_items", "tally", "add_up", "answer"]
    tool = next(node for node in graph.nodes if isinstance(node, Tool))
    assert tool.doc == "Adds up a tally: one line for each item, written `name: number`. A line without a number counts as one."


@pytest.mark.parametrize(("text", "total"), [("violin: 2\ndrum: 1", 3), ("violin\ndrum", 2), ("", 0), ("2 violins and a drum", 1)])
def test_add_up(text, total):
    """A line counts its number, or one."""
    assert object_counting.add_up(text) == total


def test_word_metric_wants_the_words_alone():
    """Spaces are folded, anything more is wrong."""
    assert word_sorting.metric(" a  b\n", "a b") == 1.0
    assert word_sorting.metric("a, b", "a b") == 0.0
