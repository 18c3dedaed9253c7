"""The command line: ``tep-nb demo | run | show | report | export | serve-simulated``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tep_nb import report as reports
from tep_nb._version import __version__
from tep_nb.cli_demo import SEED, demo
from tep_nb.cli_run import run_notebook
from tep_nb.cli_show import summary
from tep_nb.cli_text import line, say, take_any_text
from tep_nb.errors import ConfigError, DataError, JournalError, TepError
from tep_nb.journal import Journal
from tep_nb.model.simulated.server import serve

__all__ = ["main"]

_POLICIES = "approve_all, reject_all, approve_if:LABEL[,gain=NUMBER][,warnings][,reject]"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong; the usage is what --help is for."""
        self.exit(2, f"{line(f'{self.prog}: {message}; see {self.prog} --help')}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        By default the process's own arguments.

    Returns
    -------
    int
        0; 2 after an error, which is one line on stderr; 130 after Ctrl-C; 141 where nobody reads the output any more.
    """
    take_any_text()
    try:
        _do(_parser().parse_args(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end, and must not complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    except (TepError, OSError) as error:
        sys.stderr.write(f"tep-nb: {line(_told(error))}\n")
        return 2
    return 0


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the system'}: {error.strerror}"
    return str(error)


def _add(commands: Any, name: str, about: str) -> argparse.ArgumentParser:
    """A command whose own help begins with what the list of commands says of it."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    return made


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tep-nb", description="Optimise the prompts of a graph of agents, and decide every edit yourself.")
    parser.add_argument("--version", action="version", version=f"tep-nb {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = _add(commands, "demo", "the quickstart with the simulated model and automatic decisions, in a new folder")
    one.add_argument("--dir", default="tep-demo", help="the folder to make; must be absent or empty (default: %(default)s)")
    one.add_argument("--seed", type=int, default=SEED, help="of the optimiser (default: %(default)s)")
    one.add_argument("--no-lab", action="store_true", help="do not open JupyterLab at the end")

    one = _add(commands, "run", "a notebook up to its %%tep start, then decisions by a policy")
    one.add_argument("notebook", metavar="NOTEBOOK")
    one.add_argument("--auto", required=True, metavar="POLICY", help=_POLICIES)
    one.add_argument("--out", metavar="COPY", help="the executed copy (default: NOTEBOOK-auto.ipynb beside it)")

    one = _add(commands, "show", "print a session: decisions, prompts, measurements, cost")
    one.add_argument("file", metavar="FILE")

    one = _add(commands, "report", "write a session as one HTML file")
    one.add_argument("file", metavar="FILE")
    one.add_argument("--out", metavar="PATH", help="(default: beside FILE, with the ending .html)")

    one = _add(commands, "export", "a session's prompts and decisions for other programs, or its calls to replay")
    one.add_argument("file", metavar="FILE")
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("--format", choices=list(reports.FORMATS), help="prompts and decisions")
    what.add_argument("--calls", action="store_true", help="every call as a line of JSON, scrubbed: RecordedModel replays it")
    one.add_argument("--notebook", metavar="NOTEBOOK", help="with ipynb: put the prompts into the agents' cells of a copy of it")
    one.add_argument("--out", metavar="PATH", help="(default: print it)")

    one = _add(commands, "serve-simulated", "the simulated model as an OpenAI-compatible server")
    one.add_argument("--port", type=int, default=0, help="0 takes a free one (default: %(default)s)")
    one.add_argument("--seed", type=int, default=0, help="of the model (default: %(default)s)")
    one.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s, this machine only)")
    return parser


def _do(asked: argparse.Namespace) -> None:
    match asked.command:
        case "demo":
            demo(Path(asked.dir), asked.seed, lab=not asked.no_lab and sys.stdout.isatty())
        case "run":
            run_notebook(Path(asked.notebook), asked.auto, None if asked.out is None else Path(asked.out))
        case "show":
            history, spent = reports.read(asked.file)
            say(summary(history, spent, Path(asked.file).name))
        case "report":
            _spare(asked.out, asked.file)
            say(f"report {reports.report(asked.file, asked.out)}")
        case "export" if asked.calls:
            _export_calls(asked.file, asked.notebook, asked.out)
        case "export":
            _export(asked.file, asked.format, asked.notebook, asked.out)
        case _:
            serve(asked.port, asked.seed, asked.host, say)


def _export(file: str, form: str, notebook: str | None, out: str | None) -> None:
    if notebook is not None and form != "ipynb":
        raise ConfigError(f"--notebook goes with --format ipynb, not with {form}: leave one of them away")
    _spare(out, file)
    state = reports.read_state(file)
    if notebook is None:
        text = reports.export(state, form)
    else:
        text = reports.write_back(_read(Path(notebook)), state)
        if out is not None and Path(out).resolve() == Path(notebook).resolve():
            raise ConfigError("--out is the notebook itself: name a copy, which can be compared with it")
    if out is not None:
        # Bytes, because a text file would get this machine's line ends.
        Path(out).write_bytes(text.encode("utf-8"))
        say(f"written {out}")
    elif notebook is not None and not sys.stdout.isatty():
        sys.stdout.buffer.write(text.encode("utf-8"))
    else:
        say(text.removesuffix("\n"))


def _export_calls(file: str, notebook: str | None, out: str | None) -> None:
    if notebook is not None:
        raise ConfigError("--notebook goes with --format ipynb, not with --calls: leave one of them away")
    _spare(out, file)
    calls = reports.CallExport(file)
    if out is None:
        for one in calls.lines():
            sys.stdout.buffer.write(one.encode("utf-8"))
        return
    with Path(out).open("wb") as target:
        target.writelines(one.encode("utf-8") for one in calls.lines())
    say(
        f"written {out}: {calls.answered} answered calls, {calls.failed} failed attempts; in {calls.scrubbed} of them something "
        "was hidden; the rest of what was asked and answered is in it: read it before you share it"
    )


def _spare(out: str | None, file: str) -> None:
    """Refuse to write over a session, or over what is being read."""
    if out is None or not Path(out).exists():
        return
    try:
        Journal.read(out).close()
    except JournalError:
        if not Path(file).exists() or not Path(out).samefile(file):
            return
    raise ConfigError(f"--out {out} is a session or the file that is read: name another")


def _read(notebook: Path) -> str:
    try:
        return notebook.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DataError(f"there is no notebook {notebook}: name the one whose agents' cells get the prompts") from None
    except UnicodeDecodeError:
        raise DataError(f"{notebook} is no notebook: it is not UTF-8 text; name an .ipynb file") from None


if __name__ == "__main__":
    raise SystemExit(main())
