"""Things, amounts and words as they stand in data: the shapes that the simulated model can read."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tep_nb.model.simulated.nouns import CLASSIFIERS, EVERYTHING, IRREGULAR, KIND_NAMES, KINDS, NUMBERS
from tep_nb.model.simulated.text import Pattern, words

__all__ = [
    "Entry",
    "Question",
    "Spelling",
    "asked_kind",
    "entries",
    "find_question",
    "find_words",
    "is_known",
    "is_of",
    "plural",
    "read_words",
    "singular",
]


def plural(noun: str) -> str:
    """The regular plural of a noun, or its irregular one."""
    for many, one in IRREGULAR.items():
        if one == noun:
            return many
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


_KIND_OF: dict[str, str] = {noun.replace("-", " "): kind for kind, nouns in KINDS.items() for noun in nouns.split()}
_SINGULAR: dict[str, str] = {plural(noun): noun for noun in _KIND_OF} | {m: s for m, s in IRREGULAR.items() if s in _KIND_OF}
_NAMES: dict[str, str] = {name.replace("-", " "): kind for kind, names in KIND_NAMES.items() for name in names.split()}
_ARTICLES = frozenset({"a", "an", "the", "one", "another", "some", "my"})
_WORD_OF: dict[int, str] = {value: word for word, value in reversed(NUMBERS.items())}


class Spelling:
    """Numbers as words."""

    @staticmethod
    def of(value: int) -> str:
        """A number in words: ``21`` is twenty-one; from a hundred on, digits."""
        if value in _WORD_OF:
            return _WORD_OF[value]
        ten, unit = value // 10 * 10, value % 10
        return f"{_WORD_OF[ten]}-{_WORD_OF[unit]}" if ten in _WORD_OF else str(value)

    @staticmethod
    def value(word: str) -> int | None:
        """The value of a number word or of digits."""
        if word.isdigit() and len(word) < 10:
            return int(word)
        if word in NUMBERS:
            return NUMBERS[word]
        ten, _, unit = word.partition("-")
        return NUMBERS[ten] + NUMBERS[unit] if unit in NUMBERS and NUMBERS.get(ten, 0) >= 20 else None


class Entry(NamedTuple):
    """One thing of a list: its name without a number, and the number where one stands."""

    name: str
    amount: int | None
    known: bool

    @property
    def key(self) -> str:
        """What makes two entries the same thing."""
        return core(self.name)


@lru_cache(maxsize=8192)
def singular(name: str) -> str:
    """A noun phrase in the singular, its word of measure too: ``heads of broccoli`` is ``head of broccoli``."""
    name = name.strip().lower()
    if name in _SINGULAR:
        return _SINGULAR[name]
    if name in _KIND_OF:
        return name
    first, _, rest = name.partition(" ")
    if rest.startswith("of ") and first in CLASSIFIERS:
        return f"{_bare(first)} {rest}"
    head, _, last = name.rpartition(" ")
    if head and last in CLASSIFIERS:
        return f"{head} {_bare(last)}"
    return f"{head} {singular(last)}" if head else _bare(name)


def _bare(noun: str) -> str:
    for ending, instead in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("boxes", "box")):
        if noun.endswith(ending) and len(noun) > len(ending) + 1:
            return noun[: -len(ending)] + instead
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us")) and len(noun) > 3 else noun


@lru_cache(maxsize=8192)
def core(name: str) -> str:
    """The noun that says what a thing is: the broccoli of a head of broccoli, the last known noun of a phrase."""
    name = singular(name)
    if name in _KIND_OF:
        return name
    words = name.split()
    if len(words) > 2 and words[1] == "of" and words[0] in CLASSIFIERS:
        return core(" ".join(words[2:]))
    if len(words) > 1 and words[-1] in CLASSIFIERS and words[-1] not in _KIND_OF:
        return core(" ".join(words[:-1]))
    return next((one for word in reversed(words) if (one := singular(word)) in _KIND_OF), name) if len(words) > 1 else name


def asked_kind(phrase: str) -> str | None:
    """The kind that a question asks for: a kind's name, a known noun, or None when it is neither."""
    phrase = re.sub(r"^(?:(?:different|of (?:the|my|these)|total|pieces? of) )+", "", phrase.strip().lower())
    if phrase in _NAMES:
        return _NAMES[phrase]
    last = phrase.rsplit(" ", 1)[-1]
    if last in _NAMES:
        return _NAMES[last]
    return core(phrase) if core(phrase) in _KIND_OF else None


def is_of(name: str, kind: str) -> bool:
    """Whether a thing is of a kind; an unknown thing is taken to be."""
    noun = core(name)
    return kind in (EVERYTHING, noun) or _KIND_OF.get(noun, kind) == kind


_SPLIT = Pattern(r",\s*and\s+|;\s*and\s+|,\s*|;\s*|\s+and\s+|\s+plus\s+|\n+")
_BULLET = Pattern(r"^\s*(?:[-*•+]\s+|\d+[.)]\s+)")
_PAIR = Pattern(r"^(?P<name>[A-Za-z][A-Za-z' -]*?)\s*(?::|=>?|->|→|–|—|\s-|\||\s[x×](?=\s|\d)|\()\s*(?P<number>[\w-]+)\s*\)?$")
_LEAD = Pattern(
    r"^(?:there (?:is|are)|you have|i have|i see|we have|i counted|counting:?|in all:?|the things are:?)\s+", re.IGNORECASE
)


