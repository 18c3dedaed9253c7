"""What happened: decisions, phases and looks at a split, and the critics' scores by step; each is drawn once, when it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from tep_nb.core import events as ev
from tep_nb.core.review import PAST, Decision, Evidence, Proposal
from tep_nb.core.state import State, start
from tep_nb.core.step import Act
from tep_nb.deciders import is_policy
from tep_nb.notebook.views.compare import calls_at_most
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import clip, percent
from tep_nb.report.team import judge_note

__all__ = ["Timeline", "history_rows", "left_marks", "paint_history", "timeline_of"]

NEWEST = 500
"""Marks that the page holds at first; older ones are asked for."""
_WHY = 400
"""Characters of a reason that reach the page; the journal has all of them."""

_NAME = 120
"""Of an author's name."""

Mark = dict[str, Any]

_LOCK = threading.Lock()
_KEPT: WeakKeyDictionary[Bench, Timeline] = WeakKeyDictionary()


def paint_history(bench: Bench) -> dict[str, Any]:
    """The value ``history``, and one ``mark/SEQ`` a happening and one ``step/N`` a step: a decision sends its own mark only."""
    state = bench.state
    if state is None:
        return {"history": {"prompts": [], "steps": 0, "older": 0, "metric": "", "calls": 0, "returns": 0, "session": 0}}
    line = timeline_of(bench)
    marks, steps = line.drawn(state)
    newest = marks[-NEWEST:]
    head = {
        "prompts": list(state.prompts),
        "steps": state.step.index,
        "older": len(marks) - len(newest),
        "metric": str(state.metric.get("name", "")),
        "calls": calls_at_most(state, bench.session),
        "returns": line.returns,
        "session": line.sessions,
    }
    return {"history": head, **{f"mark/{mark['id']}": mark for mark in newest}, **steps}


def timeline_of(bench: Bench) -> Timeline:
    """The one timeline of a workbench, which all its views share."""
    with _LOCK:
        return _KEPT.setdefault(bench, Timeline())


def history_rows(state: State) -> list[Mark]:
    """All marks of a state's branch, oldest first."""
    return Timeline().drawn(state)[0]


def left_marks(events: Iterable[ev.Event], state: State) -> list[Mark]:
    """The decisions of a journal that do not stand in a state: taken back by an undo, or left by a rewind; oldest first."""
    kept = {one.seq for one in state.lineage}
    found: list[Mark] = []
    then: State | None = None
    for event in events:
        before, then = then, start(event) if then is None and isinstance(event, ev.Started) else then and then.apply(event)
        if before is not None and then is not None and isinstance(event, ev.Decided) and then.seq not in kept:
            found.append({**_decision(before, then, *then.reviewed[-1]), "undone": True})
    return found


