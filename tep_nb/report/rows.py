"""A session as rows: decisions, scores, looks and usage as lists of dicts, for data frames and for the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from tep_nb.core.events import Assessed, Decided, Evaluated, Evaluation, Event, Proposed, Suggested
from tep_nb.core.review import Decision, Evidence, Proposal
from tep_nb.core.state import State, start
from tep_nb.core.text import Hunk, Prompt, count_tokens
from tep_nb.method.weigh import drift
from tep_nb.model.budget import Usage

__all__ = [
    "History", "Look", "Record", "decisions", "evaluations", "history", "median_seconds", "prompts", "recorded", "scores",
    "usage",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """A decision with what was known when it was taken.

    Attributes
    ----------
    number : int
        From 1, in the order of time.
    step, phase
        When it was taken.
    evidence : Evidence or None
        Fresh evidence for the text that was decided on.
    stale : Evidence or None
        Where there is no fresh evidence: the newest for this text, measured before the graph changed.
    beyond : tuple of str
        What bound a person's own text exceeds.
    kept : bool
        False when an undo, a rewind or a fork has taken it back.
    at : str
        UTC, ISO 8601; empty where only the state is at hand.
    waited : float or None
        Seconds since the event before it that a reviewer could act on.
    seconds : float or None
        How long the proposal was before the person, where a page has measured it.
    """

    number: int
    step: int
    phase: str
    proposal: Proposal
    decision: Decision
    evidence: Evidence | None
    beyond: tuple[str, ...] = ()
    kept: bool = True
    at: str = ""
    waited: float | None = None
    seconds: float | None = None
    stale: Evidence | None = None

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """The edit that was applied, else the one that was proposed."""
        text = self.decision.text
        if text is None or text == self.proposal.after:
            return self.proposal.hunks
        return Prompt(self.proposal.before, self.proposal.protect).diff(text)


@dataclass(frozen=True, slots=True)
class Look:
    """One measurement on a split; every one of them counts, those that were taken back too."""

    step: int
    evaluation: Evaluation
    kept: bool
    at: str


@dataclass(frozen=True, slots=True)
class History:
    """A whole journal, read once.

    Attributes
    ----------
    state : State
        What all events fold to.
    records : tuple of Record
    looks : tuple of Look
    tests : int
        How often metric evidence was bought: each is a look at the gate's rows and one chance of a false *proven*.
    events : tuple of Event
    """

    state: State
    records: tuple[Record, ...]
    looks: tuple[Look, ...]
    tests: int
    events: tuple[Event, ...]


def history(events: Iterable[Event]) -> History:
    """Fold the events of a journal and keep what the state forgets: times, and what was taken back.

    Raises
    ------
    JournalError
        As in `tep_nb.core.state.replay`.
    """
    events = tuple(events)
    state = start(next(iter(events), None))
    found: list[tuple[int, Record]] = []
    seen: list[tuple[int, Look]] = []
    shown = ""
    for seq, event in enumerate(events[1:], 2):
        if isinstance(event, Decided):
            number = len(found) + 1
            record = _record(number, state, event.decision, event.beyond)
            waited = _seconds(shown, event.at)
            found.append((seq, replace(record, at=event.at, waited=waited, seconds=event.seconds)))
        if isinstance(event, Evaluated):
            seen.append((seq, Look(state.step.index, event.evaluation, kept=True, at=event.at)))
        # An editor's suggestion is recorded together with the decision on the one that it replaces.
        if isinstance(event, Decided | Proposed | Assessed) or (isinstance(event, Suggested) and event.proposal.by != "editor"):
            shown = event.at
        state = state.apply(event)
    # The state after event n has seq n: what stands on the current branch is in its lineage.
    kept = {one.seq for one in state.lineage}
    records = (replace(record, kept=seq in kept) for seq, record in found)
    looks = (replace(look, kept=seq in kept) for seq, look in seen)
    tests = sum(isinstance(event, Assessed) and event.evidence.kind == "metric" for event in events)
    return History(state, tuple(records), tuple(looks), tests, events)


def recorded(state: State, last: int | None = None) -> list[Record]:
    """The decisions of the current branch, from the state alone; ``last``: of the newest ones, so many."""
    found: list[Record] = []
    after = state
    while (before := after.parent) is not None and (last is None or len(found) < last):
        if len(after.reviewed) > len(before.reviewed):
            record = _record(len(after.reviewed), before, after.reviewed[-1][1])
            found.append(replace(record, seconds=after.seconds[-1]))
        after = before
    return found[::-1]


def _record(number: int, state: State, decision: Decision, beyond: tuple[str, ...] = ()) -> Record:
    proposal = state.proposal(decision.proposal)
    assert proposal is not None
    text = proposal.after if decision.text is None else decision.text
    evidence, stale = state.fresh(proposal.prompt, text), None
    if evidence is None:
        stale = next((e for e in reversed(state.evidence) if e.prompt == proposal.prompt and e.text == text), None)
    return Record(number, state.step.index, state.step.phase, proposal, decision, evidence, beyond, stale=stale)


def _seconds(before: str, after: str) -> float | None:
    if not before or not after:
        return None
    return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()


def median_seconds(records: Iterable[Record]) -> float | None:
    """Median of the seconds a proposal was looked at, or else waited for its decision; None where none is known."""
    times = (record.waited if record.seconds is None else record.seconds for record in records)
    known = [seconds for seconds in times if seconds is not None]
    return median(known) if known else None


def decisions(records: Iterable[Record]) -> list[dict[str, Any]]:
    """One dict a decision: who, what, why, on what evidence; numbers are None where there is no evidence."""
    found = []
    for record in records:
        proposal, decision, evidence = record.proposal, record.decision, record.evidence
        found.append(
            {
                "number": record.number,
                "at": record.at,
                "step": record.step,
                "phase": record.phase,
                "prompt": proposal.prompt,
                "proposal": proposal.id,
                "proposed_by": proposal.by,
                "verdict": decision.verdict,
                "by": decision.by,
                "reason": decision.reason,
                "override": decision.override,
                "rationale": proposal.rationale,
                "warnings": list(proposal.warnings),
                "beyond_bound": list(record.beyond),
                **_evidence(evidence),
                "before": proposal.before,
                "proposed": proposal.after,
                "text": decision.text,
                "kept": record.kept,
            }
        )
    return found


def _evidence(evidence: Evidence | None) -> dict[str, Any]:
    names = ("kind", "label", "n", "wins", "losses", "p")
    values = {name: None if evidence is None else getattr(evidence, name) for name in names}
    means = {"score_before": None, "score_after": None} if evidence is None else {
        "score_before": evidence.before, "score_after": evidence.after,
    }  # fmt: skip
    return {"evidence": values.pop("kind"), **values, **means}


def scores(state: State) -> list[dict[str, Any]]:
    """The critic's score (0 to 10) of each prompt at each step where it was evaluated."""
    return [
        {"prompt": name, "step": scored.step, "phase": scored.phase, "score": scored.score}
        for name in state.prompts
        for scored in state.track(name).history
    ]


