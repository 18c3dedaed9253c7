"""The tutorials: run as they are, saved with what they print today, and nothing of the machine they were made on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OURS = re.compile(r"/(?:root|home|work|tmp|Users)/|[A-Za-z]:\\\\")
SHOWN = "application/vnd.jupyter.widget-view+json"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def texts(book: Any) -> list[list[str]]:
    """What each code cell prints as text; pictures and widget ids differ from run to run."""
    found = []
    for cell in book.cells:
        if cell.cell_type == "code":
            said = [o["text"] if o.output_type == "stream" else o.get("data", {}).get("text/plain", "") for o in cell.outputs]
            found.append([line for text in said for line in text.splitlines() if line.strip()])  # a stream may come in pieces
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_saved_tutorial_is_complete_and_clean(path: Path) -> None:
    """Every code cell was run and has its outputs; no error, no machine path, no widget state, no login name."""
    book = read(path)
    assert "widgets" not in book.metadata
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert not OURS.search(json.dumps(book))
    for output in outputs:
        if SHOWN in output.get("data", {}):
            assert {"text/plain", "image/svg+xml", "image/png"} & set(output["data"]) - {SHOWN}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_tutorial_prints_what_was_saved(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from the top in an empty folder, each cell prints the text that is saved with it."""
    monkeypatch.setenv("JUPYTERHUB_USER", "analyst")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    saved, book = read(path), read(path)
    NotebookClient(book, timeout=300, store_widget_state=False, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert texts(book) == texts(saved)


def test_there_is_a_quickstart() -> None:
    """The demonstration and Binder open it by this name."""
    assert [path.name for path in NOTEBOOKS][:1] == ["01_quickstart.ipynb"]
