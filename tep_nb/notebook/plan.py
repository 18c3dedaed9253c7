"""How many calls the running verb of a session makes, about: for the progress that a page shows."""

from __future__ import annotations

from tep_nb.session import Session

__all__ = ["planned"]

_STEP = ("forward", "actor", "critic", "editor")


def planned(session: Session) -> int:
    """Calls of the verb that runs now, those from the record counted too; 0 where nobody knows."""
    state, verb = session.state, session.running
    agents = len(state.graph.agents)
    if verb == "propose":
        ahead = session.estimate()
        return sum(ahead.likely.get(purpose, 0) for purpose in _STEP)
    if verb == "assess":
        ahead = session.estimate()
        pending = len(state.step.pending)
        bought = ahead.calls.get("gate", 0) or 2 * ahead.calls.get("actor", 0)
        return round(bought / pending) if pending else bought
    return {"ask": agents, "flow": 2 * agents}.get(verb or "", 0)
