"""A point of the history, as a page asks for it: the prompts as they were, and what going back there would leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from tep_nb.core.state import State
from tep_nb.errors import ReviewError
from tep_nb.notebook.past import left_steps
from tep_nb.notebook.views.compare import calls_at_most, comparison_data
from tep_nb.notebook.views.evidence import segments
from tep_nb.notebook.views.graph import past_data
from tep_nb.notebook.views.history import NEWEST, history_rows, left_marks, timeline_of
from tep_nb.notebook.views.link import Answers, Bench, Looks
from tep_nb.notebook.views.text import Raw, plural

__all__ = ["ANSWERS", "LOOKS", "look_left", "look_marks", "look_point"]

_MORE = 200
"""Older rows of the table that one question brings."""


def look_marks(bench: Bench, seq: int) -> list[dict[str, Any]]:
    """The marks before the state of number ``seq``, newest first, at most 200."""
    if bench.state is None:
        return []
    older = [mark for mark in timeline_of(bench).drawn(bench.state)[0] if mark["seq"] < seq]
    return older[: -_MORE - 1 : -1]


def look_left(bench: Bench) -> list[dict[str, Any]]:
    """The newest 500 decisions that were taken back, oldest first: the state forgets them, the journal does not."""
    if bench.state is None or bench.session is None:
        return []
    return left_marks(bench.session.journal.events(), bench.state)[-NEWEST:]


def look_point(bench: Bench, seq: int) -> dict[str, Any]:
    """The state of number ``seq``: its graph, its prompts against those of now, and where one could go on from there.

    Raises
    ------
    ReviewError
        No such state on this branch.
    """
    now = bench.state
    then = None if now is None else next((state for state in now.lineage if state.seq == seq), None)
    if now is None or then is None:
        raise ReviewError("this point is on no branch that is still here: it was taken back, or the session is another one")
    step = then.step.index if any(one.index == then.step.index for one in now.steps if one.is_decided) else _complete(then)
    to = _at(now, step)
    return {
        "seq": seq,
        "title": _title(then),
        "step": step,
        "later": max(0, len(to.reviewed) - len(then.reviewed)),
        "graph": past_data(then, now),
        "prompts": list(_prompts(then, now)),
        "rewind": _left(now, to, step),
        "fork": Raw(f"{_stem(bench)}-fork-{step}.tep"),
        "complete": _complete(now),
        "calls": calls_at_most(now, bench.session),
    }


def _title(state: State) -> str:
    """``after step 4, decision 7 (anna approved plan)``."""
    mark = next((mark for mark in reversed(history_rows(state)) if mark["seq"] == state.seq), None)
    if mark is None or state.seq == 1:
        return "at the start"
    if mark["kind"] == "decision":
        return f"after step {mark['step']}, decision {mark['n']} ({mark['by']} {mark['what']} {mark['prompt']})"
    return f"after step {mark['step']}, when the {mark['what']}" if mark["kind"] == "phase" else f"after step {mark['step']}"


def _complete(state: State) -> int:
    """The last step that was complete there; 0 is the start."""
    done = [step.index for step in state.steps if step.is_decided]
    return done[-1] if done else 0


def _prompts(then: State, now: State) -> Iterator[dict[str, Any]]:
    """Each prompt as it was, with what has changed since marked; those that differ come first."""
    drawn = []
    for name, prompt in then.prompts.items():
        later = now.prompts[name]
        same = prompt.text == later.text
        parts = [{"text": prompt.text}] if same else segments(prompt.text, prompt.diff(later))
        drawn.append({"prompt": name, "same": same, "of": f"{prompt.digest} {later.digest}", "segments": parts})
    return iter(sorted(drawn, key=lambda one: bool(one["same"])))


def _at(now: State, step: int) -> State:
    """Where a rewind to a complete step goes: as `Session.rewind` has it."""
    return now.lineage[-1] if step == 0 else next(s for s in now.lineage if s.step.index == step and s.step.is_decided)


def _left(now: State, to: State, step: int) -> dict[str, Any] | None:
    """What a rewind to a step leaves behind; None where it would change nothing."""
    decisions = len(now.reviewed) - len(to.reviewed)
    waiting = len(now.step.pending)
    left = [left_steps(now, to), plural(decisions, "decision") if decisions else ""]
    left.append(f"{plural(waiting, 'proposal')} that wait{'s' if waiting == 1 else ''}" if waiting and to is not now else "")
    said = ", ".join(filter(None, left))
    return {"to": step, "left": said} if said else None


def _stem(bench: Bench) -> str:
    return "session" if bench.session is None else PurePath(Path(bench.session.path).name).stem


LOOKS: Looks = {"point": look_point, "marks": look_marks, "left": look_left}
"""What a page may ask of the history."""
ANSWERS: Answers = {"compare": comparison_data}
"""What it is told of a command's value."""
