# ruff: noqa: E501
"""The simulated world as a whole: attention, renaming, and a loop that learns from contracts and from nothing else."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from itertools import pairwise

import pytest

from tep_nb import deciders
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Graph
from tep_nb.core.node import Agent, Tool
from tep_nb.method.tep import TEP
from tep_nb.model.base import Message, Request
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.layout import layout
from tep_nb.session import Session
from tep_nb.task import object_counting, word_sorting

MODEL = SimulatedModel()
GOOD = (
    " Keep the amount of every thing. Leave none out.",
    " Count only things of the kind that the question asks for. Write one line for each item, as `name: number`.",
    " Write the total in digits. End with the total.",
)


def ask(text):
    return MODEL.answer(Request((Message.of("user", text),))).text


def accuracy(extras, rows, labels=("Question", "Items", "Counts", "Total"), chatter=""):
    right = 0.0
    for row in rows:
        q = f"{labels[0]}: {row['question']}"
        items = ask(f"List the things in the question.{extras[0]}{chatter}\n\n{q}")
        counts = ask(f"Count the things.{extras[1]}{chatter}\n\n{q}\n{labels[1]}: {items}")
        total = object_counting.add_up(counts)
        last = f"Answer the question.{extras[2]}{chatter}\n\n{q}\n{labels[2]}: {counts}\n{labels[3]}: {total}"
        right += float(object_counting.metric(ask(last), row["target"]))
    return right / len(rows)


def test_start_is_poor_and_good_prompts_are_right():
    """The reference prompts answer under four in ten; with every instruction nearly all are right."""
    rows = object_counting.generate(125, seed=9)
    assert accuracy(("", "", ""), rows) < 0.4
    assert accuracy(GOOD, rows) >= 0.97


def test_attention_falls_with_length():
    """A hundred tokens of chatter cost almost nothing, two thousand most of the accuracy, and more never helps."""
    rows = object_counting.generate(125, seed=9)
    line = " The weather was mild that year and the garden grew well."
    curve = [accuracy(GOOD, rows, chatter=line * n) for n in (0, 8, 33, 83, 166)]
    assert curve[0] - curve[1] <= 0.05
    assert curve[-1] <= 0.5 * curve[0]
    assert all(later <= earlier + 0.01 for earlier, later in pairwise(curve))


@pytest.mark.parametrize("extras", [("", "", ""), GOOD, (GOOD[0], "", GOOD[2])])
def test_labels_do_not_matter(extras):
    """Other labels before the fields give the same accuracy to the row: data is told by its shape."""
    rows = object_counting.generate(60, seed=4)
    assert accuracy(extras, rows) == accuracy(extras, rows, ("Grumph", "Zork", "Plip", "Vorp"))


def test_one_agent_alone_can_count():
    """A single prompt that asks for all of it answers well, and a bare one does not."""
    rows = object_counting.generate(80, seed=6)
    whole = (
        "Count only things of the kind that the question asks for. Keep the amounts. Leave none out. Think step by step. "
        "Write the total in digits. End with the total."
    )
    scores = []
    for extra in ("", whole):
        answers = [ask(f"Answer the question. {extra}\n\n{row['question']}") for row in rows]
        scores.append(sum(float(object_counting.metric(a, r["target"])) for a, r in zip(answers, rows, strict=True)) / len(rows))
    assert scores[0] < 0.4
    assert scores[1] >= 0.95


def run(tmp_path, graph, task=object_counting, phases=("free", "nudged"), seed=1, rows=None, metric=None, column="question"):
    """Test accuracy before and after a session of automatic decisions, and the prompts that it ends with."""
    rows = rows or [{column: row["question"], "target": row["target"]} for row in task.generate(145, seed=0)]
    data = Dataset(rows[:45], rows[45:85], rows[85:], target="target")

    async def go():
        with Session.start(
            tmp_path / "run.tep", graph, data, metric=metric or task.metric, objective=task.objective, model=SimulatedModel(),
            method=TEP(seed=seed, phases=phases),
        ) as session:  # fmt: skip
            start = (await session.evaluate("test")).mean
            await session.run(deciders.approve_all, until="done")
            return start, (await session.evaluate("test")).mean, {k: p.text for k, p in session.state.prompts.items()}

    return asyncio.run(go())


def counting_graph(doc, between, joiner):
    def add_up(counts):
        parts = [part for part in re.split(joiner, counts) if part.strip()]
        found = [re.search(re.escape(between) + r"\s*(\d+)\s*$", part.strip()) for part in parts]
        return sum(int(match[1]) if match else 1 for match in found)

    add_up.__doc__ = doc
    nodes = [Tool(add_up, output="total") if isinstance(node, Tool) else node for node in object_counting.graph().nodes]
    return Graph(nodes, output="answer")


def test_another_contract_is_learnt(tmp_path):
    """With ``name = number`` and semicolons in the tool's docstring the prompt learns that layout, and the task is solved."""
    graph = counting_graph("Adds up a tally: items written `name = number`, separated by semicolons.", "=", ";")
    start, end, prompts = run(tmp_path, graph)
    assert start < 0.4
    assert end >= 0.9
    assert layout(prompts["tally"]).joiner == "; "
    assert layout(prompts["tally"]).between == " = "


