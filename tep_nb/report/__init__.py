"""What a session leaves for people: rows, figures, a one-file report, exports."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tep_nb.core.kinds import check
from tep_nb.core.place import place
from tep_nb.core.state import State, replay
from tep_nb.errors import ConfigError
from tep_nb.journal import Journal
from tep_nb.model.budget import Budget, Usage
from tep_nb.report.calls import CallExport
from tep_nb.report.export import FORMATS, export
from tep_nb.report.html import page
from tep_nb.report.rows import History, history
from tep_nb.report.writeback import write_back

__all__ = ["FORMATS", "CallExport", "History", "export", "history", "page", "read", "read_state", "report", "write_back"]


def read(path: str | os.PathLike[str]) -> tuple[History, Usage]:
    """Read a journal without a lock, whoever writes it.

    Raises
    ------
    JournalError
        No such file, or it is no session.
    """
    journal = Journal.read(path)
    try:
        found = history(journal.events())
        return found, Usage.of(journal.tally(), Budget(**found.state.budget))
    finally:
        journal.close()


def read_state(path: str | os.PathLike[str]) -> State:
    """Read what a journal's events fold to; errors as in `read`."""
    journal = Journal.read(path)
    try:
        return replay(journal.events())
    finally:
        journal.close()


def report(path: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a journal; by default beside it, with the ending ``.html``.

    Raises
    ------
    JournalError
        No such file, or it is no session.
    ConfigError
        The report cannot be written there.
    """
    check("out of report", out, (str, os.PathLike, type(None)), "a str or a path", 'name a file, as in "run.html"')
    found, spent = read(path)
    target = Path(path).with_suffix(".html") if out is None else Path(out)
    try:
        target.write_text(page(found, spent, Path(path).name), encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        fault = f"the report cannot be written to {place(target)} ({reason})"
        there = target.parent.is_dir()
        make = f"make the folder first, mkdir -p {shlex.quote(str(target.parent))}"
        remedy = "name a file that can be written" if there else make
        raise ConfigError(f"{fault}: {remedy}, or leave the name away and it is written beside the journal") from None
    return target
