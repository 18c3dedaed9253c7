"""Run a notebook without a person: its cells up to ``%tep start`` in a fresh kernel, then a policy's decisions."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tep_nb
from tep_nb.cli_text import line, say
from tep_nb.errors import ConfigError, DataError, TepError
from tep_nb.notebook.policies import read_policy

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

__all__ = ["execute", "run_notebook"]

_START = re.compile(r"^[ \t]*(?:\w+[ \t]*=[ \t]*)?%tep[ \t]+start\b", re.MULTILINE)


class NotebookFailed(TepError):
    """A cell of an executed notebook failed."""


def run_notebook(notebook: Path, policy: str, out: Path | None = None) -> Path:
    """Execute a copy of a notebook up to and with its first ``%tep start``, then decide by a policy.

    Parameters
    ----------
    notebook : Path
        Its folder is the kernel's working directory.
    policy : str
        As in ``approve_if:proven,gain=0.02,reject``.
    out : Path, optional
        The executed copy; by default ``NOTEBOOK-auto.ipynb`` beside it.

    Returns
    -------
    Path
        The copy. The later cells of the notebook are not in it: the policy stands in their place.

    Raises
    ------
    ConfigError
        An unknown policy, one that asks a person, no ``%tep start``, or a copy that would replace the notebook.
    DataError
        There is no such file, or it is no notebook.
    NotebookFailed
        A cell failed; the copy shows where.
    """
    decider = read_policy(
        policy, "the policy console asks a person, and nobody sits at the kernel: take approve_all or approve_if"
    )
    target = notebook.with_name(f"{notebook.stem}-auto.ipynb") if out is None else out
    if target.resolve() == notebook.resolve():
        raise ConfigError("--out is the notebook itself: name a copy, so that its decision cells are kept")
    if not target.parent.is_dir():
        raise ConfigError(f"the folder of {target} does not exist: make it first")
    document = read(notebook)
    copied = _copy(document, decider.name.replace("no worse", "no-worse"))
    say(f"{notebook.name}: {len(copied.cells)} cells, deciding by {decider.name}")
    execute(copied, notebook.resolve().parent, target)
    for output in copied.cells[-1].get("outputs", ()):
        say(str(output.get("text", "")).rstrip())
    say(f"notebook {target}")
    return target


def _format() -> Any:
    """Load nbformat, which publishes types for some of its functions only."""
    import nbformat

    return nbformat


def read(notebook: Path) -> NotebookNode:
    """Read a notebook of format 4.

    Raises
    ------
    DataError
        It is not there, or it is none.
    """
    if not notebook.is_file():
        what = "is a folder: name a notebook in it" if notebook.is_dir() else "does not exist: check the name"
        raise DataError(f"the notebook {notebook} {what}")
    nbformat, text = _format(), notebook.read_bytes()
    try:
        document: NotebookNode = nbformat.reads(text.decode("utf-8"), as_version=4)
        nbformat.validate(document)
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        why = line(str(error).partition("\n")[0], 150)
        raise DataError(f"{notebook} is no notebook ({why}): name an .ipynb file that Jupyter can open") from None
    return document


def _copy(document: NotebookNode, policy: str) -> NotebookNode:
    """The cells up to the start, then the policy in place of the rest."""
    starts = [number for number, cell in enumerate(document.cells) if cell.cell_type == "code" and _START.search(cell.source)]
    if not starts:
        raise ConfigError("no cell of the notebook has %tep start: a policy needs a session to decide in")
    left = len(document.cells) - starts[0] - 1
    make = _format().v4
    note = f"Decided by the policy `{policy}`, in place of the {left} later cells of the notebook."
    added = [make.new_markdown_cell(note)]
    added += [make.new_code_cell(source) for source in (f"%tep run --auto {policy}", "%tep wait", "%tep status")]
    document.cells = [*document.cells[: starts[0] + 1], *added]
    if (document.nbformat, document.nbformat_minor) < (4, 5):
        for cell in added:
            cell.pop("id", None)  # ids came with 4.5, and an older notebook with one is invalid
    return document


def execute(document: NotebookNode, folder: Path, target: Path) -> None:
    """Execute a notebook in a fresh kernel and write it, also where a cell fails; no widget state is kept in it.

    Raises
    ------
    NotebookFailed
        Names the cell and what it said.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    at = [0]

    def begun(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient passes both by name
        at[0] = cell_index

    client = NotebookClient(
        document,
        timeout=None,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=begun,
    )
    manager = client.create_kernel_manager()
    # This very Python: a kernel of that name that somebody installed may be another one, which has no tep_nb.
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=40"]
    failure = ""
    with tempfile.TemporaryFile() as noise:  # what the kernel says of itself: of interest only where it dies
        try:
            _drive(client, {"env": _environment(), "stderr": noise})
        except CellExecutionError as error:
            failure = f"cell {at[0] + 1} failed: {error.ename}: {line(error.evalue, 500)}; {target} shows it"
        except (DeadKernelError, RuntimeError) as error:
            noise.seek(0)
            last = noise.read().decode(errors="replace").strip().rpartition("\n")[2]
            failure = f"the kernel died in cell {at[0] + 1}: {line(last or str(error), 300)}"
        finally:
            target.write_text(_format().writes(document), encoding="utf-8", newline="\n")
    if failure:
        raise NotebookFailed(failure)


def _drive(client: NotebookClient, launch: dict[str, Any]) -> None:
    """Execute on a thread of its own: on the main one, nbclient would answer Ctrl-C with an error and leave the kernel."""
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = Future()
    done: Future[None] = Future()

    async def main() -> None:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        await client.async_execute(**launch)

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  it is raised again where somebody waits for it
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=work, daemon=True).start()
    try:
        done.result()
    except KeyboardInterrupt:
        loop, task = begun.result()
        if task is not None and not done.done():
            loop.call_soon_threadsafe(task.cancel)
            wait([done])  # until the kernel is shut down
        raise


def _environment() -> dict[str, str]:
    """Let the kernel find this very package, also from a checkout that is not installed and another working directory."""
    root = str(Path(tep_nb.__file__).resolve().parent.parent)
    paths = [os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]  # noqa: PTH100  no links
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys([*paths, root]))}
