"""The fold of all events: the only place where state changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tep_nb.core import events as ev
from tep_nb.core.codec import encode
from tep_nb.core.data import Dataset, Row
from tep_nb.core.graph import Graph
from tep_nb.core.review import Decision, Evidence, Proposal
from tep_nb.core.step import Feedback, Scored, Step, Track
from tep_nb.core.text import Prompt
from tep_nb.errors import JournalError

__all__ = ["Feedback", "Scored", "State", "Step", "Track", "replay"]


@dataclass(frozen=True)
class State:
    """Everything a session knows; equal journals give equal states.

    Attributes
    ----------
    branch : int
        0, and one more with every rewind and fork.
    phase : {"free", "nudged", "done"}
    round, nudged, idle : int
        Round from 1; decided nudged steps of this round; how many of the last ones applied nothing.
    inputs : Graph or None
        The graph whose forward pass recorded the agents' inputs (free phase).
    baseline : mapping of prompt to text
        The texts with which the nudged phase began: drift is measured against them.
    cells : mapping of prompt to text
        What the journal last recorded for an agent's cell.
    reviewed : tuple of (Proposal, Decision)
        Every decided proposal of this branch.
    seconds : tuple of float or None
        How long each of ``reviewed`` was before the person, where a page has measured it; no part of equality.
    labels : tuple of str
        The label of the metric evidence that each of ``reviewed`` was decided on, empty without; no part of equality.
    seq : int
        Events folded so far; no part of equality, because a crash and a resume add events that change nothing.
    parent : State or None
        The state before the last event on this branch; no part of equality.
    """

    graph: Graph
    dataset: Dataset
    metric: Mapping[str, Any]
    objective: str
    method: Mapping[str, Any]
    models: Mapping[str, Any]
    budget: Mapping[str, Any]
    phase: str
    step: Step
    branch: int = 0
    branches: int = 1
    round: int = 1
    nudged: int = 0
    idle: int = 0
    inputs: Graph | None = None
    tracks: Mapping[str, Track] = field(default_factory=dict)
    baseline: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    reviewed: tuple[tuple[Proposal, Decision], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    evaluations: tuple[ev.Evaluation, ...] = ()
    phases: tuple[tuple[int, str, str], ...] = ()
    seconds: tuple[float | None, ...] = field(default=(), compare=False)
    labels: tuple[str, ...] = field(default=(), compare=False)
    seq: int = field(default=1, compare=False)
    parent: State | None = field(default=None, compare=False, repr=False)

    @property
    def prompts(self) -> dict[str, Prompt]:
        """Prompt name to prompt, in topological order."""
        return self.graph.prompts

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision of this branch, in order."""
        return tuple(decision for _, decision in self.reviewed)

    @property
    def lineage(self) -> tuple[State, ...]:
        """The states of this branch up to here, newest first."""
        found: list[State] = []
        state: State | None = self
        while state is not None:
            found.append(state)
            state = state.parent
        return tuple(found)

    @property
    def looks(self) -> tuple[tuple[ev.Evaluation, bool], ...]:
        """Every look at a split, in order, and whether it was taken on this branch: what going back has left is False."""
        own = set()
        for state in self.lineage:
            before = state.parent
            # A state that was returned to keeps later looks too, and is not the next in number.
            if before is not None and state.seq == before.seq + 1 and len(state.evaluations) > len(before.evaluations):
                own.add(len(before.evaluations))
        return tuple((found, index in own) for index, found in enumerate(self.evaluations))

    def track(self, prompt: str) -> Track:
        """The track of a prompt."""
        return self.tracks.get(prompt, Track())

    def proposal(self, identity: str) -> Proposal | None:
        """A proposal by its id, pending or decided."""
        known = (*self.step.proposals, *(proposal for proposal, _ in self.reviewed))
        return next((proposal for proposal in known if proposal.id == identity), None)

    def fresh(self, prompt: str, text: str, kind: str | None = None) -> Evidence | None:
        """The newest evidence for this text on the current graph; metric evidence goes before local."""
        found = [
            e for e in self.evidence
            if e.prompt == prompt and e.text == text and e.graph == self.graph.digest and kind in (None, e.kind)
        ]  # fmt: skip
        return max(reversed(found), key=lambda e: e.kind == "metric", default=None)

    def rejected(self, prompt: str) -> tuple[tuple[Proposal, Decision], ...]:
        """Rejected proposals of a prompt with their reasons, oldest first."""
        return tuple((p, d) for p, d in self.reviewed if p.prompt == prompt and d.verdict == "reject")

    def apply(self, event: ev.Event) -> State:
        """The state after one more event."""
        try:
            if isinstance(event, ev.Rewound):
                return _rewound(self, event)
            step = _FOLD[type(event)](self, event)
        except (StopIteration, KeyError, ValueError):
            number, after = self.seq + 1, self.seq
            raise JournalError(
                f"event {number} ({event.kind}) does not fit the {after} before it: the file is damaged; go on with a copy of it"
            ) from None
        return replace(step, seq=self.seq + 1, parent=self)

    def body(self) -> dict[str, Any]:
        """The state as JSON, to compare states byte for byte."""
        skip = {"graph", "dataset", "inputs"}
        body = {name: encode(value) for name, value in vars(self).items() if name in _FIELDS - skip}
        inputs = None if self.inputs is None else self.inputs.spec()
        return {**body, "graph": self.graph.spec(), "inputs": inputs, "rows": [encode(r) for r in self.dataset.rows]}