@pytest.mark.parametrize(
    ("doc", "between", "joiner"),
    [
        ("Takes lines such as `violin -> 2` and adds the numbers.", "->", "\n"),
        ("Adds up pairs `name=number`, separated by commas.", "=", ","),
        ("Expects the items as `name: number`, separated by semicolons.", ":", ";"),
    ],
)
def test_contracts_in_other_words_are_learnt(tmp_path, doc, between, joiner):
    """Whatever layout a tool's docstring describes, and in whatever words, is the one that the prompt comes to ask for."""
    start, end, prompts = run(tmp_path, counting_graph(doc, between, joiner))
    assert start < 0.4
    assert end >= 0.85
    assert layout(prompts["tally"]).between.strip() == between
    assert layout(prompts["tally"]).joiner.strip() == joiner.strip()


def test_without_a_contract_no_layout_is_learnt(tmp_path):
    """With an empty docstring nothing tells the layout, and the prompt asks for none."""
    _, end, prompts = run(tmp_path, counting_graph("", "=", ";"))
    assert end < 0.4
    assert "=" not in prompts["tally"]


def test_renaming_everything_changes_nothing(tmp_path):
    """Agents, fields and labels renamed and roles reworded: the loop ends as well."""

    def gamma(zork):
        return object_counting.add_up(zork)

    gamma.__doc__ = object_counting.add_up.__doc__
    graph = Graph(
        [
            Agent("alpha", "List the things in the question.\n\nGrumph: {{question}}", output="blip", role="First stage."),
            Agent("beta", "Count the things.\n\nGrumph: {{question}}\nZork: {{blip}}", output="zork", role="Second stage."),
            Tool(gamma, output="wump"),
            Agent("delta", "Answer the question.\n\nG: {{question}}\nPlip: {{zork}}\nVorp: {{wump}}", output="final", role="Last."),
        ],
        output="final",
    )
    start, end, _ = run(tmp_path, graph)
    assert start < 0.4
    assert end >= 0.9


def test_names_of_another_trade_mislead_nobody(tmp_path):
    """Agents, fields, columns and labels named after other tasks, and roles that lie: the loop ends as well."""

    def sorter(french):
        return object_counting.add_up(french)

    sorter.__doc__ = object_counting.add_up.__doc__
    graph = Graph(
        [
            Agent("chemist", "List the things in the question.\n\nFormula: {{acid}}", output="poem", role="Solves chemistry."),
            Agent("translator", "Count the things.\n\nFormula: {{acid}}\nPoem: {{poem}}", output="french", role="Translates."),
            Tool(sorter, output="words"),
            Agent("poet", "Answer the question.\n\n{{acid}}\n\n{{french}}\n\n{{words}}", output="sorted", role="Sorts words."),
        ],
        output="sorted",
    )
    start, end, _ = run(tmp_path, graph, column="acid")
    assert start < 0.4
    assert end >= 0.9


@pytest.mark.parametrize("task", [object_counting, word_sorting])
def test_no_request_holds_a_reference(tmp_path, task):
    """Targets that can be told from anything else turn up in no recorded request of a whole session, of whatever purpose."""

    def metric(output, target):
        return task.metric(output, target.removeprefix("reference-").replace("_", " "))

    metric.__doc__ = task.metric.__doc__
    rows = [{**row, "target": "reference-" + row["target"].replace(" ", "_")} for row in task.generate(125, seed=3)]
    run(tmp_path, task.graph(), task, rows=rows, metric=metric)
    with sqlite3.connect(tmp_path / "run.tep") as journal:
        found = journal.execute("select purpose, request from calls").fetchall()
    assert {"critic", "editor", "gate", "forward", "actor", "evaluate"} <= {purpose for purpose, _ in found}
    assert not [request for _, request in found if "reference-" in request]


@pytest.mark.parametrize(("phases", "low", "high"), [(("free",), 0, 0.4), (("nudged",), 0, 0.6), (("free", "nudged"), 0.9, 1)])
@pytest.mark.parametrize("task", [object_counting, word_sorting])
def test_both_phases_are_needed(tmp_path, task, phases, low, high):
    """Either phase alone ends clearly lower than both."""
    _, end, _ = run(tmp_path, task.graph(), task, phases)
    assert low <= end <= high


def test_an_unknown_task_runs_on(tmp_path):
    """Questions that the model knows nothing about: every agent says so, and the loop reaches its end."""
    rows = [{"question": f"Is substance {n} soluble in water?", "target": "yes"} for n in range(30)]
    data = Dataset(rows[:15], rows[15:25], rows[25:], target="target")

    async def go():
        with Session.start(
            tmp_path / "run.tep", object_counting.graph(), data, metric="exact_match",
            objective="Answer yes or no.", model=SimulatedModel(), method=TEP(seed=0),
        ) as session:  # fmt: skip
            await session.run(deciders.approve_all, until="done")
            return await session.evaluate("test"), session.state

    scores, state = asyncio.run(go())
    assert state.phase == "done"
    assert all(row.output.startswith("I do not know") for row in scores.rows)
    assert state.graph.digest == object_counting.graph().digest
