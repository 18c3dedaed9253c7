"""The whole job in a real kernel, as Run All and papermill do it: cells in sequence, nobody watches, nothing hangs."""

import nbformat
from nbclient import NotebookClient
from real_shell import AGENTS, environment

CELLS = [
    "%load_ext tep_nb",
    "%tep model simulated",
    "%tep data task:object_counting",
    *AGENTS,
    "%tep graph",
    "%tep start run.tep",
]


def execute(path, cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path)}}, store_widget_state=False)
    return client.execute(env=environment())


def text_of(cell):
    """All that a cell shows as plain text."""
    shown = (o.get("text") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "") for o in cell.outputs)
    return "\n".join("".join(part) for part in shown)


def test_the_whole_job_runs_headless(tmp_path):
    """Load, declare, start, step, look, buy evidence, approve, reject, run, measure, report, export."""
    cells = [
        *CELLS,
        "%tep step",
        "%tep pending",
        "%tep assess",
        "%tep approve list_items",
        "%tep reject answer Show the total alone, is that too much to ask?",
        "%tep skip tally",
        "%tep studio",
        "%tep run --auto approve_all",
        "evaluation = %tep evaluate test",
        "evaluation.mean",
        "session = %tep session\nsession.state.phase",
        "%tep history",
        "%tep cost",
        "%tep report",
        "%tep export --format yaml",
        "%tep export prompts.json",
    ]
    notebook = execute(tmp_path, cells)
    shown = {cell.source: text_of(cell) for cell in notebook.cells}
    assert "step 1 (free, simulated model): 3 proposals" in shown["%tep step"], "the step's display ends with its result"
    assert "running" not in "".join(shown.values())
    assert "approved list_items" in shown["%tep approve list_items"]
    assert "is that too much to ask?" in shown["%tep reject answer Show the total alone, is that too much to ask?"]
    assert "phase done begins" in shown["%tep run --auto approve_all"]
    assert float(shown["evaluation.mean"]) > 0.3
    assert "'done'" in shown["session = %tep session\nsession.state.phase"]
    assert "report: run.html" in shown["%tep report"]
    assert (tmp_path / "run.html").is_file()
    assert "prompts:" in shown["%tep export --format yaml"]
    assert (tmp_path / "prompts.json").is_file()
    studio = next(cell for cell in notebook.cells if cell.source == "%tep studio")
    summary = next(output for output in studio.outputs if "text/html" in output.get("data", {}))
    assert "done" in summary["data"]["text/html"], "the static summary was brought up to date by later cells"
    assert not (tmp_path / "run.tep-wal").exists() or (tmp_path / "run.tep-wal").stat().st_size == 0
