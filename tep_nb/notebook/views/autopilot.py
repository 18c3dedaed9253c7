"""How the last run by a policy ended."""

from __future__ import annotations

from typing import Any

from tep_nb.core.state import State
from tep_nb.notebook.views.link import Bench

__all__ = ["paint_run", "run_data"]


def paint_run(bench: Bench) -> dict[str, Any]:
    """The value ``run``: every page hears how a run ended, whoever began it."""
    return {"run": run_data(bench.state, bench)}


def run_data(state: State | None, bench: Bench) -> dict[str, Any]:
    """Why it ended, in the session's words, and the agent whose proposal it left to a person, while that one waits."""
    ended = "" if bench.session is None else str(bench.session.ended)
    waits = () if state is None else state.step.pending
    asked = next((one for one in waits if ended.startswith(f"a question: {one.prompt}, ")), None)
    since = " (decided or left since)" if ended.startswith("a question: ") and asked is None else ""
    return {"ended": f"{ended}{since}", "question": asked.agents[0] if asked else ""}
