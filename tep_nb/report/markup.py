"""Pieces of an HTML page made of untrusted text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from tep_nb.core.text import Hunk
from tep_nb.core.visible import visible

__all__ = ["details", "diff", "items", "paragraph", "table", "text"]


def text(value: object, most: int | None = None) -> str:
    """Escape a text and make hidden characters visible; ``most`` is the number of characters shown."""
    shown = str(value)
    if most is not None and len(shown) > most:
        shown = f"{shown[:most]}… ({len(shown)} characters)"
    return html.escape(visible(shown))


def paragraph(content: str, kind: str = "") -> str:
    """Wrap markup in a paragraph; nothing where there is nothing to say."""
    if not content:
        return ""
    return f'<p class="{kind}">{content}</p>\n' if kind else f"<p>{content}</p>\n"


def items(contents: Iterable[str]) -> str:
    """Make a list of markup."""
    lines = "".join(f"<li>{content}</li>\n" for content in contents)
    return f"<ul>\n{lines}</ul>\n" if lines else ""


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Make a table of plain values; numbers stand on the right."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>\n" for row in rows)
    return (
        f'<div class="wide"><table><caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def _cell(value: object) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, float):
        return f'<td class="number">{value:.3g}</td>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{text(value, 400)}</td>"


def details(summary: str, content: str) -> str:
    """Fold markup away under a line of text; nothing where there is none."""
    return f"<details><summary>{text(summary)}</summary>\n{content}</details>\n" if content else ""


def diff(before: str, hunks: Iterable[Hunk]) -> str:
    """Show an edit as one text with ``<del>`` and ``<ins>``, which say in words what they are to a screen reader."""
    pieces, at = [], 0
    for change in sorted((change for hunk in hunks for change in hunk.changes), key=lambda change: change.start):
        pieces.append(text(before[at : change.start]))
        pieces += [f"<del>{text(change.old)}</del>"] if change.old else []
        pieces += [f"<ins>{text(change.new)}</ins>"] if change.new else []
        at = change.end
    return f'<pre class="prompt">{"".join(pieces)}{text(before[at:])}</pre>\n'
