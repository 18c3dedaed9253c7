"""What an agent has before it: an instruction, and data told apart from it by its shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from tep_nb.model.simulated.text import Pattern
from tep_nb.model.simulated.things import Entry, Question, entries, find_question, find_words, read_words

__all__ = ["PASSED_ON", "UNABLE", "UNKNOWN", "Scene", "act_of", "instruction_of", "read_fields", "read_text"]

UNKNOWN = "I do not know"
"""How an answer begins that says that it is none."""
UNABLE = f"{UNKNOWN} how to do this."
PASSED_ON = f"{UNKNOWN}: an input says that it is not known."

_LABEL = Pattern(r"^\s*(?:#+\s*|[-*]\s+)?\**(?P<label>[A-Za-z][\w'/ -]{0,40}?)\**\s*:\**(?P<rest>.*)$")
_TOTAL = Pattern(r"^[\s\"'`]*-?\d+(?:\.0)?[\s\"'`.]*$")
_FIRST = Pattern(r"[,;]|\band\b")
_OF_THINGS = Pattern(
    r"\b(?:count|counts|counting|tally|tallies|number|amount|amounts|total|how many|quantit\w+|"
    r"things?|items?|objects?|sum|add up)\b", re.IGNORECASE,
)
"""What an instruction speaks of that has a list of things before it and no question."""
_OF_WORDS = Pattern(r"\b(?:sort\w*|order|ordered|arrange\w*|alphabet\w*|dictionary)\b", re.IGNORECASE)
_OF_CODE = Pattern(r"\b(?:function|python|debug|bugs?|repair)\b", re.IGNORECASE)
_INTRODUCES = (":", "such as", "like", "like this", "as follows", "e.g.")
_SHOWN = Pattern(r"\b(?:example|look|looks|form|format|like|such|follows|template|as|e\.g)\b", re.IGNORECASE)


class Scene(NamedTuple):
    """An instruction and the data beside it.

    Parameters
    ----------
    instruction : str
    question : Question or None
        The last counting question.
    words : tuple of str
        The words of the last request to sort words.
    lists : tuple of tuple of Entry
        Lists of things beside the question, in order.
    spelled : tuple of tuple of str
        Lists of words beside the request.
    total : int or None
        A bare number.
    unknown : bool
        Whether an input says that it is not known.
    data : str
        All data, for keys of draws: what does not change when a prompt is edited.
    """

    instruction: str
    question: Question | None = None
    words: tuple[str, ...] = ()
    lists: tuple[tuple[Entry, ...], ...] = ()
    spelled: tuple[tuple[str, ...], ...] = ()
    total: int | None = None
    unknown: bool = False
    data: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything here that the model can work on."""
        if self.unknown or not (self.question or self.words or self.lists or self.spelled):
            return False
        if self.question or self.words:
            return True
        if self.lists:
            return _OF_THINGS.search(self.instruction) is not None
        return _OF_WORDS.search(self.instruction) is not None and not _OF_CODE.search(self.instruction)


