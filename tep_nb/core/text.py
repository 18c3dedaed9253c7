"""Prompts, and how large an edit of one may be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tep_nb.core.diff import (
    LINE,
    PLACEHOLDER,
    SPLIT,
    SPLIT_LINE,
    Change,
    Hunk,
    apply,
    beginning,
    count_tokens,
    counts,
    hunks,
    tokens,
)
from tep_nb.core.kinds import check, check_text, check_whole, named, texts, wrong
from tep_nb.errors import ConfigError, PromptError

__all__ = ["SPLIT", "Bound", "Change", "Hunk", "Limit", "Prompt", "beginning", "count_tokens", "digest", "show", "tokens"]


def digest(value: Any) -> str:
    """Sixteen hexadecimal digits that stand for a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def show(value: Any) -> str:
    """How a field's value is put into a prompt: a string as it is, anything else as indented JSON.

    Raises
    ------
    TypeError
        The value is none that JSON has.
    """
    try:
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise wrong("the value of a field", "text, a number, a list or a dict of such", value, "make JSON of it") from None


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
        check_text("a prompt", self.text)
        object.__setattr__(self, "protect", texts("protect", self.protect, "protect=(text,)"))
        if not self.text.strip():
            raise PromptError("the prompt is empty: write what the agent should do")
        if len(SPLIT_LINE.findall(self.text)) > 1:
            raise PromptError(f"the prompt has the line {SPLIT!r} more than once: keep one, it splits system from user")
        if not self.parts[1]:
            raise PromptError(f"there is nothing below the line {SPLIT!r}: write what the user message says")
        for span in self.protect:
            if not span or span not in self.text:
                raise PromptError(f"protected text {span!r} does not stand in the prompt: protect words that are there")

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names in order of first appearance."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(self.text)))

    @property
    def digest(self) -> str:
        """Stands for the text."""
        return digest(self.text)

    @property
    def spans(self) -> tuple[str, ...]:
        """Protected spans, the splitting line among them where it stands."""
        return (*self.protect, SPLIT) if SPLIT_LINE.search(self.text) else self.protect

    @property
    def parts(self) -> tuple[str | None, str]:
        """System text (None without the splitting line) and user text, as templates."""
        return _parts(self.text)

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
        check("what a prompt is rendered with", fields, Mapping, "a mapping of name to value", 'write {"name": value}')
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
        check_text("the text of an edit", text)
        found = []
        if not text.strip():
            return ("the new text is empty: reject the edit, or write what the agent should do",)
        before, after = counts(self.text, self.spans), counts(text, self.spans)
        for key in sorted(before | after):
            what, why = f"the protected text {key!r}", ""
            if key not in self.spans:
                what, why = key, ": an edit keeps every placeholder (new fields need a new graph)"
            if before[key] != after[key] and key != LINE:
                found.append(f"{what} stands {after[key]} times instead of {before[key]}{why}")
        if before[LINE] != after[LINE]:
            fault = f"the line {SPLIT!r} must stay, alone in its line and once"
            found.append(fault if before[LINE] else f"the new text has a line {SPLIT!r}, the prompt has none")
        elif not _parts(text)[1]:
            found.append(f"there is nothing below the line {SPLIT!r}: the user message would be empty")
        return tuple(found)

    def diff(self, other: Prompt | str) -> tuple[Hunk, ...]:
        """Word-level hunks that turn this text into the other, in order."""
        text = other.text if isinstance(other, Prompt) else other
        check_text("what a prompt is compared with", text)
        return hunks(self.text, text, self.spans)

    def take(self, hunks: Iterable[Hunk]) -> str:
        """Apply some hunks of a diff from this text and leave the rest.

        Raises
        ------
        PromptError
            A hunk that was not made from this text.
        """
        check("what to take", hunks, Iterable, "a sequence of Hunk", "pass hunks of diff()")
        taken = tuple(hunks)
        for hunk in taken:
            check("what to take", hunk, Hunk, "a sequence of Hunk", "pass hunks of diff()")
        return apply(self.text, sorted((c for hunk in taken for c in hunk.changes), key=lambda c: c.start))


def _parts(text: str) -> tuple[str | None, str]:
    match = SPLIT_LINE.search(text)
    return (None, text) if match is None else (text[: match.start()].strip(), text[match.end() :].strip())


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)


def _render(text: str, fields: Mapping[str, Any]) -> str:
    return PLACEHOLDER.sub(lambda match: show(fields[match[1]]), text)


_SAID = {
    "places": "the edit changes {} places, {} are allowed",
    "edited": "the edit changes {} words and punctuation marks, {} are allowed",
    "growth": "the prompt grows by {} words and punctuation marks, {} are allowed",
    "length": "the prompt has {} words and punctuation marks, {} are allowed",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of one limit an edit takes: ``places``, ``edited``, ``growth`` or ``length``, and what is allowed."""

    name: str
    value: int
    most: int

    @property
    def kept(self) -> bool:
        """Whether it is within."""
        return self.value <= self.most

    def __str__(self) -> str:
        return _SAID[self.name].format(self.value, self.most)


@named("limit")
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

    def __post_init__(self) -> None:
        for name in ("hunks", "floor", "growth", "drift_tokens", "share", "least", "drift_factor"):
            value = getattr(self, name)
            if isinstance(self.__dataclass_fields__[name].default, int):
                check_whole(f"Bound: {name}", value)
            check(f"Bound: {name}", value, (int, float), "a number", f"write it as in Bound({name}=1)")
            if not 0 <= value < float("inf"):  # NaN too
                raise ConfigError(f"Bound: {name}={value} is outside 0 to infinity: leave it away for our choice")

    def edited(self, length: int, ratio: float) -> int:
        """Tokens that one step may edit in a prompt of ``length`` tokens; ``ratio`` is beta / beta_0."""
        return int(max(self.floor, max(self.least, self.share * ratio) * length))

    def longest(self, baseline: int) -> int:
        """Tokens that the prompt may have after an edit."""
        return int(max(self.drift_factor * baseline, baseline + self.drift_tokens))

    def limits(self, before: Prompt, text: str, baseline: int, ratio: float) -> tuple[Limit, ...]:
        """What an edit takes of each limit: places and tokens changed, growth, and the length after it (drift).

        Parameters
        ----------
        before : Prompt
        text : str
        baseline : int
            Tokens of the prompt with which the nudged phase began.
        ratio : float
            beta / beta_0.
        """
        hunks = before.diff(text)
        old, new = count_tokens(before.text), count_tokens(text)
        return (
            Limit("places", sum(len(hunk.changes) for hunk in hunks), self.hunks),
            Limit("edited", sum(hunk.size for hunk in hunks), self.edited(old, ratio)),
            Limit("growth", new - old, self.growth),
            Limit("length", new, self.longest(baseline)),
        )
