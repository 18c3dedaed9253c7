"""Where the session stands, what runs, and what went wrong."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path, PurePath
from typing import Any

from tep_nb.core.state import State
from tep_nb.journal_file import session_files
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import Raw
from tep_nb.report.team import is_simulated, team_note

__all__ = ["look_files", "paint_revive", "paint_status"]

_FILES = 8
_PLAIN = re.compile(r"[\w./][\w./+@,-]*")
_SOON = 1.0
"""Seconds of a command before a guess of the time left is shown: the first calls say little."""


def paint_status(bench: Bench) -> dict[str, Any]:
    """The value ``status``: small, for it is sent many times a second."""
    state, session = bench.state, bench.session
    return {
        "status": {
            "session": bench.number,
            "file": PurePath(session.path).name if session is not None else "",
            "phase": state.phase if state else "",
            "step": state.step.index if state else 0,
            "proposed": state.step.proposed if state else True,
            "beta": f"{state.step.beta:.2f}" if state and state.step.beta is not None else "",
            "pending": len(state.step.pending) if state else 0,
            "models": _models(state) if state else "",
            "running": bench.running or "",
            "progress": _progress(bench),
            "error": bench.errors or "",
            "news": _news(state) if state else "",
        }
    }


def _news(state: State) -> str:
    """What the last step came to, where it left nothing to decide: who pressed Step must not be left without an answer."""
    step = state.step
    if not step.index or not step.proposed or step.proposals:
        return ""
    at, phase, reason = state.phases[-1]
    if at != step.index:
        return f"Step {step.index} led to no proposal."
    began = ". All phases are done" if phase == "done" else f"; the {phase} phase begins"
    return f"Step {step.index} led to no proposal: {reason}{began}."


def _models(state: State) -> str:
    """The simulated model is named wherever its results are shown, with its roles where it is not the actor."""
    return "simulated model" if is_simulated(state.models.get("actor", "")) else team_note(state)


def _progress(bench: Bench) -> dict[str, Any] | None:
    progress = bench.progress
    if progress is None or not bench.running:
        return None
    answered, planned = progress.done + progress.recorded, bench.planned
    return {
        "done": progress.done,
        "recorded": progress.recorded,
        # More than was planned happens where replies are asked for again: then the plan says nothing more.
        "planned": planned if planned and planned >= answered else 0,
        "left": _left(answered, planned, time.monotonic() - bench.began),
        "running": {name: n for name, n in dict(progress.running).items() if n},
        "purpose": progress.purpose,
        "tokens": progress.tokens,
    }


def _left(answered: int, planned: int, elapsed: float) -> str:
    """A guess of the time left, from the pace so far."""
    if not answered or planned <= answered or elapsed < _SOON:
        return ""
    seconds = elapsed / answered * (planned - answered)
    return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} min left"


def paint_revive(bench: Bench) -> dict[str, Any]:
    """The value ``revive``: what a page whose kernel was restarted needs to resume. Kept by the page, saved nowhere.

    ``file`` is one word of a ``%tep`` line, empty where the session's file cannot be named in one.
    """
    file = "" if bench.session is None else _word(bench.session.path)
    return {"revive": {"file": Raw(file), "cells": [Raw(cell) for cell in bench.setup.values()] if file else []}}


def _word(path: str | Path) -> str:
    """The way from the notebook's folder to a file, as a cell may say it: a name is a stranger's, and the page runs the line."""
    try:
        name = PurePath(os.path.relpath(path)).as_posix()
    except ValueError:  # on another drive
        return ""
    if _PLAIN.fullmatch(name):
        return name
    return next((f"{quote}{name}{quote}" for quote in "\"'" if quote not in name and name.isprintable()), "")


def look_files(bench: Bench) -> list[dict[str, Any]]:  # noqa: ARG001  one signature for all looks
    """The sessions beside the notebook that can be resumed, newest first."""
    return [{"name": Raw(name), "when": when} for name, when in session_files(Path.cwd())[:_FILES]]
