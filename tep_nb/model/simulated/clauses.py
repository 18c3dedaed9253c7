"""A sentence taken apart into clauses: which concepts are said in it, and which are denied."""

from __future__ import annotations

from collections.abc import Sequence

from tep_nb.model.simulated.grammar import (
    AUX,
    BEFORE_NOUN,
    BOUNDARIES,
    DENIALS,
    FORBIDS,
    MERELY,
    OPENERS,
    RELATIVE,
    REPORTS,
)
from tep_nb.model.simulated.lexicon import CONCEPTS, NEGATORS, WISH_VERBS, stem
from tep_nb.model.simulated.nouns import NUMBERS
from tep_nb.model.simulated.things import asked_kind, is_known

__all__ = ["Clauses", "signed_concepts"]

Signed = tuple[str, int]
"""A concept, and 1 where it is said or -1 where it is denied."""


def signed_concepts(words: Sequence[str]) -> tuple[frozenset[str], bool]:
    """The concepts of a sentence as ``NAME+`` and ``NAME-``, and whether anything in it is denied."""
    clauses = Clauses()
    for at, word in enumerate(words):
        clauses.take(word, words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else "", words[max(0, at - 2)])
    clauses.close()
    signed = {f"{concept}{'+' if sign > 0 else '-'}" for clause in clauses.done for concept, sign in clause}
    return frozenset(signed), clauses.denied


class Clauses:
    """Concepts with their signs, clause by clause."""

    def __init__(self) -> None:
        self.done: list[list[Signed]] = []
        self.denied = False
        self.now: list[Signed] = []
        self.sign = 1
        self.nothing = False
        self.opens: str | None = None
        self.relative = False
        self.held = False

    def take(self, word: str, before: str, after: str, second: str) -> None:
        """Take in a word, with its neighbours and the word before the one before."""
        if self.opens is None and word not in OPENERS and word not in ("ensure", "that", "of"):
            self.opens = word
        if word in ",;:()—–!?." or word in BOUNDARIES or (word == "and" and (stem(after) in WISH_VERBS or after in NEGATORS)):
            self.close()
            self.relative = self.held = False
        elif word in ("until", "till"):  # what has to come about is not negated with what waits for it
            self.close()
            self._add(concepts_of(word, before, after))
        elif word in RELATIVE and (self.now or not before):
            held = self.opens in DENIALS
            self.close()
            self.relative, self.held = word != "that" or before not in REPORTS, held
        elif word in FORBIDS and "ITEM" not in CONCEPTS.get(stem(after), ()):  # ``an unwanted item`` forbids nothing
            self._forbid(before)
        elif word in NEGATORS:
            self._negate(word, before)
        else:
            self._say(word, before, after, second)

    def close(self) -> None:
        """End a clause: what is dropped takes its objects along, and ``nothing`` turns the clause round."""
        if self.nothing:
            self.now = [(concept, -sign) for concept, sign in self.now]
        omit = next((sign for concept, sign in self.now if concept == "OMIT"), 0)
        if omit:
            turned = ("AMOUNT", "LINE", "DIGIT", "WORKING", "SPACE")
            self.now = [(concept, -omit if concept in turned else sign) for concept, sign in self.now]
            here = {concept for concept, _ in self.now}
            if here & {"ITEM", "NOTHING"} and not here & {"AMOUNT", "TEXT"}:
                self.now.append(("OMITTHING", omit))
        self.done.append(self.now)
        self.now, self.sign, self.nothing, self.opens = [], 1, False, None

    def _add(self, concepts: tuple[str, ...]) -> None:
        self.now.extend((concept, self.sign) for concept in concepts)

    def _forbid(self, before: str) -> None:
        """Turn a clause round; behind a relative clause the one before it (``counting what … is an error``)."""
        self.denied = True
        if self.relative and before not in RELATIVE and self.done:
            self.done[-1] = [(concept, -sign) for concept, sign in self.done[-1]]
        else:
            self.nothing = not self.nothing

    def _negate(self, word: str, before: str) -> None:
        """Negate what follows in the clause; after an auxiliary verb its subject too (``digits must not …``)."""
        self.denied = True
        if word == "no" and any(concept == "OMIT" for concept, _ in self.now):
            self.nothing = True
            return
        if before in AUX:
            self.now = [(concept, -sign) for concept, sign in self.now]
        self.sign = -self.sign

    def _say(self, word: str, before: str, after: str, second: str) -> None:
        if self.relative and word in AUX and before not in AUX | RELATIVE:  # the main verb after a relative clause
            if self.held:  # ``nothing that … may be lost``: the denial is of the main verb
                self.close()
                self.relative, self.held, self.nothing = False, False, True
            elif self.sign < 0 and not self.nothing and self.now:
                self.close()
                self.relative = False
        if word in ("nothing", "none"):
            self.nothing = self.denied = True
        self._add(concepts_of(word, before, after))
        if word in MERELY and before in NEGATORS and second in AUX:
            self.sign = -self.sign  # ``do not just say …``: to say it is not forbidden


_FIXED: dict[str, tuple[str, ...]] = {
    "counted": ("COUNTV", "COUNTED"),
    "counting": ("COUNTV", "COUNTED"),
    "filter": ("FILTER", "FILTERED", "OMIT"),
    "filtering": ("FILTER", "FILTERED", "OMIT"),
    "paragraphs": (),
    "_noneed": ("NONEED",),
    "_onlythis": ("ONLYTHIS", "BARE"),
    "_extra": ("EXTRA", "TEXT"),
}
_THING = frozenset(("ITEM", "WORD", "LETTER", "EVERYTHING"))


def concepts_of(word: str, before: str, after: str) -> tuple[str, ...]:
    """What a word stands for, between its neighbours."""
    fixed = _FIXED[word] if word in _FIXED else _by_place(word, before, after)
    if fixed is not None:
        return fixed
    found = CONCEPTS.get(stem(word), ())
    if is_known(word):
        found = (*found, "NOUN", "ITEM")
    if asked_kind(word) not in (None, "object") and "NOUN" not in found:
        found = (*found, "KINDNAME", "ITEM")
    if word in NUMBERS and word not in ("one", "zero"):
        found = (*found, "NUMBEREX")
    return found


def _by_place(word: str, before: str, after: str) -> tuple[str, ...] | None:
    """Words that are a verb in one place and a noun in another, or of one text or the other."""
    if word in ("count", "counts", "tally"):
        if before.endswith(("'s", "s'")):
            return ("AMOUNT",)
        ends = after in ("", ".", "!", "as", "too", "for")
        subject = after in (",", "so", "here") and bool(_THING & set(CONCEPTS.get(stem(before), ())))
        verb = before not in BEFORE_NOUN and (word != "counts" or ends)
        return ("COUNTV", "COUNTED") if verb or (word == "counts" and subject) else None
    if word == "number" and not before and after in ("your", "the", "each", "all", "every"):
        return ()
    if word == "name" and (not before or before in OPENERS or before in ",;:.!"):
        return tuple(concept for concept in CONCEPTS["nam"] if concept not in ("NAMES", "ITEM"))
    if word in ("want", "wants") or (word == "it" and not before and after in ("is", "was")):
        return ()
    if word == "spelling" and after not in ("the", "a", "any", "it", "numbers"):
        return ("LETTER",)
    if word == "last" and after in ("number", "integer", "figure", "value"):
        return ("END",)
    if word == "sentence" and before == "the":  # that of the question
        return ("TEXT",)
    return None
