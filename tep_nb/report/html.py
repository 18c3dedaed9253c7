"""The report: one HTML file without scripts that asks no network for anything."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tep_nb.core.events import Started
from tep_nb.core.state import State
from tep_nb.model.budget import Usage
from tep_nb.report import prose, rows
from tep_nb.report.authorship import Piece, pieces
from tep_nb.report.decisions import decisions_section
from tep_nb.report.markup import details, items, moment, paragraph, table, text
from tep_nb.report.reproduce import commands
from tep_nb.report.results import abstract, results_section, review_section, scores_section
from tep_nb.report.rows import History
from tep_nb.report.study import caveat, method_section, system_section

__all__ = ["page"]

_STYLE = Path(__file__).with_name("report.css")


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
    parts = (
        ("system", "What was optimised", system_section(state)),
        ("method", "How", method_section(state)),
        ("results", "Results", results_section(history)),
        ("scores", "Scores and equilibrium", scores_section(history)),
        ("review", "Review", review_section(history)),
        ("decisions", "Decisions", decisions_section(history)),
        ("prompts", "Prompts, before and after", _prompts(history)),
        ("cost", "What it cost", _cost(state, spent)),
        ("reproduce", "How to reproduce", _reproduce(history, name)),
    )
    shown = [(key, title, body) for key, title, body in parts if body]
    contents = "".join(f'<li><a href="#{key}">{title}</a></li>\n' for key, title, _ in shown)
    sections = "".join(f'<section id="{key}">\n<h2>{title}</h2>\n{body}</section>\n' for key, title, body in shown)
    # The policy keeps the page silent even where a text should slip past the escaping.
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(name)}</title>\n<style>{_STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>Prompt optimisation: {text(name)}</h1>\n{caveat(state, spent)}{abstract(history, spent)}"
        f'<nav aria-label="Contents"><ul>\n{contents}</ul></nav>\n{sections}</main>\n</body>\n</html>\n'
    )


def _prompts(history: History) -> str:
    """Every prompt that was changed, with its changes and their decisions; the others folded."""
    state = history.state
    begun = state.lineage[-1].prompts
    kept = {record.number: record for record in history.records if record.kept}
    told, same = [], []
    for name, prompt in state.prompts.items():
        if begun[name].text == prompt.text:
            same.append(details(f"{name}: unchanged", f'<pre class="prompt">{text(prompt.text)}</pre>\n'))
            continue
        found = pieces(begun[name].text, (record for record in kept.values() if record.proposal.prompt == name))
        numbers = dict.fromkeys(number for piece in found for number in (piece.added, piece.removed) if number)
        owners = "; ".join(
            f'<a href="#d{number}">{number}</a> by {text(kept[number].decision.by)}, step {kept[number].step}'
            for number in numbers
        )  # fmt: skip
        after = details(f"{name}, as it stands", f'<pre class="prompt">{text(prompt.text)}</pre>\n')
        shown = f'<pre class="prompt">{"".join(map(_piece, found))}</pre>\n'
        told.append(f"<h3>{text(name)}</h3>\n{shown}{paragraph(f'Decisions: {owners}.', 'dim')}{after}")
    return f"{paragraph(prose.OWNERS)}{''.join(told)}{''.join(same)}"


def _piece(piece: Piece) -> str:
    if piece.removed:
        return f"<del>{text(piece.text)}</del>{_owner(piece.removed)}"
    return f"<ins>{text(piece.text)}</ins>{_owner(piece.added)}" if piece.added else text(piece.text)


def _owner(number: int) -> str:
    return f'<sup><a href="#d{number}">{number}</a></sup>'


def _cost(state: State, spent: Usage) -> str:
    found = rows.usage(spent)
    heads = ["purpose", "calls", "prompt tokens", "completion tokens", "seconds"]
    names = ["purpose", "calls", "prompt_tokens", "completion_tokens", "seconds"]
    if found[-1]["cost"] is not None:
        heads, names = [*heads, "cost"], [*names, "cost"]
    if not spent.calls:
        return paragraph("Nothing was paid for: every call was answered from a record.")
    models = [(name, one.calls, one.tokens, one.seconds) for name, one in spent.models.items()]
    caps = ", ".join(f"{k} {v:,.12g}" for k, v in state.budget.items() if v is not None and not k.endswith("_price")) or "none"
    by_model = table("By model", ("model", "calls", "tokens", "seconds"), models)
    return f"{table(prose.PAID, heads, _pick(found, names))}{by_model}{paragraph(f'Budget: {text(caps)}. {prose.SECONDS}')}"


def _pick(found: Iterable[dict[str, object]], names: list[str]) -> list[list[object]]:
    return [[row[name] for name in names] for row in found]


def _reproduce(history: History, name: str) -> str:
    event = history.events[0]
    assert isinstance(event, Started)
    done = [f"{text(why)}\n<pre><code>{text(line)}</code></pre>" for why, line in commands(name, history.state)]
    facts = f"Begun {moment(event.at)} with tep_nb {text(event.version)}. {prose.AGAIN.format(name=text(name))}"
    return f"{paragraph(facts)}{items(done)}"
