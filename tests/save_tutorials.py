"""Run the tutorials and save them with what they print: ``python tests/save_tutorials.py [NAME…]``.

Each runs from the top in an empty folder, as the test does that compares. Streams are joined; times of execution and widget state
are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def joined(outputs: list[Any]) -> list[Any]:
    """Streams in one piece."""
    found: list[Any] = []
    for output in outputs:
        before = found[-1] if found else None
        if before is not None and before.output_type == output.output_type == "stream" and before.name == output.name:
            before.text += output.text
        else:
            found.append(output)
    return found


def save(path: Path) -> None:
    """Run one notebook and write it back."""
    book = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(book, timeout=600, store_widget_state=False, resources={"metadata": {"path": folder}}).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    book.metadata = {name: book.metadata[name] for name in ("kernelspec", "language_info") if name in book.metadata}
    book.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    nbformat.write(book, path)


if __name__ == "__main__":
    os.environ["JUPYTERHUB_USER"] = "analyst"
    for key in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LOCAL_KEY"):
        os.environ.pop(key, None)
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not sys.argv[1:] or notebook.name in sys.argv[1:]:
            save(notebook)
            print(f"saved {notebook.name}")
