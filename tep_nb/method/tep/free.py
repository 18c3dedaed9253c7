"""The free phase: every agent is judged alone, on its recorded inputs, all agents side by side (METHOD section 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tep_nb.core.data import Row, Trace
from tep_nb.core.events import Drafted, Outcome, Proposed
from tep_nb.core.node import Agent
from tep_nb.core.review import Decision, Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.method.critic import Critic
from tep_nb.method.editor import Draft, Editor, heard
from tep_nb.method.forward import forward, gather
from tep_nb.method.proposing import proposed
from tep_nb.method.tep.equilibrium import best_text
from tep_nb.method.tep.judging import judge_all, output_of
from tep_nb.method.tep.schedule import batch, input_rows, open_prompts, temperature
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import Runtime, draw

__all__ = ["FreeCritic", "draft", "edit", "edited", "editor_of", "mean_score", "propose", "rows_of"]


async def draft(tep: Settings, door: Runtime, state: State) -> Drafted:
    """Plan the next free step: evaluate what has not settled, else put forward best texts, else refresh the inputs."""
    step = state.step.index + 1
    waiting = tuple(name for name in open_prompts(state) if not state.track(name).settled)
    first = state.inputs is None
    if waiting or (not first and _offers(state)):
        return _plan(tep, state, step, waiting, refresh=first and bool(waiting))
    reopened = await _moved(tep, door, state)
    return _plan(tep, state, step, reopened, refresh=True, reopened=reopened)


def _plan(
    tep: Settings, state: State, step: int, prompts: tuple[str, ...], *, refresh: bool, reopened: tuple[str, ...] = ()
) -> Drafted:
    return Drafted(
        step=step,
        phase="free",
        prompts=prompts,
        rows=batch(tep, state) if prompts else (),
        temperatures={name: temperature(tep, state, step, name) for name in prompts},
        refresh=refresh,
        reopened=reopened,
    )


def _offers(state: State) -> dict[str, str]:
    """Prompt to its best earlier text, where that is to be put forward."""
    found = {name: best_text(state, name) for name in open_prompts(state)}
    return {name: text for name, text in found.items() if text is not None}


async def _moved(tep: Settings, door: Runtime, state: State) -> tuple[str, ...]:
    """Settled prompts below their cap whose recorded inputs are no longer what the current prompts would give."""
    able = [name for name in open_prompts(state) if state.track(name).iterations < tep.free_cap]
    if state.inputs is None or not able:
        return ()  # whatever changed, nobody could go on
    rows = rows_of(state, input_rows(tep, state))
    new, old = await gather(
        [forward(door, state.graph, rows, "forward", tep.seed), forward(door, state.inputs, rows, "forward", tep.seed)]
    )
    moved = []
    for name in able:
        users = state.graph.users(name)
        if any(
            _inputs(a, n) != _inputs(a, o)
            for a in users
            for n, o in zip(new, old, strict=True)
            if n.failed is None and o.failed is None
        ):
            moved.append(name)
    return tuple(moved)


def _inputs(agent: Agent, trace: Trace) -> dict[str, object] | None:
    """What an agent read on a row; None where it did not run."""
    return None if trace.calls.get(agent.name, "skipped") == "skipped" else agent.fields(trace.values)


def rows_of(state: State, ids: tuple[int, ...]) -> list[Row]:
    """The train rows with these ids, in this order."""
    by_id = {row.id: row for row in state.dataset.train}
    return [by_id[i] for i in ids]


@dataclass(frozen=True, slots=True)
class FreeCritic:
    """Runs and judges one text of a prompt on recorded inputs: the free phase's evaluation and its local evidence."""

    tep: Settings
    door: Runtime
    state: State
    traces: tuple[Trace, ...]

    async def evaluate(self, prompt: str, text: str) -> tuple[tuple[Critique, ...], int]:
        """Critiques of every user of the prompt on every row it ran on, and how many calls failed.

        Raises
        ------
        ModelError
            More than a fifth of the calls failed.
        """
        agents = self.state.graph.with_prompt(prompt, text).users(prompt)
        return await judge_all(agents, self.traces, self._one)

    async def _one(self, agent: Agent, trace: Trace) -> Critique:
        step, state, row = self.state.step, self.state, trace.row.id
        heat = step.temperatures.get(agent.prompt_name) or temperature(self.tep, state, step.index, agent.prompt_name)
        seed = draw(self.tep.seed, state.branch, step.index, agent.name, row, "actor", 0) if heat else 0
        fields = agent.fields(trace.values)
        output = await output_of(self.door, agent, fields, row, heat, seed)
        return await Critic(self.door, self.tep.cap_tokens, self.tep.strict).judge(agent, fields, output, row=row)


