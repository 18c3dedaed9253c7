"""What a branch's state forgets, told from the journal's events: rewinds, undos, freezes; pure."""

from __future__ import annotations

from collections.abc import Iterable

from tep_nb.core.events import Event, Frozen, Rewound
from tep_nb.core.state import State, start
from tep_nb.notebook.text import clean

__all__ = ["left_steps", "past_text"]


def left_steps(before: State, after: State) -> str:
    """The steps that going back leaves behind: ``steps 2 to 6``; empty where there are none."""
    first, last = after.step.index + 1, before.step.index
    return "" if last < first else f"step {last}" if first == last else f"steps {first} to {last}"


def past_text(events: Iterable[Event]) -> str:
    """Rewinds, undos, forks and freezes, a line each in the order of time; empty where there were none."""
    found: list[tuple[int | None, str]] = []
    state: State | None = None
    for seq, event in enumerate(events, 1):
        if state is None:
            state = start(event)
            continue
        before, state = state, state.apply(event)
        if isinstance(event, Frozen):
            verb = "froze" if event.frozen else "freed"
            found.append((seq, f"  at step {before.step.index}: {verb} {event.prompt}{_by(event.by)}"))
        elif isinstance(event, Rewound):
            found.append((None, f"  at step {before.step.index}: {event.why}{_by(event.by)}, {_back(before, state)}"))
    if state is None or not found:
        return ""
    kept = {one.seq for one in state.lineage}
    lines = [line if seq is None or seq in kept else f"{line} (on a branch that was left)" for seq, line in found]
    return "\n".join(["rewinds, undos and freezes, in the order of time:", *lines])


def _by(name: str) -> str:
    return f" by {clean(name)}" if name else ""


def _back(before: State, after: State) -> str:
    """Where a rewind led, and what it left."""
    count = len(before.reviewed) - len(after.reviewed)
    left = [left_steps(before, after), f"{count} decision{'' if count == 1 else 's'}" if count else ""]
    what = ", ".join(filter(None, left))
    branch = f", branch {after.branch} begins" if after.branch != before.branch else ""
    return f"back at step {after.step.index}{branch}{f'; left: {what}' if what else ''}"
