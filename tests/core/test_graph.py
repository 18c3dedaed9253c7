"""Agents, tools, guards and how they join."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tep_nb as tep
from tep_nb.core.node import Guard
from tep_nb.errors import ConfigError, GraphError, PromptError

A = tep.Agent


def agent(name: str, reads: str = "question", **more: Any) -> tep.Agent:
    return A(name, f"Do it. {{{{{reads}}}}}", **more)


def upper(text: str, times: int = 2) -> str:
    """Make it loud.

    More.
    """
    return text.upper() * times


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tep.Graph([agent("a", output="x"), agent("b", output="x")]), ["a", "b", "'x'", "output="]),
        (lambda: tep.Graph([agent("a", "c"), agent("b", "a"), agent("c", "b")], "c"), ["cycle", "a", "b", "c", "acyclic"]),
        (lambda: tep.Graph([agent("a", "a")], "a"), ["cycle", "a -> a"]),
        (lambda: tep.Graph([agent("answer")], "anwser"), ["'anwser'", "did you mean 'answer'"]),
        (lambda: tep.Graph([agent("a"), agent("b")]), ["output is not clear", "output="]),
        (lambda: tep.Graph([agent("a"), agent("a")]), ["two nodes", "a"]),
        (lambda: tep.Graph([]), ["no agent"]),
        (lambda: tep.Graph([tep.Tool(upper, name="t")]), ["no agent"]),
        (lambda: A("a", "Do it."), ["a", "reads nothing", "{{field}}"]),
        (lambda: A("a", "Do it. {{ question }}"), ["reads nothing", "without spaces"]),
        (lambda: agent("a", output="target"), ["'target'", "reserved", "output="]),
        (lambda: agent("a", output="row"), ["reserved"]),
        (lambda: agent("output"), ["reserved"]),
        (lambda: agent("a", output=("x", "x")), ["different"]),
        (lambda: agent("a", output=()), ["one or more"]),
        (lambda: agent("1a"), ["'1a'", "letters"]),
        (lambda: agent("a b"), ["'a b'"]),
        (lambda: agent("a", inputs={"nope": "x"}), ["['nope']", "question"]),
        (lambda: agent("a", otherwise="x"), ["when="]),
        (lambda: agent("a", output=("x", "y"), when="z=1", otherwise="w"), ["one field"]),
        (lambda: tep.Graph([agent("a", prompt_name="p"), A("b", "Other. {{a}}", prompt_name="p")]), ["share", "'p'", "one text"]),
        (lambda: tep.Graph([agent("a", prompt_name="p"), agent("b", prompt_name="p", frozen=True)], "b"), ["share", "--freeze"]),
        (lambda: tep.Tool(lambda: 1, name="t"), ["t", "reads nothing"]),
        (lambda: tep.Tool(lambda *x: 1, name="t"), ["t", "x", "no field name"]),
        (lambda: tep.Tool(lambda x, y={1}: 1, name="t"), ["t", "option y", "set"]),
        (lambda: tep.Tool(upper, name="t", output="target"), ["reserved"]),
    ],
)  # fmt: skip
def test_errors_name_the_thing_and_the_remedy(make: Any, words: list[str]) -> None:
    """What is no graph is refused in one line that names the node, the field and what to do."""
    with pytest.raises(GraphError) as error:
        make()
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: tep.Graph([upper]), TypeError),
        (lambda: agent("a", protect="Do it."), TypeError),
        (lambda: A(3, "x {{y}}"), TypeError),
        (lambda: agent("a", temperature=3), ConfigError),
        (lambda: A("a", "  "), PromptError),
        (lambda: agent("a", protect=("absent",)), PromptError),
        (lambda: tep.Tool("no function"), TypeError),
    ],
)
def test_wrong_values_are_refused(make: Any, kind: type[Exception]) -> None:
    """A value of a wrong type is a TypeError, one outside its range a TepError."""
    with pytest.raises(kind):
        make()


def test_no_node_reads_the_target() -> None:
    """The target column is not a field: an agent, a tool or a guard that reads it is named."""
    for node in (agent("a", "gold"), agent("a", when="gold=1"), tep.Tool(lambda gold: gold, name="a", version="1")):
        graph = tep.Graph([agent("b"), node], "b")
        with pytest.raises(GraphError, match=r"a reads 'gold', the target column"):
            graph.check(["question"], "gold")


def test_a_target_named_as_the_output_is_fine() -> None:
    """The target column may be called what the output is called, and then the field is read, not the target."""
    graph = tep.Graph([agent("answer"), agent("last", "answer")])
    graph.check(["question"], "answer")


def test_columns_and_fields_are_checked() -> None:
    """A missing column has its closest match, and a column of a produced field's name is told to be renamed."""
    graph = tep.Graph([agent("a")])
    with pytest.raises(GraphError, match=r"a reads 'question'.*did you mean 'questions'"):
        graph.check(["questions"], "t")
    with pytest.raises(GraphError, match=r"'a' is a column and is written by a: rename"):
        graph.check(["question", "a"], "t")


