"""What happened: decisions, silent prompts, phases and looks at a split, newest first."""

from __future__ import annotations

from typing import Any

from tep_nb.core.review import Decision, Proposal
from tep_nb.core.state import State
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.review import VERDICTS
from tep_nb.notebook.views.text import percent, shown
from tep_nb.report.team import judge_note

__all__ = ["history_data", "history_rows", "paint_history"]

_ROWS = 200

Row = dict[str, Any]


def paint_history(bench: Bench) -> dict[str, Any]:
    """The value ``history``."""
    return {"history": history_data(bench.state)}


def history_rows(state: State) -> list[Row]:
    """All rows, oldest first: ``kind``, ``step``, ``what``, ``prompt``, ``score``, ``by``, ``why``."""
    timed = [(float(p.step), _decision(state, p, d)) for p, d in state.reviewed]
    timed += [(step + 0.5, _row("phase", step, f"{phase} phase begins", why=why)) for step, phase, why in state.phases]
    timed += [(e.step + 0.75, _evaluation(state, e, kept)) for e, kept in state.looks]
    return [row for _, row in sorted(timed, key=lambda pair: pair[0])]


def _row(kind: str, step: int, what: str, prompt: str = "", score: str = "", by: str = "", why: str = "") -> Row:
    return {"kind": kind, "step": step, "what": what, "prompt": prompt, "score": score, "by": by, "why": why}


def _decision(state: State, proposal: Proposal, decision: Decision) -> Row:
    text = decision.text if decision.text is not None else proposal.after
    found = [e for e in state.evidence if e.prompt == proposal.prompt and e.text == text]
    said = found[-1].summary() if found else ""
    said = "" if said in decision.reason else said  # a policy gives the evidence as its reason
    why = "; ".join(part for part in (decision.reason, _override(decision), said) if part)
    scored = [s.score for s in state.track(proposal.prompt).history if s.step == proposal.step]
    score = f"{scored[-1]:.1f}" if scored else ""
    return _row(decision.verdict, proposal.step, VERDICTS[decision.verdict], proposal.prompt, score, decision.by, why)


def _override(decision: Decision) -> str:
    return f"override: {decision.override}" if decision.override else ""


def _evaluation(state: State, evaluation: Any, kept: bool) -> Row:
    low, high = evaluation.interval
    spread = f"95% {percent(low)} to {percent(high)}"
    left = "" if kept else "on a branch that was left"
    why = ", ".join(filter(None, (left, spread, f"n = {evaluation.n}", evaluation.model, judge_note(state, evaluation.model))))
    return _row("evaluated", evaluation.step, f"measured on {evaluation.split}", score=percent(evaluation.mean), why=why)


def history_data(state: State | None) -> dict[str, Any]:
    """What the history view draws; pure. The newest rows come first, older ones than `_ROWS` stay in the journal."""
    rows = history_rows(state)[::-1] if state is not None else []
    data: dict[str, Any] = shown({"rows": rows[:_ROWS], "more": max(0, len(rows) - _ROWS)})
    return data
