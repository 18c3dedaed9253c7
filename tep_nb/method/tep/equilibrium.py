"""When a prompt has settled and when a phase has ended: stopping rules, no convergence claim (METHOD sections 2 and 3)."""

from __future__ import annotations

from statistics import pvariance

from tep_nb.core.events import Event, Phase, Settled
from tep_nb.core.state import State, Track
from tep_nb.core.step import LINE
from tep_nb.method.tep.settings import Settings

__all__ = ["after", "best_text", "rule"]


def rule(tep: Settings, track: Track) -> str:
    """The rule by which a prompt has settled, empty while it has not."""
    last = track.series[-3:]
    same = len({scored.text for scored in last}) == 1
    if track.silent >= tep.patience:
        return f"silent: {track.silent} evaluations in a row led to no proposal"
    if len(last) == 3 and pvariance(s.score for s in last) <= tep.tolerance and (same or tep.stable == "scores"):
        return f"stable: variance of the last three scores {pvariance(s.score for s in last):.2f} <= {tep.tolerance:g}"
    if track.iterations >= tep.free_cap:
        return f"cap: {track.iterations} iteration{'s' * (track.iterations != 1)}"
    return ""


def best_text(state: State, prompt: str) -> str | None:
    """The text that scored best, where the prompt has settled below it and it was not yet put forward."""
    track = state.track(prompt)
    if not track.settled or track.offered or not track.series:
        return None
    best = max(reversed(track.series), key=lambda scored: scored.score)
    if best.text in (state.prompts[prompt].text, *(proposal.after for proposal, _ in state.rejected(prompt))):
        return None
    return best.text if best.score > track.series[-1].score else None


def after(tep: Settings, state: State) -> list[Event]:
    """Events that follow from a decided step; none when it was seen before."""
    step = state.step
    if not step.is_decided or step.index == 0 or state.phase != step.phase or state.phases[-1][0] == step.index:
        return []
    if step.phase == "nudged":
        return _after_nudged(tep, state)
    events: list[Event] = []
    for prompt in step.prompts:
        track = state.track(prompt)
        if not track.settled and (fired := rule(tep, track)):
            events.append(Settled(prompt, fired, bool(track.series) and track.series[-1].score < LINE))
    if step.refresh and not step.prompts:
        settled = "; ".join(f"{name} {state.track(name).settled.partition(':')[0] or 'frozen'}" for name in state.prompts)
        events.append(_next(tep, state, "nudged", f"free equilibrium: {settled}"))
    return events


def _after_nudged(tep: Settings, state: State) -> list[Event]:
    if state.idle >= tep.patience:
        reason = f"nudged equilibrium: {state.idle} iterations in a row applied no edit"
    elif state.nudged >= tep.nudged_cap:
        reason = f"cap: {state.nudged} nudged iteration{'s' * (state.nudged != 1)}"
    else:
        return []
    return [_next(tep, state, "round", reason)]


def _next(tep: Settings, state: State, wanted: str, reason: str) -> Phase:
    if wanted == "nudged" and "nudged" in tep.phases:
        return Phase("nudged", reason, state.round)
    if state.round < tep.rounds:
        return Phase(tep.phases[0], reason, state.round + 1)
    return Phase("done", reason, state.round)
