"""Prompts, and what an edit of one is: word diff, hunks, bound."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from tep_nb.errors import PromptError

__all__ = ["SPLIT", "Bound", "Change", "Hunk", "Prompt", "count_tokens", "digest", "show", "tokens"]

SPLIT = "--- user ---"
"""The line that splits a prompt into its system and its user message."""

_PLACEHOLDER = re.compile(r"\{\{([^\W\d]\w*)\}\}")
_TOKEN = re.compile(r"\{\{[^\W\d]\w*\}\}|\w+|[^\w\s]")
_PIECE = re.compile(r"\{\{[^\W\d]\w*\}\}|\w+|\s+|[^\w\s]")
_SPLIT_LINE = re.compile(r"^--- user ---[ \t\r]*$", re.MULTILINE)
_LINE = f"\n{SPLIT}\n"
_INNER = re.compile(r"\{?\w*\}?")  # of a placeholder, without its first and last brace
_LONG = 4000  # pieces; more are compared by lines, more lines not at all, because a diff takes quadratic time
_NEAR = 2  # word tokens; changes nearer than this read as one


def tokens(text: str) -> list[str]:
    """Words and punctuation marks of a text; a placeholder is one token (our choice)."""
    return _TOKEN.findall(text)


def count_tokens(text: str) -> int:
    """Length of a text in words and punctuation marks."""
    return len(tokens(text))


def digest(value: Any) -> str:
    """Sixteen hexadecimal digits that stand for a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def show(value: Any) -> str:
    """How a field's value is put into a prompt: a string as it is, anything else as indented JSON."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


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


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template text; ``{{name}}`` is a placeholder, braces of any other kind are text.

    Parameters
    ----------
    text : str
        A line ``--- user ---`` splits it: above is the system message, below the user message.
    protect : tuple of str
        Spans that an edit must keep, byte for byte and as often as they stand.
    """

    text: str
    protect: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise TypeError(f"a prompt is a str, not {type(self.text).__name__}")
        if isinstance(self.protect, str):
            raise TypeError("protect is a tuple of texts, not one str: write protect=(text,)")
        if not self.text.strip():
            raise PromptError("the prompt is empty: write what the agent should do")
        if len(_SPLIT_LINE.findall(self.text)) > 1:
            raise PromptError(f"the prompt has the line {SPLIT!r} more than once: keep one, it splits system from user")
        for span in self.protect:
            if not span or span not in self.text:
                raise PromptError(f"protected text {span!r} does not stand in the prompt: protect words that are there")

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names in order of first appearance."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))

    @property
    def digest(self) -> str:
        """Stands for the text."""
        return digest(self.text)

    @property
    def spans(self) -> tuple[str, ...]:
        """Protected spans, the splitting line among them where it stands."""
        return (*self.protect, SPLIT) if _SPLIT_LINE.search(self.text) else self.protect

    @property
    def parts(self) -> tuple[str | None, str]:
        """System text (None without the splitting line) and user text, as templates."""
        match = _SPLIT_LINE.search(self.text)
        if match is None:
            return None, self.text
        return self.text[: match.start()].strip(), self.text[match.end() :].strip()

    def render(self, fields: Mapping[str, Any]) -> str:
        """Replace every placeholder in one pass; what is inside a value is never looked at again.

        Raises
        ------
        PromptError
            A placeholder without a value, or a value that no placeholder asks for.
        """
        self._check(fields)
        return _render(self.text, fields)

    def render_parts(self, fields: Mapping[str, Any]) -> tuple[str | None, str]:
        """Render the system and the user text; errors as in `render`."""
        self._check(fields)
        system, user = self.parts
        return (None if system is None else _render(system, fields)), _render(user, fields)

    def _check(self, fields: Mapping[str, Any]) -> None:
        names = set(self.placeholders)
        if missing := sorted(names - set(fields)):
            raise PromptError(f"no value for {_list(missing)}: the prompt asks for {_list(self.placeholders)}")
        if unknown := sorted(set(fields) - names):
            raise PromptError(f"unknown field {_list(unknown)}: the prompt asks for {_list(self.placeholders) or 'none'}")

    def replaced(self, text: str) -> Prompt:
        """The prompt with another text.

        Raises
        ------
        PromptError
            The text adds or drops a placeholder or a protected span.
        """
        if faults := self.faults(text):
            raise PromptError("; ".join(faults))
        return Prompt(text, self.protect)

    def faults(self, text: str) -> tuple[str, ...]:
        """What forbids ``text`` as an edit of this prompt; empty when nothing does."""
        found = []
        if not text.strip():
            return ("the new text is empty: reject the edit, or write what the agent should do",)
        before, after = self.counts(self.text), self.counts(text)
        for key in sorted(before | after):
            what, why = f"the protected text {key!r}", ""
            if key not in self.spans:
                what, why = key, ": an edit keeps every placeholder (new fields need a new graph)"
            if before[key] != after[key] and key != _LINE:
                found.append(f"{what} stands {after[key]} times instead of {before[key]}{why}")
        if before[_LINE] != after[_LINE]:
            fault = f"the line {SPLIT!r} must stay, alone in its line and once"
            found.append(fault if before[_LINE] else f"the new text has a line {SPLIT!r}, the prompt has none")
        return tuple(found)

    def counts(self, text: str) -> Counter[str]:
        """How often a text has each placeholder, each of this prompt's spans, and the splitting line."""
        found = Counter(f"{{{{{name}}}}}" for name in _PLACEHOLDER.findall(text))
        for span in self.spans:
            found[span] = _count(text, span)
        found[_LINE] = len(_SPLIT_LINE.findall(text))
        return found

    def diff(self, other: Prompt | str) -> tuple[Hunk, ...]:
        """Word-level hunks that turn this text into the other, in order."""
        text = other.text if isinstance(other, Prompt) else other
        return _group(self, _changes(self.text, text))

    def take(self, hunks: Iterable[Hunk]) -> str:
        """Apply some hunks of a diff from this text and leave the rest.

        Raises
        ------
        PromptError
            A hunk that was not made from this text.
        """
        return _apply(self.text, sorted((c for hunk in hunks for c in hunk.changes), key=lambda c: c.start))


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)


