"""Whether new text looks like an attack on whoever reads the prompt: known patterns, so a hint and no proof (our choice).

A text is read without case, hidden characters and look-alike letters; what stood in the old prompt already is never named.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from tep_nb.core.visible import dresses, visible
from tep_nb.method.attacks import PATTERNS

__all__ = ["injections", "quoted"]

_MOST = 8  # warnings; one is enough to look, a hundred are not read
_NAMED = 3  # places of hidden characters
_HIDDEN = "holds characters that do not show"
_QUOTE = 90  # characters of the words that a warning quotes
_LOOK_ALIKE = str.maketrans("аеорсухіјѕԁһкмнтвгοαερτυικνχ", "aeopcyxijsdhkmhtbroaeptuiknx")


_NOT = re.compile(
    r"(?:\b(?:not|never|don'?t|cannot|can'?t|without|avoid|nor|neither|no|refuse to)|n't)(?:\s+\w+)?\s*$"
)
_CODED = re.compile(
    r"(?<![\w+/=-])[A-Za-z0-9+/_-]{40,}={0,2}|(?:\\[ux][0-9A-Fa-f]{2,4}){4,}|(?:%[0-9A-Fa-f]{2}){6,}|(?:&#x?[0-9A-Fa-f]{1,6};){3,}"
    r"|(?:\b[0-9A-Fa-f]{2}[ :,]){12,}|(?:\b[01]{8}\b ?){6,}"
)
_MIXED = re.compile(r"[^\W\d_]+")
_JOINERS = "\u200c\u200d"


def injections(before: str, after: str) -> tuple[str, ...]:
    """Warnings of what the new text has and the old one had not, each with the words; empty where nothing looks so."""
    stood = Counter((what, words) for what, words, _ in _found(before))
    told: list[str] = []
    hidden: list[str] = []
    for what, words, shown in _found(after):
        if stood[what, words]:
            stood[what, words] -= 1
        elif what == _HIDDEN:
            hidden.append(quoted(shown))
        else:
            told.append(f"injection: the new text {what}: {quoted(shown)}")
    told = list(dict.fromkeys(told))
    more = [f"injection: and {len(told) - _MOST} more places"] if len(told) > _MOST else []
    return (*told[:_MOST], *more, *_hidden_told(hidden))


def _hidden_told(places: list[str]) -> list[str]:
    """One warning of all characters that do not show, with the first places."""
    if not places:
        return []
    many = f" in {len(places)} places" if len(places) > 1 else ""
    return [f"hidden: the new text {_HIDDEN}{many}: {', '.join(places[:_NAMED])}{', …' if len(places) > _NAMED else ''}"]


def quoted(words: str) -> str:
    """Words for a warning: on one line, bounded, and nothing in them hidden."""
    shown = visible(" ".join(words.split()) if words.strip() else words)
    return f"'{shown if len(shown) <= _QUOTE else shown[: _QUOTE - 1] + '…'}'"


@lru_cache(maxsize=64)
def _found(text: str) -> tuple[tuple[str, str, str], ...]:
    """What is found, the words that it is known by, and the words to show."""
    folded, places = _fold(text)
    found = [
        (what, " ".join(match[0].split()), text[places[match.start()] : places[match.end() - 1] + 1])
        for what, pattern, guarded in PATTERNS
        for match in pattern.finditer(folded)
        if not (guarded and _NOT.search(folded[max(0, match.start() - 40) : match.start()]))
    ]
    found += [("holds a coded run", match[0], match[0]) for match in _CODED.finditer(text) if _is_coded(match[0])]
    return (*found, *_hidden(text), *_mixed(text))


def _fold(text: str) -> tuple[str, range | list[int]]:
    """The text as it reads: one case, compatible forms, look-alikes as Latin, nothing hidden; and where each character stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    chars: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        if _is_hidden(char):
            continue
        for one in unicodedata.normalize("NFKD", char).casefold().translate(_LOOK_ALIKE).replace("’", "'"):
            if not unicodedata.combining(one):
                chars.append(one)
                places.append(index)
    return "".join(chars), places


def _is_hidden(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) not in ("Zs", "Zl", "Zp") and visible(char) != char


def _is_coded(run: str) -> bool:
    """Whether a run holds at least two of small letters, capitals and digits, and is no long word or line of dashes."""
    return sum(bool(re.search(kind, run)) for kind in ("[a-z]", "[A-Z]", "[0-9]")) >= 2 or not run[0].isalnum()


def _hidden(text: str) -> list[tuple[str, str, str]]:
    """Runs of characters that draw nothing, with the words around; a joiner within a script that needs it is a letter."""
    if text.isascii() and not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        return []
    found, end = [], -1
    for index, char in enumerate(text):
        control = char.isascii() and unicodedata.category(char) == "Cc" and char not in "\n\t\r"
        if index <= end or not (control or _is_hidden(char)) or _joins(text, index) or dresses(text, index):
            continue
        end = index
        while end + 1 < len(text) and _is_hidden(text[end + 1]):
            end += 1
        found.append((_HIDDEN, text[index : end + 1], text[max(0, index - 12) : end + 13]))
    return found


def _joins(text: str, index: int) -> bool:
    around = text[max(0, index - 1) : index] + text[index + 1 : index + 2]
    return text[index] in _JOINERS and len(around) == 2 and not any(char.isascii() for char in around)


def _mixed(text: str) -> list[tuple[str, str, str]]:
    """Words of Latin letters with Cyrillic or Greek ones among them."""
    if text.isascii():
        return []
    words = (match[0] for match in _MIXED.finditer(text) if not match[0].isascii())
    return [("mixes alphabets in one word", word, word) for word in words if len({_script(c) for c in word} - {""}) > 1]


def _script(char: str) -> str:
    name = unicodedata.name(char, "").partition(" ")[0]
    return name if name in ("LATIN", "CYRILLIC", "GREEK") else ""