def test_edges_follow_from_fields() -> None:
    """inputs= joins a placeholder to a field of another name, several outputs join by field, guards join too."""
    graph = tep.Graph(
        [
            agent("last", "code", inputs={"code": "c1"}, when="verdict.ok=false", otherwise="words"),
            A("first", "Do. {{question}}", output=("c1", "words")),
            A("verdict", "Judge. {{c1}}"),
        ]
    )
    assert [node.name for node in graph.order] == ["first", "verdict", "last"]
    found = {(e.source, e.target, e.field) for e in graph.edges}
    assert found == {
        ("first", "verdict", "c1"), ("first", "last", "c1"), ("first", "last", "words"), ("verdict", "last", "verdict"),
    }  # fmt: skip
    assert graph.columns == ("question",)
    assert (graph.output, graph.depth) == ("last", 3)
    assert graph.descendants("verdict") == {"verdict", "last"}
    assert [(n.name, f) for n, f in graph.consumers("first")] == [("verdict", ("c1",)), ("last", ("c1", "words"))]
    assert sorted(graph.to_networkx().edges(data="field")) == sorted(found)


def test_a_shared_prompt_changes_and_freezes_for_all() -> None:
    """with_prompt and with_frozen reach every agent that names the prompt."""
    graph = tep.Graph([agent("a", prompt_name="p"), agent("b", prompt_name="p"), agent("c", "a")], "c")
    changed = graph.with_prompt("p", "Do it well. {{question}}").with_frozen("p", True)
    assert [n.prompt.text for n in changed.agents] == ["Do it well. {{question}}"] * 2 + ["Do it. {{a}}"]
    assert [n.frozen for n in changed.agents] == [True, True, False]
    assert list(changed.prompts) == ["p", "c"]
    with pytest.raises(GraphError, match="did you mean 'c'"):
        graph.users("cc")
    with pytest.raises(PromptError, match="question"):
        graph.with_prompt("p", "No field.")


@pytest.mark.parametrize(
    ("text", "value", "runs"),
    [
        ("v.ok=false", {"ok": False}, True),
        ("v.ok=false", {"ok": True}, False),
        ("v.ok=false", '{"ok": false}', True),
        ("v.ok=false", '```json\n{"ok": false}\n```', True),
        ("v.ok=false", 'Here: {"ok": false}', False),
        ("v.ok=null", "{}", True),
        ("v.ok=null", "no json", True),
        ("v.a.b=1", {"a": '{"b": 1}'}, True),
        ("v=1", True, False),
        ("v=true", 1, False),
        ("v=true", True, True),
        ("v=1", 1.0, True),
        ("v=[1]", [True], False),
        ('v={"a": true}', {"a": 1}, False),
        ('v={"a": [1, "x"]}', {"a": [1, "x"]}, True),
        ("v=yes", "yes", True),
        ('v="yes"', "yes", True),
        ("v=1", "1", False),
        ("v.ok=false", '{"a":' * 5000, False),
        ("v=0", False, False),
        ("v=null", None, True),
    ],
)  # fmt: skip
def test_guards(text: str, value: Any, runs: bool) -> None:
    """Equality with one JSON literal: dots reach into objects and JSON texts, an absent key is null, true is not 1."""
    assert Guard.parse(text).holds({"v": value}) is runs


