"""Word-level differences of two texts: changes, hunks, and what must not change."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from tep_nb.errors import PromptError

__all__ = [
    "LINE", "PLACEHOLDER", "SPLIT", "SPLIT_LINE", "Change", "Hunk", "apply", "beginning", "count_tokens", "counts", "hunks",
    "moved", "tokens",
]  # fmt: skip

SPLIT = "--- user ---"
"""The line that splits a prompt into its system and its user message."""

SPLIT_LINE = re.compile(r"^--- user ---[ \t\r]*$", re.MULTILINE)
LINE = f"\n{SPLIT}\n"
"""Under this key `counts` has the splitting lines; under `SPLIT` its text anywhere, where that is a span."""

PLACEHOLDER = re.compile(r"\{\{([^\W\d]\w*)\}\}")
_INNER = re.compile(r"\{?\w*\}?")  # of a placeholder, without its first and last brace
_TOKEN = re.compile(r"\{\{[^\W\d]\w*\}\}|\w+|[^\w\s]")
_COUNTED = re.compile(r"\{\{[^\W\d]\w*\}\}|\w{1,32}|\s{32}|[^\w\s]")  # 32 characters: our choice, few words are longer
_PIECE = re.compile(r"\{\{[^\W\d]\w*\}\}|\w+|\s+|[^\w\s]")
_LONG = 4000  # pieces; more are cut where both sides have the same rare words, because a diff takes quadratic time
_BLOCK = 1000  # pieces between two such cuts that are compared; more are replaced as one
_RARE = 6  # pieces that stand once on either side, in this order, are the same place
_NEAR = 2  # word tokens; changes nearer than this read as one


def tokens(text: str) -> list[str]:
    """Words and punctuation marks of a text; a placeholder is one token (our choice)."""
    return _TOKEN.findall(text)


def count_tokens(text: str) -> int:
    """Length of a text in words and punctuation marks.

    A word counts once for each 32 characters that it has begun, and white space once for each 32 in a row, so that no cap or
    bound lets a page pass as one word (our choice; what people write counts as `tokens`).
    """
    return len(_COUNTED.findall(text))


def beginning(text: str, most: int) -> str:
    """The longest beginning of a text that counts at most so many words and punctuation marks (`count_tokens`), as it stands."""
    end = 0
    for match in islice(_COUNTED.finditer(text), max(0, most)):
        end = match.end()
    return text[:end]


@dataclass(frozen=True, slots=True)
class Change:
    """One replaced stretch: ``before[start:end]`` becomes ``new``; offsets in characters."""

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changes that are taken or left together.

    Usually one. Changes that only together keep the placeholders and protected spans (a placeholder that moves) are one hunk.
    """

    number: int
    changes: tuple[Change, ...]

    @property
    def size(self) -> int:
        """Tokens edited: the larger side of each change, summed."""
        return sum(max(count_tokens(change.old), count_tokens(change.new)) for change in self.changes)


def counts(text: str, spans: Sequence[str]) -> Counter[str]:
    """How often a text has each placeholder, each span, and the splitting line."""
    found = Counter(f"{{{{{name}}}}}" for name in PLACEHOLDER.findall(text))
    for span in spans:
        found[span] = _count(text, span)
    found[LINE] = len(SPLIT_LINE.findall(text))
    return found


@lru_cache(maxsize=16)  # the last few: the same edit is weighed, bounded, searched for leaks and shown one after the other
def hunks(before: str, after: str, spans: tuple[str, ...]) -> tuple[Hunk, ...]:
    """Word-level hunks that turn one text into the other, in order; each keeps placeholders and spans if all together do."""
    return _group(before, spans, _changes(before, after))


def apply(text: str, changes: Sequence[Change]) -> str:
    """Make the changes, which are in the order of the text.

    Raises
    ------
    PromptError
        A change that does not fit the text.
    """
    pieces, at = [], 0
    for change in changes:
        if change.start < at or text[change.start : change.end] != change.old:
            raise PromptError("a hunk does not fit this text: it was made from another version of the prompt")
        pieces += [text[at : change.start], change.new]
        at = change.end
    return "".join([*pieces, text[at:]])


def _changes(before: str, after: str) -> list[Change]:
    """Replaced stretches of characters, found by words; near ones are joined."""
    a, b = _PIECE.findall(before), _PIECE.findall(after)
    head, middle = _common(a, b)
    tail = (len(a) + len(b) - middle) // 2 - head
    inner, other = a[head : len(a) - tail], b[head : len(b) - tail]
    runs: list[list[int]] = []
    for i1, i2, j1, j2 in _replaced(inner, other):
        if runs and len(list(islice((piece for piece in inner[runs[-1][1] : i1] if not piece.isspace()), _NEAR))) < _NEAR:
            runs[-1][1], runs[-1][3] = i2, j2
        else:
            runs.append([i1, i2, j1, j2])
    offsets = [sum(map(len, a[:head]))]
    for piece in inner:
        offsets.append(offsets[-1] + len(piece))
    return [
        Change(offsets[i1], offsets[i2], before[offsets[i1] : offsets[i2]], "".join(other[j1:j2])) for i1, i2, j1, j2 in runs
    ]


