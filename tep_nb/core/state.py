"""Everything a session knows: the fold of all its events, and the only place where it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tep_nb.core import events as ev
from tep_nb.core.codec import encode
from tep_nb.core.data import Dataset, Row
from tep_nb.core.fold import FOLD
from tep_nb.core.graph import Graph
from tep_nb.core.review import Decision, Evidence, Proposal
from tep_nb.core.step import Act, Feedback, Scored, Step, Track
from tep_nb.core.text import Prompt
from tep_nb.errors import JournalError

__all__ = ["Feedback", "Scored", "State", "Step", "Track", "replay", "start"]


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
    acts : tuple of Act
        What persons did on this branch besides deciding; no part of equality.
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
    acts: tuple[Act, ...] = field(default=(), compare=False)
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
        """The state after one more event.

        Raises
        ------
        JournalError
            The event does not fit this state.
        """
        try:
            after = FOLD[type(event)](self, event)
        except (StopIteration, KeyError, ValueError):
            raise JournalError(
                f"event {self.seq + 1} ({event.kind}) does not fit the {self.seq} before it: the file is damaged; "
                "go on with a copy of it"
            ) from None
        parent = after.parent if isinstance(event, ev.Rewound) else self  # what was left is before no state any more
        return replace(after, seq=self.seq + 1, parent=parent)

    def body(self) -> dict[str, Any]:
        """The state as JSON, to compare states byte for byte."""
        skip = {"graph", "dataset", "inputs"}
        body = {name: encode(value) for name, value in vars(self).items() if name in _FIELDS - skip}
        inputs = None if self.inputs is None else self.inputs.spec()
        return {**body, "graph": self.graph.spec(), "inputs": inputs, "rows": [encode(r) for r in self.dataset.rows]}


_FIELDS = frozenset(f.name for f in fields(State) if f.compare)


def start(event: ev.Event | None) -> State:
    """The state after ``started``, the first event of every session; None where a file holds no event.

    Raises
    ------
    JournalError
        It is another event, or none.
    """
    if not isinstance(event, ev.Started):
        found = "no event" if event is None else repr(event.kind)
        raise JournalError(f"the file begins with {found}, not with 'started': it holds no session; start one in another file")
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
    """Fold all events of a journal.

    Raises
    ------
    JournalError
        It does not begin with ``started``, or an event does not fit those before it.
    """
    state = start(next(iter(events), None))
    for event in events[1:]:
        state = state.apply(event)
    return state
