"""Decisions and evidence in sentences; plain text, which the pages escape."""

from __future__ import annotations

from tep_nb.core.review import Evidence
from tep_nb.report.rows import Record

__all__ = ["DONE", "brief", "chance", "points", "proposer", "repeats", "signed", "spread", "verdict", "weighed", "went"]

DONE = {"approve": "approved", "edit": "edited and applied", "take": "applied in part", "reject": "rejected", "skip": "skipped"}


def signed(value: float) -> str:
    """A difference with one decimal and its sign: ``+23.8``; nothing is ``0.0``."""
    shown = f"{value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")


def points(value: float) -> str:
    """A difference of the metric, in points."""
    return signed(100 * value)


def went(before: float, after: float, form: str) -> str:
    """``rose from 10.0% to 17.5%``; by the numbers as they are shown, so that no difference is claimed that cannot be seen."""
    old, new = format(before, form), format(after, form)
    if old == new:
        return f"stayed at {new}"
    return f"{'rose' if after > before else 'fell'} from {old} to {new}"


def spread(evidence: Evidence) -> str:
    """``, 95% −2.5 to +20.0``; nothing where the evidence has no interval."""
    ends = evidence.interval
    return "" if ends is None else f", 95% {points(ends[0])} to {points(ends[1])}"


def chance(evidence: Evidence) -> str:
    """Rows that won and lost, with the sign test."""
    return ", ".join(filter(None, (f"{evidence.wins} won", f"{evidence.losses} lost", evidence.chance)))


def weighed(evidence: Evidence) -> str:
    """What a text did, as one sentence with its interval, counts and label."""
    if evidence.kind == "local":
        change = went(evidence.before, evidence.after, ".1f")
        return f"On {_rows(evidence.n, 'train')} the critic's score {change} of 10: {evidence.label}.{_left_out(evidence)}"
    source = "a judge's metric" if evidence.judged else "the metric"
    local = ""
    if evidence.local is not None:
        local = f" The critic's score {went(*evidence.local, '.1f')} of 10."
    return (
        f"On {_rows(evidence.n, 'validation')} {source} {went(evidence.before, evidence.after, '.1%')} "
        f"({points(evidence.gain)} points{spread(evidence)}; {chance(evidence)}): {evidence.label}."
        f"{local}{_left_out(evidence)}"
    )


def brief(evidence: Evidence) -> str:
    """The same in the few words that a cell of a table has room for."""
    if evidence.kind == "local":
        return f"{evidence.label}: critic's score {evidence.before:.1f} → {evidence.after:.1f} on {_rows(evidence.n, 'train')}"
    return (
        f"{evidence.label}: {evidence.before:.1%} → {evidence.after:.1%} on {_rows(evidence.n, 'validation')} "
        f"({points(evidence.gain)} points{spread(evidence)}; {chance(evidence)})"
    )


def _rows(n: int, split: str) -> str:
    return f"{n} {split} row{'' if n == 1 else 's'}"


def _left_out(evidence: Evidence) -> str:
    failed = f" Left out on both sides: {_rows(evidence.failed, 'failed')}." if evidence.failed else ""
    quoted = f" Left out because a demonstration quotes them: {_rows(evidence.left_out, 'train')}." if evidence.left_out else ""
    return failed + quoted


def repeats(reason: str, evidence: Evidence | None) -> bool:
    """Whether a reason says no more than the evidence, as a policy's does."""
    return evidence is not None and reason.strip() in (evidence.summary(), evidence.summary(interval=False))


def proposer(by: str) -> str:
    """Who put an edit forward."""
    if by == "editor":
        return "the editor proposed"
    return "the method put forward because it had scored best before" if by == "best" else f"{by} suggested"


def verdict(record: Record) -> tuple[str, str]:
    """What was done, before and after the name of the prompt: ``("approved the edit of", "that")``."""
    return {
        "approve": ("approved the edit of", "that"),
        "edit": ("applied a text of their own to", "instead of what"),
        "take": (f"took {_taken(record)} of the edit of", "that"),
        "reject": ("rejected the edit of", "that"),
        "skip": ("skipped the edit of", "that"),
    }[record.decision.verdict]


def _taken(record: Record) -> str:
    """``hunks 1 and 3 of 4``."""
    made = {change for hunk in record.hunks for change in hunk.changes}
    numbers = [str(hunk.number) for hunk in record.proposal.hunks if set(hunk.changes) <= made]
    named = " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
    return f"hunk{'' if len(numbers) == 1 else 's'} {named} of {len(record.proposal.hunks)}"
