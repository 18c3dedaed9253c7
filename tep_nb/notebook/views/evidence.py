"""What was measured of one proposal, as the review panel and its static twin show it."""

from __future__ import annotations

from typing import Any

from tep_nb.core.data import Dataset, Row
from tep_nb.core.diff import hunks
from tep_nb.core.review import Evidence, Flip, Paid, Proposal
from tep_nb.core.state import State
from tep_nb.core.text import Hunk, show
from tep_nb.notebook.views.memo import by_identity
from tep_nb.notebook.views.text import Raw, Shown, clip, number, percent, plural, shown
from tep_nb.report.told import signed

__all__ = ["evidence_of", "evidence_view", "flips_view", "hunks_of", "paid_text", "proof_view", "segments", "signed"]

_OUTPUT = 400
"""Characters of a row's output that are shown unasked."""
_WHOLE = 20_000
"""The same of a row that is shown whole: what it asks may be a book."""
_FLIPS = 40
"""Flips of a static twin."""
_WIDE = 1.25
_WAYS = 10_000
"""Ways to read a text as some of the hunks that are tried; there is seldom more than one."""


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
    parts = segments(proposal.before, proposal.hunks)
    ways: list[tuple[int, int, dict[int, bool]]] = [(0, 0, {})]  # part, place in the text, hunks taken or left so far
    for _ in range(_WAYS):
        if not ways:
            break
        part, at, taken = ways.pop()
        if part == len(parts):
            if at == len(text):
                return sorted(hunk for hunk, yes in taken.items() if yes)
            continue
        one = parts[part]
        sides = {None: one["text"]} if "text" in one else {False: one["old"], True: one["new"]}
        for side, said in sides.items():
            if (side is None or taken.get(one["hunk"], side) == side) and text.startswith(said, at):
                ways.append((part + 1, at + len(said), taken if side is None else {**taken, one["hunk"]: side}))
    return []


def evidence_of(state: State, proposal: Proposal) -> list[tuple[int, Evidence, bool]]:
    """Place in the state, evidence, whether it holds: newest first, one a text and kind, that of the proposal's text first.

    Of another graph only where nothing newer is there; none of a text that was decided.
    """
    others = _decided_texts(state.reviewed).get(proposal.prompt, frozenset()) - {proposal.after}
    found: dict[tuple[str, str], tuple[int, Evidence, bool]] = {}
    for at, evidence in _by_prompt(state.evidence).get(proposal.prompt, ()):
        fresh = evidence.graph == state.graph.digest
        if evidence.text not in others and (fresh or evidence.text == proposal.after):
            found.setdefault((evidence.text, evidence.kind), (at, evidence, fresh))
    return sorted(found.values(), key=lambda one: (one[1].text != proposal.after, not one[2], one[1].kind != "metric"))


@by_identity(8)
def _by_prompt(evidence: tuple[Evidence, ...]) -> dict[str, list[tuple[int, Evidence]]]:
    """Newest first."""
    found: dict[str, list[tuple[int, Evidence]]] = {}
    for at in range(len(evidence) - 1, -1, -1):
        found.setdefault(evidence[at].prompt, []).append((at, evidence[at]))
    return found