_VERBS = words("is are was were has have had like likes liked own owns owned do does did can could would will")
"""What makes a phrase a sentence and no thing."""


@lru_cache(maxsize=16384)
def _entry(phrase: str) -> Entry | None:
    phrase = _BULLET.sub("", phrase).strip(" \t.\"'`").replace("**", "")
    if not phrase or len(phrase) > 60:
        return None
    if pair := _PAIR.match(phrase):
        value = Spelling.value(pair["number"].lower())
        inner = _entry(pair["name"])
        if value is not None and inner is not None:
            return Entry(inner.name, value, inner.known)
        return None
    words = phrase.lower().split()
    amount: int | None = None
    value = Spelling.value(words[0])
    if len(words) > 1 and value is not None:
        amount, words = value, words[1:]
        if words[0] in ("x", "×") and len(words) > 1:
            words = words[1:]
    elif len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    if len(words) > 4 or _VERBS & set(words) or not all(re.fullmatch(r"[a-z][a-z'-]*", word) for word in words):
        return None
    name = singular(" ".join(words))
    return Entry(name, amount, core(name) in _KIND_OF)


@lru_cache(maxsize=8192)
def entries(text: str) -> tuple[Entry, ...]:
    """Read a list of things, whatever its layout; empty when the text is something else.

    Most phrases must be short noun phrases, and at least half of them known nouns, so that an instruction is not taken for data.
    """
    parts = [_LEAD.sub("", part.strip()) for part in _SPLIT.split(text.strip())]
    parts = [part for part in parts if part]
    found = [entry for part in parts if (entry := _entry(part)) is not None]
    if not found or len(found) < 0.7 * len(parts) or 2 * sum(entry.known for entry in found) < len(found):
        return ()
    return tuple(found)


class Question(NamedTuple):
    """A counting question: its things, with their amounts, and the kind that it asks for."""

    text: str
    things: tuple[Entry, ...]
    kind: str
    asked: str

    @property
    def total(self) -> int:
        """The right answer, as far as the model's nouns go."""
        return sum(e.amount or 1 for e in self.things if is_of(e.name, self.kind))


_ASKED = Pattern(
    r"[.;:]\s+(?:so,? )?how many\s+(?P<asked>[\w' -]{1,60}?)\s+(?:do|does|did|are|is|have|has|were|can)\b[^?\n]*\?", re.IGNORECASE
)
_OWNS = Pattern(
    r"\b(?:have|has|had|got|own|owns|owned|bought|see|sees|saw|is|are|were|was|found|holds?|contains?|with)\b:?\s+", re.IGNORECASE
)
_BREAK = Pattern(r"[.?!\n\"“]")
_REACH = 2000  # characters that a list of things may have; keeps reading linear in the length of the text


@lru_cache(maxsize=2048)
def find_question(text: str) -> tuple[tuple[int, int, Question], ...]:
    """All counting questions of a text, with where they stand: things that somebody has, and how many of a known kind."""
    if "ow many" not in text:
        return ()
    found: list[tuple[int, int, Question]] = []
    for match in _ASKED.finditer(text):
        floor = max(0, match.start() - _REACH)
        start = max((stop.end() for stop in _BREAK.finditer(text, floor, match.start())), default=floor)
        owns = _OWNS.search(text, start, match.start())
        kind = asked_kind(match["asked"])
        if owns is None or kind is None:
            continue
        parts = [part for part in _SPLIT.split(text[owns.end() : match.start()]) if part.strip()]
        things = tuple(thing for part in parts if (thing := _entry(part)) is not None)
        if len(things) < len(parts) or not any(thing.known for thing in things):
            continue
        lead = re.match(r"\s*(?:[A-Za-z]\w*(?: \w+){0,3}:\s*)?", text[start : owns.start()])
        start += lead.end() if lead else 0  # a label is no part of the question
        found.append((start, match.end(), Question(text[start : match.end()].strip(), things, kind, match["asked"])))
    return tuple(found)


_FUNCTION = words("the a an of to and or is are in by with not")
_SORT = Pattern(
    r"\b(?:sort|order|arrange|alphabeti[sz]e)\b[^:.\n]*:\s*(?:list:\s*)?(?P<words>[^\n]+)$", re.IGNORECASE | re.MULTILINE
)
_WORD = Pattern(r"^[\w][\w'’.&/-]*$")


def find_words(text: str) -> tuple[int, int, tuple[str, ...]] | None:
    """A request to sort words that stand in it, and where: the last one of the text."""
    found = None
    for match in _SORT.finditer(text):
        words = read_words(match["words"])
        if words and not (match["words"].rstrip().endswith((".", "!")) and _FUNCTION & set(words)):
            found = (match.start(), match.end(), words)
    return found


@lru_cache(maxsize=4096)
def read_words(text: str) -> tuple[str, ...]:
    """Read a list of lower-case words, whatever stands between them; empty when the text is something else."""
    text = text.strip().strip("[]().\"'`")
    bulleted = "\n".join(_BULLET.sub("", line) for line in text.splitlines())
    words = [word.strip("\"'`") for word in re.split(r"[,;|>\s]+", bulleted) if word.strip("\"'`")]
    good = [word for word in words if _WORD.match(word) and not word[0].isupper()]
    return tuple(words) if words and len(good) == len(words) and not all(word.isdigit() for word in words) else ()


@lru_cache(maxsize=8192)
def is_known(word: str) -> bool:
    """Whether a word, in the singular or plural, is a noun of the tables."""
    return word in _KIND_OF or word in _SINGULAR
