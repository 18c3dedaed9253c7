"""The demonstration: the quickstart's graph and questions, a simulated model, automatic decisions."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from tep_nb import report as reports
from tep_nb.cli_run import execute, read
from tep_nb.cli_show import SIMULATED, edits, spent_line
from tep_nb.cli_text import line, say
from tep_nb.core import events as ev
from tep_nb.deciders import approve_all
from tep_nb.errors import ConfigError
from tep_nb.io import load_dataset
from tep_nb.method.tep import TEP
from tep_nb.model.simulated import SimulatedModel
from tep_nb.session import Session
from tep_nb.task import object_counting as task

__all__ = ["SEED", "demo"]

SEED = 4
"""TEP's seed in the demonstration and in the quickstart: a choice of story, not of outcome (SIMULATION section 7)."""

_NOTEBOOK = "01_quickstart.ipynb"


def demo(folder: Path, seed: int = SEED, *, lab: bool = False) -> None:
    """Run the demonstration in a new folder.

    Parameters
    ----------
    folder : Path
        Absent or empty.
    seed : int
        Of the optimiser.
    lab : bool
        Open JupyterLab on the quickstart at the end.

    Raises
    ------
    ConfigError
        The folder holds something.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file: name a folder with --dir, nothing was written")
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is there and not empty: name another folder with --dir, nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    say(SIMULATED)
    journal = folder / "demo.tep"
    scores = asyncio.run(_session(journal, seed))
    history, spent = reports.read(journal)
    page = reports.report(journal)
    say("\napplied edits\n")
    for text in edits(history.records):
        say(f"{text}\n")
    for split, (before, after) in scores.items():
        say(f"{split} {before:.1%} -> {after:.1%}")
    say(f"{spent_line(spent)}\n\njournal  {journal}\nreport   {page}")
    notebook = _quickstart(folder)
    if notebook is not None:
        say(f"notebook {notebook}\n\nto open it at any time: {shlex.join(_lab(notebook))}")
        if lab:
            _open(notebook)


async def _session(journal: Path, seed: int) -> dict[str, tuple[float, float]]:
    """The main job in a dozen lines; the means of both splits before and after."""
    data = load_dataset(task.generate(210, seed=0), split=(45, 40, 125), seed=0)  # the same table as the quickstart's
    method, model = TEP(seed=seed), SimulatedModel(seed=0)
    with Session.start(
        journal, task.graph(), data, metric=task.metric, objective=task.objective, model=model, method=method
    ) as session:
        before = {split: (await session.evaluate(split)).mean for split in ("validation", "test")}
        session.subscribe(_progress)
        await session.run(approve_all)
        return {split: (mean, (await session.evaluate(split)).mean) for split, mean in before.items()}


def _progress(event: ev.Event) -> None:
    if isinstance(event, ev.Drafted):
        say(f"step {event.step} ({event.phase}): {', '.join(event.prompts) or 'have the inputs changed?'}")
    elif isinstance(event, ev.Proposed):
        say(f"  {len(event.proposals)} proposed")
    elif isinstance(event, ev.Decided):
        decision = event.decision
        say(f"  {decision.proposal}: {decision.verdict} by {decision.by}  {line(decision.reason, 100)}".rstrip())
    elif isinstance(event, ev.Settled):
        say(f"  {event.prompt} settled: {line(event.rule, 100)}")
    elif isinstance(event, ev.Phase):
        say(f"phase {event.phase}: {line(event.reason, 100)}")


def _quickstart(folder: Path) -> Path | None:
    """The quickstart, executed in the folder; a wheel carries it beside this file, a checkout in its notebooks."""
    here = Path(__file__).resolve().parent
    for source in (here / "quickstart.ipynb", here.parent / "notebooks" / _NOTEBOOK):
        if source.is_file():
            target = folder / _NOTEBOOK
            say("executing the quickstart")
            execute(read(source), folder.resolve(), target)
            return target
    say("the quickstart is not part of this installation: reinstall the package to have it")
    return None


def _lab(notebook: Path) -> list[str]:
    """JupyterLab on the notebook; its address is the notebook's, because where no browser is found a person copies that."""
    root = ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # Jupyter refuses root unless told so
    start = f"--LabApp.default_url=/lab/tree/{quote(notebook.name)}"
    return [sys.executable, "-m", "jupyter", "lab", *root, f"--ServerApp.root_dir={notebook.resolve().parent}", start]


def _open(notebook: Path) -> None:
    """Open JupyterLab and wait for its end; Ctrl-C is its own, and asks there before it stops the server."""
    say("opening JupyterLab; Ctrl-C ends it, --no-lab leaves it away")
    # A handler, because a child would inherit an ignored signal.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run(_lab(notebook), cwd=notebook.parent, check=False)  # noqa: S603  our own words and a path
    finally:
        signal.signal(signal.SIGINT, before)