@by_identity(8)
def _decided_texts(reviewed: tuple[tuple[Proposal, Any], ...]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for proposal, _ in reviewed:
        found.setdefault(proposal.prompt, set()).add(proposal.after)
    return {prompt: frozenset(texts) for prompt, texts in found.items()}


def proof_view(state: State, proposal: Proposal) -> Shown:
    """What was measured of a proposal, without the outputs: the page asks for those when they are wanted."""
    return Shown(
        evidence=[{**_measured(one, proposal), "at": at, "fresh": fresh} for at, one, fresh in evidence_of(state, proposal)],
        earlier=[shown({"reason": d.reason, "by": d.by}) for _, d in state.rejected(proposal.prompt)[-3:]],
    )


@by_identity(512)
def _measured(evidence: Evidence, proposal: Proposal) -> Shown:
    return Shown(shown(_numbers(evidence, proposal)))


def evidence_view(evidence: Evidence, proposal: Proposal, fresh: bool) -> dict[str, Any]:
    """What was measured, of which text, whether it still holds, and the rows that flipped."""
    flips = [_flip(flip, _OUTPUT) for flip in evidence.flips[:_FLIPS]]
    return {**_numbers(evidence, proposal), "fresh": fresh, "flips": flips, "more": max(0, len(evidence.flips) - _FLIPS)}


def _numbers(evidence: Evidence, proposal: Proposal) -> dict[str, Any]:
    own = evidence.text == proposal.after
    taken = [] if own else hunks_of(proposal, evidence.text)
    metric = evidence.kind == "metric"
    value = percent if metric else "{:.1f}".format
    return {
        "of": "proposal" if own else "hunks" if taken else "edit",
        "hunks": taken,
        "text": Raw(evidence.text),
        "label": evidence.label,
        "kind": evidence.kind,
        "measure": ("a judge's metric" if evidence.judged else "metric") if metric else "critic's score",
        "before": value(evidence.before),
        "after": value(evidence.after),
        "gain": signed(100 * evidence.gain if metric else evidence.gain),
        "n": evidence.n,
        "wins": evidence.wins,
        "losses": evidence.losses,
        "flipped": len(evidence.flips),
        "chance": evidence.chance,
        "interval": _interval(evidence),
        "paid": paid_text(evidence.paid),
        "notes": _notes(evidence),
    }


def _interval(evidence: Evidence) -> dict[str, Any] | None:
    """The gain's interval in points of the metric, and where its ends and the gain stand on a scale from -1 to 1."""
    if evidence.interval is None:
        return None
    low, high = evidence.interval
    reach = max(abs(low), abs(high), abs(evidence.gain), 0.04) * _WIDE
    return {
        "low": signed(100 * low),
        "high": signed(100 * high),
        "drawn": [round(end / reach, 3) for end in (low, evidence.gain, high)],
    }


def paid_text(paid: Paid | None) -> str:
    """What a command cost, in words; empty where nobody wrote it down."""
    if paid is None:
        return ""
    if paid.calls == 0:
        return "answered from the record: nothing was paid"
    cost = "" if paid.cost is None else f", cost {paid.cost:.4g}"
    waited = f"{paid.seconds:.1f} s of waiting, summed over calls"
    return f"bought with {plural(paid.calls, 'call')}, {number(paid.tokens)} tokens{cost}; {waited}"


def _notes(evidence: Evidence) -> list[str]:
    found = []
    if evidence.local is not None:
        found.append(f"critic's score {evidence.local[0]:.1f} → {evidence.local[1]:.1f}")
    if evidence.failed:
        found.append(f"{plural(evidence.failed, 'row')} failed and left out")
    if evidence.left_out:
        found.append(f"{plural(evidence.left_out, 'train row')} that a demonstration quotes left out")
    if evidence.kind == "metric" and evidence.n:
        found.append(f"one row is {100 / evidence.n:.1f} points")
    return found


def flips_view(state: State, evidence: Evidence, row: int | None = None) -> dict[str, Any]:
    """The rows whose value changed, losses first, with question and reference, clipped; with ``row`` that one, whole."""
    chosen = sorted((flip for flip in evidence.flips if row is None or flip.row == row), key=lambda flip: flip.gain > 0)
    limit = _OUTPUT if row is None else None
    return {"flips": [_with_row(_flip(flip, limit), state, limit or _WHOLE) for flip in chosen]}


def _with_row(flip: dict[str, Any], state: State, limit: int) -> dict[str, Any]:
    """A flip with what the graph read of its row, and the reference: an output alone cannot be judged."""
    row = _by_id(state.dataset).get(flip["row"])
    if row is None:  # of a damaged file
        return {**flip, "asked": "", "target": ""}
    asked, target = clip(row.line(state.graph.columns), _WHOLE), show(row.target)
    cut = flip["cut"] or limit < max(len(asked), len(target))
    return {**flip, "asked": clip(asked, limit), "target": clip(target, limit), "cut": cut and limit < _WHOLE}


@by_identity(2)
def _by_id(dataset: Dataset) -> dict[int, Row]:
    return {row.id: row for row in dataset.rows}


def _flip(flip: Flip, limit: int | None) -> dict[str, Any]:
    old, new = flip.output_before, flip.output_after
    short = max(len(old), len(new)) <= _OUTPUT  # longer ones are not read word by word
    parts = segments(old, hunks(old, new, ())) if short else []
    return {
        "row": flip.row,
        "before": f"{flip.before:g}",
        "after": f"{flip.after:g}",
        "won": flip.after > flip.before,
        "old": old if limit is None else clip(old, limit),
        "new": new if limit is None else clip(new, limit),
        "cut": limit is not None and max(len(old), len(new)) > limit,
        "parts": parts,
        "note": flip.note,
    }
