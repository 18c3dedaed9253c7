"""What a person should look at before taking a new text: leaks, attacks, placeholders and protected words, growth (our choice).

A caution says what, and quotes the words, so that a person finds them. It refuses nothing: what cannot be applied at all is a
fault (`Prompt.faults`), and what may be applied only with a reason is a leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tep_nb.core.diff import LINE, PLACEHOLDER, SPLIT, moved
from tep_nb.core.state import State
from tep_nb.core.text import Prompt, count_tokens
from tep_nb.method.injection import injections, quoted
from tep_nb.method.leak import leaks

if TYPE_CHECKING:  # the method's package imports this module
    from tep_nb.method.tep.settings import Settings

__all__ = ["cautions"]

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»", "`": "`"}
_AROUND = 24  # characters on either side of what a caution quotes
_AWAY = re.compile(
    r"\b(?:ignor\w+|disregard\w*|skip\w*|forget|omit\w*|without|not|never|don'?t|except|instead of|rather than)\W+"
    r"(?:(?:the|this|any|use|read|look at|contents? of|of)\W+){0,3}$",
    re.IGNORECASE,
)


def cautions(state: State, tep: Settings, prompt: str, text: str) -> tuple[str, ...]:
    """Warnings of a text in the place of a prompt, empty where there is none.

    Parameters
    ----------
    state : State
    tep : Settings
    prompt : str
        Its name.
    text : str
        The whole new text, of the editor or of a person.

    Returns
    -------
    tuple of str
        Each begins with its kind: ``leak: …``, ``injection: …``, ``hidden: …``, ``placeholder: …``, ``protected: …``,
        ``growth: …``.

    Raises
    ------
    KeyError
        No such prompt.
    """
    before = state.prompts[prompt]
    growth = count_tokens(text) - count_tokens(before.text)
    grown = state.phase == "free" and growth > tep.growth_warning
    return (
        *leaks(before, text, state.dataset, train_answers=tep.signal_targets == "sink"),
        *injections(before.text, text),
        *_spans(before, text),
        *([f"growth: the prompt grows by {growth} words and punctuation marks; one short sentence is usually enough"] * grown),
    )


def _spans(before: Prompt, text: str) -> Iterator[str]:
    """Placeholders and protected spans that were moved, hidden or crowded."""
    went = _went(before, text)
    for name in before.placeholders:
        key = f"{{{{{name}}}}}"
        if key in went and key in text:  # what is not there any more was not moved: it is refused
            yield f"placeholder: {key} was moved: {_near(text, key)}"
        old = [_hides(before.text, match) for match in _places(before.text, key)]
        new = [(_hides(text, match), match) for match in _places(text, key)[: len(old)]]
        for (now, at), was in zip(new, old, strict=False):
            for how in sorted(now - was):
                yield f"placeholder: {key} now {how}: {quoted(_cut(text, at, len(key)))}"
    for span in before.spans:
        if span in text and (span in went or (span == SPLIT and LINE in went)):
            yield f"protected: {quoted(span)} was moved: {_near(text, span)}"
        old_ends = [_ends(before.text, at, len(span)) for at in _places(before.text, span)]
        for at, beside in zip(_places(text, span), old_ends, strict=False):
            if _ends(text, at, len(span)) != beside:
                yield f"protected: the words right beside {quoted(span)} changed: {quoted(_cut(text, at, len(span)))}"


def _went(before: Prompt, text: str) -> set[str]:
    """Placeholders and spans that a single change takes away or brings, or whose order is another."""
    spans = before.spans
    found = {key for hunk in before.diff(text) for change in hunk.changes for key in moved(before.text, spans, [change])}
    keys = {f"{{{{{name}}}}}" for name in before.placeholders}
    old, new = (PLACEHOLDER.findall(side) for side in (before.text, text))
    if sorted(old) == sorted(new):
        found |= {f"{{{{{name}}}}}" for name, other in zip(old, new, strict=True) if name != other}
    return found & {*keys, *spans, LINE}


def _hides(text: str, at: int) -> frozenset[str]:
    """What keeps a placeholder that begins here from being read as what it is."""
    end = text.index("}}", at) + 2
    left, right = text[:at], text[end:]
    found = set()
    if _in_fence(left):
        found.add("stands in a code fence")
    if left and right and _QUOTES.get(left[-1]) == right[0]:
        found.add("stands in quotes")
    if left.rpartition("<!--")[1] and "-->" not in left.rpartition("<!--")[2]:
        found.add("stands in a comment")
    if (left[-1:].isalnum() or left[-1:] in ("{", "_", "$", "\\")) or (right[:1].isalnum() or right[:1] in ("}", "_")):
        found.add("is grown together with what is beside it")
    if _is_comment(left[left.rfind("\n") + 1 :]):
        found.add("stands in a commented line")
    if _AWAY.search(left[-60:]):
        found.add("is what the words before it turn away from")
    return frozenset(found)


def _is_comment(line: str) -> bool:
    """Whether a line that begins so is a comment; ``#`` with words and no more before the placeholder is a heading."""
    line = line.lstrip(" \t")
    if not line.startswith("#"):
        return line.startswith(("//", "%", "--", ">"))
    body = line.lstrip("#")
    words = body.strip(" \t").removesuffix(":")
    return not (re.fullmatch(r"[\w ]+", words) if words else " " in body)


def _in_fence(left: str) -> bool:
    """Whether a fence that was opened before is still open: only as many of the same marks close it."""
    opened = ""
    for match in _FENCE.finditer(left):
        marks = match[1]
        if not opened:
            opened = marks
        elif marks[0] == opened[0] and len(marks) >= len(opened):
            opened = ""
    return bool(opened)


def _places(text: str, part: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(part), text)]


def _ends(text: str, at: int, length: int) -> tuple[str, str]:
    """The word on either side of a span, within its line."""
    left = text[text.rfind("\n", 0, at) + 1 : at].rstrip(" \t")
    right = re.compile(r"[ \t]*(\S*)").match(text, at + length)
    return (left.split()[-1] if left and not left[-1].isspace() else ""), (right[1] if right else "")


def _cut(text: str, at: int, length: int) -> str:
    return text[max(0, at - _AROUND) : at + length + _AROUND]


def _near(text: str, part: str) -> str:
    return quoted(_cut(text, max(0, text.find(part)), len(part)))
