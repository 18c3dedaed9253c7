"""The tutorials: run as they are, saved with what they print today, and nothing of the machine they were made on."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OURS = re.compile(r"/(?:root|home|work|tmp|Users)/|[A-Za-z]:\\\\")
SHOWN = "application/vnd.jupyter.widget-view+json"
KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LOCAL_KEY")
VARIES = (
    (re.compile(r"127\.0\.0\.1:\d{4,5}"), "127.0.0.1:PORT"),  # a server of the notebook's own, on a free port
    (re.compile(r"answered in \d+\.\d\d s"), "answered in TIME"),  # a server's first answer
    (re.compile(r"(next step, about: .*), [\d,]+ s$"), r"\1, TIME"),  # an estimate that goes by seconds measured before
)
"""What differs from run to run and is compared as a word in its place: free ports and measured seconds, nothing else."""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def texts(book: Any) -> list[list[str]]:
    """What each code cell prints as text; pictures and widget ids differ from run to run, and so does what is in `VARIES`."""
    found = []
    for cell in book.cells:
        if cell.cell_type == "code":
            said = [o["text"] if o.output_type == "stream" else o.get("data", {}).get("text/plain", "") for o in cell.outputs]
            lines = [line for text in said for line in text.splitlines()]  # a stream may come in pieces
            found.append([steady(line) for line in lines if line.strip()])
    return found


def steady(line: str) -> str:
    """The line without what differs from run to run."""
    for pattern, word in VARIES:
        line = pattern.sub(word, line)
    return line


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


@pytest.mark.parametrize("name", ["01_quickstart.ipynb", "03_human_in_the_loop.ipynb"])
def test_a_studio_is_saved_with_what_can_be_read_without_it(name: str) -> None:
    """The widget first, and without pictures that would keep it waiting; then the graph, the history and the summary."""
    book = read(ROOT / "notebooks" / name)
    (cell,) = (cell for cell in book.cells if cell.cell_type == "code" and "%tep studio" in cell.source)
    widget, graph, history, summary = [set(output.data) for output in cell.outputs if "data" in output][-4:]
    assert widget == {SHOWN, "text/plain"}
    assert graph == {"image/svg+xml", "image/png", "text/plain"}
    assert history == {"image/png", "text/plain"}
    assert summary == {"text/html", "text/plain"}


@pytest.mark.parametrize("name", ["01_quickstart.ipynb", "03_human_in_the_loop.ipynb"])
def test_a_saved_tutorial_converts_with_its_pictures_and_tables(name: str) -> None:
    """nbconvert, which has no kernel and asks no network here: graph, history, decisions, prompts before and after, cost."""
    body, _ = HTMLExporter().from_filename(str(ROOT / "notebooks" / name))
    wanted = ("data:image/png;base64,", "data:image/svg+xml", "Decisions, newest first", "<td", ": before and after", "<ins>")
    for part in (*wanted, "Paid: ", "Simulated model."):
        assert part in body
    assert "model not found" not in body


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_tutorial_prints_what_was_saved(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from the top in an empty folder, without a key, each cell prints the text that is saved with it."""
    monkeypatch.setenv("JUPYTERHUB_USER", "analyst")
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    saved, book = read(path), read(path)
    NotebookClient(book, timeout=300, store_widget_state=False, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert texts(book) == texts(saved)


def test_binder_installs_all_that_the_package_needs() -> None:
    """There the package comes without its dependencies: each is pinned, with the extras that the package asks for."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {one.name.lower(): one for one in map(Requirement, (line for line in lines if not line.startswith("#")))}
    for one in map(Requirement, needed):
        found = pinned[one.name.lower()]
        assert one.extras <= found.extras, found
        assert all(one.specifier.contains(pin.version) for pin in found.specifier), found


def test_only_ports_and_seconds_may_differ() -> None:
    """The rule for comparing outputs hides a free port and measured seconds, and no count, score, cost or fixed port."""
    same = ["next step, about: 50 calls, 14,982 tokens, cost 0.0447", "cost: 0.0272", "at 127.0.0.1:9/v1", "80 calls in 12 s"]
    assert [steady(line) for line in same] == same
    assert steady("127.0.0.1:40123/v1 answered in 0.02 s, with its own count of tokens") == (
        "127.0.0.1:PORT/v1 answered in TIME, with its own count of tokens"
    )
    assert steady("next step, about: 5 calls, 12 tokens, 1,200 s") == "next step, about: 5 calls, 12 tokens, TIME"


def test_the_tutorials_that_others_name() -> None:
    """The demonstration, Binder and the README open them by these names."""
    names = ["01_quickstart.ipynb", "02_real_models.ipynb", "03_human_in_the_loop.ipynb"]
    assert [path.name for path in NOTEBOOKS] == names