def _render(text: str, fields: Mapping[str, Any]) -> str:
    return _PLACEHOLDER.sub(lambda match: show(fields[match[1]]), text)


def _apply(text: str, changes: Sequence[Change]) -> str:
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
    if middle > _LONG:
        a, b = before.splitlines(keepends=True), after.splitlines(keepends=True)
        head, middle = _common(a, b)
    tail = (len(a) + len(b) - middle) // 2 - head
    inner, other = a[head : len(a) - tail], b[head : len(b) - tail]
    if middle > _LONG:
        codes = [("replace", 0, len(inner), 0, len(other))]
    else:
        codes = list(SequenceMatcher(None, inner, other, autojunk=False).get_opcodes())
    runs: list[list[int]] = []
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            continue
        if runs and sum(not piece.isspace() for piece in inner[runs[-1][1] : i1]) < _NEAR:
            runs[-1][1], runs[-1][3] = i2, j2
        else:
            runs.append([i1, i2, j1, j2])
    offsets = [sum(map(len, a[:head]))]
    for piece in inner:
        offsets.append(offsets[-1] + len(piece))
    return [
        Change(offsets[i1], offsets[i2], before[offsets[i1] : offsets[i2]], "".join(other[j1:j2])) for i1, i2, j1, j2 in runs
    ]


def _common(a: list[str], b: list[str]) -> tuple[int, int]:
    """Return how many pieces both begin with, and how many are left of both when the common ends are cut off."""
    most = min(len(a), len(b))
    head = next((i for i in range(most) if a[i] != b[i]), most)
    most -= head
    tail = next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)
    return head, len(a) + len(b) - 2 * (head + tail)


