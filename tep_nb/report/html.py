"""The report: one HTML file without scripts that asks no network for anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tep_nb.core.events import Budgeted, Failed, Frozen, Rewound, Started, Stopped
from tep_nb.core.node import Agent
from tep_nb.core.state import State
from tep_nb.model.budget import Usage
from tep_nb.report import prose, rows
from tep_nb.report.figures import graph_figure, metric_figure, score_figure, svg
from tep_nb.report.markup import details, diff, items, paragraph, table, text
from tep_nb.report.rows import History, Record
from tep_nb.report.team import played

__all__ = ["is_simulated", "page"]

_DONE = {"approve": "approved", "edit": "edited and applied", "take": "applied in part", "reject": "rejected", "skip": "skipped"}
_SHOWN = 12  # flipped rows of a piece of evidence; the journal has all
_STYLE = """
:root { color-scheme: light; --ink: #1f2328; --dim: #57606a; --line: #d0d7de; --soft: #f6f8fa; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); }
body { background: #fff; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin-top: 1.8rem; font-size: 1.05rem; } p, li { max-width: 48rem; }
pre { padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); border: 1px solid var(--line); }
pre, code { font: 14px/1.45 ui-monospace, monospace; } table { border-collapse: collapse; font-size: 14px; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; } .wide { overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: var(--soft); } .number { text-align: right; font-variant-numeric: tabular-nums; }
ins { background: #d2f5d8; text-decoration: underline; } del { background: #ffdfdb; text-decoration: line-through; }
ins::before { content: "+"; color: #116329; } del::before { content: "−"; color: #a40e26; }
.note { border-left: 4px solid #9a6700; padding: .4rem .8rem; background: #fff8e5; } .dim { color: var(--dim); }
svg { max-width: 100%; height: auto; } details { margin: .4rem 0; } summary { cursor: pointer; }
"""


def page(history: History, spent: Usage, name: str) -> str:
    """Tell a session as one HTML page.

    Parameters
    ----------
    history : History
        What `tep_nb.report.rows.history` made of the journal's events.
    spent : Usage
        What was paid for.
    name : str
        Of the journal's file.

    Returns
    -------
    str
    """
    state = history.state
    parts = [
        f"<h1>Prompt optimisation: {text(name)}</h1>\n",
        _caveats(history, spent),
        _results(history),
        _graph(state),
        _decisions(history),
        _prompts(state),
        _equilibrium(history),
        _cost(state, spent),
        _reproduce(history, name),
    ]
    # The policy keeps the page silent even where a text should slip past the escaping.
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def is_simulated(state: State, spent: Usage) -> bool:
    """Whether a simulated model took part, by the pinned name."""
    roles = (value for value in state.models.values() if isinstance(value, str))
    return any(name.startswith("simulated") for name in (*roles, *state.models.get("named", {}).values(), *spent.models))


def _caveats(history: History, spent: Usage) -> str:
    state = history.state
    found = ""
    if is_simulated(state, spent):
        roles = played(state.models, state.metric)
        part = roles and "actor" not in roles
        found += paragraph(prose.SIMULATED_PART.format(roles=text(", ".join(roles))) if part else prose.SIMULATED, "note")
    authors = Counter(record.decision.by for record in history.records if record.kept)
    who = ", ".join(f"{text(by)} {count}" for by, count in authors.most_common()) or "nobody yet"
    verdicts = Counter(_DONE[record.decision.verdict] for record in history.records if record.kept)
    what = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    pending = f" {len(state.step.pending)} proposals still wait." if state.step.pending else ""
    return found + paragraph(
        f"After {state.step.index} steps the session is in the phase <em>{text(state.phase)}</em>. Every change of a prompt has "
        f"a recorded decision: {what or 'none yet'}. Decided by: {who}.{pending}"
    )


def _results(history: History) -> str:
    looks = Counter(look.evaluation.split for look in history.looks)
    gate = _gate_rows(history.state)
    counted = ", ".join(f"{split} {count}" for split, count in looks.items()) or "none"
    point = f", where one row is {round(100 / gate, 1):g} points" if gate else ""
    notes = [
        f"Looks at a split through <code>evaluate</code>: {text(counted)}.",
        f"Metric evidence was bought {history.tests} times; each looked at up to {gate} validation rows{point}.",
        prose.INTERVALS,
        prose.LABELS,
        *([prose.JUDGED] if any(record.evidence and record.evidence.judged for record in history.records) else []),
    ]
    found = [
        (
            look["step"], look["split"], look["n"], f"{look['mean']:.1%}", f"{look['low']:.1%} to {look['high']:.1%}",
            look["failed"], look["model"], "" if look["kept"] else "on a branch that was left",
        )
        for look in rows.evaluations(history.looks)
    ]  # fmt: skip
    heads = ("step", "split", "rows", "mean", "95% interval", "failed rows", "model", "")
    shown = table("Every look at a split", heads, found) if found else paragraph("No split was evaluated.")
    return f"<h2>Results</h2>\n{shown}{svg(metric_figure(history), 'The metric over the steps')}{items(notes)}"


def _gate_rows(state: State) -> int:
    return min(int(state.method.get("gate_rows", 0)), len(state.dataset.validation))


def _graph(state: State) -> str:
    nodes = []
    for node in state.graph.order:
        if isinstance(node, Agent):
            kind = "agent, frozen" if node.frozen else "agent"
            about = (kind, ", ".join(node.reads.values()), ", ".join(node.outputs), node.role)
            run = (node.model or "the actor", f"when {node.guard}" if node.guard else "always")
        else:
            about = ("tool", ", ".join(node.needs), ", ".join(node.outputs), node.doc)
            run = (f"version {node.version}", "always")
        nodes.append((node.name, *about, *run))
    heads = ("node", "kind", "reads", "writes", "what it does", "model", "runs")
    picture = svg(graph_figure(state.graph), "The graph of agents and tools")
    return f"<h2>The graph</h2>\n{picture}{table('Agents and tools, in the order they run', heads, nodes)}"


def _decisions(history: History) -> str:
    told = "".join(_decision(record) for record in history.records)
    return f"<h2>Decisions</h2>\n{paragraph(prose.DECISIONS)}{told or paragraph('None yet.')}"


def _decision(record: Record) -> str:
    proposal, decision, evidence = record.proposal, record.decision, record.evidence
    head = f"{record.number}. {proposal.prompt}, step {record.step} ({record.phase}): {_DONE[decision.verdict]} by {decision.by}"
    facts = [
        f"Proposed by {text(proposal.by)}. {text(proposal.rationale)}",
        *(f"<strong>Warning</strong>: {text(warning)}" for warning in proposal.warnings),
        f"Evidence, {text(evidence.summary())}." if evidence else "No evidence was bought for this text.",
        f"Reason: {text(decision.reason)}" if decision.reason else "",
        _override(record),
        f"Beyond the bound: {text('; '.join(record.beyond))}" if record.beyond else "",
        "" if record.kept else "<strong>Taken back later</strong> by undo, rewind or fork; it is no part of the result.",
    ]
    if record.at:
        waited = "" if record.waited is None else f", {record.waited:.1f} s after it could be decided"
        facts.append(f'<span class="dim">{text(record.at)}{waited}</span>')
    shown = diff(proposal.before, record.hunks)
    if decision.text not in (None, proposal.after):
        shown += details("What was proposed", diff(proposal.before, proposal.hunks))
    return f"<h3>{text(head)}</h3>\n{items(fact for fact in facts if fact)}{shown}{_flips(record)}{_critiques(record)}"


def _override(record: Record) -> str:
    """The reason for applying an edit all the same; a reason that nothing asked for is told as such."""
    if not record.decision.override:
        return ""
    against = record.proposal.leaks or (record.evidence is not None and record.evidence.label == "worse")
    head = "<strong>Applied against the evidence or a warning</strong>" if against else "Override given, not needed"
    return f"{head}: {text(record.decision.override)}"


def _flips(record: Record) -> str:
    if record.evidence is None or not record.evidence.flips:
        return ""
    flips = record.evidence.flips
    shown = [(f.row, f.before, f.after, f.output_before, f.output_after, f.note) for f in flips[:_SHOWN]]
    heads = ("row", "before", "after", "output before", "output after", "note")
    more = paragraph(f"{len(flips) - _SHOWN} more are in the journal.", "dim") if len(flips) > _SHOWN else ""
    return details(f"{len(flips)} rows changed their value", table("Rows whose value changed", heads, shown) + more)


def _critiques(record: Record) -> str:
    said = [
        f"row {c.row}, {c.score:.1f} of 10: " + ("; ".join(f"{text(s.about)}: {text(s.do)}" for s in c.suggestions) or "content")
        for c in record.proposal.critiques
        if c.parsed
    ]
    return details(f"What the critic said on {len(said)} rows", items(said))


def _prompts(state: State) -> str:
    begun = state.lineage[-1].prompts
    told = []
    for name, prompt in state.prompts.items():
        before = begun[name]
        if before.text == prompt.text:
            told.append(f"<h3>{text(name)}: unchanged</h3>\n{diff(prompt.text, ())}")
        else:
            told.append(f"<h3>{text(name)}: before and after</h3>\n{diff(before.text, before.diff(prompt))}")
    return f"<h2>Prompts</h2>\n{''.join(told)}"


def _equilibrium(history: History) -> str:
    state = history.state
    heads = ["prompt", "agents downstream", "first score", "last score", "settled by", "stuck"]
    heads += ["B(g) mean", "B(g) most", "S(g)", "tokens", "drift"]
    measured = [
        (m["prompt"], m["hops"], m["first_score"], m["last_score"], "frozen" if m["frozen"] else m["settled"] or "not settled",
         "below 8.0" if m["stuck"] else "", m["feedback"], m["feedback_most"], m["specificity"], m["tokens"], m["drift"])
        for m in rows.prompts(state)
    ]  # fmt: skip
    nudged = [record for record in history.records if record.kept and record.phase == "nudged"]
    applied = [record for record in nudged if record.decision.text is not None]
    proven = sum(record.evidence is not None and record.evidence.label == "proven" for record in applied)
    rates = f"{proven} proven and {len(applied)} applied of {len(nudged)} decided in the nudged phase"
    notes = [prose.EQUILIBRIUM, prose.MEASURES, f"Effective update rate: {rates}."]
    phases = [f"step {step}: {text(phase)}, because {text(reason)}" for step, phase, reason in state.phases]
    picture = svg(score_figure(state), "The scores of the critic over the steps")
    told = items(notes) + items((*phases, *_happened(history)))
    return f"<h2>Scores and equilibrium</h2>\n{picture}{table('Prompts', heads, measured)}{told}"


def _happened(history: History) -> list[str]:
    """What else a reader should know of: stops, failures, frozen prompts, budgets that were reached."""
    found = []
    for event in history.events:
        if isinstance(event, Failed):
            found.append(f"{text(event.at)}: a command failed, {text(event.error, 300)}")
        elif isinstance(event, Stopped):
            found.append(f"{text(event.at)}: a command was stopped {text(event.reason)}")
        elif isinstance(event, Frozen):
            verb = "frozen" if event.frozen else "freed"
            found.append(f"{text(event.at)}: {text(event.prompt)} was {verb} by {text(event.by)}")
        elif isinstance(event, Rewound):
            found.append(f"{text(event.at)}: {text(event.why)} by {text(event.by or 'a script')}")
        elif isinstance(event, Budgeted) and event.reason:
            found.append(f"{text(event.at)}: budget, {text(event.reason, 300)}")
    return found


def _cost(state: State, spent: Usage) -> str:
    found = rows.usage(spent)
    heads = ["purpose", "calls", "prompt tokens", "completion tokens", "seconds"]
    names = ["purpose", "calls", "prompt_tokens", "completion_tokens", "seconds"]
    if found[-1]["cost"] is not None:
        heads, names = [*heads, "cost"], [*names, "cost"]
    models = [(name, one.calls, one.tokens, one.seconds) for name, one in spent.models.items()]
    caps = ", ".join(f"{k} {v:g}" for k, v in state.budget.items() if v is not None and not k.endswith("_price")) or "none"
    by_model = table("By model", ("model", "calls", "tokens", "seconds"), models)
    return (
        f"<h2>What it cost</h2>\n{table(prose.PAID, heads, _pick(found, names))}{by_model}"
        f"{paragraph(f'Budget: {text(caps)}. {prose.SECONDS}')}"
    )


def _pick(found: Iterable[dict[str, object]], names: list[str]) -> list[list[object]]:
    return [[row[name] for name in names] for row in found]


def _reproduce(history: History, name: str) -> str:
    state, event = history.state, history.events[0]
    assert isinstance(event, Started)
    sizes = ", ".join(f"{split} {len(state.dataset.part(split))}" for split in ("train", "validation", "test"))
    settings = [
        ("tep_nb", event.version),
        ("begun", event.at),
        ("objective", state.objective),
        ("metric", state.metric.get("name", "")),
        ("rows", sizes),
        *((f"model: {role}", value) for role, value in state.models.items() if isinstance(value, str)),
        *((f"model: {key}", value) for key, value in state.models.get("named", {}).items()),
        *((f"method: {key}", value) for key, value in state.method.items()),
    ]
    steps = [sentence.format(name=text(name)) for sentence in (prose.AGAIN, prose.SHOW, prose.RESUME)]
    return f"<h2>How to reproduce</h2>\n{items(steps)}{table('Settings', ('setting', 'value'), settings)}"
