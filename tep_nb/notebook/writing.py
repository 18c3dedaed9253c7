"""The verbs that write files for people: report and export."""

from __future__ import annotations

from pathlib import Path

from tep_nb.core.place import place
from tep_nb.core.state import State
from tep_nb.errors import ConfigError, JournalError
from tep_nb.journal import Journal
from tep_nb.notebook.desk import Desk
from tep_nb.notebook.options import Call
from tep_nb.report import FORMATS, export, read_state, write_back
from tep_nb.report import report as write_report

__all__ = ["export_prompts", "report"]

_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".jsonl": "jsonl", ".ipynb": "ipynb"}


def _is_session(path: Path) -> bool:
    """Whether a file is a session: such a file is read, any other name is one to write."""
    try:
        Journal.read(path).close()
    except JournalError:
        return False
    return True


def _source_and_target(desk: Desk, call: Call) -> tuple[Path | None, Path | None]:
    """The session's file (None for the current one) and the file to write; FILE may name either."""
    file = None if call.arg() is None else Path(str(call.arg())).expanduser()
    out = None if call.option("out") is None else Path(str(call.option("out"))).expanduser()
    if file is not None and _is_session(file):
        source: Path | None = file
    else:
        source = None
        if file is not None and file.suffix.lower() == ".tep" and not file.exists():
            raise JournalError(
                f"there is no session file {place(file)}: name one that is there; without a name it is the open session"
            )
        if file is not None and out is not None:
            raise ConfigError(f"{place(file)} is no session and --out names another file: give one file to write")
        out = out or file
    if source is None:
        desk.bench.current()
    if out is not None:
        _writable(out)
    return source, out


def _writable(path: Path) -> None:
    if _is_session(path):
        raise ConfigError(f"{place(path)} is a session's file: write into another")
    if path.suffix.lower() == ".tep":
        raise ConfigError(
            f"there is no session file {place(path)}, and nothing else should end in .tep: name what you want to write"
        )
    if path.is_dir():
        raise ConfigError(f"{place(path)} is a folder: name a file in it")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"the folder of {place(path)} does not exist: make it first")


def report(desk: Desk, call: Call) -> None:
    """``report [FILE] [--out PATH]``."""
    source, out = _source_and_target(desk, call)
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"the report is one HTML file: name it {out.with_suffix('.html').name}, not {out.name}")
    written = write_report(desk.bench.current().path if source is None else source, out)
    desk.screen.say(f"report: {written.name}")


def export_prompts(desk: Desk, call: Call) -> None:
    """``export [FILE] [--format FORMAT] [--out PATH] [--notebook NOTEBOOK]``."""
    source, out = _source_and_target(desk, call)
    state = desk.bench.current().state if source is None else read_state(source)
    ending = "yaml" if out is None else _ENDINGS.get(out.suffix.lower(), "yaml")
    kind = call.option("format") or ending
    if kind not in FORMATS:
        export(state, kind)  # raises, with the closest match
    text = _into_notebook(state, call, kind, out) if call.has("notebook") else export(state, kind)
    if out is None:
        desk.screen.say(text.rstrip("\n"))
        return
    if kind == "ipynb" and out.exists() and not call.has("notebook"):
        raise ConfigError(
            f"{place(out)} exists: a notebook is never written over; name another, or add --notebook to fill a copy"
        )
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:  # its own words would name the whole path
        raise ConfigError(f"{place(out)} cannot be written ({error.strerror}): name a file that can") from None
    desk.screen.say(f"export ({kind}): {out.name}")


def _into_notebook(state: State, call: Call, kind: str, out: Path | None) -> str:
    """A copy of a notebook whose agents' cells hold the prompts as they are now."""
    notebook = Path(str(call.option("notebook"))).expanduser()
    if kind != "ipynb" or out is None:
        raise ConfigError("--notebook goes with --format ipynb and --out COPY")
    if out.absolute() == notebook.absolute():
        raise ConfigError(f"--out is the notebook itself: name a copy, {notebook.stem}-optimised.ipynb")
    if not notebook.is_file():
        raise ConfigError(f"there is no notebook {place(notebook)}: name the one whose agents' cells get the prompts")
    try:
        with notebook.open(encoding="utf-8", newline="") as file:  # its own line ends stay
            found = file.read()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place(notebook)} is not UTF-8 (byte {error.start}): name a notebook") from None
    except OSError as error:
        raise ConfigError(f"{place(notebook)} cannot be read ({error.strerror}): name one that can") from None
    return write_back(found, state)
