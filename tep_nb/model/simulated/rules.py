"""What each skill is asked for with: concepts that must meet in one sentence, and how much that says.

A rule is a weight and concepts. ``X+`` is X as said, ``X-`` is X under a negation, ``X`` is either, ``!X`` is its absence.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["OPPOSED", "RELEVANT", "RULES", "SKILLS", "Rule"]


class Rule(NamedTuple):
    """A weight, the features that must be there, and those that must not."""

    weight: float
    needs: frozenset[str]
    bars: frozenset[str]


def _rules(text: str) -> tuple[Rule, ...]:
    found = []
    for line in text.strip().splitlines():
        weight, *names = line.split()
        needs = frozenset(name for name in names if not name.startswith("!"))
        found.append(Rule(float(weight), needs, frozenset(name[1:] for name in names if name.startswith("!"))))
    return tuple(found)


RULES: dict[str, tuple[Rule, ...]] = {
    "amounts": _rules("""
        3.0 AMOUNT+ KEEP+ !END+ !SUM+ !WORDS
        3.0 AMOUNT+ KEEP+ EACH
        3.0 NUMWORD+ KEEP+ !WORDS-
        2.4 NUMWORD+ ITEM
        2.4 NUMWORD+ EACH
        2.5 AMOUNT+ OMIT-
        2.5 AMOUNT+ EACH
        2.2 AMOUNT+ ITEM !END+ !SUM+ !WORDS
        1.6 AMOUNT+ SHORT !END+ !SUM+ !COUNTED !WORDS
        2.8 AMOUNTEX+ KEEP+
        2.4 AMOUNTEX+ QUOTED
        2.4 AMOUNTEX+ EG
        2.4 AMOUNTEX+ NEGATED
        2.2 NUMBEREX KEEP+ ITEM
        3.0 AMOUNTEX SAME
        2.4 MULTIPLE COUNTED
        2.8 ASONE-
        2.4 USE+ AMOUNT+ QUESTION+ !DIGIT+ !TOTAL-
    """),
    "all": _rules("""
        3.0 OMIT- !AMOUNT !OTHER !KIND
        3.0 OMIT- MENTIONED !AMOUNT !OTHER
        2.8 OMITTHING- !OTHER !KIND
        2.2 ALLITEMS+ LISTV+ !PERLINE !PATTERN+ !NUMWORD !ONCE !COLON
        2.4 COMPLETELIST+ LISTV+
        2.4 COMPLETELIST+ KEEP+
        2.6 OMIT- ITEM !AMOUNT !OTHER
        2.6 ALL+ ITEM KEEP+ !AMOUNT !PERLINE !PATTERN+ !NUMWORD !ONCE !COLON
        2.2 ALL+ ITEM LISTV+ !AMOUNT !PERLINE !PATTERN+ !NUMWORD !ONCE !COLON
        2.0 ALL+ ITEM !AMOUNT !PERLINE !PATTERN+ !NUMWORD !ONCE !COLON
        2.4 COMPLETE+ !LETTER !TOTAL !QUESTION
        2.4 COMPLETE+ LISTV+ !LETTER !AMOUNT
        2.4 LASTITEM+ LISTV+
        2.6 SINGLE+
        3.0 STOP-
        2.6 GOON+ UNTIL
        2.6 ALL+ UNTIL
        2.4 UNTIL NOTHING
        2.2 UNTIL+ ITEM
        2.4 STOP+ NEGATED UNTIL
        2.4 ALL+ WORD KEEP+ !LETTER !CASE !COMMA !SPACE !PERLINE !AMOUNT !DIGIT !SUM !WORDS
    """),
    "kind": _rules("""
        3.0 ONLY+ KIND
        3.0 OMIT+ OTHER !HANDFUL
        3.0 OMIT+ KIND !AMOUNT
        2.6 OMIT+ FIT-
        2.6 OTHER COUNTV-
        2.6 OTHER COUNTV NEGATED
        2.4 KIND- OMIT+
        2.2 ONLY+ FIT+
        2.2 ONLY+ QUESTION COUNTED
        2.2 FIT+ KIND
        2.4 KINDNAME COUNTV- KIND
        2.4 OTHER- KIND-
        2.4 KIND- COUNTV-
        2.8 ONLYTHIS KIND
        2.2 ONLY+ ITEM KINDNAME
        2.4 KINDNAME NEGATED NOUN
        2.4 KINDNAME OMIT+
        2.4 KIND FILTER
        2.8 BEWARE OTHER
        2.6 BEWARE FIT-
        2.4 ONLY KINDNAME KIND
        2.4 KINDNAME- OMIT
    """),
    "lines": _rules("""
        3.2 PATTERN+
        2.8 PERLINE+ COLON
        2.6 PERLINE+ EACH
        2.6 PERLINE+ ITEM
        2.2 PERLINE+
        2.4 LINE+ COLON+
        2.2 LINE+ EACH
        2.2 COLON+ AMOUNT
        2.2 COLON+ ITEM
        2.6 ONELINE-
    """),
    "digits": _rules("""
        3.0 DIGIT+
        2.8 WORDS-
        2.6 DIGITEX+
        2.4 DIGITEX+ TOTAL
        2.4 NUMBER+ FORM+
    """),
    "ending": _rules("""
        3.0 END+ TOTAL
        2.8 AFTER TOTAL NEGATED
        2.8 AFTER NOTHING TOTAL
        2.8 AFTER ONLYTHIS TOTAL
        2.6 AFTER TOTAL TRAIL
        2.6 ENDPATTERN
        2.2 TRAIL+ TOTAL AFTER
        2.6 ONCE+ TRAIL+ TOTAL
        2.2 END+ ENDPATTERN
        2.4 ADD- NOTHING TOTAL
    """),
    "working": _rules("""
        2.6 WORKING+
        2.6 SUMEX
        2.4 WHY SHOW+
        2.4 MATH SHOW+
        2.6 WORKING+ SHOW+
        2.4 SHOWHOW+
    """),
    "letters": _rules("""
        3.0 LETTER DEEPER+ !ONLY+
        2.8 LEXICAL+
        2.6 FIRSTLETTER- ONLY
        2.6 FIRSTLETTER ONLY-
        2.6 FIRSTLETTER- DEEPER
        2.4 FIRSTLETTER DEEPER+ !ONLY+
        2.4 FIRSTLETTER- !DEEPER-
        2.4 LETTER ALL+
        2.6 WORD WHOLE+ COMPARE+
        1.6 ALPHABET+
    """),
    "spaces": _rules("""
        3.0 SPACE+ SEPARATE+
        2.6 SPACE+
        2.2 COMMA-
    """),
    "bare": _rules("""
        3.0 ONLYTHIS
        2.8 TEXT-
        2.8 OMIT+ TEXT
        2.6 BARE+ LISTING
        2.4 TEXT NOTHING
        2.6 EXTRA NEGATED
        2.6 OMIT+ EVERYTHING EXCEPT
    """),
}
"""What asks for a skill."""

OPPOSED: dict[str, tuple[Rule, ...]] = {
    "amounts": _rules("""
        3.4 AMOUNT- !DIGIT- !WORDS
        3.6 OMIT+ AMOUNT !KEEP+
        3.2 NAMES BARE+ !AMOUNT+ !KIND
        3.4 AMOUNTEX-
        3.6 ASONE+
        3.2 ONCE+ EACH
        3.2 ONCE+ ITEM
        3.2 NONEED AMOUNT
    """),
    "all": _rules("""
        3.0 OMIT+ !OTHER !KIND !AMOUNT !TEXT !NOTHING !FIT !KINDNAME
        3.0 OMIT+ FEW !OTHER !KIND !FIT
        3.0 FEW+ ENOUGH+ !OTHER !KIND
        3.2 ALL- !AMOUNT !ASONE
        3.0 STOP+ NUMBEREX ITEM
        3.0 ATMOST+ NUMBEREX ITEM
        3.0 FEW+ ONLY+
        3.0 NONEED ALL
    """),
    "kind": _rules("""
        3.4 REGARDLESS+ KIND
        3.4 REGARDLESS+ COUNTV+
        3.4 EVERYTHING+ COUNTED+ !KIND !ONLY
        3.4 OMIT- OTHER
        3.4 FILTERED-
        3.2 COUNTV+ OTHER !NEGATED !OMIT
        3.4 OMIT- KIND !MENTIONED
    """),
    "lines": _rules("""
        3.6 PATTERN-
        3.4 PERLINE-
        3.4 ONELINE+
        3.4 LINE- !PERLINE+
        3.2 COLON- !PATTERN+
        3.2 PROSE+ !PATTERN+ !PERLINE+
        3.2 SENTENCES+ AMOUNT+ !PERLINE+
        3.2 SENTENCES+ ITEM+ !PERLINE+
        3.2 SENTENCES+ COUNTED+ !PERLINE+
    """),
    "digits": _rules("""
        3.4 DIGIT-
        3.2 WORDS+ !DIGIT+ !DIGITEX+
        3.2 WORDEX+
    """),
    "ending": _rules("""
        3.2 BEGIN+ TOTAL !END+ !ENDPATTERN
        3.4 END- !AFTER
        3.9 AFTERTOTAL+ ADD+ !NEGATED !NOTHING !TRAIL
        3.2 AFTER+ TOTAL ADD+ !NEGATED !NOTHING !TRAIL
    """),
    "working": _rules("""
        3.0 WORKING-
        3.0 SHOWHOW-
        3.0 OMIT+ WORKING
    """),
    "letters": _rules("""
        3.4 FIRSTLETTER+ ONLY+ !NEGATED
        3.4 DEEPER- LETTER
        3.2 ALPHABET- !FIRSTLETTER
        3.2 OMIT+ DEEPER LETTER
    """),
    "spaces": _rules("""
        3.2 COMMA+ SEPARATE+ !SPACE+
        3.4 SPACE-
        3.2 PERLINE+
    """),
    "bare": _rules("""
        3.2 TEXT+ ADD+ !NEGATED !OMIT
        3.2 BARE- LISTING
    """),
}
"""What forbids it."""

SKILLS: tuple[str, ...] = tuple(RULES)

RELEVANT: dict[str, tuple[str, ...]] = {
    "list": ("amounts", "all", "kind", "lines"),
    "tally": ("amounts", "all", "kind", "lines"),
    "answer": ("digits", "ending", "working"),
    "solve": ("amounts", "all", "kind", "digits", "ending", "working"),
    "read": ("all",),
    "sort": ("letters", "all"),
    "reply": ("spaces", "bare", "working"),
    "solve words": ("all", "letters", "spaces", "bare", "working"),
}
"""The skills that matter to each act."""
