"""Cells that declare, before a session, in an open one and after a restart."""

import pytest
from real_shell import AGENTS, Shell

from tep_nb.notebook.carry import carried

TALLY = AGENTS[1]
TOOL = AGENTS[2]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    yield shell
    shell.close()


def restarted(shell):
    """Another kernel in the same folder."""
    shell.close()
    return Shell()


def test_a_draft_is_replaced_by_running_its_cell_again(shell):
    """The cell is the declaration; its place in the order stays."""
    shell.declare()
    shell.good(TALLY.replace("Count the things.", "Count them."))
    assert list(shell.bench.drafts.nodes) == ["list_items", "tally", "add_up", "answer"]
    assert shell.bench.drafts.nodes["tally"].prompt.text.startswith("Count them.")


def test_warnings_come_as_early_as_possible(shell):
    """A field that nobody writes, the target, two writers, a column of that name, a cycle, a model that is not there."""
    shell.good("%tep data task:object_counting")
    assert "nobody writes 'itmes' yet" in shell.good("%%tep_agent a\n{{itmes}}").out
    assert "target column" in shell.good("%%tep_agent b\n{{target}}").out
    assert "a writes the field 'a' too" in shell.good("%%tep_agent c --out a\n{{question}}").out
    assert "is a column as well" in shell.good("%%tep_agent d --out question\n{{a}}").out
    assert "no model is called 'smal' yet" in shell.good("%%tep_agent e --model smal\n{{question}}").out
    shell.good("%tep reset", "%%tep_agent a\n{{b}}")
    assert "cycle" in shell.good("%%tep_agent b\n{{a}}").out


def test_an_unchanged_cell_is_never_an_edit(shell):
    """Run All again in the same kernel changes nothing, also after prompts have changed."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep run --auto approve_all --steps 2")
    before = shell.bench.state
    told = [shell.good(cell).out for cell in AGENTS]
    first = before.lineage[-1].prompts
    edited = {name for name, prompt in before.prompts.items() if prompt.text != first[name].text}
    assert edited
    for out in told:
        name = out.partition(":")[0].removeprefix("agent ")
        assert ("the session's prompt was edited since" if name in edited else "as the session has it") in out
    shell.good("%tep model simulated", "%tep data task:object_counting", "%tep metric last_integer")
    assert shell.bench.state is before


def test_a_changed_body_is_a_proposal_once(shell):
    """It waits for a decision like every other edit, and running the cell again says nothing new."""
    shell.declare()
    shell.good("%tep start run.tep")
    changed = TALLY.replace("Count the things.", "Count the things that are asked for.")
    assert "waits as a proposal" in shell.good(changed).out
    assert len(shell.bench.state.step.pending) == 1
    assert "its text waits for a decision" in shell.good(changed).out
    assert len(shell.bench.state.step.pending) == 1
    shell.good("%tep approve tally")
    assert "asked for" in shell.bench.state.prompts["tally"].text
    assert "as the session has it" in shell.good(changed).out
    assert "waits as a proposal" in shell.good(TALLY).out, "back to the first text is an edit too"


def test_a_change_of_anything_else_names_start_and_fork(shell):
    """An open session keeps its graph, its tools and its settings."""
    shell.declare()
    shell.good("%tep start run.tep")
    seq = shell.bench.state.seq
    for cell in (
        TALLY.replace("--out counts", "--out counts --temperature 0.5"),
        TALLY.replace("--out counts", "--out counts2"),
        TALLY.replace("--out counts\n", '--out counts\n+++\nrole = "counts"\n+++\n'),
        TALLY.replace("--out counts", "--out counts --freeze"),
        TOOL.replace("sum(", "max("),
        "%%tep_agent more\nNew {{question}}",
        "%tep metric exact_match",
        "%tep data task:object_counting --seed 1",
        "%tep objective Something else.",
        "%tep output total",
        "%tep method TEP free_cap=3",
    ):
        line = shell.bad(cell)
        assert "%tep start" in line, line
        assert "%tep fork" in line, line
    assert shell.bench.state.seq == seq
    shell.good(TALLY, TOOL)


def test_a_role_that_is_made_from_the_text_changes_with_it(shell):
    """Without a declared role the first sentence is the role: editing it is an edit of the text, no more."""
    shell.declare()
    shell.good("%tep start run.tep")
    assert "waits as a proposal" in shell.good(TALLY.replace("Count the things.", "Add the things up.")).out


def test_after_a_restart_the_cells_are_drafts_again(shell):
    """Start says what to do; resume compares the cells with what the journal last recorded for them."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep run --auto approve_all --steps 2")
    texts = {name: prompt.text for name, prompt in shell.bench.state.prompts.items()}
    shell = restarted(shell)
    shell.declare()
    line = shell.bad("%tep start run.tep")
    assert "resume" in line
    assert "--again" in line
    assert "pending: " not in shell.good("%tep resume run.tep").out.replace("nothing pending", "")
    assert {name: prompt.text for name, prompt in shell.bench.state.prompts.items()} == texts
    shell = restarted(shell)
    shell.declare()
    shell.good(TALLY.replace("Count the things.", "Count the things asked for."))
    assert "the cell of tally was changed since" in shell.good("%tep resume run.tep").out
    assert [p.prompt for p in shell.bench.state.step.pending] == ["tally"]
    shell = restarted(shell)
    shell.declare()
    shell.good(TALLY.replace("--out counts", "--out counts --temperature 1"))
    line = shell.bad("%tep resume run.tep")
    assert "tally has another temperature" in line
    assert "%tep start" in line
    shell.close()


