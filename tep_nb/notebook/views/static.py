"""The review's static twin in HTML, for nbconvert, code hosts and pages without a kernel.

Code hosts strip styles and scripts: what matters is said by elements (``ins``, ``del``, tables) and words.
"""

from __future__ import annotations

from typing import Any

from tep_nb.core.graph import Graph
from tep_nb.core.state import State
from tep_nb.notebook.views.proposal import proposal_view
from tep_nb.notebook.views.text import clip, esc, plural

__all__ = ["PRE", "static_review", "static_table", "summary_text"]

PRE = (
    'style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;text-align:left;font-family:monospace;'
    'margin:4px 0 10px;padding:2px 0 2px 10px;border-left:3px solid #8888"'
)
_CELL = 'style="text-align:left;vertical-align:top"'
_OUTPUT = 300


def static_review(state: State) -> str:
    """The pending proposals as HTML: whole prompts with their changes, reasons, critiques, evidence, warnings."""
    pending = state.step.pending
    if not pending:
        return "<div><p>No proposal waits for a decision.</p></div>"
    parts = [_proposal(proposal_view(state, proposal), at, len(pending)) for at, proposal in enumerate(pending, 1)]
    return f"<div>{''.join(parts)}</div>"


def _proposal(view: dict[str, Any], at: int, total: int) -> str:
    agents = ", ".join(view["agents"])
    shared = f", used by {esc(agents)}" if agents != view["prompt"] else ""
    size = view["size"]
    return "".join(
        (
            f"<h4>{at} / {total} · {esc(view['prompt'])}</h4>",
            f"<p>{esc(view['phase'])} phase, step {view['step']}, by {esc(view['by'])}{shared}; ",
            f"{plural(view['hunks'], 'hunk')}, {size['old']} → {size['new']} tokens</p>",
            *(f"<p><strong>Warning:</strong> {esc(warning['text'])}</p>" for warning in view["warnings"]),
            f"<pre {PRE}>{''.join(_segment(part) for part in view['segments'])}</pre>",
            f"<p><strong>Why:</strong> {esc(view['rationale'] or 'no rationale was given')}</p>",
            *(_evidence(evidence) for evidence in view["evidence"]),
            _critiques(view["critiques"]),
        )
    )


def _segment(part: dict[str, Any]) -> str:
    if "hunk" not in part:
        return esc(part["text"])
    old = f"<del>{esc(part['old'])}</del>" if part["old"] else ""
    new = f"<ins>{esc(part['new'])}</ins>" if part["new"] else ""
    return f"<sup>[{part['hunk']}]</sup>{old}{new}"


def _evidence(view: dict[str, Any]) -> str:
    stale = "" if view["fresh"] else " (stale: measured before the graph changed)"
    hunks = ", ".join(map(str, view["hunks"]))
    of = {"proposal": "", "hunks": f" of only hunk {hunks}", "edit": " of an edited text"}[view["of"]]
    numbers = [f"n = {view['n']}", f"{view['wins']} won", f"{view['losses']} lost", view["chance"], *view["notes"]]
    line = (
        f"<p><strong>Evidence{of}: {esc(view['label'])}</strong>{stale}, {esc(view['measure'])} {esc(view['before'])} → "
        f"{esc(view['after'])}; {esc('; '.join(part for part in numbers if part))}</p>"
    )
    if not view["flips"]:
        return line
    rows = [
        [flip["row"], f"{flip['before']} → {flip['after']}", clip(flip["old"], _OUTPUT), clip(flip["new"], _OUTPUT)]
        for flip in view["flips"]
    ]
    return line + f"<details><summary>{plural(len(rows) + view['more'], 'row')} flipped</summary>" + (
        static_table(["row", "value", "output before", "output after"], rows) + "</details>"
    )  # fmt: skip


def _critiques(views: list[dict[str, Any]]) -> str:
    if not views:
        return ""
    rows = [
        [
            f"{view['agent']}, row {view['row']}",
            view["score"] or "–",
            "; ".join(f"“{s['about']}”: {s['do']}" for s in view["suggestions"]) or ("content" if view["content"] else "–"),
        ]
        for view in views
    ]
    table = static_table(["critic on", "score", "suggestions"], rows)
    return f"<details><summary>{plural(len(rows), 'critique')}</summary>{table}</details>"


def static_table(head: list[str], rows: list[list[Any]]) -> str:
    """A table of texts that needs no style sheet."""
    top = "".join(f'<th scope="col" {_CELL}>{esc(text)}</th>' for text in head)
    body = "".join(f"<tr>{''.join(f'<td {_CELL}>{esc(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def summary_text(graph: Graph | None, state: State | None) -> str:
    """One or two lines for a terminal."""
    if graph is None:
        return "tep_nb: no agents yet"
    size = f"{plural(len(graph.agents), 'agent')}, {plural(len(graph.tools), 'tool')}"
    if state is None:
        return f"tep_nb drafts: {size}"
    waits = ", ".join(proposal.prompt for proposal in state.step.pending)
    return f"tep_nb session: {size}; {state.phase} phase, step {state.step.index}; pending: {waits or 'none'}"