_FIELDS = frozenset(f.name for f in fields(State) if f.compare)


def start(event: ev.Started) -> State:
    """The state after ``started``."""
    graph = Graph.from_spec(event.graph)
    train, validation, test = (
        [Row(i, fields, target) for i, fields, target in event.rows[part]] for part in ("train", "validation", "test")
    )
    phases = event.method["phases"]
    phase = phases[0] if phases else "done"
    return State(
        graph=graph,
        dataset=Dataset(train, validation, test, target=event.target),
        metric=event.metric,
        objective=event.objective,
        method=event.method,
        models=event.models,
        budget=event.budget,
        phase=phase,
        step=Step(0, phase),
        cells={name: prompt.text for name, prompt in graph.prompts.items()},
        baseline={name: prompt.text for name, prompt in graph.prompts.items()},
        phases=((0, phase, "the session started"),),
    )


def replay(events: list[ev.Event]) -> State:
    """Fold all events of a journal."""
    if not events or not isinstance(events[0], ev.Started):
        found = repr(events[0].kind) if events else "no event"
        raise JournalError(f"the file begins with {found}, not with 'started': it holds no session; start one in another file")
    state = start(events[0])
    for event in events[1:]:
        state = state.apply(event)
    return state


def _rewound(state: State, event: ev.Rewound) -> State:
    old = next(s for s in state.lineage if s.seq == event.to)
    branches = state.branches + event.branches
    branch = branches - 1 if event.branches else state.branch
    return replace(
        old,
        seq=state.seq + 1,
        branch=branch,
        branches=branches,
        budget=state.budget,
        models=state.models,
        evaluations=state.evaluations,  # looks at a split stay counted, whatever is taken back
        cells=state.cells,  # what the journal last recorded for a cell: an unchanged cell is never an edit
        parent=old,
    )


def _drafted(state: State, event: ev.Drafted) -> State:
    tracks = dict(state.tracks)
    for prompt in event.reopened:
        tracks[prompt] = replace(state.track(prompt), series=(), silent=0, settled="", stuck=False, offered=False)
    texts = {name: prompt.text for name, prompt in state.prompts.items()}
    step = Step(
        event.step, event.phase, event.prompts, event.rows, event.temperatures, event.beta, event.refresh,
        proposed=False, texts=texts,
    )  # fmt: skip
    return replace(state, step=step, tracks=tracks, inputs=state.graph if event.refresh else state.inputs)


def _proposed(state: State, event: ev.Proposed) -> State:
    step = replace(state.step, proposals=event.proposals, outcomes=event.outcomes, ends=event.ends, proposed=True)
    free = step.phase == "free"
    tracks = dict(state.tracks)
    for outcome in event.outcomes:
        track = state.track(outcome.prompt)
        scored: tuple[Scored, ...] = ()
        if outcome.score is not None:
            scored = (Scored(step.index, step.texts[outcome.prompt], outcome.score, step.phase),)
        track = replace(
            track,
            history=track.history + scored,
            free=outcome.free or track.free,
            feedback=track.feedback.plus(outcome.critiques),
        )
        if free and outcome.prompt in step.prompts:
            track = replace(
                track,
                series=track.series + scored,
                iterations=track.iterations + 1,
                silent=track.silent + 1 if outcome.silent else 0,
            )
        tracks[outcome.prompt] = track
    for proposal in event.proposals:
        if proposal.by == "best":
            tracks[proposal.prompt] = replace(tracks.get(proposal.prompt, Track()), offered=True)
    return _complete(replace(state, step=step, tracks=tracks))


