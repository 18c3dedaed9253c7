"""The summary that stands beside the studio: a session as a reader without a kernel, a script or a style sheet sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tep_nb.core.measures import Author, measures
from tep_nb.core.state import State
from tep_nb.core.text import Prompt, count_tokens
from tep_nb.deciders import is_policy
from tep_nb.model.budget import Usage
from tep_nb.notebook.views.graph import card_view
from tep_nb.notebook.views.static import PRE, static_table
from tep_nb.notebook.views.text import clip, esc, number, percent, plural
from tep_nb.report import prose, rows
from tep_nb.report.markup import changed
from tep_nb.report.rows import Record
from tep_nb.report.team import team_note, took_part
from tep_nb.report.told import DONE, brief, repeats

__all__ = ["static_summary"]

_LAST = 20  # decisions and looks that are shown; the journal has all
_AGENTS = 60
_SAID = 240  # characters of a reason
_NAME = 80
_TEXT = 4000  # of a prompt that nobody changed


def static_summary(state: State, usage: Usage | None = None) -> str:
    """Where a session stands, what was decided by whom on what evidence, the prompts before and after, and what was paid.

    This is what a saved notebook holds of a session, beside what its cells print and the pictures of the graph and the history:
    names, states and scores of the agents; the metric's means; of the newest decisions author, verdict, reason, override and the
    numbers of the evidence; the first and the present text of each prompt; calls and tokens. It holds no text of a proposal that
    was not applied, no row, no output, no critique, and no key. Of long prompts it has what stands around the changes.
    """
    parts = [_standing(state, usage), _agents(state), _looks(state), _decisions(state), _prompts(state), _cost(usage)]
    return f"<div>{''.join(parts)}</div>"


def _standing(state: State, usage: Usage | None) -> str:
    beta = f", β {state.step.beta:.2f}" if state.step.beta is not None else ""
    authors = sorted(measures(state).authors.items(), key=lambda pair: -pair[1].decisions)
    who = ", ".join(f"{esc(_author(by))} {_rate(one, alone=len(authors) == 1)}" for by, one in authors[:8])
    waits = ", ".join(dict.fromkeys(proposal.prompt for proposal in state.step.pending))
    return (
        f"<p><strong>{esc(state.phase)}</strong> phase, step {state.step.index}{beta}; {len(state.step.pending)} pending"
        f"{f' ({esc(clip(waits, _SAID))})' if waits else ''}; {len(state.decisions)} decided{f' by {who}' if who else ''}."
        f"{_caveat(state, usage)}</p>"
    )


def _rate(author: Author, *, alone: bool) -> str:
    """``9 (5 applied, median 3.1 s)``; who decided alone decided all of them."""
    seconds = "" if author.seconds is None else f", median {author.seconds:.1f} s"
    return f"{'' if alone else f'{author.decisions} '}({author.accepted} applied{seconds})"


def _caveat(state: State, usage: Usage | None) -> str:
    if note := team_note(state):
        return f" {esc(note)}; what rests on it is no evidence about language models."
    return f" {prose.SIMULATED}" if took_part(state, usage or Usage({}, {})) else ""


def _author(by: str) -> str:
    return f"policy {clip(by, _NAME)}" if is_policy(by) else clip(by, _NAME)


def _agents(state: State) -> str:
    agents = state.graph.agents
    found = []
    for agent in agents[:_AGENTS]:
        card, history = card_view(state.graph, agent, state), state.track(agent.prompt_name).history
        scores = f"{history[0].score:.1f} → {history[-1].score:.1f}" if history else "–"
        found.append([card["name"], f"{card['state']}{': ' + card['rule'] if card['rule'] else ''}", scores, card["tokens"]])
    more = f"<p>{plural(len(agents) - _AGENTS, 'more agent')}.</p>" if len(agents) > _AGENTS else ""
    heads = ["agent", "state", "critic's score of 10, first → last", "tokens"]
    return f"<h4>Agents</h4>{static_table(heads, found)}{more}"


def _looks(state: State) -> str:
    found = []
    for look, kept in state.looks[-_LAST:]:
        spread = f"{percent(look.interval[0])} to {percent(look.interval[1])}"
        model = f"{clip(look.model, _NAME)}{'' if kept else ', on a branch that was left'}"
        found.append([look.step, look.split, look.n, percent(look.mean), spread, model])
    left = len(state.looks) - len(found)
    more = f"<p>{plural(left, 'earlier look')} in the journal.</p>" if left else ""
    heads = ["after step", "split", "rows", "mean", "95% interval", "model"]
    return f"<h4>The metric, {esc(state.metric.get('name', ''))}</h4>{static_table(heads, found)}{more}" if found else ""


def _decisions(state: State) -> str:
    if not state.decisions:
        return ""
    newest = rows.recorded(state, _LAST)[::-1]
    found = [
        [r.step, f"{DONE[r.decision.verdict]}: {r.proposal.prompt}", _author(r.decision.by), _evidence(r), _why(r)]
        for r in newest
    ]
    left = len(state.decisions) - len(newest)
    more = f"<p>{plural(left, 'earlier decision')} in the journal; <code>%tep report</code> tells them all.</p>" if left else ""
    heads = ["step", "decision", "by", "evidence", "reason"]
    return f"<h4>Decisions, newest first</h4>{static_table(heads, found)}{more}"


def _evidence(record: Record) -> str:
    if record.evidence is not None:
        return brief(record.evidence)
    return "none" if record.stale is None else f"stale, before the graph changed: {brief(record.stale)}"


def _why(record: Record) -> str:
    decision = record.decision
    reason = "" if repeats(decision.reason, record.evidence) else clip(decision.reason, _SAID)
    override = f"override: {clip(decision.override, _SAID)}" if decision.override else ""
    return "; ".join(filter(None, (reason, override, *("applied with a warning" for _ in _warned(record)))))


def _warned(record: Record) -> tuple[str, ...]:
    return record.proposal.warnings[:1] if record.decision.text is not None else ()


def _prompts(state: State) -> str:
    """Each changed prompt, from its first text to the present one; the others together."""
    first = _first(state)
    told, same = [], []
    for name, prompt in state.prompts.items():
        if first[name].text == prompt.text:
            same.append(f"<p>{esc(name)}</p><pre {PRE}>{esc(clip(prompt.text, _TEXT))}</pre>")
        else:
            sizes = f"{count_tokens(first[name].text)} → {count_tokens(prompt.text)} tokens"
            shown = _change(first[name], prompt.text)
            head = f"<summary>{esc(name)}: before and after, {sizes}</summary>"
            told.append(f"<details>{head}<pre {PRE}>{shown}</pre></details>")
    if same:
        head = f"<summary>{plural(len(same), 'prompt')} as at the start</summary>"
        told.append(f"<details>{head}{''.join(same[:_AGENTS])}</details>")
    return f"<h4>Prompts</h4>{''.join(told)}"


def _first(state: State) -> dict[str, Prompt]:
    while state.parent is not None:
        state = state.parent
    return state.prompts


@lru_cache(maxsize=256)
def _change(first: Prompt, text: str) -> str:
    return changed(first.text, first.diff(text))


def _cost(usage: Usage | None) -> str:
    if usage is None or not usage.calls:
        return ""
    found: list[list[Any]] = [
        [row["purpose"], *(number(row[name]) for name in ("calls", "prompt_tokens", "completion_tokens"))]
        for row in rows.usage(usage)
    ]
    cost = f", {usage.total.cost:,.4f} in the currency of the prices" if usage.total.cost else ""
    head = f"<summary>Paid: {number(usage.calls)} calls and {number(usage.tokens)} tokens{cost}</summary>"
    return f"<h4>Cost</h4><details>{head}{static_table(['purpose', 'calls', 'tokens in', 'tokens out'], found)}</details>"
