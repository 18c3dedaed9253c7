"""The decisions of a session, told as a results section tells them: who, what, why, on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tep_nb.core.state import State
from tep_nb.core.text import show
from tep_nb.deciders import is_policy
from tep_nb.report import prose
from tep_nb.report.markup import details, excerpt, items, moment, paragraph, table, text
from tep_nb.report.rows import History, Record
from tep_nb.report.told import DONE, proposer, repeats, verdict, weighed

__all__ = ["decisions_section"]

_SHOWN = 12  # flipped rows of a piece of evidence; the journal has all
_CRITIQUES = 12
_OPEN = 30  # decisions up to which all are open to the eye; of more, each step is folded
_LISTED = 40
_WORDS = 600  # characters of a rationale or a reason


def decisions_section(history: History) -> str:
    """Every decision in order, under its step; what asks for a second look is listed first."""
    if not history.records:
        return paragraph("No decision was taken yet.")
    folded = len(history.records) > _OPEN
    told = []
    for (step, phase), group in groupby(history.records, key=lambda record: (record.step, record.phase)):
        records = list(group)
        body = "".join(_decision(record, history.state) for record in records)
        counts = ", ".join(f"{n} {DONE[name]}" for name, n in _counts(records).items())
        told.append(details(f"Step {step}, {phase} phase: {counts}", body) if folded else body)
    return f"{paragraph(prose.DECISIONS)}{_second_look(history.records)}{''.join(told)}"


def _counts(records: Sequence[Record]) -> dict[str, int]:
    found: dict[str, int] = {}
    for record in records:
        found[record.decision.verdict] = found.get(record.decision.verdict, 0) + 1
    return found


def _second_look(records: Sequence[Record]) -> str:
    """Overrides, applied warnings, texts beyond the bound, and what was taken back: by number."""
    applied = [record for record in records if record.decision.text is not None]
    found = (
        ("Applied against worse evidence or a leak warning, with a reason", [r for r in applied if _against(r)]),
        ("Applied with a warning", [r for r in applied if r.proposal.warnings and not _against(r)]),
        ("Applied without evidence for that text", [r for r in applied if r.evidence is None]),
        ("Beyond the bound of an edit", [r for r in applied if r.beyond]),
        ("Taken back later", [r for r in records if not r.kept]),
    )
    lines = [f"{title}: {_numbers(ones)}" for title, ones in found if ones]
    return f"{paragraph('For a second look:')}{items(lines)}" if lines else ""


def _numbers(records: Sequence[Record]) -> str:
    more = f" and {len(records) - _LISTED} more" if len(records) > _LISTED else ""
    return ", ".join(f'<a href="#d{record.number}">{record.number}</a>' for record in records[:_LISTED]) + more


def _against(record: Record) -> bool:
    """Whether there was something that the edit was applied against."""
    if not record.decision.override:
        return False
    return record.proposal.leaks or (record.evidence is not None and record.evidence.label == "worse")


def _decision(record: Record, state: State) -> str:
    proposal, decision = record.proposal, record.decision
    head = f"{record.number}. {text(proposal.prompt)}: {DONE[decision.verdict]} by {text(decision.by)}"
    taken_back = "" if record.kept else " <small>(taken back)</small>"
    shown = excerpt(proposal.before, record.hunks)
    if decision.text not in (None, proposal.after):
        shown += details("What was proposed", excerpt(proposal.before, proposal.hunks))
    warned = "".join(paragraph(f"<strong>Warning</strong> at the time: {text(w, _WORDS)}", "note") for w in proposal.warnings)
    seen = f"{_flips(record, state)}{_critiques(record)}{_when(record)}"
    return (
        f'<section class="decision" id="d{record.number}">\n<h3>{head}{taken_back}</h3>\n'
        f"{paragraph(_story(record))}{warned}{_override(record)}{shown}{seen}</section>\n"
    )


def _story(record: Record) -> str:
    """Who did what to which prompt, why it was proposed, what it does, and the reason that was given."""
    proposal, decision = record.proposal, record.decision
    beta = "" if proposal.beta is None else f", beta {proposal.beta:.2f}"
    by = f"the policy <code>{text(decision.by)}</code>" if is_policy(decision.by) else f"<strong>{text(decision.by)}</strong>"
    did, that = verdict(record)
    said = proposal.rationale.strip()
    why = f", giving as its reason: “{text(said, _WORDS)}”" if said else ""
    end = "" if said.endswith((".", "!", "?")) else "."
    what = f"{did} <code>{text(proposal.prompt)}</code> {that} {text(proposer(proposal.by))}{why}{end}"
    sentences = [
        f"At step {record.step} ({text(record.phase)}{beta}) {by} {what}",
        _evidence(record),
        _reason(record),
        f"It is beyond the bound: {text('; '.join(record.beyond))}." if record.beyond else "",
        "" if record.kept else "It was <strong>taken back later</strong> by undo, rewind or fork, and is no part of the result.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _evidence(record: Record) -> str:
    if record.evidence is not None:
        return text(weighed(record.evidence))
    if record.stale is not None:
        return f"There was no evidence on the graph as it was then. Before it had changed: {text(weighed(record.stale))}"
    return "No evidence was bought for this text."


def _reason(record: Record) -> str:
    """The author's words; a policy whose reason is the evidence has said it already."""
    said = record.decision.reason.strip()
    if not said or repeats(said, record.evidence):
        return ""
    return f"Reason: “{text(said, _WORDS)}”."