def _complete(state: State) -> State:
    """What follows when the last proposal of a step is decided."""
    step = state.step
    if not step.is_decided or (state.steps and state.steps[-1].index == step.index) or step.index == 0:
        if state.steps and state.steps[-1].index == step.index:
            idle = 0 if step.applied and state.phase == step.phase == "nudged" else state.idle
            return replace(state, steps=(*state.steps[:-1], step), idle=idle)
        return state
    state = replace(state, steps=(*state.steps, step))
    if step.phase != "nudged":
        return state
    idle = 0 if step.applied else state.idle + _heard(step)
    return replace(state, nudged=state.nudged + 1, idle=idle)


def _heard(step: Step) -> bool:
    """Whether a step says something of an equilibrium: one of which no critic's or editor's reply can be read does not."""
    return bool(step.proposals) or not step.outcomes or any(outcome.silent for outcome in step.outcomes)


def _suggested(state: State, event: ev.Suggested) -> State:
    cells = {**state.cells, event.proposal.prompt: event.proposal.after} if event.cell else state.cells
    order = list(state.prompts)
    proposals = sorted((*state.step.proposals, event.proposal), key=lambda p: order.index(p.prompt))
    return replace(state, step=replace(state.step, proposals=tuple(proposals)), cells=cells)


def _decided(state: State, event: ev.Decided) -> State:
    decision = event.decision
    proposal = next(p for p in state.step.proposals if p.id == decision.proposal)
    step = replace(state.step, decisions=(*state.step.decisions, decision))
    graph = state.graph
    if decision.text is not None:
        graph = graph.with_prompt(proposal.prompt, decision.text)
        stale = (p.id for p in step.pending if p.prompt == proposal.prompt)
        step = replace(step, withdrawn=(*step.withdrawn, *stale))
    evidence = state.fresh(proposal.prompt, proposal.after if decision.text is None else decision.text, "metric")
    return _complete(
        replace(
            state,
            graph=graph,
            step=step,
            reviewed=(*state.reviewed, (proposal, decision)),
            seconds=(*state.seconds, event.seconds),
            labels=(*state.labels, evidence.label if evidence is not None else ""),
        )
    )


def _settled(state: State, event: ev.Settled) -> State:
    track = replace(state.track(event.prompt), settled=event.rule, stuck=event.stuck)
    return replace(state, tracks={**state.tracks, event.prompt: track})


def _phase(state: State, event: ev.Phase) -> State:
    texts = {name: prompt.text for name, prompt in state.prompts.items()}
    phases = (*state.phases, (state.step.index, event.phase, event.reason))
    state = replace(state, phase=event.phase, round=event.round, phases=phases, nudged=0, idle=0)
    if event.phase == "nudged":
        return replace(state, baseline=texts)
    if event.phase == "free":
        tracks = {
            name: Track(history=track.history, free=track.free, feedback=track.feedback) for name, track in state.tracks.items()
        }
        return replace(state, tracks=tracks, inputs=None)
    return state


def _frozen(state: State, event: ev.Frozen) -> State:
    step = state.step
    if event.frozen:
        step = replace(step, withdrawn=(*step.withdrawn, *(p.id for p in step.pending if p.prompt == event.prompt)))
    return _complete(replace(state, graph=state.graph.with_frozen(event.prompt, event.frozen), step=step))


def _assessed(state: State, event: ev.Assessed) -> State:
    if event.evidence in state.evidence:  # a crash between evidence and decision buys it again
        return state
    return replace(state, evidence=(*state.evidence, replace(event.evidence, paid=event.paid)))


def _evaluated(state: State, event: ev.Evaluated) -> State:
    return replace(state, evaluations=(*state.evaluations, event.evaluation))


def _budgeted(state: State, event: ev.Budgeted) -> State:
    return replace(state, budget=event.budget)


def _resumed(state: State, event: ev.Resumed) -> State:
    return replace(state, models=event.models)


def _noted(state: State, event: ev.Event) -> State:  # noqa: ARG001  one signature for the table
    return state


_FOLD: dict[type[ev.Event], Callable[[State, Any], State]] = {
    ev.Drafted: _drafted,
    ev.Proposed: _proposed,
    ev.Suggested: _suggested,
    ev.Assessed: _assessed,
    ev.Decided: _decided,
    ev.Settled: _settled,
    ev.Phase: _phase,
    ev.Frozen: _frozen,
    ev.Evaluated: _evaluated,
    ev.Budgeted: _budgeted,
    ev.Resumed: _resumed,
    ev.Stopped: _noted,
    ev.Failed: _noted,
}
