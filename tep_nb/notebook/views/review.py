"""The review panel: every proposal that waits, and what the page may ask about one."""

from __future__ import annotations

from typing import Any

from tep_nb.core.review import PAST, Decision, Proposal
from tep_nb.core.state import State
from tep_nb.errors import ReviewError
from tep_nb.method.tep.again import UNASKED
from tep_nb.method.tep.settings import Settings
from tep_nb.notebook.views.evidence import flips_view, proof_view
from tep_nb.notebook.views.link import Answers, Bench, Looks
from tep_nb.notebook.views.memo import by_identity
from tep_nb.notebook.views.proposal import suggested_view
from tep_nb.notebook.views.text import Raw, Shown, shown
from tep_nb.notebook.views.weighing import own_weight, weighed_view

__all__ = ["REVIEW_ANSWERS", "REVIEW_LOOKS", "paint_review", "recent_reasons", "review_data"]

_DECIDED = 5
_REASONS = 5


def paint_review(bench: Bench) -> dict[str, Any]:
    """The value ``review``; ``proposal/ID`` with why each was made and ``proof/ID`` with what was measured of it."""
    session = bench.session
    return review_data(bench.state, bench.by, None if session is None else session.method)


def review_data(state: State | None, by: str = "", tep: Settings | None = None) -> dict[str, Any]:
    """What the review panel draws; pure. Without the method's settings no bound is told.

    Returns
    -------
    dict
        ``review``: ``queue`` holds the ids of the pending proposals in topological order, ``notes`` says why other prompts have
        none, ``decided`` the latest decisions, newest first, ``since`` what else
        an undo of the last takes back, ``reasons`` what ``by`` lately gave, ``frozen`` which
        prompts are.
        ``proposal/ID``, ``proof/ID``: one of each a pending proposal.
    """
    if state is None:
        return {"review": {"queue": [], "notes": [], "decided": [], "since": [], "reasons": [], "frozen": []}}
    found: dict[str, Any] = {"review": _queue(state, by)}
    for proposal in state.step.pending:
        step, prompt = state.step, proposal.prompt
        parts = (state.track(prompt), step.outcomes, step.beta, state.baseline, tep)
        found[f"proposal/{proposal.id}"] = _suggested(proposal, *parts, state=state)
        found[f"proof/{proposal.id}"] = proof_view(state, proposal)
    return found


@by_identity(256)
def _suggested(proposal: Proposal, *parts: Any, state: State) -> Shown:
    """The parts are what it is made of, the method's settings the last."""
    view = suggested_view(state, proposal)
    if isinstance(tep := parts[-1], Settings) and state.prompts[proposal.prompt].text == proposal.before:
        view["weight"] = own_weight(state, tep, proposal)
    return Shown(shown(view))


def _queue(state: State, by: str) -> dict[str, Any]:
    proposed = {proposal.prompt for proposal in state.step.proposals}
    return {
        "queue": [proposal.id for proposal in state.step.pending],
        "notes": [
            {"prompt": outcome.prompt, "text": outcome.note or ("nothing more to propose" if outcome.silent else "")}
            for outcome in state.step.outcomes
            if outcome.prompt not in proposed and (outcome.note or outcome.silent)
        ],
        "decided": [_decided(p, d) for p, d in reversed(state.reviewed[-_DECIDED:])],
        "since": _since(state),
        "reasons": recent_reasons(state.reviewed, by),
        "frozen": [name for name in state.prompts if state.graph.is_frozen(name)],
    }


def _since(state: State) -> list[str]:
    """What persons did after the last decision: an undo of that takes it back, too."""
    before = next((one for one in state.lineage if len(one.reviewed) < len(state.reviewed)), None)
    acts = () if before is None else state.acts[len(before.acts) :]
    return [f"{act.by} {act.words} {act.prompt}".strip() for act in acts if act.prompt]


def _decided(proposal: Proposal, decision: Decision) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "prompt": proposal.prompt,
        "verdict": PAST[decision.verdict],
        "by": decision.by,
        "reason": decision.reason or decision.override or "",
        "step": proposal.step,
    }


def recent_reasons(reviewed: tuple[tuple[Proposal, Decision], ...], by: str) -> list[dict[str, Any]]:
    """Why this person rejected, each once, five at most, each in a place of its own as long as it is there.

    A hand learns the digit of a reason: a new one takes a free place, else that of the one that was used longest ago. ``used`` is
    the number of its last use.
    """
    places: list[tuple[str, int]] = []
    for number, (_, decision) in enumerate(reviewed):
        if decision.verdict != "reject" or decision.by != by or decision.reason == UNASKED:
            continue
        at = next((at for at, (reason, _) in enumerate(places) if reason == decision.reason), len(places))
        if at == _REASONS:
            at = min(range(_REASONS), key=lambda place: places[place][1])
        places[at : at + 1] = [(decision.reason, number)]
    return [{"text": Raw(reason), "said": reason, "used": number} for reason, number in places]


def _pending(bench: Bench, proposal: str) -> tuple[State, Proposal]:
    state = bench.state
    found = None if state is None else next((p for p in state.step.pending if p.id == proposal), None)
    if state is None or found is None:
        raise ReviewError(f"proposal {proposal} waits no more: it was decided or withdrawn meanwhile")
    return state, found


def _weigh(bench: Bench, proposal: str, text: str | None = None, hunks: list[int] | None = None) -> dict[str, Any]:
    """What an edited text, or some hunks of a proposal, would be."""
    state, found = _pending(bench, proposal)
    return weighed_view(state, bench.session.method, found, text, hunks or [])


def _flips(bench: Bench, at: int, row: int | None = None) -> dict[str, Any]:
    """The rows that flipped in one evidence, by its place; with ``row`` that one, whole."""
    state = bench.state
    if state is None or not 0 <= at < len(state.evidence):
        raise ReviewError("this evidence is no longer there: it was taken back")
    return flips_view(state, state.evidence[at], row)


REVIEW_LOOKS: Looks = {"flips": _flips, "weigh": _weigh}
REVIEW_ANSWERS: Answers = {"again": lambda made, _: {"id": made.id}}
