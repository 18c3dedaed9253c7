"""Make what a reader could not see, or a terminal would obey, visible."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["dresses", "visible"]

_PLAIN = re.compile(r"[\n\t\x20-\x7e]*")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_SEEN = " \n\t\u3000"
# Letters and marks that Unicode calls visible and that draw nothing: fillers, joiners, place holders, variation selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\U00016fe4\U000e0100-\U000e01ef]"
)
_KEYCAP = "\u20e3"
_MARKS = 8
"""Marks on one letter that are drawn: Tibetan has stacks of eight, more of them cover the lines around (our choice)."""


def visible(text: str) -> str:
    """Replace control, bidi, zero-width and odd space characters by their code point in ``⟦U+202E⟧``; lines and tabs stay.

    So are variation selectors that follow no symbol, and marks from the ninth on one letter.
    """
    if _PLAIN.fullmatch(text):
        return text
    made, marks = [], 0
    for index, char in enumerate(text):
        marks = marks + 1 if not char.isascii() and unicodedata.category(char) in ("Mn", "Me") else 0
        made.append(f"⟦U+{ord(char):04X}⟧" if marks > _MARKS or _hides(text, index) else char)
    return "".join(made)


def _hides(text: str, index: int) -> bool:
    char = text[index]
    if char in _SEEN:
        return False
    if _BLANK.fullmatch(char):
        return not dresses(text, index)
    return unicodedata.category(char) in _HIDDEN


def dresses(text: str, index: int) -> bool:
    """Whether the character here only chooses how the symbol before it is drawn: one selector, as a picture or as text."""
    if text[index] not in "\ufe0e\ufe0f" or not index:
        return False
    before = text[index - 1]
    if before in "#*0123456789":
        return text[index + 1 : index + 2] == _KEYCAP
    return unicodedata.category(before) in ("So", "Sm") or before in "‼⁉〰"
