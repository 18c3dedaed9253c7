"""Values as plain text, for cells and terminals; pure. What strangers wrote goes through `text.clean`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tep_nb.core.data import Dataset, Trace
from tep_nb.core.events import Evaluation
from tep_nb.core.graph import Graph, Node
from tep_nb.core.node import Agent
from tep_nb.core.review import PAST, Evidence, Flip, Proposal
from tep_nb.core.state import State, Step, Track
from tep_nb.core.step import LINE
from tep_nb.core.text import count_tokens, show
from tep_nb.deciders import marked
from tep_nb.method.estimate import Estimate
from tep_nb.model.budget import Budget, Spent, Usage
from tep_nb.model.runtime import Progress
from tep_nb.notebook.text import bounded, clean, one_line
from tep_nb.report.team import is_simulated, judge_note, team_note

__all__ = [
    "after", "budget_text", "cost_text", "data_text", "evaluation_text", "evidence_text", "flips_text", "graph_text", "groups",
    "history_text", "model_name", "node_text", "pending_text", "progress_text", "proposal_text", "state_text", "step_text",
    "trace_text",
]  # fmt: skip

_SUGGESTIONS = 4  # of a proposal's critiques; the studio shows all
_LONG = 2000  # characters of one field's value
_ROWS = 20  # ids of rows that rose, and that fell; the studio shows all


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def model_name(name: str) -> str:
    """How a model is called where its results are shown: a simulated one always says so."""
    return "simulated model" if name == "simulated" else f"model {clean(name)}"


def _team(state: State) -> str:
    """The actor, and where it is not simulated itself, who else is."""
    return "; ".join(filter(None, (model_name(str(state.models.get("actor", ""))), team_note(state))))


def _shorten(value: Any) -> str:
    return bounded(clean(show(value)), _LONG)


def node_text(node: Node) -> str:
    """A node in one line: what it reads, what it writes, what is special."""
    kind = "agent" if isinstance(node, Agent) else "tool"
    extra = []
    if isinstance(node, Agent):
        extra += [f"prompt {node.prompt_name}"] if node.prompt_name != node.name else []
        extra += [f"model {clean(node.model)}"] if node.model else []
        extra += ["frozen"] if node.frozen else []
        extra += [f"when {clean(str(node.guard))}"] if node.guard else []
        extra.append(_count(count_tokens(node.prompt.text), "word"))
    else:
        extra += [f"{name}={clean(repr(value))}" for name, value in node.options.items()]
    return f"{kind} {node.name}: {', '.join(node.needs)} -> {', '.join(node.outputs)} ({', '.join(extra) or 'no options'})"


def graph_text(graph: Graph) -> str:
    """The graph, a node a line in topological order."""
    return "\n".join([*(node_text(node) for node in graph.order), f"columns: {_names(graph.columns)}; output: {graph.output}"])


def data_text(data: Dataset) -> str:
    """Sizes and columns."""
    columns = _names(clean(name) for name in data.columns)
    return (
        f"{len(data.train)} train, {len(data.validation)} validation, {len(data.test)} test rows; "
        f"columns: {columns}; target: {clean(data.target)}"
    )


def budget_text(budget: Budget, priced: bool = False) -> str:
    """The caps that are set; ``priced``: the models have prices of their own, so that a cap on the cost works."""
    prices = ("prompt_price", "completion_price")  # these are no caps: 0 is none
    caps = [f"{name} {v:,.12g}" for name, v in budget.settings().items() if v is not None and (v or name not in prices)]
    return "\n".join(filter(None, (f"budget: {', '.join(caps) or 'no caps'}", "" if priced else budget.warning)))


def step_text(state: State, step: Step) -> str:
    """What a step led to, a prompt a line."""
    beta = "" if step.beta is None else f", beta {step.beta:.2f}"
    lines = [f"step {step.index} ({step.phase}{beta}, {_team(state)}): {_count(len(step.proposals), 'proposal')}"]
    proposed = {proposal.prompt for proposal in step.proposals}
    for outcome in step.outcomes:
        score = "no score" if outcome.score is None else f"score {outcome.score:.1f}"
        what = "a proposal" if outcome.prompt in proposed else outcome.note or "nothing more to propose"
        lines.append(f"  {outcome.prompt}: {score}, {one_line(what)}")
    known = {outcome.prompt for outcome in step.outcomes}
    lines += [f"  {p.prompt}: a proposal by {clean(p.by)}" for p in step.proposals if p.prompt not in known]
    # Only what had not settled is evaluated in a free step: what has settled now did so by it.
    lines += [_settled(name, track) for name, track in state.tracks.items() if step.phase == "free" and name in step.prompts]
    lines.append(_at_a_loss(state, step))
    begun = [(phase, why) for at, phase, why in state.phases if at == step.index and phase != step.phase]
    lines += [f"phase {phase} begins: {clean(why)}" for phase, why in begun]
    lines.append(_next(state))
    return "\n".join(filter(None, lines))


def _at_a_loss(state: State, step: Step) -> str:
    """What to say of a simulated critic that is discontent with all and proposes nothing: it does not know the task."""
    scores = [outcome.score for outcome in step.outcomes if outcome.score is not None]
    if step.proposals or not scores or max(scores) >= LINE or not is_simulated(state.models.get("critic", "")):
        return ""
    return "nothing is proposed: the simulated model can count things and sort words, nothing else (%tep model names another)"


def _settled(prompt: str, track: Track) -> str:
    if not track.settled:
        return ""
    return f"{prompt} has settled ({clean(track.settled)}){', stuck below 8.0' if track.stuck else ''}"


def _next(state: State) -> str:
    if state.step.pending:
        return f"pending: {_names(p.prompt for p in state.step.pending)} (%tep pending shows them)"
    return f"phase: {state.phase}, nothing pending" if state.phase != "done" else "phase: done (%tep evaluate test measures)"


def after(before: State | None, state: State) -> str:
    """What a decision led to: verdicts, what settled, a new phase, what still waits."""
    lines = []
    old = before.reviewed if before is not None else ()
    if state.reviewed[: len(old)] == old:
        for proposal, decision in state.reviewed[len(old) :]:
            why = one_line(decision.reason or decision.override or "")
            lines.append(f"{PAST[decision.verdict]} {proposal.prompt} (by {clean(decision.by)}){f': {why}' if why else ''}")
            seen = [e for e in state.evidence if e.prompt == proposal.prompt and e.text in (decision.text, proposal.after)]
            lines += [f"  {evidence_text(seen[-1], state)}"] if seen else []
    else:
        lines.append(f"back at step {state.step.index} with {_count(len(state.reviewed), 'decision')}")
    if before is not None:
        old_tracks = {name: before.track(name) for name in state.tracks}
        lines += [
            _settled(name, track) for name, track in state.tracks.items()
            if not old_tracks[name].settled or old_tracks[name].iterations < track.iterations  # reopened meanwhile
        ]  # fmt: skip
        lines += [f"phase {phase} begins: {clean(reason)}" for _, phase, reason in state.phases[len(before.phases) :]]
    return "\n".join([*filter(None, lines), _next(state)])


def evidence_text(evidence: Evidence, state: State | None = None) -> str:
    """One line of numbers; the state tells who gave them, where that is a simulated model beside a real actor."""
    notes = []
    if state is not None:
        notes += [judge_note(state)] if evidence.judged else []
        scored = evidence.kind == "local" or evidence.local is not None
        notes += [_beside(state, "critic", "critic: simulated model")] if scored else []
    return "; ".join(filter(None, (f"evidence for {evidence.prompt}: {evidence.summary()}", *notes)))


def flips_text(flips: Sequence[Flip]) -> str:
    """Which rows rose and which fell, by their ids (METHOD section 3); empty where none did."""
    sides = (("rose", [flip.row for flip in flips if flip.gain > 0]), ("fell", [flip.row for flip in flips if flip.gain < 0]))
    told = [f"{verb}: {', '.join(map(str, ids[:_ROWS]))}{' …' * (len(ids) > _ROWS)}" for verb, ids in sides if ids]
    return f"  rows that {'; '.join(told)}" if told else ""


def _beside(state: State, role: str, text: str) -> str:
    """The text where this role is simulated and the actor is not."""
    models = state.models
    return text if is_simulated(models.get(role, "")) and not is_simulated(models.get("actor", "")) else ""


def proposal_text(state: State, proposal: Proposal) -> str:
    """A proposal in full: the edit with numbered hunks, why, warnings, suggestions, evidence."""
    size = count_tokens(proposal.after) - count_tokens(proposal.before)
    author = clean(proposal.by) + (_beside(state, "editor", " (simulated model)") if proposal.by == "editor" else "")
    head = f"{proposal.prompt}  (id {proposal.id}, {proposal.phase}, by {author}, {size:+d} words)"
    lines = [head, *(f"  {line}" for line in marked(proposal.before, proposal.hunks, numbers=True).splitlines())]
    lines += [f"why: {one_line(proposal.rationale)}"] if proposal.rationale else []
    lines += [f"warning: {one_line(warning)}" for warning in proposal.warnings]
    said = [f"row {c.row}: {s.about}: {s.do}" for c in proposal.critiques for s in c.suggestions]
    lines += [f"critic, {one_line(text)}" for text in said[:_SUGGESTIONS]]
    lines += [f"({_count(len(said) - _SUGGESTIONS, 'more suggestion')})"] if len(said) > _SUGGESTIONS else []
    evidence = state.fresh(proposal.prompt, proposal.after)
    lines.append(evidence_text(evidence, state) if evidence else "evidence: none yet (%tep assess buys it)")
    return "\n".join(lines)


def pending_text(state: State) -> str:
    """All that waits."""
    if not state.step.pending:
        return "nothing is pending: %tep step asks for more" if state.phase != "done" else _next(state)
    return "\n\n".join(proposal_text(state, proposal) for proposal in state.step.pending)


def groups(evaluation: Evaluation, data: Dataset, column: str) -> dict[str, tuple[float, int]]:
    """Mean and number of rows by the value of a column; failed rows do not count."""
    values: dict[str, list[float]] = {}
    rows = {row.id: row for row in data.rows}
    for row in evaluation.rows:
        if not row.failed:
            values.setdefault(show(rows[row.row].fields[column]), []).append(row.value)
    return {name: (sum(found) / len(found), len(found)) for name, found in sorted(values.items())}


def evaluation_text(
    evaluation: Evaluation, by: Mapping[str, tuple[float, int]] | None = None, state: State | None = None
) -> str:
    """Mean, interval, rows, and the groups; the state tells who judged, where that is a simulated model."""
    judge = "" if state is None else judge_note(state, evaluation.model)
    low, high = evaluation.interval
    failed = sum(bool(row.failed) for row in evaluation.rows)
    lines = [
        f"{evaluation.split}: {evaluation.mean:.1%} (95% interval {low:.1%} to {high:.1%}) on {_count(evaluation.n, 'row')}, "
        f"{model_name(evaluation.model)}{f', {judge}' if judge else ''}" + (f"; {failed} failed, not counted" if failed else "")
    ]
    lines += [f"  {one_line(name)[:80] or '(empty)'}: {mean:.1%} on {_count(n, 'row')}" for name, (mean, n) in (by or {}).items()]
    return "\n".join(lines)


def trace_text(trace: Trace, graph: Graph) -> str:
    """What each node wrote, in order."""
    lines = []
    for node in graph.order:
        calls = trace.calls.get(node.name)
        note = " (skipped)" if calls == "skipped" else ""
        written = [name for name in node.outputs if name in trace.values]
        lines += [f"{node.name} -> {name}{note}: {_shorten(trace.values[name])}" for name in written]
    if trace.failed is not None:
        lines.append(f"{trace.failed[0]} failed: {one_line(trace.failed[1])}")
    return "\n".join(lines)


def progress_text(name: str, progress: Progress | None) -> str:
    """What runs now, in one line."""
    if progress is None:
        return f"{name} is running"
    busy = _names(f"{node} {count}" for node, count in sorted(progress.running.items()) if count > 0)
    return f"{name} is running: {progress.done:,} calls made, {progress.recorded:,} from the record; in flight: {busy}"


def state_text(state: State, file: str) -> str:
    """Where a session is."""
    scores = []
    for name, track in state.tracks.items():
        last = f"{track.history[-1].score:.1f}" if track.history else "no score"
        scores.append(f"{name} {last}{' settled' if track.settled else ''}{' (stuck)' if track.stuck else ''}")
    where = f"step {state.step.index}, phase {state.phase}, {_count(len(state.decisions), 'decision')}"
    head = f"session {clean(file)} ({_team(state)}): {where}"
    return "\n".join([head, f"critic's scores: {_names(scores)}", _next(state)])


def history_text(state: State) -> str:
    """Steps with scores and decisions, phases, evaluations."""
    decided: dict[int, list[str]] = {}
    for proposal, decision in state.reviewed:
        why = decision.reason or decision.override or ""
        note = f"{PAST[decision.verdict]} {proposal.prompt} by {clean(decision.by)}{f' ({one_line(why)})' if why else ''}"
        decided.setdefault(proposal.step, []).append(note)
    steps = {step.index: step for step in (*state.steps, state.step)}
    lines = []
    for index in sorted({0, *steps, *decided}):
        lines += [f"phase {phase}: {clean(reason)}" for at, phase, reason in state.phases if at == index and index == 0]
        if (step := steps.get(index)) is not None and index:
            scores = _names(f"{o.prompt} {o.score:.1f}" for o in step.outcomes if o.score is not None)
            beta = "" if step.beta is None else f", beta {step.beta:.2f}"
            what = f"{scores}; {_count(len(step.proposals), 'proposal')}"
            if not step.proposed:
                what = "begun, and not through: %tep step goes on with it"
            elif step.refresh and not step.prompts:
                what = "all agents had settled; their inputs were recorded anew and had not changed"
            lines.append(f"step {index} ({step.phase}{beta}): {what}")
        lines += [f"  {note}" for note in decided.get(index, ())]
        acts = ((clean(act.by), act.words, act.prompt) for act in state.acts if act.step == index)
        lines += [f"  {' '.join(filter(None, words))}" for words in acts]
        lines += [f"phase {phase}: {clean(reason)}" for at, phase, reason in state.phases if at == index and index]
        lines += [f"  {evaluation_text(e, state=state)}" for e, kept in state.looks if kept and e.step == index]
    if left := [e for e, kept in state.looks if not kept]:
        lines.append("looks at a split before going back, with the prompts as they were then:")
        lines += [f"  at step {e.step}: {evaluation_text(e, state=state)}" for e in left]
    return "\n".join(lines)


def cost_text(usage: Usage, budget: Budget, estimate: Estimate) -> str:
    """Paid calls by purpose, the caps, and the next step at most."""
    lines = [f"{'purpose':<10}{'calls':>8}{'tokens in':>12}{'tokens out':>12}"]
    rows = [*sorted(usage.purposes.items()), ("all", usage.total)]
    lines += [f"{name:<10}{s.calls:>8,}{s.prompt_tokens:>12,}{s.completion_tokens:>12,}" for name, s in rows]
    if usage.total.cost:
        lines.append(f"cost: {usage.total.cost:,.4f}")
    caps = budget_text(budget, bool(usage.total.cost or estimate.cost))
    return "\n".join([*lines, caps, *estimate_lines(estimate, budget, usage)])


def estimate_lines(estimate: Estimate, budget: Budget, usage: Usage) -> list[str]:
    """What the next step will take, likely and at most, and whether the budget has room for it."""
    if not estimate.calls:
        return ["next step: there is none, the last phase has ended"]
    parts = _names(f"{name} {calls:,}" for name, calls in estimate.calls.items())
    about = [f"{_count(estimate.expected, 'call')}", f"{estimate.tokens:,} tokens{' (guessed)' if estimate.guessed else ''}"]
    about += [] if estimate.cost is None else [f"cost {estimate.cost:,.4f}"]
    about += [] if estimate.seconds is None else [f"{max(1, round(estimate.seconds)):,} s"]
    lines = [f"next step, about: {', '.join(about)}", f"next step, at most: {_count(estimate.total, 'call')} ({parts})"]
    ahead = Spent(estimate.expected, estimate.tokens, 0, 0.0, estimate.cost or 0.0)
    if not budget.fits(usage.total + ahead):
        lines.append("the budget has less room than that: the step would stop on the way and go on with a higher one")
    return lines
