# ruff: noqa: E501  a pattern a line
"""Shapes in the text of an instruction: formats in quotes, examples, forms of an ending."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tep_nb.model.simulated.nouns import NUMBERS
from tep_nb.model.simulated.text import Pattern
from tep_nb.model.simulated.things import is_known

__all__ = ["ANAPHOR", "DIGITEX", "ENDING", "FORM", "HOW", "INFLECTED", "LOOSE", "NEGATION", "NOT_THIS", "PIECES", "QUOTED", "THEN", "between_of", "example_of", "numeral_pair", "spec_of"]

PIECES = Pattern(r"[a-z_][\w']*|\d+|[,;:()—–!?.]", re.IGNORECASE)
QUOTED = Pattern(r"(?:[\"“”`]|(?<!\w)')([^\"“”`'\n]{1,60})(?:[\"“”`]|'(?!\w))|<[^<>\n]{1,30}>\s*(?:[:=–→-]|->|=>)\s*<[^<>\n]{1,30}>")
SEP = r"(?P<sep>:|=>|=|->|→|\||–|—| - | x |\()"
FORM = Pattern(rf"[-*•]?\s*[<\[{{(]?(?P<name>[A-Za-z][A-Za-z _'-]*?)[>\]}})]?\s*{SEP}\s*[<\[{{(]?(?P<number>\d+|[A-Za-z][A-Za-z _]*)[>\]}})]?\s*\)?;?\s*$")
LOOSE = Pattern(
    rf"\b(?:name|item|thing|object|noun|entry|word|what|product)s?\s*{SEP}\s*(?:its |the |a )?(?:number|count|amount|quantity|quantities|n|value|figure|how many|total)\b",
    re.IGNORECASE,
)
EXAMPLE = Pattern(r"\b(?P<bare>[a-z]+)\s*(?P<sep>[:=]|->|\()\s*\d+\b|<[\w ]+>\s*(?P<sep2>[:=-]+)\s*<[\w ]+>", re.IGNORECASE)
ENDING = Pattern(r"[\"'“`*]*(?:the )?(?:final )?(?:answer|total|result)(?: is)?\s*[:=]\s*(?:[$<\[{(\"'”`]|\.\.\.|\d|value|x\b|n\b|$|followed)", re.IGNORECASE)
DIGITEX = Pattern(
    r"(?:\be\.g\.,?|\blike|\bsuch as|\bfor example,?|\bexample:?|\bsay|\bwrite|\bas in|\binstance,?|\bas|\()\s*[\"“'`(]*\d+\b|[\"“`']\d+[\"”`']|\b(?:use|put|give|state) \d+\b(?! ?\w)|\b\d+\b\W+(?:not|instead|rather|in place)\b",
    re.IGNORECASE,
)
HOW = Pattern(
    r"\b(?:how|why|the way(?: in which)?) (?:did |do |does )?(?:you|it|the|this|that)\b|\bwhere (?:it|this|that|the \w+) comes? from\b|\bwork(?:ing|ed)? (?:this|it) out\b|"
    r"\bwhat (?:you|was|were|has been|is) (?:added|summed|counted)\b",
    re.IGNORECASE,
)
NEGATION = Pattern(r"\b(?:not(?! (?:only|just|merely|simply)\b)|never|without|no|don't|avoid|hide|conceal|withhold)\b|n't\b", re.IGNORECASE)
NOT_THIS = Pattern(r"\b(?:not|instead of|rather than),?\s*[\"“'`](?:two|three|four|five|\d+)\b", re.IGNORECASE)
THEN = Pattern(
    r"\b(?:then|finally|lastly|afterwards),? (?:give |state |write |say |put |comes? )?(?:the|your) (?:final |grand |overall )?"
    r"(?:total|number|sum|result|answer|count)\W*$", re.IGNORECASE,
)
ANAPHOR = Pattern(r"(?:\w+,? ){0,3}(?:them|they|those|these|such)\b", re.IGNORECASE)
INFLECTED = Pattern(r"^\w{3,}(?:ing|ed|[^s]s)$")


def numeral_pair(words: Sequence[str]) -> int:
    """Which of a numeral and the word for it is wanted, where a sentence names both: 1 the numeral, -1 the word, 0 none.

    What is negated is not wanted; without a negation the one that comes later is (``seven should be written 7``).
    """
    said = {NUMBERS[word]: at for at, word in enumerate(words) if word in NUMBERS and word != "one"}
    ends = [at for at, word in enumerate(words) if word in ",;:.!?"]
    for at, word in enumerate(words):
        if word.isdigit() and int(word) in said:
            places = (at, said[int(word)])
            starts = [max((end for end in ends if end < place), default=-1) for place in places]
            denied = [bool({"not", "never"} & set(words[start + 1 : place])) for start, place in zip(starts, places, strict=True)]
            if denied[0] != denied[1]:
                return 1 if denied[1] else -1
            if {"where", "for", "otherwise", "means"} & set(words[min(places) : max(places)]):  # ``7 where one would say seven``
                places = places[::-1]
            later = 1 if places[0] > places[1] else -1
            return -later if denied[0] and starts[0] == starts[1] else later
    return 0


def spec_of(sentence: str) -> str | None:
    """What stands between name and number in a pattern that a sentence quotes."""
    for match in QUOTED.finditer(sentence):
        inside = match[1] or match[0]
        form = FORM.match(inside.strip())
        if form and not re.match(r"(?:the )?(?:final )?(?:answer|total|result)\b", form["name"], re.IGNORECASE):
            return between_of(form["sep"])
    loose = LOOSE.search(sentence)
    return between_of(loose["sep"]) if loose else None


def between_of(sep: str) -> str:
    """A separator as it is written, with its blanks."""
    sep = sep.strip()
    return sep if sep == "(" else ": " if sep == ":" else f" {sep} "


def example_of(sentence: str) -> str | None:
    """What stands between name and number in an example such as ``violin: 2``."""
    for match in EXAMPLE.finditer(sentence):
        if match["bare"] is None or is_known(match["bare"].lower()):
            return match["sep"] or match["sep2"]
    return None
