"""The nudged phase: critics see the forward signal, U_v makes bounded edits of what only they reveal (METHOD section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tep_nb.core.data import Trace
from tep_nb.core.events import Drafted, Outcome, Proposed
from tep_nb.core.metric import Metric
from tep_nb.core.node import Agent
from tep_nb.core.review import Decision, Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.core.text import Limit, count_tokens
from tep_nb.method.critic import Critic
from tep_nb.method.editor import Draft, heard
from tep_nb.method.forward import forward, gather, measured_draw
from tep_nb.method.measure import measure
from tep_nb.method.tep.free import edited, editor_of, mean_score, rows_of
from tep_nb.method.tep.judging import judge_all, output_of
from tep_nb.method.tep.schedule import batch, open_prompts
from tep_nb.method.tep.settings import Settings
from tep_nb.method.tep.signal import Signal
from tep_nb.model.runtime import Runtime

__all__ = ["NudgedCritic", "bound_faults", "bound_limits", "draft", "edit", "propose"]


def draft(tep: Settings, state: State) -> Drafted:
    """Plan the next nudged step: all prompts that are not frozen, on one minibatch."""
    return Drafted(
        step=state.step.index + 1,
        phase="nudged",
        prompts=open_prompts(state),
        rows=batch(tep, state),
        temperatures={},
        beta=tep.beta * tep.ratio(state.nudged),
        signal=f"objective, contracts, end scores; targets: {tep.signal_targets}",
    )


def bound_limits(tep: Settings, state: State, prompt: str, text: str) -> tuple[Limit, ...]:
    """What an edit of a prompt takes of each limit at the current beta; before the first nudged step, at its start."""
    return tep.bound.limits(state.prompts[prompt], text, count_tokens(state.baseline[prompt]), _ratio(tep, state))


def _ratio(tep: Settings, state: State) -> float:
    """beta_k / beta_0 in the current step."""
    return 1.0 if state.step.beta is None else state.step.beta / tep.beta


def bound_faults(tep: Settings, state: State, prompt: str, text: str) -> tuple[str, ...]:
    """What an edit of a prompt oversteps; empty when it is within the bound."""
    return tuple(str(limit) for limit in bound_limits(tep, state, prompt, text) if not limit.kept)


@dataclass(frozen=True, slots=True)
class NudgedCritic:
    """Judges steps of the minibatch's forward pass with the forward signal: the phase's evaluation and its local evidence."""

    tep: Settings
    door: Runtime
    state: State
    traces: tuple[Trace, ...]
    signal: Signal

    @classmethod
    async def make(
        cls, tep: Settings, door: Runtime, state: State, metric: Metric, ends: Mapping[int, float] | None
    ) -> NudgedCritic:
        """Run the graph as it was when the step began, and build the signal once (``ends`` where they are known)."""
        graph = state.graph
        for name, text in state.step.texts.items():
            graph = graph.with_prompt(name, text)
        rows = rows_of(state, state.step.rows or batch(tep, state))
        traces = await forward(door, graph, rows, "forward", tep.seed)
        if not ends:
            ends = {s.row: s.value for s in await measure(door, graph, metric, traces) if not s.failed}
        targets = {row.id: row.target for row in rows} if tep.signal_targets == "sink" else {}
        return cls(tep, door, state, tuple(traces), Signal(graph, metric, state.objective, dict(ends), targets))

    async def evaluate(self, prompt: str, text: str | None = None, *, free: bool = False) -> tuple[Critique, ...]:
        """Critiques of every user of the prompt on every row it ran on.

        Parameters
        ----------
        prompt : str
        text : str or None
            None judges the recorded outputs; a text is run first, on the same inputs.
        free : bool
            Without the signal: g_free where there was no free phase.
        """
        graph = self.state.graph if text is None else self.state.graph.with_prompt(prompt, text)

        async def one(agent: Agent, trace: Trace) -> Critique:
            fields, row = agent.fields(trace.values), trace.row.id
            recorded = trace.calls[agent.name]
            assert recorded != "skipped"
            output = recorded[0].text
            if text is not None:
                number = measured_draw(self.tep.seed, agent, row)
                output = await output_of(self.door, agent, fields, row, agent.temperature, number)
            signal = "" if free else self.signal.text(agent.name, row)
            critic = Critic(self.door, self.tep.cap_tokens, self.tep.strict)
            return await critic.judge(agent, fields, output, row=row, signal=signal)

        critiques, _ = await judge_all(graph.users(prompt), self.traces, one)
        return critiques


async def propose(tep: Settings, door: Runtime, state: State, metric: Metric) -> Proposed:
    """A forward pass, all critics at once, all editors at once; at most one proposal a prompt."""
    critic = await NudgedCritic.make(tep, door, state, metric, None)
    results = await gather(_prompt(critic, name) for name in state.step.prompts if name in open_prompts(state))
    heard([made for _, _, made in results])
    proposals = tuple(proposal for _, proposal, _ in results if proposal is not None)
    return Proposed(state.step.index, proposals, tuple(outcome for outcome, _, _ in results), critic.signal.scores)


async def _prompt(critic: NudgedCritic, name: str) -> tuple[Outcome, Proposal | None, Draft | None]:
    tep, state = critic.tep, critic.state
    held = state.track(name).free
    # Without a free phase, g_free is one free critique of the initial prompt, made beside the first nudged one.
    jobs = [critic.evaluate(name)] if held else [critic.evaluate(name), critic.evaluate(name, free=True)]
    nudged, *made = await gather(jobs)
    free = made[0] if made else ()
    weight = tep.weight(state.nudged)
    outcome = Outcome(name, nudged, mean_score(nudged, weight), free=free)
    parsed = tuple(c for c in nudged if c.parsed)
    if not any(c.suggestions for c in parsed):
        note = "the critic proposes nothing more" if parsed else "no critique could be read, or no row reached it"
        return replace(outcome, note=note, silent=bool(parsed) or not nudged), None, None
    draft_ = await edit(tep, critic.door, state, name, held or free, parsed)
    note = draft_.note
    if draft_.text is None and draft_.held_back:
        points = "1 point stands" if len(draft_.held_back) == 1 else f"{len(draft_.held_back)} points stand"
        note = f"empty contrast: {points} in both critiques. {note}".strip()
    outcome = replace(outcome, note=note, held_back=draft_.held_back, silent=draft_.text is None and not draft_.failed)
    return outcome, edited(tep, state, name, draft_, parsed), draft_


async def edit(
    tep: Settings,
    door: Runtime,
    state: State,
    name: str,
    free: Sequence[Critique],
    critiques: Sequence[Critique],
    *,
    attempt: int = 0,
    beside: Sequence[tuple[Proposal, Decision]] = (),
) -> Draft:
    """Ask U_v for an edit within the bound; ``beside`` is told as rejected too, each ``attempt`` draws anew."""
    editor = editor_of(tep, door, state, name, attempt, beside, lambda text: bound_faults(tep, state, name, text))
    return await editor.nudged([c for c in free if c.parsed], critiques, _rules(tep, state, name))


def _rules(tep: Settings, state: State, name: str) -> str:
    bound, length = tep.bound, count_tokens(state.prompts[name].text)
    most, longest = bound.edited(length, _ratio(tep, state)), bound.longest(count_tokens(state.baseline[name]))
    return (
        f"- Change at most {bound.hunks} places and at most {most} words and punctuation marks; "
        f"let the prompt grow by at most {bound.growth}; its length may be at most {longest}."
    )