def evaluations(looks: Sequence[Look]) -> list[dict[str, Any]]:
    """One dict a look at a split, with its 95% interval."""
    return [
        {
            "at": look.at,
            "step": look.step,
            "split": look.evaluation.split,
            "n": look.evaluation.n,
            "mean": look.evaluation.mean,
            "low": look.evaluation.interval[0],
            "high": look.evaluation.interval[1],
            "failed": sum(bool(row.failed) for row in look.evaluation.rows),
            "model": look.evaluation.model,
            "kept": look.kept,
        }
        for look in looks
    ]


def usage(spent: Usage) -> list[dict[str, Any]]:
    """Paid calls, tokens, seconds (of waiting, summed over calls) and cost by purpose, and their sum."""
    rows = [*spent.purposes.items(), ("all", spent.total)]
    return [
        {
            "purpose": purpose,
            "calls": one.calls,
            "prompt_tokens": one.prompt_tokens,
            "completion_tokens": one.completion_tokens,
            "tokens": one.tokens,
            "seconds": one.seconds,
            "cost": one.cost if spent.total.cost else None,
        }
        for purpose, one in rows
    ]


def prompts(state: State) -> list[dict[str, Any]]:
    """What METHOD section 4 wants to know of each prompt.

    ``hops`` are the agents between it and the answer; ``feedback`` is the mean and the largest B(g) in words and punctuation
    marks; ``specificity`` the mean S(g), by our definition; ``drift`` the tokens edited since the nudged phase began.
    """
    found = []
    for name, prompt in state.prompts.items():
        agents = {agent.name for agent in state.graph.users(name)}
        track = state.track(name)
        found.append(
            {
                "prompt": name,
                "hops": min(_hops(state, agent) for agent in agents),
                "first_score": track.history[0].score if track.history else None,
                "last_score": track.history[-1].score if track.history else None,
                "settled": track.settled,
                "stuck": track.stuck,
                "frozen": state.graph.is_frozen(name),
                "feedback": track.feedback.mean,
                "feedback_most": track.feedback.most if track.feedback.n else None,
                "specificity": track.feedback.specificity,
                "tokens": count_tokens(prompt.text),
                "drift": drift(state, name, prompt.text),
            }
        )
    return found


def _hops(state: State, node: str) -> int:
    """Agents behind a node on the longest way to the answer."""
    agents = {agent.name for agent in state.graph.agents}
    far: dict[str, int] = {}
    for one in reversed(state.graph.order):
        behind = [edge.target for edge in state.graph.edges if edge.source == one.name]
        far[one.name] = max((far[name] + (name in agents) for name in behind), default=0)
    return far[node]
