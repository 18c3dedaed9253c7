"""One proposal as the review panel and its static twin show it: plain JSON, no rules of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from tep_nb.core.review import Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.core.step import LINE
from tep_nb.core.text import count_tokens
from tep_nb.notebook.views.evidence import evidence_of, evidence_view, proof_view, segments
from tep_nb.notebook.views.text import Raw, plural

__all__ = ["critique_view", "proposal_view", "suggested_view", "warning_view"]

_LONGEST = 2000
"""Characters of a warning that are searched for quotations: a damaged file may hold any."""
_QUOTED = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def warning_view(text: str) -> dict[str, Any]:
    """One warning: its kind as a word, what it says, and the words of the text that it quotes."""
    kind, colon, said = text.partition(": ")
    plain = bool(colon) and kind.isalpha()
    return {
        "kind": kind if plain else "note",
        "said": said if plain else text,
        "text": text,
        "words": [words for quoted in _QUOTED.findall(text[:_LONGEST]) if (words := _unquoted(quoted))],
        "leak": text.startswith("leak"),
    }


def _unquoted(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted)).strip(" …")
    except (SyntaxError, ValueError):  # a quotation that was cut
        return quoted[1:-1]


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
    return f"{fmean(scores):.1f} / 10 over {plural(len(scores), 'row')}" if scores else None


def _means(critiques: Sequence[Critique]) -> dict[str, float]:
    """Criterion to its mean score."""
    found: dict[str, list[float]] = {}
    for critique in critiques:
        if critique.parsed:
            for name, value in critique.scores.items():
                found.setdefault(name, []).append(value)
    return {name: fmean(values) for name, values in found.items()}


def _criteria(now: Sequence[Critique], free: Sequence[Critique]) -> list[dict[str, Any]]:
    """Criterion by criterion, the lowest first, beside what the free phase's critics said of it."""
    means, before = _means(now), _means(free)
    return [
        {
            "name": name.replace("_", " "),
            "now": f"{means[name]:.1f}",
            "free": f"{before[name]:.1f}" if name in before else "",
            "low": means[name] < LINE,  # what a critic complains of
        }
        for name in sorted(means, key=means.__getitem__)
    ]


def _advice(critiques: Sequence[Critique]) -> list[dict[str, Any]]:
    """What the critics would change, each once with the rows that it was said of; what most say comes first."""
    found: dict[tuple[str, str], dict[str, set[int]]] = {}
    several = len({critique.agent for critique in critiques}) > 1
    for critique in critiques:
        for suggestion in critique.suggestions:
            rows = found.setdefault((suggestion.about, suggestion.do), {})
            rows.setdefault(critique.agent if several else "", set()).add(critique.row)
    ranked = sorted(found.items(), key=lambda pair: -sum(map(len, pair[1].values())))
    return [{"about": about, "do": do, "where": _where(rows)} for (about, do), rows in ranked]


def _where(rows: dict[str, set[int]]) -> str:
    parts = []
    for agent, found in rows.items():
        numbers = f"row{'s' if len(found) > 1 else ''} {', '.join(map(str, sorted(found)))}"
        parts.append(f"{agent}, {numbers}" if agent else numbers)
    return "; ".join(parts)


def suggested_view(state: State, proposal: Proposal) -> dict[str, Any]:
    """A proposal with why it was made: what no later decision changes."""
    outcome, track = state.step.outcome(proposal.prompt), state.track(proposal.prompt)
    # As METHOD section 3 weighs alignment: the critiques then tell the score that the card and the history tell.
    weight = state.step.beta / (1 + state.step.beta) if state.step.beta is not None else 0.0
    free = track.free if proposal.phase == "nudged" else ()
    return {
        "id": proposal.id,
        "prompt": proposal.prompt,
        "agents": list(proposal.agents),
        "phase": proposal.phase,
        "step": proposal.step,
        "beta": "" if proposal.beta is None else f"{proposal.beta:.2f}",
        "by": proposal.by,
        "rationale": proposal.rationale,
        "warnings": [warning_view(text) for text in proposal.warnings],
        "leaks": proposal.leaks,
        "segments": segments(proposal.before, proposal.hunks),
        "hunks": len(proposal.hunks),
        "after": Raw(proposal.after),
        "size": {
            "old": count_tokens(proposal.before),
            "new": count_tokens(proposal.after),
            "edited": sum(hunk.size for hunk in proposal.hunks),
        },
        "scores": [f"{scored.score:.1f}" for scored in track.history[-8:]],
        "criteria": _criteria(proposal.critiques, free),
        "advice": _advice(proposal.critiques),
        "free_advice": _advice(free),
        "critiques": [critique_view(critique, weight) for critique in proposal.critiques],
        "mean": _mean(proposal.critiques, weight),
        "free_mean": _mean(free, 0.0),
        "held_back": list(outcome.held_back) if outcome and proposal.by == "editor" else [],
        "protect": list(proposal.protect),
    }


def proposal_view(state: State, proposal: Proposal) -> dict[str, Any]:
    """A proposal with all that is known about it, flips too, for a static twin; pass it through `text.shown`."""
    evidence = [evidence_view(one, proposal, fresh) for _, one, fresh in evidence_of(state, proposal)]
    return {**suggested_view(state, proposal), "evidence": evidence, "earlier": proof_view(state, proposal)["earlier"]}
