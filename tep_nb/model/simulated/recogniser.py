"""From the text of an instruction to what it asks for: the one reader that actor, critic, editor and judge share."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tep_nb.model.simulated.clauses import signed_concepts
from tep_nb.model.simulated.grammar import DEICTIC, FINITE, MAY, MODAL, OPENERS, SUBJECT
from tep_nb.model.simulated.idioms import IDIOMS
from tep_nb.model.simulated.lexicon import NEGATORS, WISH_VERBS, stem
from tep_nb.model.simulated.nouns import NUMBERS
from tep_nb.model.simulated.patterns import (
    ANAPHOR,
    DIGITEX,
    ENDING,
    FORM,
    HOW,
    INFLECTED,
    LOOSE,
    NEGATION,
    NOT_THIS,
    PIECES,
    QUOTED,
    THEN,
    example_of,
    numeral_pair,
    spec_of,
)
from tep_nb.model.simulated.rules import OPPOSED, RULES, Rule
from tep_nb.model.simulated.text import sentences
from tep_nb.model.simulated.things import is_known

__all__ = ["chance", "evidence", "meaning", "sentence_evidence"]


class _Sentence(NamedTuple):
    features: frozenset[str]
    wish: bool


@lru_cache(maxsize=16384)
def _analyse(sentence: str) -> _Sentence:
    text = QUOTED.sub(lambda match: " " if FORM.match((match[1] or match[0]).strip()) else match[0], sentence)
    text = LOOSE.sub(" ", text)
    for pattern, instead in IDIOMS:
        text = pattern.sub(instead, text)
    words = PIECES.findall(text.lower())
    signed, denied = signed_concepts(words)
    features = signed | {name[:-1] for name in signed} | _shapes(sentence, words) | ({"NEGATED"} if denied else set())
    if len(repeated := [word for word in words if word in NUMBERS and word != "one"]) > len(set(repeated)):
        features |= {"SAME", "TWICE"}  # the same amount twice: before and after
    return _Sentence(frozenset(features), _is_wish(words) or {"TWICE", "AMOUNTEX"} <= features)


def _shapes(sentence: str, words: list[str]) -> set[str]:
    """Features that no word carries: patterns in quotes, examples."""
    found: set[str] = set()
    loose = LOOSE.search(sentence)
    ahead = re.split(r"[\"“`<]", sentence[: loose.start()] if loose else sentence)[0]
    ahead = re.split(r"\bbut\b", ahead)[-1]
    negative = bool(re.search(r"\b(?:never|not|avoid|no|don't)\b[^,;.:]*:?\s*$", ahead, re.IGNORECASE))
    if spec_of(sentence) is not None or example_of(sentence):
        found.add("PATTERN-" if negative else "PATTERN+")
    if ENDING.search(sentence) or THEN.search(sentence):
        found.add("ENDPATTERN")
        found.discard("PATTERN+")
    pair = numeral_pair(words)
    if pair > 0 or (pair == 0 and DIGITEX.search(sentence)):
        found |= {"DIGITEX+"}
    elif pair < 0:
        found |= {"WORDEX+"}
    if re.search(r"(?:\d|\b[a-z]+) ?\+ ?(?:\d|[a-z]+\b)", sentence):
        found.add("SUMEX")
    if len(words) <= 7:
        found.add("SHORT")
    if QUOTED.search(sentence):
        found.add("QUOTED")
    if re.search(r"\b(?:e\.g\.|such as|like|if|when|whenever|instance|example|as in)(?=\W)", sentence, re.IGNORECASE):
        found.add("EG")
    if how := HOW.search(sentence):
        found.add("SHOWHOW-" if len(NEGATION.findall(sentence[: how.start()])) % 2 else "SHOWHOW+")
    if re.search(r"\b(?:stay|stays|remain|remains|as well|too|also|says|becomes?|is|are)\b", sentence, re.IGNORECASE):
        found.add("SAME")
    for number, noun in pairwise(words):
        if (number in NUMBERS or number.isdigit()) and number not in ("one", "zero", "1", "0") and is_known(noun):
            found |= {"AMOUNTEX-"} if NOT_THIS.search(sentence) else {"AMOUNTEX", "AMOUNTEX+"}
    return found


def _is_wish(words: list[str]) -> bool:
    """Whether a sentence asks for something: an order, a duty, a description of the output, or a bare fragment."""
    plain = [word for word in words if word[0].isalpha() or word[0] == "_"]
    if not plain or (plain[0] in DEICTIC and not MODAL & set(plain)):
        return False
    if plain[0] in ("if", "when", "where", "whenever", "wherever", "should") or "_beware" in plain or "only" in plain[:2]:
        return True
    if plain[0] == "you" and plain[1:2] and plain[1] in MAY:
        return True
    if MODAL & set(plain) or "not" in plain[:3] or plain[0] in NEGATORS:
        return True
    opening = True
    for word in words:
        if word in ",;:.()—–" or word in ("and", "then", "so", "but", "to"):
            opening = True
        elif opening and word not in OPENERS:
            if word[0] == "_" or (stem(word) in WISH_VERBS and not INFLECTED.search(word)):
                return True
            opening = False
    if _described(words):
        return True
    start = [word for word in plain if word not in OPENERS and word not in ("the", "a", "an", "all", "final", "very")][:2]
    if set(start) & SUBJECT or plain[0] in ("each", "every"):
        return True
    return len(plain) <= 12 and not FINITE & set(plain)


def _described(words: list[str]) -> bool:
    """Whether a sentence describes what is done with things (``quantities are kept``), not where they come from."""
    for at, word in enumerate(words[:12]):
        if word in ("is", "are", "gets") and at + 1 < len(words):
            verb = next((one for one in words[at + 1 : at + 3] if one not in ("not", "always", "never", "all", "to", "also")), "")
            if stem(verb) in WISH_VERBS - _TOLD and verb.endswith(("ed", "t", "n")) and not set(words[at + 1 :]) & _ORIGIN:
                return True
    return False


_ORIGIN = frozenset(("by", "from", "in", "above", "below", "here"))
_TOLD = frozenset(stem(verb) for verb in ("give", "given", "take", "make", "ask", "provide", "print", "collect", "see"))


def _score(rules: tuple[Rule, ...], features: frozenset[str]) -> float:
    hits = sorted((rule.weight for rule in rules if rule.needs <= features and not rule.bars & features), reverse=True)
    return min(5.0, hits[0] + 0.3 * (len(hits) - 1)) if hits else 0.0


@lru_cache(maxsize=32768)
def sentence_evidence(sentence: str, skill: str) -> float:
    """How strongly one sentence asks for a skill; below zero when it forbids it."""
    read = _analyse(sentence)
    factor = 1.0 if read.wish else 0.2 if skill in ("amounts", "all", "kind", "working") else 0.4
    wanted, forbidden = _score(RULES[skill], read.features), _score(OPPOSED[skill], read.features)
    return factor * (wanted if wanted > forbidden else -forbidden)


@lru_cache(maxsize=8192)
def evidence(text: str, skill: str, rival: str = "") -> float:
    """How strongly an instruction asks for a skill: sentences add up, and a later contradiction wins.

    A sentence that speaks of the rival at least as clearly is taken to speak of that alone.
    """
    total, before = 0.0, ""
    for sentence in sentences(text):
        one = sentence_evidence(sentence, skill)
        if before and abs(one) < 0.4 and ANAPHOR.match(sentence):
            one = sentence_evidence(f"{before.rstrip('.!?')}, {sentence}", skill)
        before = sentence
        if rival and abs(sentence_evidence(sentence, rival)) >= 2.4:
            continue
        if one >= 0.4:
            total = max(0.0, total) + one
        elif one <= -1.0:
            total = min(0.0, total) + one
    return max(-6.0, min(6.0, total))


def chance(amount: float) -> float:
    """The probability that an instruction with this evidence is followed, attention aside."""
    return 0.0 if amount < 1.0 else 1.0 - 0.7 * math.exp(-2.6 * (amount - 1.0))


def meaning(text: str, skills: tuple[str, ...]) -> frozenset[str]:
    """What a text asks for or forbids, as names with a sign: ``+digits``, ``-amounts``."""
    found = {skill: evidence(text, skill) for skill in skills}
    return frozenset(f"{'+' if amount > 0 else '-'}{skill}" for skill, amount in found.items() if abs(amount) >= 1.0)