def mean_score(critiques: tuple[Critique, ...], weight: float | None = None) -> float | None:
    """Mean score of the readable critiques, 0 to 10; with a weight, the nudged score."""
    scores = [c.score if weight is None else c.nudged_score(weight) for c in critiques if c.parsed]
    return sum(scores) / len(scores) if scores else None


async def propose(tep: Settings, door: Runtime, state: State) -> Proposed:
    """All actors at once, all critics at once, all editors at once; at most one proposal a prompt."""
    step = state.step
    graph = state.inputs or state.graph
    if step.refresh and step.prompts:
        await forward(door, graph, rows_of(state, input_rows(tep, state)), "forward", tep.seed)
    traces = tuple(await forward(door, graph, rows_of(state, step.rows), "forward", tep.seed))
    open_ = [name for name in step.prompts if name in open_prompts(state)]  # one may have been frozen since the draft
    results = await gather(_prompt(FreeCritic(tep, door, state, traces), name) for name in open_)
    heard([made for _, _, made in results])
    proposals = [proposal for _, proposal, _ in results if proposal is not None]
    evaluated = {outcome.prompt for outcome, _, _ in results}
    for name, text in _offers(state).items():
        if name not in evaluated:
            proposals.append(_offer(tep, state, name, text))
    order = list(state.prompts)
    proposals.sort(key=lambda proposal: order.index(proposal.prompt))
    return Proposed(step.index, tuple(proposals), tuple(outcome for outcome, _, _ in results))


async def _prompt(critic: FreeCritic, name: str) -> tuple[Outcome, Proposal | None, Draft | None]:
    tep, state = critic.tep, critic.state
    critiques, failed = await critic.evaluate(name, state.prompts[name].text)
    outcome = Outcome(name, critiques, mean_score(critiques), free=critiques)
    parsed = [c for c in critiques if c.parsed]
    if not parsed:
        ran = bool(critiques) or failed
        note = "no critique could be read" if ran else "no row of this minibatch reached it"
        return replace(outcome, note=note, silent=not ran), None, None
    if not any(c.suggestions for c in parsed):
        return replace(outcome, note="the critic proposes nothing more", silent=True), None, None
    made = await edit(tep, critic.door, state, name, parsed)
    outcome = replace(outcome, held_back=made.held_back, note=made.note, silent=made.text is None and not made.failed)
    return outcome, edited(tep, state, name, made, tuple(parsed)), made


async def edit(
    tep: Settings,
    door: Runtime,
    state: State,
    name: str,
    critiques: Sequence[Critique],
    *,
    attempt: int = 0,
    beside: Sequence[tuple[Proposal, Decision]] = (),
) -> Draft:
    """Ask the editor what the free critiques call for; ``beside`` is told as rejected too, each ``attempt`` draws anew."""
    editor = editor_of(tep, door, state, name, attempt, beside)
    rules = f"- Prefer one short sentence; more than {tep.growth_warning} added words and punctuation marks are flagged."
    return await editor.free(critiques, rules)


def edited(tep: Settings, state: State, name: str, made: Draft, critiques: tuple[Critique, ...]) -> Proposal | None:
    """The proposal of an editor's draft, None where it has no text."""
    if made.text is None:
        return None
    return proposed(tep, state, name, made.text, by="editor", rationale=made.rationale, critiques=critiques)


def editor_of(
    tep: Settings,
    door: Runtime,
    state: State,
    name: str,
    attempt: int,
    beside: Sequence[tuple[Proposal, Decision]],
    faults: Callable[[str], tuple[str, ...]] = lambda _text: (),
) -> Editor:
    """A prompt's editor, who knows what was rejected; ``faults`` tells what of the phase's bound a text oversteps."""
    rejected = (*state.rejected(name), *beside)
    own = draw(tep.seed, state.branch, state.step.index, name, "editor", attempt)
    return Editor(door, state.graph.users(name)[0], rejected, own, tep.editor_temperature, faults)


def _offer(tep: Settings, state: State, name: str, text: str) -> Proposal:
    track = state.track(name)
    best = max(s.score for s in track.series if s.text == text)
    why = f"This earlier text scored {best:.1f}; the prompt settled at {track.series[-1].score:.1f}."
    return proposed(tep, state, name, text, by="best", rationale=why)
