"""How a tally is written, read from the text of an instruction or a contract."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tep_nb.model.simulated.patterns import between_of, example_of, spec_of
from tep_nb.model.simulated.recogniser import sentence_evidence
from tep_nb.model.simulated.text import Pattern, sentences

__all__ = ["Layout", "layout"]


class Layout(NamedTuple):
    """How a tally is written: what stands between name and number, and between entries."""

    between: str = ": "
    joiner: str = "\n"

    def line(self, name: str, number: int) -> str:
        """One entry."""
        return f"{name} ({number})" if self.between == "(" else f"{name}{self.between}{number}"

    def write(self, pairs: list[tuple[str, int]]) -> str:
        """The whole tally."""
        return self.joiner.join(self.line(name, number) for name, number in pairs)


_NAMED = (
    (r"\bcolon", ": "),
    (r"\bequals?\b", " = "),
    (r"\b(?:dash|hyphen)", " - "),
    (r"\b(?:parenthes|brackets)", "("),
    (r"\barrow", " -> "),
)
_NO_COMMA = Pattern(r"\b(?:no|not|without|never|avoid|instead of|rather than)\b[^.;]*\bcomma", re.IGNORECASE)


@lru_cache(maxsize=4096)
def layout(text: str) -> Layout:
    """The layout that an instruction or a contract describes; the last word on each part wins."""
    between, joiner = ": ", "\n"
    for sentence in sentences(text):
        if sentence_evidence(sentence, "lines") <= 0 and not re.search(r"semicolon|comma", sentence, re.IGNORECASE):
            continue
        plain = re.sub(r"\bsemi-?colons?\b", "", sentence, flags=re.IGNORECASE)
        spec = spec_of(sentence)
        if spec is None and (example := example_of(sentence)):
            spec = between_of(example)
        spec = spec or next((value for pattern, value in _NAMED if re.search(pattern, plain, re.IGNORECASE)), None)
        between = spec or between
        if re.search(r"\bsemi-?colons?\b", sentence, re.IGNORECASE):
            joiner = "; "
        elif re.search(r"\bcommas?\b", sentence, re.IGNORECASE) and not _NO_COMMA.search(sentence):
            joiner = ", "
        elif re.search(r"\b(?:line|row|bullet)", sentence, re.IGNORECASE):
            joiner = "\n"
    return Layout(between, joiner)
