"""The review panel: every proposal that waits, and the command that answers it."""

from __future__ import annotations

from typing import Any

from tep_nb.core.state import State
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.proposal import proposal_view
from tep_nb.notebook.views.text import shown

__all__ = ["paint_review", "review_data"]

_DECIDED = 5
VERDICTS = {"approve": "approved", "take": "took hunks of", "edit": "edited", "reject": "rejected", "skip": "skipped"}
"""A verdict in the past tense, as the panel and the static twins say it."""


def paint_review(bench: Bench) -> dict[str, Any]:
    """The value ``review``."""
    return {"review": review_data(bench.state)}


def review_data(state: State | None) -> dict[str, Any]:
    """What the review panel draws; pure.

    Returns
    -------
    dict
        ``queue`` holds the pending proposals in topological order, ``notes`` says why other prompts have none, ``decided`` the
        latest decisions, newest first.
    """
    if state is None:
        return {"queue": [], "notes": [], "decided": []}
    proposed = {proposal.prompt for proposal in state.step.proposals}
    notes = [
        {"prompt": outcome.prompt, "text": outcome.note or ("nothing more to propose" if outcome.silent else "")}
        for outcome in state.step.outcomes
        if outcome.prompt not in proposed and (outcome.note or outcome.silent)
    ]
    decided = [
        {"prompt": p.prompt, "verdict": VERDICTS[d.verdict], "by": d.by, "reason": d.reason or d.override or "", "step": p.step}
        for p, d in reversed(state.reviewed[-_DECIDED:])
    ]
    queue = [proposal_view(state, proposal) for proposal in state.step.pending]
    data: dict[str, Any] = shown({"queue": queue, "notes": notes, "decided": decided})
    return data