class Timeline:
    """The marks and steps of a branch, kept from state to state: what did not change is the same object as before.

    Attributes
    ----------
    returns : int
        How often the branch went back, by an undo, a rewind or a fork.
    sessions : int
        How many sessions were drawn: what a page has asked for of an earlier one is not of this one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: list[State] = []
        self._at: dict[int, int] = {}
        self._ends: list[int] = []
        self._marks: list[Mark] = []
        self._steps: dict[int, tuple[tuple[ev.Outcome, ...], dict[str, Any]]] = {}
        self.returns = self.sessions = 0

    def drawn(self, state: State) -> tuple[list[Mark], dict[str, Any]]:
        """All marks, oldest first, and the steps by ``step/N``.

        A mark has an ``id``, the ``seq`` of its state and what a row of the table says: ``kind``, ``step``, ``what``, ``prompt``,
        ``score``, ``by``, ``why``. A decision has its ``verdict``, number ``n``, whether a policy took it (``auto``), and the
        gate's means ``before``, ``after`` with the ``low`` and ``high`` of its interval where the metric was measured.
        """
        with self._lock:
            self._follow(state)
            return list(self._marks), self._scores(state)

    def _follow(self, state: State) -> None:
        new: list[State] = []
        known: State | None = state
        while known is not None and id(known) not in self._at:
            new.append(known)
            known = known.parent
        keep = 0 if known is None else self._at[id(known)] + 1
        if known is None:
            self.sessions += 1
            self._steps.clear()
        for left in self._states[keep:]:
            del self._at[id(left)]
        del self._states[keep:], self._ends[keep:]
        del self._marks[self._ends[-1] if self._ends else 0 :]
        for one in reversed(new):
            self._at[id(one)] = len(self._states)
            self._states.append(one)  # held, so that no other object can get its id
            self._marks += _happened(one)
            self._ends.append(len(self._marks))
        if new:
            self.returns = sum(one.parent is not None and one.seq != one.parent.seq + 1 for one in self._states)

    def _scores(self, state: State) -> dict[str, Any]:
        found: dict[str, Any] = {}
        names = list(state.prompts)
        for step in (*state.steps, state.step):
            if step.index == 0 or not step.proposed:
                continue
            held = self._steps.get(step.index)
            if held is None or held[0] is not step.outcomes:
                scores = {outcome.prompt: outcome.score for outcome in step.outcomes}
                line = [None if (score := scores.get(name)) is None else round(score, 6) for name in names]
                held = self._steps[step.index] = (
                    step.outcomes,
                    {"step": step.index, "phase": step.phase, "beta": step.beta, "scores": line},
                )
            found[f"step/{step.index}"] = held[1]
        return found


def _happened(after: State) -> list[Mark]:
    """What the last event of a state was, as marks."""
    before = after.parent
    if before is None:
        step, phase, why = after.phases[0]
        return [_mark(after, "phase", step, f"{phase} phase begins", why=why, phase=phase)]
    found: list[Mark] = []
    if len(after.reviewed) > len(before.reviewed):
        found.append(_decision(before, after, *after.reviewed[-1]))
    if len(after.phases) > len(before.phases):
        step, phase, why = after.phases[-1]
        found.append(_mark(after, "phase", step, f"{phase} phase begins", why=why, phase=phase))
    for number, act in enumerate(after.acts[len(before.acts) :]):
        found.append(_act(after, act, number))
    kept = after.seq == before.seq + 1  # a state that was returned to keeps later looks too, and is not the next in number
    for number, look in enumerate(after.evaluations[len(before.evaluations) :]):
        found.append(_look(after, look, number, kept))
    return found


def _mark(state: State, kind: str, step: int, what: str, *, number: int = 0, why: str = "", **more: Any) -> Mark:
    """A mark; of several of one event, the first has number 0."""
    identity = f"{state.seq}.{number}" if number else str(state.seq)
    base = {"id": identity, "seq": state.seq, "kind": kind, "step": step, "what": what, "prompt": "", "score": "", "by": ""}
    return {**base, "why": clip(why, _WHY), **more}


def _act(state: State, act: Act, number: int) -> Mark:
    """Freezing, freeing, going back: no decision, and yet somebody's."""
    return _mark(state, "act", act.step, act.words, number=number, prompt=act.prompt, by=clip(act.by, _NAME))


def _decision(before: State, after: State, proposal: Proposal, decision: Decision) -> Mark:
    text = decision.text if decision.text is not None else proposal.after
    # What was known when it was decided: fresh on the graph of then, else the newest.
    own = [e for e in before.evidence if e.prompt == proposal.prompt and e.text == text]
    fresh = before.fresh(proposal.prompt, text)
    found = fresh or (own[-1] if own else None)
    told = () if found is None else (found.summary(), found.summary(interval=False))
    said = "" if any(one in decision.reason for one in told) else next(iter(told), "")  # a policy gives it as its reason
    override = f"override: {decision.override}" if decision.override else ""
    given = "; ".join(filter(None, (decision.reason, override)))
    how = "on evidence of an earlier graph: " if fresh is None else "evidence: " if given else ""
    why = "; ".join(filter(None, (given, f"{how}{said.replace(' -> ', ' → ').replace(' -', ' −')}" if said else "")))
    scored = [s.score for s in after.track(proposal.prompt).history if s.step == proposal.step]
    return _mark(
        after, "decision", proposal.step, PAST[decision.verdict],
        prompt=proposal.prompt, score=f"{scored[-1]:.1f}" if scored else "", by=clip(decision.by, _NAME), why=why,
        verdict=decision.verdict, n=len(after.reviewed), auto=is_policy(decision.by), phase=proposal.phase,
        changed=decision.text is not None, **_gate(fresh),
    )  # fmt: skip


def _gate(evidence: Evidence | None) -> dict[str, Any]:
    """What a chart draws of evidence; the interval is that of the gain, laid on the mean before."""
    if evidence is None:
        return {}
    found: dict[str, Any] = {"label": evidence.label}
    if evidence.kind == "metric":
        found |= {"before": evidence.before, "after": evidence.after, "rows": evidence.n}
        if (spread := evidence.interval) is not None:
            found |= {"low": max(0.0, evidence.before + spread[0]), "high": min(1.0, evidence.before + spread[1])}
    return found


def _look(state: State, look: ev.Evaluation, number: int, kept: bool) -> Mark:
    low, high = look.interval
    spread = f"95% {percent(low)} to {percent(high)}"
    left = "" if kept else "on a branch that was left"
    why = ", ".join(filter(None, (left, spread, f"n = {look.n}", look.model, judge_note(state, look.model))))
    return _mark(
        state, "look", look.step, f"measured on {look.split}", number=number, score=percent(look.mean), why=why,
        mean=look.mean, low=low, high=high, split=look.split, kept=kept, actor=look.model,
    )  # fmt: skip
