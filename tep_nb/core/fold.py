"""What each event changes: pure functions from a state and an event to the next state, for `State.apply`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tep_nb.core import events as ev
from tep_nb.core.step import Act, Scored, Step, Track

if TYPE_CHECKING:  # the state applies these to itself
    from tep_nb.core.state import State

__all__ = ["FOLD"]


def _rewound(state: State, event: ev.Rewound) -> State:
    old = next(s for s in state.lineage if s.seq == event.to)
    branches = state.branches + event.branches
    branch = branches - 1 if event.branches else state.branch
    what = {"rewind": "rewound", "fork": "forked"}.get(event.why, event.why)
    act = (Act(what, event.by, old.step.index, left=state.step.index),) if event.branches else ()
    return replace(
        old,
        acts=(*old.acts, *act),
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
    if state.steps and state.steps[-1].index == step.index:  # it was complete before: a suggestion came, or was decided, since
        idle = 0 if step.applied and state.phase == step.phase == "nudged" else state.idle
        return replace(state, steps=(*state.steps[:-1], step), idle=idle)
    if not step.is_decided or step.index == 0:
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
    act = Act("froze" if event.frozen else "freed", event.by, step.index, event.prompt)
    graph = state.graph.with_frozen(event.prompt, event.frozen)
    return _complete(replace(state, graph=graph, step=step, acts=(*state.acts, act)))


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


FOLD: Mapping[type[ev.Event], Callable[[State, Any], State]] = {
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
    ev.Rewound: _rewound,
    ev.Stopped: _noted,
    ev.Failed: _noted,
}
"""Event to what makes the state after it of the one before; each may assume that the event fits, and fails where it does not."""
