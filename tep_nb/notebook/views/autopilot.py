"""How a run by a policy ended, as a page shows the answer of ``run``."""

from __future__ import annotations

from typing import Any

from tep_nb.core.state import State
from tep_nb.notebook.views.link import Bench

__all__ = ["run_data"]


def run_data(state: State, bench: Bench) -> dict[str, Any]:
    """Why it ended, in the session's words, and the first of the proposals that it left to a person."""
    ended = "" if bench.session is None else str(bench.session.ended)
    asked = ended.startswith("a question") and state.step.pending
    return {"ended": ended, "question": state.step.pending[0].agents[0] if asked else ""}