def test_resume_without_cells_needs_the_tools_and_a_model_that_is_not_the_simulated_one(shell):
    """The file has the rest; the simulated model needs no key and no address, so its name is enough."""
    shell.declare()
    shell.good("%tep start run.tep")
    shell = restarted(shell)
    assert "add_up" in shell.bad("%tep resume run.tep")
    shell.good(TOOL, "%tep resume run.tep", "%tep step", "%tep wait")
    shell.ip.user_ns["mine"] = lambda messages: "7"
    shell.good("%tep reset", "%tep model mine --for critic")
    shell.declare()
    shell.good("%tep model mine --for critic", "%tep start other.tep")
    shell = restarted(shell)
    shell.good(TOOL)
    assert "no model answers yet" in shell.bad("%tep resume other.tep")
    shell.close()


def test_what_a_new_kernel_needs_is_kept(shell):
    """The cells that a session's file does not hold, in order, each once: another kernel that runs them can resume."""
    shell.declare()
    shell.good("%tep start run.tep")
    cells, shell = [*shell.bench.setup.values()], restarted(shell)
    assert [cell.split()[0] for cell in cells] == ["%tep", "%tep", "%%tep_tool"]
    shell.good(*cells, "%tep resume run.tep", "%tep step", "%tep wait")
    shell.close()


MINE = """import re as regular
from collections import Counter

DIGITS = r"[0-9]+"

def numbers(text):
    return regular.findall(r"[0-9]+", text)

def last_number(output, target):
    '''The last number is the target.'''
    # a comment is a part of its version
    return float(Counter(numbers(output)[-1:]) == Counter([target]))
"""


def test_a_metric_of_a_cell_comes_along_with_what_it_reads(shell):
    """Imports and functions of the notebook, as they stand: the new kernel has the very function that is recorded."""
    shell.good(MINE)
    shell.declare()
    shell.good("%tep metric last_number", "%tep start run.tep")
    cells, shell = [*shell.bench.setup.values()], restarted(shell)
    shell.good(*cells, "%tep resume run.tep", "%tep step", "%tep wait")
    assert shell.ip.user_ns["last_number"]("so 3", "3") == 1.0
    assert "DIGITS" not in shell.ip.user_ns
    shell.close()


def test_a_value_that_a_metric_reads_is_missed_before_anything_is_resumed(shell):
    """It cannot be brought along, and might be a secret: the new kernel says which name is missing."""
    shell.good(MINE.replace('r"[0-9]+", text', "DIGITS, text"))
    shell.declare()
    shell.good("%tep metric last_number", "%tep start run.tep")
    cells, shell = [*shell.bench.setup.values()], restarted(shell)
    ran = shell.run(next(cell for cell in cells if "last_number" in cell))
    assert "name 'DIGITS' is not defined" in str(ran.error)
    shell.good("DIGITS = '[0-9]+'", *cells, "%tep resume run.tep")
    shell.close()


def test_what_is_carried():
    """Names of modules, of other modules' functions, lambdas and classes; what has no source is named only."""
    space = {}
    exec("import json\nfrom math import sqrt as root\ndef f(output):\n    return root(json.loads(output))", space)
    space["f"].__module__ = "__main__"
    assert carried("f", space["f"]).splitlines() == ["from math import sqrt as root", "import json as json", "f"]
    assert carried("exact_match", "a text") == ""
    assert carried("root", space["root"]) == ""


def test_a_shared_prompt_is_one_proposal_for_two_cells(shell):
    """The other agent's cell, unchanged, does not propose the old text back."""
    shell.ip.user_ns["rows"] = [{"question": f"q{n}", "target": "1"} for n in range(9)]
    one = "%%tep_agent one --prompt p --in text=question\nMend {{text}}"
    two = "%%tep_agent two --prompt p --in text=one\nMend {{text}}"
    shell.good("%tep model simulated", "%tep data rows", "%tep metric exact_match", "%tep method TEP phases=free", one, two)
    shell.good("%tep start run.tep")
    assert "waits as a proposal" in shell.good(one.replace("Mend", "Mend well")).out
    assert "as the session has it" in shell.good(two).out
    assert len(shell.bench.state.step.pending) == 1
    shell.good("%tep approve two")


def test_a_tool_is_the_one_function_of_its_cell(shell):
    """Imports may stand beside it; its source is its version, its exception shows the cell's line."""
    source = "import re\n\nasync def count(text, pattern='x'):\n    return len(re.findall(pattern, text))"
    shell.good(f"%%tep_tool --out n\n{source}")
    tool = shell.bench.drafts.nodes["count"]
    assert (tool.outputs, tool.needs, dict(tool.options)) == (("n",), ("text",), {"pattern": "x"})
    version = tool.version
    shell.good(f"%%tep_tool --out n\n{source}\n\n")
    assert shell.bench.drafts.nodes["count"].version == version
    shell.good("%%tep_tool --version 7\ndef size(text):\n    return len(text)")
    assert shell.bench.drafts.nodes["size"].version == "7"
    assert "0 functions (none)" in shell.bad("%%tep_tool\nx = 1")
    assert "2 functions (f, g)" in shell.bad("%%tep_tool\ndef f(a): pass\ndef g(a): pass")
    assert "not Python" in shell.bad("%%tep_tool\ndef f(a:")
    assert "ModuleNotFoundError" in shell.bad("%%tep_tool\nimport nothing_there\ndef f(a): pass")
    assert "reads nothing" in shell.bad("%%tep_tool\ndef f(): pass")
    assert "annotations" not in str(shell.ip.user_ns["size"].__annotations__)


def test_an_edit_back_by_hand_after_a_decision(shell):
    """A cell that holds the text that the session has come to is no edit."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep run --auto approve_all --steps 1")
    text = shell.bench.state.prompts["list_items"].text
    assert "as the session has it" in shell.good(f"%%tep_agent list_items --out items\n{text}\n").out
