"""Rules of the exports and of prompts written back into a notebook."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import tep_nb as tep
from tep_nb.core.events import Decided, Evaluated, Evaluation, Rewound, Suggested
from tep_nb.core.state import State, start
from tep_nb.errors import ConfigError, DataError
from tep_nb.model.base import Models
from tep_nb.notebook.cell import parse_agent
from tep_nb.opening import prepare
from tep_nb.report import export, read_state, write_back

PLAN = "Make a plan.\nQuestion: {{question}}"
ANSWER = "You answer.\n--- user ---\nQuestion: {{question}}\nPlan: {{plan}}"
NEW = "Make a plan. Name each step.\nQuestion: {{question}}"


def test_a_look_says_whether_its_branch_was_left() -> None:
    """An evaluation that a rewind has left is marked: its figure is not that of the exported prompts."""
    state = session()
    for _ in range(2):
        state = state.apply(Evaluated(evaluation=Evaluation("test", 1, 1.0, (0.2, 1.0), ())))
    state = state.apply(Rewound(to=2, why="rewind"))
    assert [e["kept"] for e in json.loads(export(state, "json"))["metadata"]["evaluations"]] == [True, False]


def session(**changed: str) -> State:
    """A state whose prompts were changed by decisions, without any file."""
    graph = tep.Graph([tep.Agent("plan", PLAN), tep.Agent("answer", ANSWER, output="reply")])
    data = tep.Dataset([{"question": "1+1", "target": "2"}])
    models = Models(tep.ScriptedModel([]))
    event, *_ = prepare(graph, data, "exact_match", models, "", tep.TEP(phases=("free",)), None, 1)
    state = start(event)
    for prompt, text in changed.items():
        now = state.prompts[prompt]
        proposal = tep.Proposal(f"0.0.{prompt}.1", prompt, (prompt,), "free", now.text, text, now.diff(text), by="ann")
        state = state.apply(Suggested(proposal=proposal)).apply(Decided(decision=proposal.approve("ann")))
    return state


def notebook(cells: list[dict[str, Any]], **style: Any) -> str:
    body = {"cells": cells, "metadata": {"x": 1.0}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(body, **{"indent": 1, "ensure_ascii": False, **style}) + "\n"


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": source, **more}


def lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def agents_in(text: str) -> list[Any]:
    """The agents that the cells of an exported notebook declare, as the magic would read them."""
    heads = [source.partition("\n") for source in sources(text) if source.startswith("%%tep_agent ")]
    return [parse_agent(head.removeprefix("%%tep_agent "), f"{body}\n") for head, _, body in heads]


def sources(text: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["%%tep_agent plan\n", "no code"]},
    code(lines(f"%%tep_agent plan --temperature 0.0\n+++\nrole = 'plans'\n+++\n{PLAN}"), outputs=[{"output_type": "stream"}]),
    code(lines(f"%%tep_agent --out=reply answer\n{ANSWER}")),
    code(lines("%tep start run.tep")),
    code(lines(f"%%tep_agent plan\n{PLAN} Later.")),
    code(lines("%tep step\n'Umlaut ä \u2028'")),
]


def test_yaml_and_json_say_the_same_and_hide_nothing(journal: Path) -> None:
    """Both parse to one content with prompts, decisions and metadata, and hold no character that a terminal would obey."""
    state = read_state(journal)
    texts = {form: export(state, form) for form in ("yaml", "json", "jsonl")}
    for text in texts.values():
        assert all(c.isprintable() or c == "\n" for c in text)
    content = yaml.safe_load(texts["yaml"])
    assert content == json.loads(texts["json"])
    assert content["prompts"] == {name: prompt.text for name, prompt in state.prompts.items()}
    assert content["metadata"]["models"]["actor"] == "simulated"
    assert [e["split"] for e in content["metadata"]["evaluations"]] == ["validation", "test", "validation"]
    assert [json.loads(one) for one in texts["jsonl"].splitlines()] == content["decisions"]
    assert [d["verdict"] for d in content["decisions"]] == ["approve", "reject", "edit", "skip"]


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_prompt_survives_the_exports(text: str) -> None:
    """Whatever the characters, lone surrogates too, what comes out parses to the same text."""
    prompt = f"{text} {{{{question}}}}{text[:3]}".replace("--- user ---", "")
    state = session(plan=prompt) if tuple(tep.Prompt(prompt).placeholders) == ("question",) and prompt != PLAN else session()
    wanted = state.prompts["plan"].text
    assert yaml.safe_load(export(state, "yaml"))["prompts"]["plan"] == wanted
    assert json.loads(export(state, "json"))["prompts"]["plan"] == wanted


def test_a_multiline_prompt_reads_well_in_yaml() -> None:
    """A person who opens the file sees lines, not escapes."""
    assert "  plan: |-\n    Make a plan. Name each step.\n    Question: {{question}}\n" in export(session(plan=NEW), "yaml")


def test_a_notebook_export_declares_the_same_agents(journal: Path) -> None:
    """The cells are valid, and read back as the agents of the session, hostile roles included."""
    state = read_state(journal)
    document = nbformat.reads(export(state, "ipynb"), as_version=4)
    nbformat.validate(document)
    assert agents_in(export(state, "ipynb")) == list(state.graph.agents)


def test_every_option_of_an_agent_is_in_its_cell() -> None:
    """Guard, shared prompt, inputs, fields, model, rubric and protected text come back from the exported cell."""
    text = "Repair {{code}} by {{ok}}."
    more = {"role": 'says "x"\n\x7f\U0001f408', "expects": "a plan", "protect": ("Repair",), "model": "small one"}
    agents = [
        tep.Agent("a", "Say {{x}}", output=("code", "ok"), temperature=0.5, frozen=True, rubric=[tep.Criterion("tidy", "it is")]),
        tep.Agent("r1", text, prompt_name="r", when='ok.v="x y"', otherwise="code", **more),
        tep.Agent("r2", text, prompt_name="r", inputs={"code": "r1"}, **more),
    ]
    state = session()
    object.__setattr__(state, "graph", tep.Graph(agents))
    assert agents_in(export(state, "ipynb")) == agents


def test_an_unknown_format_names_the_closest() -> None:
    """One line with what there is."""
    with pytest.raises(ConfigError, match="did you mean 'yaml'"):
        export(session(), "yml")


@pytest.mark.parametrize(
    "style",
    [
        {},
        {"indent": 4, "sort_keys": True},
        {"indent": None},
        {"indent": None, "separators": (",", ":")},
        {"ensure_ascii": True},
        {"indent": "\t"},
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_prompt_changes_and_in_the_files_own_style(style: dict[str, Any], newline: str) -> None:
    """What comes out is what the file would be had the cell been written by the same program; no other byte differs."""
    before = notebook(CELLS, **style).replace("\n", newline)
    cells = [dict(cell) for cell in CELLS]
    cells[1] = {**cells[1], "source": lines(f"%%tep_agent plan --temperature 0.0\n+++\nrole = 'plans'\n+++\n{NEW}")}
    assert write_back(before, session(plan=NEW)) == notebook(cells, **style).replace("\n", newline)


def test_an_unchanged_session_changes_no_byte() -> None:
    """Odd spacing, escapes and a byte order mark stay, where no prompt was changed and beside one that was."""
    first, rest = PLAN.split("\n")
    source = f'["%%tep_agent pl\\u0061n\\n" ,\n"{first}\\n" ,\n"{rest}"]'
    odd = '\ufeff \n{ "cells" : [ {"cell_type":"code","source":' + source + ' , "outputs":[ ] } ],"metadata":{ },"z": 1e2 }'
    assert write_back(odd, session()) == odd
    assert write_back(odd, session(plan=NEW)) == odd.replace("Make a plan.", "Make a plan. Name each step.")


def test_a_source_that_is_one_string_stays_one() -> None:
    """Both forms that the notebook format allows keep their form; a last line end stays."""
    text = notebook([code(f"%%tep_agent plan\n{PLAN}\n")])
    assert json.loads(write_back(text, session(plan=NEW)))["cells"][0]["source"] == f"%%tep_agent plan\n{NEW}\n"


def test_cells_behind_the_start_are_suggestions_and_stay() -> None:
    """Only the declaration before %tep start is written, and without a start every one."""
    text = notebook(CELLS)
    assert sources(write_back(text, session(plan=NEW)))[4] == f"%%tep_agent plan\n{PLAN} Later."
    free = notebook([code(f"%%tep_agent plan\n{PLAN}"), code(f"%%tep_agent plan\n{PLAN}")])
    assert sources(write_back(free, session(plan=NEW))) == [f"%%tep_agent plan\n{NEW}"] * 2


def test_a_shared_prompt_is_written_into_each_of_its_cells() -> None:
    """``--prompt`` names it; the agents' names do not."""
    agents = [tep.Agent("a", "Do {{x}}", prompt_name="p"), tep.Agent("b", "Do {{x}}", prompt_name="p", inputs={"x": "a"})]
    graph = tep.Graph(agents)
    state = session()
    before = State(**{name: getattr(state, name) for name in State.__dataclass_fields__ if name != "graph"}, graph=graph)
    object.__setattr__(state, "graph", graph.with_prompt("p", "Do {{x}} well"))
    object.__setattr__(state, "parent", before)
    text = notebook([code("%%tep_agent a --prompt p\nDo {{x}}"), code("%%tep_agent b --prompt p --in x=a\nDo {{x}}")])
    assert [source.partition("\n")[2] for source in sources(write_back(text, state))] == ["Do {{x}} well"] * 2


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_any_prompt_comes_back_from_the_notebook(text: str) -> None:
    """The result is valid JSON in UTF-8, and its cell holds the prompt."""
    prompt = f"{text} {{{{question}}}}".replace("--- user ---", "")
    if tep.Prompt(prompt).placeholders != ("question",) or prompt == PLAN:
        return
    written = write_back(notebook(CELLS[:3]), session(plan=prompt))
    written.encode("utf-8")
    assert sources(written)[1].endswith(f"+++\n{prompt}")


@pytest.mark.parametrize(
    ("text", "error", "part"),
    [
        ("", DataError, "no notebook"),
        ("{}", DataError, "no cells"),
        ("[1]", DataError, "no notebook"),
        ('{"cells": [{"cell_type": "code"', DataError, "no notebook"),
        ('{"cells": [{"cell_type": "code"}]}', DataError, "source"),
        ("[" * 100_000, DataError, "no notebook"),
        (notebook(CELLS[2:4]), ConfigError, "no %%tep_agent cell for plan"),
        (notebook([code("%%tep_agent plan\nMake {{other}}")]), ConfigError, "placeholders {{other}}"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(text: str, error: type[Exception], part: str) -> None:
    """No notebook, a missing cell, other placeholders: one line, and nothing is written."""
    with pytest.raises(error, match=part):
        write_back(text, session(plan=NEW))