def _override(record: Record) -> str:
    """The reason for applying an edit all the same; a reason that nothing asked for is told as such."""
    if not record.decision.override:
        return ""
    head = "<strong>Applied against the evidence or a warning</strong>" if _against(record) else "Override given, not needed"
    return paragraph(f"{head}: {text(record.decision.override, _WORDS)}", "note")


def _flips(record: Record, state: State) -> str:
    if record.evidence is None or not record.evidence.flips:
        return ""
    flips = record.evidence.flips
    rows = {row.id: (row.line(state.graph.columns), show(row.target)) for row in state.dataset.validation}
    shown = [
        (f.row, *rows.get(f.row, ("", "")), f"{f.before:g}", f"{f.after:g}", f.output_before, f.output_after, f.note)
        for f in flips[:_SHOWN]
    ]
    heads = ("row", "asked", "reference", "before", "after", "output before", "output after", "note")
    more = paragraph(f"{len(flips) - _SHOWN} more are in the journal.", "dim") if len(flips) > _SHOWN else ""
    count = "1 row" if len(flips) == 1 else f"{len(flips)} rows"
    return details(f"{count} changed their value", table("Rows whose value changed", heads, shown) + more)


def _critiques(record: Record) -> str:
    parsed = [c for c in record.proposal.critiques if c.parsed]
    beta = record.proposal.beta or 0.0
    said = [
        f"row {c.row}, {c.nudged_score(beta / (1 + beta)):.1f} of 10: "
        + ("; ".join(f"{text(s.about, _WORDS)}: {text(s.do, _WORDS)}" for s in c.suggestions) or "content")
        for c in parsed[:_CRITIQUES]
    ]
    more = paragraph(f"{len(parsed) - _CRITIQUES} more are in the journal.", "dim") if len(parsed) > _CRITIQUES else ""
    count = "1 row" if len(parsed) == 1 else f"{len(parsed)} rows"
    return details(f"What the critic said on {count}", items(said) + more if said else "")


def _when(record: Record) -> str:
    if not record.at:
        return ""
    facts = [moment(record.at)]
    if record.seconds is not None:
        facts.append(f"looked at for {record.seconds:.1f} s")
    elif record.waited is not None:
        facts.append(f"{record.waited:.1f} s after it could be decided")
    paid = record.evidence.paid if record.evidence is not None else None
    if paid is not None:
        cost = "" if paid.cost is None else f", cost {paid.cost:,.4f}"
        took = f"took {paid.calls:,} calls and {paid.tokens:,} tokens{cost}" if paid.calls else "was in the record"
        facts.append(f"its evidence {took}")
    return paragraph("; ".join(facts), "dim")