def _group(prompt: Prompt, changes: list[Change]) -> tuple[Hunk, ...]:
    """Join what only together keeps the placeholders and spans, so that any subset of the hunks keeps them if all do.

    First the neighbours that one span could reach over: without them no span of any mixture depends on two changes. Then
    those that change the count of the same placeholder or span.
    """
    clusters: list[list[Change]] = []
    for change in changes:
        if clusters and _within(prompt, prompt.text[clusters[-1][-1].end : change.start]):
            clusters[-1].append(change)
        else:
            clusters.append([change])
    home = list(range(len(clusters)))
    first: dict[str, int] = {}
    for index, cluster in enumerate(clusters):
        for key in _moved(prompt, cluster):
            root, old = home[first.setdefault(key, index)], home[index]
            home = [root if h == old else h for h in home]
    groups: dict[int, list[Change]] = {}
    for index, cluster in enumerate(clusters):
        groups.setdefault(home[index], []).extend(cluster)
    return tuple(Hunk(number, tuple(group)) for number, group in enumerate(groups.values(), 1))


def _moved(prompt: Prompt, cluster: list[Change]) -> list[str]:
    """Name the placeholders and spans whose count these changes alone would alter; looks only at the lines around them."""
    reach = max(map(len, prompt.spans), default=0)
    start = prompt.text.rfind("\n", 0, max(0, cluster[0].start - reach)) + 1
    end = prompt.text.find("\n", cluster[-1].end + reach)
    window = prompt.text[start : end if end >= 0 else None]
    moved = [replace(change, start=change.start - start, end=change.end - start) for change in cluster]
    before, after = prompt.counts(window), prompt.counts(_apply(window, moved))
    return sorted(key for key in before | after if before[key] != after[key])


def _within(prompt: Prompt, gap: str) -> bool:
    """Whether a placeholder or span can begin before this text and end behind it."""
    inner = [span[1:-1] for span in prompt.spans]
    return bool(_INNER.fullmatch(gap)) or gap.rstrip(" \t\r") in SPLIT or any(gap in part for part in inner)


def _count(text: str, part: str) -> int:
    """Count occurrences, overlapping ones too: what str.count finds can depend on text far away."""
    at, found = text.find(part), 0
    while at >= 0:
        at, found = text.find(part, at + 1), found + 1
    return found


@dataclass(frozen=True, slots=True)
class Bound:
    """How large a nudged edit may be (METHOD section 3; our choice), in words and punctuation marks.

    Parameters
    ----------
    hunks : int
        Places that may change.
    floor : int
        Tokens that may always be edited; an edit that cannot hold a sentence holds nothing.
    share : float
        Share of the prompt's length that may be edited when beta is at its start; shrinks with beta.
    least : float
        The share never falls below this.
    growth : int
        Tokens by which the prompt may grow in one step.
    drift_factor, drift_tokens : float, int
        Against the prompt with which the nudged phase began: length at most the larger of ``factor * length`` and
        ``length + tokens``.
    """

    hunks: int = 3
    floor: int = 24
    share: float = 0.30
    least: float = 0.05
    growth: int = 40
    drift_factor: float = 2.0
    drift_tokens: int = 80

    def edited(self, length: int, ratio: float) -> int:
        """Tokens that one step may edit in a prompt of ``length`` tokens; ``ratio`` is beta / beta_0."""
        return int(max(self.floor, max(self.least, self.share * ratio) * length))

    def longest(self, baseline: int) -> int:
        """Tokens that the prompt may have after an edit."""
        return int(max(self.drift_factor * baseline, baseline + self.drift_tokens))

    def faults(self, before: Prompt, text: str, baseline: int, ratio: float) -> tuple[str, ...]:
        """What the edit oversteps; empty when it is within the bound."""
        hunks = before.diff(text)
        old, new = count_tokens(before.text), count_tokens(text)
        size, allowed = sum(hunk.size for hunk in hunks), self.edited(old, ratio)
        places = sum(len(hunk.changes) for hunk in hunks)
        found = []
        if places > self.hunks:
            found.append(f"the edit changes {places} places, {self.hunks} are allowed")
        if size > allowed:
            found.append(f"the edit changes {size} words and punctuation marks, {allowed} are allowed")
        if new - old > self.growth:
            found.append(f"the prompt grows by {new - old} words and punctuation marks, {self.growth} are allowed")
        if new > self.longest(baseline):
            found.append(f"the prompt has {new} words and punctuation marks, {self.longest(baseline)} are allowed")
        return tuple(found)
