"""Two points side by side, as a page shows the answer of ``compare``."""

from __future__ import annotations

from typing import Any

from tep_nb.core.review import Flip
from tep_nb.core.state import State
from tep_nb.method.compare import Comparison
from tep_nb.method.tep.schedule import gate_rows
from tep_nb.notebook.views.evidence import paid_text, segments, signed
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import clip, percent, plural

__all__ = ["calls_at_most", "comparison_data"]

_OUTPUT = 1200
"""Characters of a row's output that reach the page; the journal has all of them."""
_FLIPS = 60


def calls_at_most(state: State, session: Any) -> int:
    """Model calls that a comparison of two points of a branch makes at most; what is recorded is not subtracted."""
    rows = len(gate_rows(session.method, state.dataset))
    judged = state.metric.get("kind") == "judge"
    return 2 * rows * (len(state.graph.agents) + judged)


def comparison_data(found: Comparison, bench: Bench) -> dict[str, Any]:  # noqa: ARG001  one signature for all answers
    """What the page draws of a comparison: the page's part of the answer to the command ``compare``."""
    low, high = found.interval
    n, gain = found.n, found.after - found.before
    return {
        "one": found.one,
        "other": found.other,
        "prompts": [
            {"prompt": one.prompt, "same": False, "segments": segments(one.before, one.hunks), "hunks": len(one.hunks)}
            for one in found.prompts
        ],
        "before": found.before,
        "after": found.after,
        "low": max(0.0, found.before + low),
        "high": min(1.0, found.before + high),
        "said": [
            f"metric {percent(found.before)} → {percent(found.after)} on {plural(n, 'row')}",
            f"{signed(100 * gain)} points, 95% {signed(100 * low)} to {signed(100 * high)} (paired by row)",
            f"{found.wins} won, {found.losses} lost, {found.chance}",
            f"{plural(found.failed, 'row')} failed and left out" if found.failed else "",
            paid_text(found.paid),
        ],
        "flips": [_flip(flip) for flip in found.flips[:_FLIPS]],
        "more": max(0, len(found.flips) - _FLIPS),
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "row": flip.row,
        "before": f"{flip.before:g}",
        "after": f"{flip.after:g}",
        "won": flip.after > flip.before,
        "old": clip(flip.output_before, _OUTPUT),
        "new": clip(flip.output_after, _OUTPUT),
        "note": flip.note,
    }