def _replaced(a: list[str], b: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """``a[i1:i2]`` becomes ``b[j1:j2]``, in order."""
    if len(a) + len(b) <= _LONG:
        yield from _compared(a, b)
        return
    i = j = 0
    for up, over in (*_anchors(a, b), (len(a), len(b))):
        if up - i + over - j > _BLOCK:
            if a[i:up] != b[j:over]:  # what repeats itself has no anchor, also where it is the same
                yield i, up, j, over
        else:
            for i1, i2, j1, j2 in _compared(a[i:up], b[j:over]):
                yield i + i1, i + i2, j + j1, j + j2
        i, j = up + 1, over + 1


def _compared(a: list[str], b: list[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            yield i1, i2, j1, j2


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Places that are surely the same on both sides, in order: patience diff's longest rising run of what stands once on each."""
    own, other = _once(a), _once(b)
    pairs = [(i, other[words]) for words, i in own.items() if words in other]
    ends: list[int] = []  # the least last place of a run of each length
    runs: list[int] = []  # the pair that it ends with
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(runs[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        runs[length : length + 1] = [number]
    found, number = [], runs[-1] if runs else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _once(pieces: list[str]) -> dict[tuple[str, ...], int]:
    """Where each run of pieces begins that stands there once, in order."""
    found: dict[tuple[str, ...], int] = {}
    for at in range(len(pieces) - _RARE + 1):
        words = tuple(pieces[at : at + _RARE])
        found[words] = -1 if words in found else at
    return {words: at for words, at in found.items() if at >= 0}


def _common(a: list[str], b: list[str]) -> tuple[int, int]:
    """Return how many pieces both begin with, and how many are left of both when the common ends are cut off."""
    most = min(len(a), len(b))
    head = next((i for i in range(most) if a[i] != b[i]), most)
    most -= head
    tail = next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)
    return head, len(a) + len(b) - 2 * (head + tail)


def _group(text: str, spans: Sequence[str], changes: list[Change]) -> tuple[Hunk, ...]:
    """Join what only together keeps the placeholders and spans, so that any subset of the hunks keeps them if all do.

    First the neighbours that one span could reach over: without them no span of any mixture depends on two changes. Then
    those that change the count of the same placeholder or span.
    """
    clusters: list[list[Change]] = []
    for change in changes:
        if clusters and _within(spans, text[clusters[-1][-1].end : change.start]):
            clusters[-1].append(change)
        else:
            clusters.append([change])
    home = list(range(len(clusters)))
    first: dict[str, int] = {}
    for index, cluster in enumerate(clusters):
        for key in moved(text, spans, cluster):
            root, old = home[first.setdefault(key, index)], home[index]
            home = [root if h == old else h for h in home]
    groups: dict[int, list[Change]] = {}
    for index, cluster in enumerate(clusters):
        groups.setdefault(home[index], []).extend(cluster)
    return tuple(Hunk(number, tuple(group)) for number, group in enumerate(groups.values(), 1))


def moved(text: str, spans: Sequence[str], cluster: list[Change]) -> list[str]:
    """Name the placeholders and spans whose count these changes alone would alter; looks only at the lines around them."""
    reach = max(map(len, spans), default=0)
    start = text.rfind("\n", 0, max(0, cluster[0].start - reach)) + 1
    end = text.find("\n", cluster[-1].end + reach)
    window = text[start : end if end >= 0 else None]
    moved = [replace(change, start=change.start - start, end=change.end - start) for change in cluster]
    before, after = counts(window, spans), counts(apply(window, moved), spans)
    return sorted(key for key in before | after if before[key] != after[key])


def _within(spans: Sequence[str], gap: str) -> bool:
    """Whether a placeholder or span can begin before this text and end behind it."""
    inner = [span[1:-1] for span in spans]
    return bool(_INNER.fullmatch(gap)) or gap.rstrip(" \t\r") in SPLIT or any(gap in part for part in inner)


def _count(text: str, part: str) -> int:
    """Count occurrences, overlapping ones too: what str.count finds can depend on text far away."""
    at, found = text.find(part), 0
    while at >= 0:
        at, found = text.find(part, at + 1), found + 1
    return found
