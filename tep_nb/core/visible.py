"""Make what a reader could not see, or a terminal would obey, visible."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible"]

_PLAIN = re.compile(r"[\n\t\x20-\x7e]*")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_SEEN = " \n\t\u3000"
# Letters and marks that Unicode calls visible and that draw nothing: fillers, joiners, the second set of variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U000e0100-\U000e01ef]")


def visible(text: str) -> str:
    """Replace control, bidi, zero-width and odd space characters by their code point in ``⟦U+202E⟧``; lines and tabs stay."""
    return text if _PLAIN.fullmatch(text) else "".join(map(_spell, text))


def _spell(char: str) -> str:
    hidden = char not in _SEEN and (unicodedata.category(char) in _HIDDEN or _BLANK.fullmatch(char))
    return f"⟦U+{ord(char):04X}⟧" if hidden else char
