"""One proposal as the review panel and its static twin show it: plain JSON, no rules of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.core.text import Hunk, Prompt, count_tokens
from tep_nb.notebook.views.text import Raw, clip, percent, plural

__all__ = ["critique_view", "evidence_view", "hunks_of", "proposal_view", "segments"]

_OUTPUT = 1200
"""Characters of a row's output that reach the page; the journal has all of them."""
_FLIPS = 40


def segments(before: str, hunks: tuple[Hunk, ...]) -> list[dict[str, Any]]:
    """The whole prompt in order: kept stretches ``{text}`` and changes ``{hunk, old, new, first}``.

    ``first`` marks the change that carries the hunk's checkbox; a hunk may have several.
    """
    placed = sorted(((change, hunk.number) for hunk in hunks for change in hunk.changes), key=lambda pair: pair[0].start)
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    at = 0
    for change, hunk in placed:
        if change.start > at:
            found.append({"text": before[at : change.start]})
        found.append({"hunk": hunk, "old": change.old, "new": change.new, "first": hunk not in seen})
        seen.add(hunk)
        at = change.end
    if at < len(before):
        found.append({"text": before[at:]})
    return found


def hunks_of(proposal: Proposal, text: str) -> list[int]:
    """Which of the proposal's hunks make this text; empty where it is an edit of its own."""
    changes = {change for hunk in Prompt(proposal.before, proposal.protect).diff(text) for change in hunk.changes}
    taken = [hunk for hunk in proposal.hunks if set(hunk.changes) <= changes]
    whole = {change for hunk in taken for change in hunk.changes} == changes
    return [hunk.number for hunk in taken] if whole else []


def evidence_view(evidence: Evidence, proposal: Proposal, fresh: bool) -> dict[str, Any]:
    """What was measured, of which text, and whether it still holds."""
    own = evidence.text == proposal.after
    hunks = [] if own else hunks_of(proposal, evidence.text)
    metric = evidence.kind == "metric"
    value = percent if metric else "{:.1f}".format
    return {
        "of": "proposal" if own else "hunks" if hunks else "edit",
        "hunks": hunks,
        "text": Raw(evidence.text),
        "fresh": fresh,
        "label": evidence.label,
        "kind": evidence.kind,
        "measure": ("a judge's metric" if evidence.judged else "metric") if metric else "critic's score",
        "before": value(evidence.before),
        "after": value(evidence.after),
        "n": evidence.n,
        "wins": evidence.wins,
        "losses": evidence.losses,
        "chance": evidence.chance,
        "notes": _notes(evidence),
        "flips": [
            {
                "row": flip.row,
                "before": f"{flip.before:g}",
                "after": f"{flip.after:g}",
                "won": flip.after > flip.before,
                "old": clip(flip.output_before, _OUTPUT),
                "new": clip(flip.output_after, _OUTPUT),
                "note": flip.note,
            }
            for flip in evidence.flips[:_FLIPS]
        ],
        "more": max(0, len(evidence.flips) - _FLIPS),
    }


def _notes(evidence: Evidence) -> list[str]:
    found = []
    if evidence.local is not None:
        found.append(f"critic's score {evidence.local[0]:.1f} → {evidence.local[1]:.1f}")
    if evidence.failed:
        found.append(f"{evidence.failed} rows failed and are left out")
    if evidence.left_out:
        found.append(f"{evidence.left_out} train rows that a demonstration quotes are left out")
    if evidence.kind == "metric" and evidence.n:
        found.append(f"one row is {100 / evidence.n:.1f} points")
    return found


def critique_view(critique: Critique, weight: float = 0.0) -> dict[str, Any]:
    """One judgement: scores by criterion, and the suggestions with the span that each names; ``weight`` is the alignment's."""
    return {
        "agent": critique.agent,
        "row": critique.row,
        "parsed": critique.parsed,
        "content": critique.content,
        "cut": critique.cut,
        "score": f"{critique.nudged_score(weight):.1f}" if critique.parsed and critique.scores else None,
        "scores": [[name.replace("_", " "), f"{value:g}"] for name, value in critique.scores.items()],
        "suggestions": [{"about": s.about, "do": s.do} for s in critique.suggestions],
    }


def _mean(critiques: Sequence[Critique], weight: float) -> str | None:
    """Mean score of those that could be read, and over how many rows."""
    scores = [critique.nudged_score(weight) for critique in critiques if critique.parsed and critique.scores]
    return f"{sum(scores) / len(scores):.1f} / 10 over {plural(len(scores), 'row')}" if scores else None


def _evidence(state: State, proposal: Proposal) -> list[dict[str, Any]]:
    """Newest first, one a text and kind; of another graph only where nothing newer is there; none of a decided one."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    others = {other.after for other, _ in state.reviewed if other.prompt == proposal.prompt} - {proposal.after}
    for evidence in reversed(state.evidence):
        fresh = evidence.graph == state.graph.digest
        if evidence.prompt != proposal.prompt or evidence.text in others:
            continue
        if fresh or evidence.text == proposal.after:
            found.setdefault((evidence.text, evidence.kind), evidence_view(evidence, proposal, fresh))
    return sorted(found.values(), key=lambda e: (e["of"] != "proposal", not e["fresh"], e["kind"] != "metric"))


def proposal_view(state: State, proposal: Proposal) -> dict[str, Any]:
    """A proposal with all that is known about it, for the page; pass it through `text.shown`."""
    outcome = state.step.outcome(proposal.prompt)
    track = state.track(proposal.prompt)
    # As METHOD section 3 weighs alignment: the critiques then tell the score that the card and the history tell.
    weight = state.step.beta / (1 + state.step.beta) if state.step.beta is not None else 0.0
    free = track.free if proposal.phase == "nudged" else ()
    old, new = count_tokens(proposal.before), count_tokens(proposal.after)
    history = [f"{scored.score:.1f}" for scored in track.history[-8:]]
    return {
        "id": proposal.id,
        "prompt": proposal.prompt,
        "agents": list(proposal.agents),
        "phase": proposal.phase,
        "step": proposal.step,
        "by": proposal.by,
        "rationale": proposal.rationale,
        "warnings": [{"text": text, "leak": text.startswith("leak")} for text in proposal.warnings],
        "leaks": proposal.leaks,
        "segments": segments(proposal.before, proposal.hunks),
        "hunks": len(proposal.hunks),
        "after": Raw(proposal.after),
        "size": {"old": old, "new": new, "edited": sum(hunk.size for hunk in proposal.hunks)},
        "scores": history,
        "critiques": [critique_view(critique, weight) for critique in proposal.critiques],
        "mean": _mean(proposal.critiques, weight),
        "free": [critique_view(c) for c in free],
        "free_mean": _mean(free, 0.0),
        "held_back": list(outcome.held_back) if outcome else [],
        "evidence": _evidence(state, proposal),
        "earlier": [{"reason": d.reason, "by": d.by} for _, d in state.rejected(proposal.prompt)[-3:]],
        "protect": list(proposal.protect),
    }
