"""Pieces of an HTML page made of untrusted text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from tep_nb.core.text import Hunk
from tep_nb.core.visible import visible

__all__ = ["Percent", "changed", "details", "diff", "excerpt", "figure", "items", "moment", "paragraph", "table", "text"]

_AROUND = 160  # characters of unchanged text beside a change
_LONGEST = 4000  # of one change


class Percent(float):
    """A number that a table shows as a percentage with one decimal."""

    __slots__ = ()


def text(value: object, most: int | None = None) -> str:
    """Escape a text and make hidden characters visible; ``most`` is the number of characters shown."""
    shown = str(value)
    if most is not None and len(shown) > most:
        shown = f"{shown[:most]}… ({len(shown)} characters)"
    return html.escape(visible(shown))


def moment(at: str) -> str:
    """A time as it is written down, to the second: ``2026-11-26 15:11:17 UTC``."""
    return f"{text(at[:19].replace('T', ' '))} UTC"


def paragraph(content: str, kind: str = "") -> str:
    """Wrap markup in a paragraph; nothing where there is nothing to say."""
    if not content:
        return ""
    return f'<p class="{kind}">{content}</p>\n' if kind else f"<p>{content}</p>\n"


def items(contents: Iterable[str]) -> str:
    """Make a list of markup."""
    lines = "".join(f"<li>{content}</li>\n" for content in contents)
    return f"<ul>\n{lines}</ul>\n" if lines else ""


def figure(picture: str, caption: str, *, wide: bool = False) -> str:
    """A picture with its caption, both of them markup; a wide one keeps its size and is scrolled."""
    shown = f'<div class="wide" role="region" aria-label="scrolled sideways" tabindex="0">{picture}</div>' if wide else picture
    return f"<figure>\n{shown}<figcaption>{caption}</figcaption>\n</figure>\n"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Make a table of plain values; numbers stand on the right, in one column with as many decimals as one another."""
    found = [tuple(row) for row in rows]
    places = [_decimals([row[at] for row in found if at < len(row)]) for at in range(len(heads))]
    head = "".join(
        f'<th scope="col"{_side(row[at] for row in found if at < len(row))}>{text(name)}</th>' for at, name in enumerate(heads)
    )
    body = "".join(f"<tr>{''.join(_cell(value, places[at]) for at, value in enumerate(row))}</tr>\n" for row in found)
    return (
        f'<div class="wide"><table><caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def _side(column: Iterable[object]) -> str:
    """Heads of numbers stand over them."""
    kinds = {type(value) for value in column if value is not None}
    return ' class="number"' if kinds and kinds <= {int, float, Percent} else ""


def _decimals(column: Sequence[object]) -> int:
    """One decimal; more where the largest number would show less than two digits."""
    sizes = [abs(value) for value in column if isinstance(value, float) and value]
    largest = max(sizes, default=1.0)
    return 1 if largest >= 1 else 2 if largest >= 0.1 else 4


def _cell(value: object, decimals: int) -> str:
    if value is None:
        return '<td class="number">–</td>'
    if isinstance(value, Percent):
        return f'<td class="number">{value:.1%}</td>'
    if isinstance(value, float):
        return f'<td class="number">{value:,.{decimals}f}</td>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{text(value, 400)}</td>"


def details(summary: str, content: str) -> str:
    """Fold markup away under a line of text; nothing where there is none."""
    return f"<details><summary>{text(summary)}</summary>\n{content}</details>\n" if content else ""


def diff(before: str, hunks: Iterable[Hunk]) -> str:
    """Show an edit as one text with ``<del>`` and ``<ins>``, which say in words what they are to a screen reader."""
    return f'<pre class="prompt">{changed(before, hunks, None)}</pre>\n'


def excerpt(before: str, hunks: Iterable[Hunk]) -> str:
    """The same, of long texts only what stands around the changes."""
    return f'<pre class="prompt">{changed(before, hunks)}</pre>\n'


def changed(before: str, hunks: Iterable[Hunk], around: int | None = _AROUND) -> str:
    """An edit as one text with ``<del>`` and ``<ins>``; ``around`` is what a long unchanged stretch shows beside one."""
    longest = None if around is None else _LONGEST
    found: list[str] = []
    at = 0
    for change in sorted((change for hunk in hunks for change in hunk.changes), key=lambda change: change.start):
        found.append(_kept(before[at : change.start], around, after=bool(found), before=True))
        found += [f"<del>{text(change.old, longest)}</del>"] if change.old else []
        found += [f"<ins>{text(change.new, longest)}</ins>"] if change.new else []
        at = change.end
    return "".join([*found, _kept(before[at:], around, after=bool(found), before=False)])


def _kept(stretch: str, around: int | None, *, after: bool, before: bool) -> str:
    """An unchanged stretch; of a long one what stands after and before a change, or else its beginning."""
    if around is None or len(stretch) <= 3 * around:
        return text(stretch)
    head = stretch[:around] if after or not before else ""
    tail = stretch[-around:] if before else ""
    return f"{text(head)} … ({len(stretch) - len(head) - len(tail):,} characters not shown) … {text(tail)}"
