"""A session as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tep_nb.core.events import Evaluation
from tep_nb.core.state import State
from tep_nb.deciders import marked
from tep_nb.model.budget import Usage
from tep_nb.report.rows import History, Record
from tep_nb.report.team import team_note, took_part

__all__ = ["SIMULATED", "edits", "spent_line", "summary"]

SIMULATED = "simulated model: this shows the method, and is no evidence about language models"


def summary(history: History, spent: Usage, name: str) -> str:
    """What a person at a terminal wants to know of a session.

    Parameters
    ----------
    history : History
    spent : Usage
    name : str
        Of the journal's file.
    """
    state = history.state
    lines = [f"{name}: step {state.step.index}, phase {state.phase}, {len(state.step.pending)} pending"]
    lines += [team_note(state) or SIMULATED] if took_part(state, spent) else []
    lines += [f"objective: {state.objective}"] if state.objective else []
    for title, part in (
        ("measured", map(_look, (look.evaluation for look in history.looks if look.kept))),
        ("decisions", map(_decision, history.records)),
        ("pending", _pending(state)),
        ("prompts", _prompts(state)),
    ):
        found = list(part)
        lines += ["", title, *(f"  {one}" for one in found)] if found else []
    return "\n".join([*lines, "", spent_line(spent)])


def edits(records: Iterable[Record]) -> Iterator[str]:
    """Every applied edit as a marked text."""
    for record in records:
        proposal, decision = record.proposal, record.decision
        if record.kept and decision.text is not None:
            head = f"{proposal.prompt} (step {record.step}, {record.phase}): {decision.verdict} by {decision.by}"
            evidence = f"  {record.evidence.summary()}" if record.evidence else "  no evidence was bought"
            yield "\n".join([head, evidence, _indented(marked(proposal.before, record.hunks))])


def spent_line(spent: Usage) -> str:
    """Calls and tokens that were paid for."""
    return f"{spent.calls} calls, {spent.tokens} tokens"


def _look(look: Evaluation) -> str:
    low, high = look.interval
    return f"{look.split} {look.mean:.1%} ({low:.1%} to {high:.1%}) on {look.n} rows after step {look.step}, {look.model}"


def _decision(record: Record) -> str:
    proposal, decision = record.proposal, record.decision
    told = f"{record.number:>3}  step {record.step} {record.phase:<6}  {decision.verdict:<7} {proposal.prompt}  by {decision.by}"
    why = [decision.reason, record.evidence.summary() if record.evidence and not decision.reason else ""]
    why += [f"override: {decision.override}" if decision.override else "", "" if record.kept else "(taken back)"]
    return "  ".join([told, *(" ".join(part.split()) for part in why if part)])


def _pending(state: State) -> Iterator[str]:
    for proposal in state.step.pending:
        yield f"{proposal.id}  {proposal.prompt}  " + " ".join(proposal.rationale.split())


def _prompts(state: State) -> Iterator[str]:
    for name, prompt in state.prompts.items():
        yield f"{name}\n{_indented(prompt.text)}"


def _indented(text: str) -> str:
    return "\n".join(f"    {one}".rstrip() for one in text.split("\n"))
