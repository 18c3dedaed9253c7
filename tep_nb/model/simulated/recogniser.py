"""From the text of an instruction to what it asks for: the one reader that actor, critic, editor and judge share."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tep_nb.model.simulated.grammar import (
    AUX,
    BEFORE_NOUN,
    BOUNDARIES,
    DEICTIC,
    DENIALS,
    FINITE,
    FORBIDS,
    MODAL,
    OPENERS,
    RELATIVE,
    SUBJECT,
)
from tep_nb.model.simulated.lexicon import CONCEPTS, IDIOMS, NEGATORS, WISH_VERBS, stem
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
from tep_nb.model.simulated.things import asked_kind, is_known

__all__ = ["chance", "evidence", "meaning", "sentence_evidence"]


class _Sentence(NamedTuple):
    features: frozenset[str]
    wish: bool


class _Clauses:
    """Concepts of a sentence with their signs, clause by clause."""

    def __init__(self) -> None:
        self.done: list[list[tuple[str, int]]] = []
        self.now: list[tuple[str, int]] = []
        self.sign = 1
        self.nothing = False
        self.denies: bool | None = None

    def close(self) -> None:
        """End a clause: what is dropped takes its objects along, and ``nothing`` turns the clause round."""
        if self.nothing:
            self.now = [(concept, -sign) for concept, sign in self.now]
        omit = next((sign for concept, sign in self.now if concept == "OMIT"), 0)
        if omit:
            turned = ("AMOUNT", "LINE", "DIGIT", "WORKING", "SPACE")
            self.now = [(concept, -omit if concept in turned else sign) for concept, sign in self.now]
        self.done.append(self.now)
        self.now, self.sign, self.nothing, self.denies = [], 1, False, None

    def begin(self, word: str) -> None:
        """Note whether the clause opens with a denial (``nothing …``, ``no item …``)."""
        if self.denies is None and word not in OPENERS and word not in ("ensure", "that", "of"):
            self.denies = word in DENIALS

    def add(self, concepts: tuple[str, ...]) -> None:
        """Take in the concepts of a word."""
        self.now.extend((concept, self.sign) for concept in concepts)

    def negate(self, after: str) -> None:
        """Negate what follows in the clause; after an auxiliary verb its subject too (``digits must not …``)."""
        if after in AUX:
            self.now = [(concept, -sign) for concept, sign in self.now]
        self.sign = -self.sign


@lru_cache(maxsize=16384)
def _analyse(sentence: str) -> _Sentence:
    text = QUOTED.sub(lambda match: " " if FORM.match((match[1] or match[0]).strip()) else match[0], sentence)
    text = LOOSE.sub(" ", text)
    for pattern, instead in IDIOMS:
        text = pattern.sub(instead, text)
    words = PIECES.findall(text.lower())
    clauses = _Clauses()
    extra = {"NEGATED"} if "nothing" in words or "none" in words else set[str]()
    relative, held, before = False, False, ""
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        clauses.begin(word)
        if word in ",;:()—–!?." or word in BOUNDARIES or (word == "and" and (stem(after) in WISH_VERBS or after in NEGATORS)):
            clauses.close()
            relative = held = False
        elif word in ("until", "till"):  # what has to come about is not negated with what waits for it
            clauses.close()
            clauses.add(_concepts(word, before, after))
        elif word in RELATIVE and (clauses.now or not before):
            held = clauses.denies is True
            clauses.close()
            relative = True
        elif word in FORBIDS and "ITEM" not in CONCEPTS.get(stem(after), ()):  # ``an unwanted item`` forbids nothing
            extra.add("NEGATED")
            if relative and before not in RELATIVE and clauses.done:  # ``counting what … is an error``: of the counting
                clauses.done[-1] = [(concept, -sign) for concept, sign in clauses.done[-1]]
            else:
                clauses.nothing = not clauses.nothing
        elif word in NEGATORS:
            extra.add("NEGATED")
            if word == "no" and any(concept == "OMIT" for concept, _ in clauses.now):
                clauses.nothing = True
            else:
                clauses.negate(before)
        else:
            ends = word in AUX and before not in AUX | RELATIVE  # the main verb after a relative clause
            if relative and ends and held:  # ``nothing that … may be lost``: the denial is of the main verb
                clauses.close()
                relative, held, clauses.nothing = False, False, True
            elif relative and ends and clauses.sign < 0 and not clauses.nothing and clauses.now:
                clauses.close()
                relative = False
            clauses.nothing |= word in ("nothing", "none")
            clauses.add(_concepts(word, before, after))
            if word in _MERELY and before in NEGATORS and words[max(0, at - 2)] in AUX:
                clauses.sign = -clauses.sign  # ``do not just say …``: to say it is not forbidden
        before = word
    clauses.close()
    signed = {f"{concept}{'+' if sign > 0 else '-'}" for clause in clauses.done for concept, sign in clause}
    features = signed | {name[:-1] for name in signed} | extra | _shapes(sentence, words)
    if len(repeated := [word for word in words if word in NUMBERS and word != "one"]) > len(set(repeated)):
        features |= {"SAME", "TWICE"}  # the same amount twice: before and after
    return _Sentence(frozenset(features), _is_wish(words) or {"TWICE", "AMOUNTEX"} <= features)


_MERELY = frozenset(("just", "only", "merely", "simply"))


def _concepts(word: str, before: str, after: str) -> tuple[str, ...]:
    if word == "count" and before.endswith(("'s", "s'")):
        return CONCEPTS["count"][:1]
    if (word == "count" and before not in BEFORE_NOUN) or word in ("counted", "counting"):
        return ("COUNTV", "COUNTED")
    if word == "number" and not before and after in ("your", "the", "each", "all", "every"):
        return ()
    if word == "counts" and after in (",", "so", "here") and {"ITEM", "WORD", "LETTER", "EVERYTHING"} & set(CONCEPTS.get(stem(before), ())):
        return ("COUNTV", "COUNTED")
    if word == "counts" and after in ("", ".", "!", "as", "too", "for") and before not in BEFORE_NOUN:
        return ("COUNTV", "COUNTED")
    if word == "tally" and before not in BEFORE_NOUN:
        return ("COUNTV", "COUNTED")
    if word == "_noneed":
        return ("NONEED",)
    if word == "last" and after in ("number", "integer", "figure", "value"):
        return ("END",)
    if word == "_onlythis":
        return ("ONLYTHIS", "BARE")
    if word == "_extra":
        return ("EXTRA", "TEXT")
    if word in ("filter", "filtering"):
        return ("FILTER", "FILTERED", "OMIT")
    found = CONCEPTS.get(stem(word), ())
    if is_known(word):
        found = (*found, "NOUN", "ITEM")
    if asked_kind(word) not in (None, "object") and "NOUN" not in found:
        found = (*found, "KINDNAME", "ITEM")
    if word in NUMBERS and word not in ("one", "zero"):
        found = (*found, "NUMBEREX")
    return found


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
    if plain[0] == "you" and plain[1:2] and plain[1] in _MAY:
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


_MAY = frozenset(("can", "may", "might", "could"))


def _described(words: list[str]) -> bool:
    """Whether a sentence describes what is done with things (``quantities are kept``), not where they come from."""
    for at, word in enumerate(words[:8]):
        if word in ("is", "are", "gets") and at + 1 < len(words):
            verb = next((one for one in words[at + 1 : at + 3] if one not in ("not", "always", "never", "all", "to", "also")), "")
            rest = set(words[at + 1 :])
            return stem(verb) in WISH_VERBS - _TOLD and verb.endswith(("ed", "t", "n")) and not rest & _ORIGIN
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
