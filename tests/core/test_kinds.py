"""Every public door refuses a value of the wrong type in one line: the thing, what was expected, the remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import tep_nb as tep
from tep_nb.core.guard import Guard
from tep_nb.core.metric import accuracy
from tep_nb.errors import ConfigError
from tep_nb.model.base import Part
from tep_nb.model.function import FunctionModel
from tep_nb.report import export, report, write_back

A: Any = tep.Agent
ROWS = [{"question": "a", "target": "b"}, {"question": "c", "target": "d"}]


def upper(text: str) -> str:
    return text.upper()


def agent(**more: Any) -> Any:
    return A("a", "Say {{question}}.", **more)


def row(**more: Any) -> Any:
    return tep.Row(**{"id": 0, "fields": {"question": "x"}, "target": "y", **more})


def proposal() -> tep.Proposal:
    before, after = tep.Prompt("Say {{q}}."), "Say more of {{q}}."
    return tep.Proposal("1", "a", ("a",), "free", before.text, after, before.diff(after))


scripted = tep.ScriptedModel(["x"])
any_: Any = tep

TYPES: list[tuple[str, Callable[[], Any], str]] = [
    ("Agent name", lambda: A(3, "Say {{q}}."), "the name of an agent"),
    ("Agent prompt", lambda: A("a", 3), "agent a: a prompt"),
    ("Agent output", lambda: agent(output=5), "output of a"),
    ("Agent outputs", lambda: agent(output=("x", 5)), "output of a"),
    ("Agent role", lambda: agent(role=3), "role"),
    ("Agent role None", lambda: agent(role=None), "role"),
    ("Agent inputs", lambda: agent(inputs=[1]), "inputs"),
    ("Agent inputs 0", lambda: agent(inputs=0), "inputs"),
    ("Agent inputs value", lambda: agent(inputs={"question": 3}), "inputs"),
    ("Agent rubric", lambda: agent(rubric="x"), "agent a: a rubric"),
    ("Agent rubric int", lambda: agent(rubric=3), "agent a: a rubric"),
    ("Agent rubric items", lambda: agent(rubric=["x"]), "agent a: a rubric"),
    ("Agent model", lambda: agent(model=3), "model"),
    ("Agent temperature", lambda: agent(temperature="x"), "temperature"),
    ("Agent temperature None", lambda: agent(temperature=None), "temperature"),
    ("Agent temperature bool", lambda: agent(temperature=True), "temperature"),
    ("Agent frozen", lambda: agent(frozen="yes"), "frozen"),
    ("Agent protect", lambda: agent(protect=(1,)), "protect"),
    ("Agent protect int", lambda: agent(protect=3), "protect"),
    ("Agent protect str", lambda: agent(protect="Say"), "protect"),
    ("Agent prompt_name", lambda: agent(prompt_name=3), "the name of a prompt"),
    ("Agent when", lambda: agent(when=3), "when"),
    ("Agent otherwise", lambda: agent(when="question=1", otherwise=3), "otherwise"),
    ("Agent expects", lambda: agent(expects=3), "expects"),
    ("Guard field", lambda: Guard(3, (), 1), "field of a guard"),  # type: ignore[arg-type]
    ("Guard path", lambda: Guard("a", "ok", 1), "path of a guard"),  # type: ignore[arg-type]
    ("Tool", lambda: any_.Tool(3), "a tool"),
    ("Tool output", lambda: any_.Tool(upper, output=3), "output of upper"),
    ("Tool name", lambda: any_.Tool(upper, name=3), "the name of a tool"),
    ("Tool version", lambda: any_.Tool(upper, version=3), "version"),
    ("Tool source", lambda: any_.Tool(upper, source=3), "source"),
    ("Graph", lambda: any_.Graph(3), "a graph"),
    ("Graph node", lambda: any_.Graph([3]), "a node"),
    ("Graph output", lambda: any_.Graph([agent()], output=3), "output of a graph"),
    ("Graph item", lambda: any_.Graph([agent()])[3], "name of a node"),
    ("Graph prompt", lambda: any_.Graph([agent()]).users(3), "name of a prompt"),
    ("Graph text", lambda: any_.Graph([agent()]).with_prompt("a", 3), "text of an edit"),
    ("Prompt", lambda: any_.Prompt(3), "a prompt"),
    ("Prompt render", lambda: any_.Prompt("Say {{q}}.").render(["x"]), "rendered with"),
    ("Prompt render None", lambda: any_.Prompt("Say {{q}}.").render(None), "rendered with"),
    ("Prompt render object", lambda: any_.Prompt("Say {{q}}.").render({"q": object()}), "the value of a field"),
    ("Prompt diff", lambda: any_.Prompt("Say.").diff(3), "compared with"),
    ("Prompt take", lambda: any_.Prompt("Say.").take("x"), "what to take"),
    ("Prompt take None", lambda: any_.Prompt("Say.").take(None), "what to take"),
    ("Prompt protect", lambda: any_.Prompt("Say.", (1,)), "protect"),
    ("Bound hunks", lambda: any_.Bound(hunks="x"), "hunks"),
    ("Bound whole", lambda: any_.Bound(hunks=1.5), "hunks"),
    ("Bound share", lambda: any_.Bound(share=None), "share"),
    ("Criterion", lambda: any_.Criterion(1, 2), "name of a criterion"),
    ("Criterion asks", lambda: any_.Criterion("x", 2), "criterion 'x'"),
    ("Rubric", lambda: any_.Rubric(own=("x",)), "a rubric"),
    ("Rubric int", lambda: any_.Rubric(3), "a rubric"),
    ("Dataset", lambda: any_.Dataset(3), "train"),
    ("Dataset column", lambda: any_.Dataset([{1: 2, "target": 3}]), "row 0: the column name 1"),
    ("Dataset row", lambda: any_.Dataset([3]), "row 0"),
    ("Dataset target", lambda: any_.Dataset(ROWS, target=3), "target"),
    ("Dataset test", lambda: any_.Dataset(ROWS, test="x"), "test"),
    ("Row id", lambda: row(id="x"), "id of a Row"),
    ("Row fields", lambda: row(fields=3), "fields of row 0"),
    ("Row column", lambda: row(fields={1: 2}), "column name 1"),
    ("Score", lambda: any_.Score("x"), "value of a Score"),
    ("Score note", lambda: any_.Score(1, 3), "note of a Score"),
    ("Metric name", lambda: any_.Metric(3, "1", "", ()), "name of a Metric"),
    ("Metric needs", lambda: any_.Metric("m", "1", "", 3), "needs of a Metric"),
    ("Metric fn", lambda: any_.Metric("m", "1", "", (), fn=3), "fn of a Metric"),
    ("Metric prompt", lambda: any_.Metric("m", "1", "", (), prompt="x"), "prompt of a Metric"),
    ("accuracy", lambda: accuracy(3), "labels of accuracy"),  # type: ignore[arg-type]
    ("accuracy label", lambda: accuracy([1]), "labels of accuracy"),  # type: ignore[list-item]
    ("judge", lambda: any_.judge(3), "a prompt"),
    ("judge name", lambda: any_.judge("Judge {{output}}.", name=3), "name"),
    ("Decision", lambda: any_.Decision(1, "approve", "x", "me"), "proposal of a Decision"),
    ("Decision text", lambda: any_.Decision("1", "approve", 3, "me"), "text of a Decision"),
    ("approve", lambda: proposal().approve(3), "author"),  # type: ignore[arg-type]
    ("override", lambda: proposal().approve("me", 3), "override"),  # type: ignore[arg-type]
    ("edit", lambda: proposal().edit(3, "me"), "text of an edit"),  # type: ignore[arg-type]
    ("take", lambda: proposal().take(3, "me"), "what to take"),  # type: ignore[arg-type]
    ("take a str", lambda: proposal().take(["1", 2], "me"), "number of a hunk"),  # type: ignore[list-item]
    ("reject", lambda: proposal().reject(3, "me"), "a reason"),  # type: ignore[arg-type]
    ("TEP bound", lambda: any_.TEP(bound=3), "bound"),
    ("TEP phases", lambda: any_.TEP(phases=3), "phases"),
    ("TEP phase", lambda: any_.TEP(phases=(3,)), "phases"),
    ("TEP strict", lambda: any_.TEP(strict=1), "strict"),
    ("TEP seed", lambda: any_.TEP(seed="x"), "seed"),
    ("TEP seed None", lambda: any_.TEP(seed=None), "seed"),
    ("Budget calls", lambda: any_.Budget(calls="x"), "budget calls"),
    ("Budget bool", lambda: any_.Budget(tokens=True), "budget tokens"),
    ("Budget price", lambda: any_.Budget(prompt_price=None), "budget prompt_price"),
    ("Models", lambda: any_.Models(None), "actor"),
    ("Models critic", lambda: any_.Models(scripted, critic=3), "critic"),
    ("Models named", lambda: any_.Models(scripted, named=3), "named"),
    ("Models named model", lambda: any_.Models(scripted, named={"small": 3}), "small"),
    ("Models named key", lambda: any_.Models(scripted, named={3: scripted}), "name in Models"),
    ("ScriptedModel", lambda: any_.ScriptedModel(3), "a script"),
    ("ScriptedModel reply", lambda: any_.ScriptedModel([3]), "a scripted reply"),
    ("ScriptedModel role", lambda: any_.ScriptedModel({"actor": 3}), "a script"),
    ("ScriptedModel str", lambda: any_.ScriptedModel({"actor": "abc"}), "a script"),
    ("ScriptedModel name", lambda: any_.ScriptedModel([], name=3), "name of a ScriptedModel"),
    ("FunctionModel", lambda: FunctionModel(3), "a model"),  # type: ignore[arg-type]
    ("FunctionModel name", lambda: FunctionModel(lambda messages: "", 3), "name of a model"),  # type: ignore[arg-type]
    ("Reply", lambda: any_.Reply(3), "text of a Reply"),
    ("Reply usage", lambda: any_.Reply("x", 3), "usage of a Reply"),
    ("Reply finish", lambda: any_.Reply("x", finish=None), "finish of a Reply"),
    ("Usage", lambda: any_.Usage("x"), "prompt_tokens"),
    ("Usage float", lambda: any_.Usage(1, 1.5), "completion_tokens"),
    ("Part", lambda: Part(3), "text of a message"),  # type: ignore[arg-type]
    ("Message", lambda: any_.Message.of("user", 3), "text of a message"),
    ("Message content", lambda: any_.Message("user", "x"), "content of a Message"),
    ("Request", lambda: any_.Request("x"), "messages of a Request"),
    ("Request seed", lambda: any_.Request((), seed="x"), "seed of a Request"),
    ("approve_if gain", lambda: any_.deciders.approve_if(gain="x"), "gain"),
    ("approve_if gain bool", lambda: any_.deciders.approve_if(gain=True), "gain"),
    ("approve_if warnings", lambda: any_.deciders.approve_if(warnings="x"), "warnings"),
    ("policy", lambda: any_.deciders.parse(3), "a policy"),
    ("report", lambda: report(None), "path of a session"),  # type: ignore[arg-type]
    ("report out", lambda: report("x.tep", 3), "out of report"),  # type: ignore[arg-type]
    ("export", lambda: export(3), "what to export"),  # type: ignore[arg-type]
    ("write_back", lambda: write_back(3, 3), "notebook to write into"),  # type: ignore[arg-type]
    ("write_back state", lambda: write_back("{}", 3), "what to write into a notebook"),  # type: ignore[arg-type]
    ("load_dataset", lambda: any_.load_dataset(3), "a dataset"),
    ("load_dataset rename", lambda: any_.load_dataset(ROWS, rename="x"), "rename"),
    ("load_dataset rename value", lambda: any_.load_dataset(ROWS, rename={"x": 3}), "rename"),
    ("load_dataset seed", lambda: any_.load_dataset(ROWS, seed="x"), "seed"),
    ("load_dataset target", lambda: any_.load_dataset(ROWS, target=3), "target"),
    ("load_dataset split", lambda: any_.load_dataset(ROWS, split=3), "split"),
]


@pytest.mark.parametrize(("make", "thing"), [case[1:] for case in TYPES], ids=[case[0] for case in TYPES])
def test_a_wrong_type_is_refused_in_one_line(make: Callable[[], Any], thing: str) -> None:
    """A TypeError that names the thing and, behind a colon, a remedy; none of Python's own words."""
    with pytest.raises(TypeError) as caught:
        make()
    said = str(caught.value)
    assert thing in said
    assert "\n" not in said
    assert ": " in said, "a remedy"
    assert not any(raw in said for raw in ("object is not", "argument", "has no attribute", "could not convert"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: agent(temperature=math.nan), "agent a: temperature nan is outside 0 to 2"),
        (lambda: tep.TEP(phases=()), "at least one phase"),
        (lambda: tep.TEP(alpha=math.nan), "alpha=nan is outside"),
        (lambda: any_.Budget(calls=1.5), "budget calls=1.5 is no whole number"),
        (lambda: any_.Budget(tokens=0.5), "budget tokens=0.5 is no whole number"),
        (lambda: tep.Bound(hunks=-1), "hunks=-1 is outside"),
        (lambda: tep.Bound(share=math.inf), "share=inf is outside"),
        (lambda: tep.Usage(-1), "prompt_tokens of a Usage is -1"),
        (lambda: any_.Request((), role="boss"), "role 'boss'"),
    ],
)
def test_a_value_out_of_range_is_a_config_error(make: Callable[[], Any], words: str) -> None:
    """The right type, but a value that cannot be used."""
    with pytest.raises(ConfigError, match=words):
        make()


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: agent(when="ok==true"), "'ok==true' has a second '='"),
        (lambda: agent(when="ok=true and x=1"), "has a second '='"),
        (lambda: agent(when="verdict.ok=False"), "JSON writes false, or a text in quotes"),
        (lambda: agent(prompt_name=""), "'' cannot name a prompt"),
        (lambda: any_.Graph([agent()])["b"], "no node is called 'b'; nodes are a"),
        (lambda: any_.Dataset([{"": 1, "target": 2}]), "a column has no name: name it"),
        (lambda: any_.Dataset([{"q": 10**5000, "target": 2}]), "more than 4,300 digits: make it text"),
        (lambda: any_.Dataset([{"q": nested(101), "target": 2}]), "more than 100 levels"),
        (lambda: any_.Dataset([{"q": nested(5000), "target": 2}]), "more than 100 levels"),
        (lambda: any_.load_dataset(ROWS, rename={"": "question"}), "gives a column no name"),
        (lambda: any_.load_dataset(ROWS, rename={"a": "question", "b": "question"}), "several names, a and b: give it one"),
        (lambda: any_.load_dataset(ROWS, split=(True, 1, 0)), "is not three numbers"),
        (lambda: any_.load_dataset([{"q": nested(5000), "target": 2}]), "levels"),
        (lambda: any_.deciders.parse("approve_if:"), "argument '' is not known: use no worse or proven"),
        (lambda: proposal().take([], "me"), "no hunk was named: proposal 1 has hunks 1 to 1"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line(make: Callable[[], Any], words: str) -> None:
    """The right type again: what is wrong with it, and what to do."""
    with pytest.raises(tep.TepError) as caught:
        make()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_near_those_is_taken() -> None:
    """A guard's text with a sign in quotes, 100 levels, the longest number."""
    guard = agent(when='question="a=b"').guard
    assert guard is not None
    assert guard.equals == "a=b"
    (row,) = tep.Dataset([{"q": nested(100), "target": 10**4200}]).train
    assert row.fields["q"] == nested(100)


def test_lists_are_taken_as_tuples() -> None:
    """A sequence is a sequence: what is compared and hashed later is a tuple."""
    criterion = tep.Criterion("total", "the total is there")
    assert tep.Rubric([criterion]) == tep.Rubric((criterion,))  # type: ignore[arg-type]
    assert tep.Prompt("Say {{q}}.", ["Say"]) == tep.Prompt("Say {{q}}.", ("Say",))  # type: ignore[arg-type]
    assert tep.TEP(phases=["free"]) == tep.TEP(phases=("free",))  # type: ignore[arg-type]
    assert any_.Budget(calls=1e3).settings()["calls"] == 1000
    assert isinstance(any_.Budget(calls=1e3).calls, int)


def test_a_cycle_is_found_before_the_output() -> None:
    """An agent that reads what it writes leaves no output: the cycle is named, not the output."""
    for nodes in ([A("a", "Say {{a}}.")], [A("a", "Say {{b}}."), A("b", "Say {{a}}.")]):
        with pytest.raises(tep.TepError, match="cycle"):
            tep.Graph(nodes)
    with pytest.raises(tep.TepError, match="a reads what it writes"):
        tep.Graph([A("a", "Say {{a}}.")])
