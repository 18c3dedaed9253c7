"""The README's own words: what it tells a newcomer to type runs as it stands, and leads to something to decide."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tep_nb.core.state import State
from tep_nb.report import read_state

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```(?:python)?\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, from which a new process finds the package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def applied(state: State) -> int:
    return sum(decision.text is not None for decision in state.decisions)


def test_the_notebook_of_the_readme_leads_to_proposals(here: Path) -> None:
    """Its cells, up to the studio, each in a cell of its own: the first step has something to decide in the studio."""
    start = next(at for at, block in enumerate(BLOCKS) if block.startswith("%load_ext"))
    cells = BLOCKS[start : 1 + next(at for at, block in enumerate(BLOCKS) if "%tep studio" in block)]
    make = nbformat.v4
    book = make.new_notebook(cells=[make.new_code_cell(source) for source in [*cells, "%tep wait"]])
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(here)}}).execute()
    state = read_state(here / "run.tep")
    assert [agent.name for agent in state.graph.agents] == ["list_items", "answer"]
    assert {proposal.prompt for proposal in state.step.pending} == {"list_items", "answer"}


def test_the_script_of_the_readme_runs(here: Path) -> None:
    """It decides on its own, ends, and prints what it measured."""
    (here / "script.py").write_text(next(block for block in BLOCKS if "asyncio.run(main())" in block), encoding="utf-8")
    ran = subprocess.run([sys.executable, "script.py"], cwd=here, capture_output=True, text=True, timeout=120, check=False)
    assert ran.stderr == ""
    assert re.fullmatch(r"test \d+\.\d%\n", ran.stdout)
    state = read_state(here / "script.tep")
    assert state.phase == "done"
    assert {decision.by for decision in state.decisions} == {"me", "approve_all"}
    assert applied(state) > 0