@pytest.mark.parametrize("text", ["v", "=1", "v=", "v..a=1", "1v=2", "v.=1"])
def test_a_guard_of_another_form_is_refused(text: str) -> None:
    """FIELD=VALUE or FIELD.KEY=VALUE, nothing else."""
    with pytest.raises(GraphError, match=r"FIELD=VALUE"):
        Guard.parse(text)


def test_otherwise_beside_a_guard_object_counts() -> None:
    """otherwise= fills the guard's, whether the guard is text or an object, and its field is a need."""
    made = agent("a", when=Guard("v", (), 1), otherwise="w")
    assert made.guard == Guard("v", (), 1, "w")
    assert set(made.needs) == {"question", "v", "w"}


def test_a_tool_is_known_by_source_and_options() -> None:
    """Parameters without a default are fields, the others options; source, options and version make up what it is."""
    tool = tep.Tool(upper)
    assert (tool.name, tool.output, tool.needs, dict(tool.options), tool.doc) == (
        "upper",
        "upper",
        ("text",),
        {"times": 2},
        "Make it loud.",
    )
    assert tool == tep.Tool(upper)
    assert tool != tep.Tool(upper, version="2")
    assert tool.version != tep.Tool(lambda text: text, name="upper").version
    source = "def upper(text):\n    return text"
    assert tep.Tool(upper, source=source).version == tep.Tool(upper, source=f"  \n{source}\n").version
    assert tool.key({"text": "a"}) != tool.key({"text": "b"})
    assert tool.key({"text": "a"}) != tep.Tool(upper, version="2").key({"text": "a"})


def test_a_tool_without_source_needs_a_version() -> None:
    """What cannot be read cannot be told from another, so its version must be given."""
    made: dict[str, Any] = {}
    exec("def f(text): return text", made)
    with pytest.raises(GraphError, match="version="):
        tep.Tool(made["f"])
    assert tep.Tool(made["f"], version="1").version == "1"


@st.composite
def graphs(draw: Any) -> tep.Graph:
    """Acyclic graphs of agents and tools in shuffled order, with guards, several outputs and shared prompts."""
    n = draw(st.integers(1, 8))
    fields, nodes = ["question", "context"], []
    for i in range(n):
        reads = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True))
        outputs = tuple(f"f{i}_{k}" for k in range(draw(st.integers(1, 2))))
        if i and draw(st.integers(0, 3)) == 0:
            parameters = ", ".join(reads)
            made: dict[str, Any] = {}
            source = f"def t{i}({parameters}, k={draw(st.integers())}):\n    'Does {i}.'\n    return 1"
            exec(source, made)
            nodes.append(tep.Tool(made[f"t{i}"], output=outputs, source=source))
        else:
            text = draw(st.text(max_size=20)) + "Do it. " + " ".join(f"{{{{{name}}}}}" for name in reads)
            literal = draw(st.sampled_from(["true", "false", '"True"']))
            guard = draw(st.sampled_from([None, *(f"{name}.k={literal}" for name in fields)]))
            nodes.append(
                A(f"n{i}", text.replace("--- user ---", ""), output=outputs, when=guard, role=draw(st.text(max_size=9)),
                  temperature=draw(st.sampled_from([0, 0.5])), frozen=draw(st.booleans()), expects=draw(st.text(max_size=9)))
            )  # fmt: skip
        fields += outputs
    output = nodes[-1].output
    return tep.Graph(draw(st.permutations(nodes)), output)


@given(graphs())
def test_random_graphs(graph: tep.Graph) -> None:
    """The order is topological, the spec round trips through JSON, and the digest is that of the spec alone."""
    import json

    place = {node.name: i for i, node in enumerate(graph.order)}
    assert set(place) == {node.name for node in graph.nodes}
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    spec = json.loads(json.dumps(graph.spec()))
    assert spec == graph.spec()
    back = tep.Graph.from_spec(spec)
    assert (back.spec(), back.digest, back.order) == (spec, graph.digest, graph.order)
    for name in graph.prompts:
        assert graph.with_prompt(name, graph.prompts[name].text).digest == graph.digest
        assert graph.with_prompt(name, graph.prompts[name].text + " More.").digest != graph.digest
