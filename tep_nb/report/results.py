"""What came of it: looks, scores, equilibrium, feedback and review as tables, figures and plain sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tep_nb.core.events import Budgeted, Decided, Drafted, Failed, Frozen, Rewound, Stopped
from tep_nb.core.measures import measures
from tep_nb.core.state import State
from tep_nb.deciders import is_policy
from tep_nb.model.budget import Usage
from tep_nb.report import prose, rows
from tep_nb.report.figures import feedback_figure, svg
from tep_nb.report.markup import Percent, details, figure, items, moment, paragraph, table, text
from tep_nb.report.rows import History, Record
from tep_nb.report.study import gate_rows
from tep_nb.report.timeline import history_figure
from tep_nb.report.told import DONE

__all__ = ["abstract", "results_section", "review_section", "scores_section"]


def abstract(history: History, spent: Usage) -> str:
    """The session in four sentences: where it stands, what the metric did, who decided, what it took."""
    state = history.state
    kept = [record for record in history.records if record.kept]
    verdicts = Counter(DONE[record.decision.verdict] for record in kept)
    what = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    authors = Counter(record.decision.by for record in kept)
    who = ", ".join(f"{_author(by)} {count}" for by, count in authors.most_common())
    changed = sum(state.lineage[-1].prompts[name].text != prompt.text for name, prompt in state.prompts.items())
    agents, steps = len(state.graph.agents), state.step.index
    sentences = [
        f"The prompts of {_count(agents, 'agent')} were optimised in {_count(steps, 'step')}.",
        f"The session is in the phase <em>{text(state.phase)}</em>; {changed} of {_count(len(state.prompts), 'prompt')} changed.",
        *(_moved(history, split) for split in ("test", "validation")),
        f"Decisions: {what or 'none yet'}." + (f" Decided by: {who}." if who else ""),
    ]
    if spent.calls:
        sentences.append(f"It took {_count(spent.calls, 'call')} and {spent.tokens:,} tokens.")
    if state.step.pending:
        sentences.append(f"Still to be decided: {_count(len(state.step.pending), 'proposal')}.")
    return paragraph(" ".join(sentence for sentence in sentences if sentence), "abstract")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _author(by: str) -> str:
    return f"the policy <code>{text(by)}</code>" if is_policy(by) else text(by)


def _moved(history: History, split: str) -> str:
    """From the first look at a split to the last one that stands; nothing where there are not two."""
    looks = [look.evaluation for look in history.looks if look.kept and look.evaluation.split == split]
    looks = [look for look in looks if look.model == looks[0].model]
    if len(looks) < 2:
        return ""
    first, last = looks[0], looks[-1]
    ends = [f"{one.mean:.1%} (95% {one.interval[0]:.1%} to {one.interval[1]:.1%})" for one in (first, last)]
    steps = f"after step {first.step}", f"after step {last.step}"
    return f"On {last.n} {text(split)} rows the metric went from {ends[0]} {steps[0]} to {ends[1]} {steps[1]}."


def results_section(history: History) -> str:
    """The history as one figure, every look at a split, and how often anybody looked."""
    state = history.state
    kept = [record for record in history.records if record.kept]
    looks = [look.evaluation for look in history.looks if look.kept]
    counted = ", ".join(f"{split} {count}" for split, count in Counter(look.evaluation.split for look in history.looks).items())
    gate = gate_rows(state)
    point = f", where one row is {round(100 / gate, 1):g} points" if gate else ""
    notes = [
        f"Looks at a split through <code>evaluate</code>: {text(counted or 'none')}.",
        f"Metric evidence was bought {history.tests} times; each looked at up to {gate} validation rows{point}.",
        prose.INTERVALS,
        prose.LABELS,
        *([prose.JUDGED] if any(record.evidence and record.evidence.judged for record in history.records) else []),
    ]
    found = [
        (
            look["step"], look["split"], look["n"], Percent(look["mean"]), f"{look['low']:.1%} to {look['high']:.1%}",
            look["failed"], look["model"], "" if look["kept"] else "on a branch that was left",
        )
        for look in rows.evaluations(history.looks)
    ]  # fmt: skip
    heads = ("step", "split", "rows", "mean", "95% interval", "failed rows", "model", "note")
    shown = table("Every look at a split", heads, found) if found else paragraph("No split was evaluated.")
    picture = figure(svg(history_figure(state, kept, looks), "Metric, scores and decisions over the steps"), prose.HISTORY)
    return f"{picture}{shown}{items(notes)}"


def scores_section(history: History) -> str:
    """Scores, equilibrium, feedback and drift of each prompt; phases and what else happened."""
    state = history.state
    heads = ["prompt", "agents downstream", "first score", "last score", "settled by"]
    heads += ["B(g) mean", "B(g) most", "S(g)", "tokens", "drift"]
    measured = [
        (m["prompt"], m["hops"], m["first_score"], m["last_score"], "frozen" if m["frozen"] else _settled(m),
         m["feedback"], m["feedback_most"],
         None if m["specificity"] is None else Percent(m["specificity"]), m["tokens"], m["drift"])
        for m in rows.prompts(state)
    ]  # fmt: skip
    phases = [f"step {step}: {text(phase)}, because {text(reason)}" for step, phase, reason in state.phases]
    shown = ""
    if any(m[5] is not None for m in measured):
        shown = figure(svg(feedback_figure(state), "The size of the feedback by prompt"), prose.FEEDBACK)
    happened = _happened(history)
    return (
        f"{table('Scores, equilibrium and feedback by prompt', heads, measured)}"
        f"{items((prose.EQUILIBRIUM, prose.MEASURES, _update_rate(state)))}{shown}"
        f"<h3>Phases</h3>\n{items(phases)}{details(f'What else happened ({len(happened)})', items(happened))}"
    )


def _settled(prompt: Mapping[str, Any]) -> str:
    """By which rule, and whether below the line."""
    return f"{prompt['settled'] or 'not settled'}{', stuck below 8.0' if prompt['stuck'] else ''}"


def _update_rate(state: State) -> str:
    found = measures(state)
    applied = sum(p.phase == "nudged" and d.text is not None for p, d in state.reviewed)
    if not found.nudged:
        return "Effective update rate: nothing was decided in the nudged phase."
    rates = f"{found.proven / found.nudged:.0%} and {applied / found.nudged:.0%}"
    counts = f"{found.proven} proven and {applied} applied of {found.nudged} decided in the nudged phase"
    return f"Effective update rate: {counts}, {rates}."


def review_section(history: History) -> str:
    """How each author decided: counts, acceptance rate, median seconds; those that were taken back count too."""
    authors: dict[str, list[Record]] = {}
    for record in history.records:
        authors.setdefault(record.decision.by, []).append(record)
    if not authors:
        return ""
    found = []
    for by, own in sorted(authors.items(), key=lambda pair: -len(pair[1])):
        applied = sum(record.decision.text is not None for record in own)
        rejected = sum(record.decision.verdict == "reject" for record in own)
        kind = "policy" if is_policy(by) else "person or script"
        found.append((by, kind, len(own), applied, rejected, len(own) - applied - rejected, Percent(applied / len(own)),
                      _rounded(rows.median_seconds(own)), sum(not record.kept for record in own)))  # fmt: skip
    heads = ("author", "kind", "decisions", "applied", "rejected", "skipped", "acceptance", "median seconds", "taken back")
    return f"{table('Decisions by author', heads, found)}{paragraph(prose.WAITED, 'dim')}"


def _rounded(seconds: float | None) -> float | None:
    """To tenths: a person is not faster, and a policy needs none."""
    return None if seconds is None else round(seconds, 1)


def _happened(history: History) -> list[str]:
    """What else a reader should know of: stops, failures, frozen prompts, ways back, budgets that were reached."""
    found = []
    places: list[tuple[int, int]] = [(0, 0)]  # after each event: the step, and how many decisions stand
    for event in history.events:
        step, decided = places[-1]
        if isinstance(event, Drafted):
            step = event.step
        elif isinstance(event, Decided):
            decided += 1
        elif isinstance(event, Rewound):
            gone, (at, stand) = decided, places[event.to]
            left = f"{_count(gone - stand, 'decision')} taken back" if gone > stand else "no decision taken back"
            way = "" if event.why == "undo" else f" from step {step} to step {at}"
            found.append(f"{moment(event.at)}: {text(event.why)} by {text(event.by or 'a script')}{way}, {left}")
            step, decided = at, stand
        places.append((step, decided))
        if isinstance(event, Failed):
            found.append(f"{moment(event.at)}: a command failed, {text(event.error, 300)}")
        elif isinstance(event, Stopped):
            found.append(f"{moment(event.at)}: {text(event.reason)}")
        elif isinstance(event, Frozen):
            verb = "frozen" if event.frozen else "freed"
            found.append(f"{moment(event.at)}: {text(event.prompt)} was {verb} by {text(event.by)}")
        elif isinstance(event, Budgeted) and event.reason:
            found.append(f"{moment(event.at)}: budget, {text(event.reason, 300)}")
    return found