@dataclass
class _Builder:
    instruction: list[str] = field(default_factory=list)
    lists: list[tuple[Entry, ...]] = field(default_factory=list)
    spelled: list[tuple[str, ...]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    unknown: bool = False
    data: list[str] = field(default_factory=list)

    @property
    def gave_up(self) -> bool:
        """Whether an agent before this one said that it does not know, wherever its words stand."""
        return self.unknown or any(said in text for said in (UNABLE, PASSED_ON) for text in self.instruction)

    def take(self, text: str, *, words: bool) -> bool:
        """Take a text as data where its shape says so."""
        plain = text.strip()
        if not plain:
            return False
        if plain.lower().startswith(UNKNOWN.lower()):
            self.unknown = True
        elif _TOTAL.match(plain):
            self.totals.append(int(re.sub(r"[^\d-]|\.0\b", "", plain)))
        elif found := entries(plain):
            self.lists.append(found)
        elif words and (spelled := read_words(plain)) and not plain.endswith((".", "!", "?", ":")):
            self.spelled.append(spelled)
        else:
            return False
        self.data.append(plain)
        return True


def _blocks(text: str, *, words: bool) -> _Builder:
    """Walk over the lines: runs of data lines are data, the rest is instruction."""
    build = _Builder()
    run: list[str] = []
    shown = False  # a list that an instruction shows is part of it

    def flush() -> None:
        nonlocal shown
        if run:
            block = "\n".join(run)
            if shown or not build.take(block, words=words):
                build.instruction.append(block)
                shown = False
            run.clear()

    for line in text.split("\n"):
        if not line.strip():
            flush()
            continue
        label = _LABEL.match(line)
        named = label is not None and _is_data(label["rest"], words=words) and not entries(_FIRST.split(line, maxsplit=1)[0])
        whole = not named and _is_data(line, words=words)
        if whole:
            run.append(line)
            continue
        flush()
        shown = False
        if label and named:
            run.append(label["rest"])
            if len(label["label"].split()) > 1:
                build.instruction.append(label["label"])
        elif label and not label["rest"].strip():
            shown = bool(_SHOWN.search(label["label"])) or len(label["label"].split()) > 4
            if len(label["label"].split()) > 1:
                build.instruction.append(line)
        else:
            build.instruction.append(line)
            shown = bool(_SHOWN.search(line)) and line.rstrip().endswith(_INTRODUCES)
    flush()
    return build


def _is_data(line: str, *, words: bool) -> bool:
    plain = line.strip()
    if not plain:
        return False
    if _TOTAL.match(plain) or plain.lower().startswith(UNKNOWN.lower()) or entries(plain):
        return True
    return words and not plain.endswith((".", "!", "?", ":")) and bool(read_words(plain))


@lru_cache(maxsize=2048)
def read_text(text: str) -> Scene:
    """Read an actor's request: the data stands in the text, with a label or without.

    The last question counts; with several (a prompt may show solved examples) only what follows the last one is data.
    """
    questions = find_question(text)
    request = None if questions else find_words(text)
    if questions:
        start, end, question = next((q for q in reversed(questions) if not _quoted(text, q[0], q[1])), questions[-1])
        tail = len([q for q in questions if not _quoted(text, q[0], q[1])]) > 1
        before, after = text[:start], text[end:]
        build = _blocks(after if tail else f"{before}\n{after}", words=False)
        instruction = "\n".join(build.instruction)
        total = build.totals[-1] if build.totals else None
        return Scene(
            f"{before}\n{instruction}" if tail else instruction,
            question=question,
            lists=tuple(build.lists),
            total=total,
            unknown=build.gave_up,
            data="\n".join([question.text, *build.data]),
        )
    if request:
        start, end, words = request
        build = _blocks(f"{text[:start]}\n{text[end:]}", words=True)
        data = "\n".join([" ".join(words), *build.data])
        return Scene("\n".join(build.instruction), words=words, spelled=tuple(build.spelled), unknown=build.gave_up, data=data)
    build = _blocks(text, words=True)
    total = build.totals[-1] if build.totals else None
    return Scene(
        "\n".join(build.instruction),
        lists=tuple(build.lists),
        spelled=tuple(build.spelled),
        total=total,
        unknown=build.gave_up,
        data="\n".join(build.data),
    )


def _quoted(text: str, start: int, end: int) -> bool:
    return text[max(0, start - 1) : start] in ('"', "“", "'", "`") and text[end : end + 1] in ('"', "”", "'", "`")


_FIELD = Pattern(r"^[^\n.]{0,40}:\s*\{\{\w+\}\}\s*$|\{\{\w+\}\}", re.MULTILINE)


def instruction_of(prompt: str) -> str:
    """A prompt without its placeholders and their labels."""
    return _FIELD.sub("", prompt)


@lru_cache(maxsize=4096)
def read_fields(prompt: str, values: tuple[str, ...]) -> Scene:
    """Read what a critic is shown: the prompt with its placeholders, and each input in a fence of its own."""
    instruction = instruction_of(prompt)
    base = read_text("\n\n".join(values))
    lists = tuple(found for value in values if not find_question(value) and (found := entries(value)))
    spelled: tuple[tuple[str, ...], ...] = ()
    if base.words or not (base.question or lists):
        plain = [value for value in values if not find_words(value)]
        spelled = tuple(given for value in plain if not _TOTAL.match(value) and (given := read_words(value)))
    totals = [int(re.sub(r"[^\d-]|\.0\b", "", value.strip())) for value in values if _TOTAL.match(value)]
    unknown = any(value.strip().lower().startswith(UNKNOWN.lower()) for value in values)
    kept: tuple[tuple[Entry, ...], ...] = () if spelled and not base.question else lists
    return Scene(
        instruction, base.question, base.words, kept, spelled,
        totals[-1] if totals else None, unknown, "\n".join(values),
    )  # fmt: skip


_LIST = Pattern(
    r"\b(?:list|name|names|naming|extract|identify|enumerate|mention|collect|find|pick out|note|"
    r"(?:write down|write out|put down)"
    r"(?! (?:the |your |each |every )?(?:addition|calculation|reasoning|steps?|sum|total|result|answer)\b)|"
    r"spot|gather|itemi[sz]e|"
    r"copy|read|detect|catalogue|catalog|pull out|take down|split|"
    r"(?:return|give|write|output|print|show|provide|produce|tell) (?:me )?"
    r"(?:(?:a|an|the|all|every|each|single|complete|full|of|bare) )*(?:nouns?|things?|items?|objects?|entities|elements)|"
    r"what (?:things|items|objects|nouns) (?:are|does|do|is))\b", re.IGNORECASE,
)  # fmt: skip
_COUNT = Pattern(r"\b(?:count|counts|counting|tally|tallies|number of|quantit(?:y|ies)|how many of each)\b", re.IGNORECASE)
_ANSWER = Pattern(r"\b(?:answer|solve|reply|respond|conclude|say|state|tell|final|calculate|compute)\b", re.IGNORECASE)
_SORT = Pattern(r"\b(?:sort|sorted|order|ordered|arrange|alphabeti\w+|rank|sequence)\b", re.IGNORECASE)


_TO_ANSWER = Pattern(
    r"(?:solve|conclude|calculate|compute|final)\b|"
    r"\w+ (?:[\w']+ ){0,4}?(?:questions?|problem|query|task|total|number|count|result|answer|how many)\b",
    re.IGNORECASE,
)
_NO_ORDER = Pattern(r"ing$|s$|^quantity|^number|^how", re.IGNORECASE)
_OPENING = Pattern(r"(?:^|[.!?:\n])[\W\d]*(?:(?:please|kindly|now|first|then|next|and),? )*", re.IGNORECASE)


def _first(instruction: str, verbs: Sequence[tuple[str, Pattern]]) -> str | None:
    """The act whose verb opens a sentence first; where none does, the one whose verb comes first in the instruction."""
    for opening in _OPENING.finditer(instruction):
        at = opening.end()
        found = ((act, match[0]) for act, pattern in verbs if (match := pattern.match(instruction, at)))
        act = next((act for act, verb in found if not _NO_ORDER.search(verb)), None)  # ``counting is fun``, ``quantities matter``
        if act and (act != "answer" or _TO_ANSWER.match(instruction, at)):  # ``Answer in English`` says how, not what
            return act
    first = [(match.start(), act) for act, pattern in verbs if (match := pattern.search(instruction))]
    return min(first)[1] if first else None


@lru_cache(maxsize=8192)
def _acts(instruction: str, *, sorting: bool) -> str | None:
    if sorting:
        return _first(instruction, (("sort", _SORT), ("list", _LIST), ("answer", _ANSWER)))
    return _first(instruction, (("list", _LIST), ("count", _COUNT), ("answer", _ANSWER)))


def act_of(scene: Scene) -> str:
    """What an agent is to do, from its instruction's first verb and the data that it has: a key of ``RELEVANT``."""
    if scene.words or scene.spelled:
        verb = _acts(scene.instruction, sorting=True)
        if scene.spelled:
            return "sort" if verb == "sort" else "reply"
        return {"sort": "sort", "list": "read"}.get(verb or "", "solve words")
    verb = _acts(scene.instruction, sorting=False)
    counted = any(sum(entry.amount is not None for entry in found) * 2 > len(found) for found in scene.lists)
    if scene.total is not None:
        return "answer"
    if scene.lists:
        if verb == "answer" or (verb is None and counted):
            return "answer" if counted else "solve"
        return "tally"
    if verb == "list":
        return "list"
    each = re.search(r"\beach\b|\bper\b|\btally\b", scene.instruction, re.IGNORECASE)
    return "tally" if verb == "count" and each else "solve"
