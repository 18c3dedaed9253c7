"""Scores and the built-in metrics: functions of output and target."""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import Any

from tep_nb.core.kinds import texts, wrong
from tep_nb.errors import MetricError

__all__ = ["BUILT_INS", "Accuracy", "Score", "accuracy", "as_score", "brief", "contains", "exact_match", "f1", "last_integer"]

_ARTICLE = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_CLOSED = {"yes", "no", "noanswer"}
# A run of digits with the points and commas inside it; not in a word (x8) and not behind a decimal point (.5).
_NUMBER = re.compile(r"(?:(?<![\w.])|(?<=\.\.))[0-9]+(?:[.,][0-9]+)*")
_LABELS = '["yes", "no"] or "yes,no"'
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Score:
    """What a metric says of one row.

    Parameters
    ----------
    value : float
        0 to 1, higher is better; a bool counts as 0 or 1.
    note : str
        One sentence that goes into the evidence.

    Raises
    ------
    MetricError
        A value that is not finite or not within 0 to 1.
    """

    value: float
    note: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.value, Real):
            raise wrong("the value of a Score", "a number from 0 to 1", self.value, "write it as in Score(0.5)")
        if not isinstance(self.note, str):
            raise wrong("the note of a Score", "a str", self.note, "write one sentence, or leave it away")
        if not 0 <= self.value <= 1:  # NaN too
            raise MetricError(f"a Score of {brief(self.value)} is outside 0 to 1: scale it, higher is better")
        object.__setattr__(self, "value", float(self.value))


def as_score(value: Any, metric: str = "the metric") -> Score:
    """Read what a metric returned.

    Raises
    ------
    MetricError
        Anything but a Score or a finite number from 0 to 1; the message names ``metric``.
    """
    if isinstance(value, Score):
        return value
    if type(value).__module__ == "numpy" and value.size == 1:  # numpy's own bool and float32 are no Python numbers
        value = value.item()
    if not isinstance(value, Real):
        what = "nothing (None)" if value is None else f"{brief(value)}, a {type(value).__name__}"
        raise MetricError(f"{metric} returned {what}: return a number from 0 to 1 or Score(value, note)")
    number: Any = value
    if not 0 <= number <= 1:
        remedy = "return 0 where nothing can be measured" if number != number else "scale it, higher is better"  # noqa: PLR0124
        raise MetricError(f"{metric} returned {brief(value)}, which is not within 0 to 1: {remedy}")
    return Score(float(value))


def brief(value: Any) -> str:
    """Show a value in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text(value: Any) -> str:
    """Write a JSON value as a person would: 8.0 is 8, a list is its JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _fold(value: Any) -> str:
    return _text(value).strip().casefold()


def _same_number(one: Any, other: Any) -> bool:
    """Compare as numbers, exactly; text that is none equals nothing."""
    try:
        return bool(Decimal(_fold(one)) == Decimal(_fold(other)))
    except InvalidOperation:
        return False


def exact_match(output: Any, target: Any) -> float:
    """The whole answer must equal the reference; spaces around it and upper or lower case do not matter."""
    if isinstance(target, list | dict) and isinstance(output, str):
        try:
            return float(json.loads(output) == target)
        except (ValueError, RecursionError):
            return 0.0
    numeric = any(isinstance(value, int | float) for value in (output, target))
    return float(_fold(output) == _fold(target) or (numeric and _same_number(output, target)))


def last_integer(output: Any, target: Any) -> float | Score:
    """The last integer of the answer, written in digits, is compared with the reference; the answer should end with the final number."""  # noqa: E501
    wanted = _last_integer(_text(target))
    if wanted is None:
        return Score(0.0, f"the reference {brief(target)} holds no integer")
    return float(_last_integer(_text(output)) == wanted)


def _last_integer(text: str) -> str | None:
    """Find its digits, with a minus where it is a sign; as text, because int() refuses very long numbers."""
    found = None
    for match in _NUMBER.finditer(text):
        number = match[0]
        if _GROUPED.fullmatch(number):
            digits, first = number.replace(",", ""), True
        elif _GROUPED.fullmatch(number.partition(".")[0]):
            continue
        else:
            pieces = number.split(",")
            whole = [index for index, piece in enumerate(pieces) if "." not in piece]
            if not whole:
                continue
            digits, first = pieces[whole[-1]], whole[-1] == 0
        before = text[max(0, match.start() - 2) : match.start()]
        negative = first and before[-1:] in ("-", "−") and not re.match(r"[\w)\]\-−]", before[:-1])
        digits = digits.lstrip("0") or "0"
        found = f"-{digits}" if negative and digits != "0" else digits
    return found


def contains(output: Any, target: Any) -> float | Score:
    """The answer must contain the reference, letter for letter; upper or lower case does not matter."""
    wanted = _fold(target)
    if not wanted:
        return Score(0.0, "the reference is empty")
    return float(wanted in _text(output).casefold())


def f1(output: Any, target: Any) -> float:
    """The words of the answer are compared with those of the reference (F1); every word too many or missing lowers the score."""
    given, wanted = _normal(_text(output)), _normal(_text(target))
    if given != wanted and (given in _CLOSED or wanted in _CLOSED):
        return 0.0
    have, want = Counter(given.split()), Counter(wanted.split())
    same = (have & want).total()
    if same == 0:
        return 0.0
    precision, recall = same / have.total(), same / want.total()
    return 2 * precision * recall / (precision + recall)


def _normal(text: str) -> str:
    """HotpotQA's normal form: lower case, no punctuation, no articles, single spaces."""
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Whether the label that an answer names is the reference; made by `accuracy`."""

    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", texts("the labels of accuracy", self.labels, _LABELS))
        folded = [label.casefold() for label in self.labels]
        if not folded or not all(folded) or len(set(folded)) < len(folded) or any("," in label for label in folded):
            raise MetricError(f"accuracy cannot use the labels {list(self.labels)}: give different words without commas")

    @property
    def name(self) -> str:
        """As ``metric=`` and the journal spell it."""
        return f"accuracy:{','.join(self.labels)}"

    @property
    def doc(self) -> str:
        """The contract that a model reads."""
        return f"The answer must end with a line 'Answer: LABEL', where LABEL is one of {', '.join(self.labels)}."

    def __call__(self, output: Any, target: Any) -> float | Score:
        """Read the last ``Answer: label``, else the last whole word that is a label, else wrong."""
        wanted = _fold(target)
        if wanted not in {label.casefold() for label in self.labels}:
            return Score(0.0, f"the reference {brief(target)} is none of {', '.join(self.labels)}")
        return float(self.label(_text(output)) == wanted)

    def label(self, text: str) -> str | None:
        """Return the label that a text names, case-folded, or None."""
        names = sorted(self.labels, key=len, reverse=True)
        word = rf"(?<!\w)({'|'.join(re.escape(name) for name in names)})(?!\w)"
        for pattern in (rf"\banswer\W*[:=]\W*{word}", word):
            if found := re.findall(pattern, text, re.IGNORECASE):
                return str(found[-1]).casefold()
        return None


def accuracy(labels: str | Sequence[str]) -> Accuracy:
    """Make the metric of a classification.

    Parameters
    ----------
    labels : sequence of str, or one str
        ``["yes", "no", "maybe"]`` or ``"yes,no,maybe"``. A label may be several words, but holds no comma.

    Returns
    -------
    Accuracy
        A function of ``output`` and ``target``: 1 where the label named last is the target (case-folded), else 0.

    Raises
    ------
    MetricError
        No labels, an empty one, two that differ only in case, a comma.
    """
    parts = labels.split(",") if isinstance(labels, str) else texts("the labels of accuracy", labels, _LABELS)
    return Accuracy(tuple(part.strip() for part in parts))


BUILT_INS: dict[str, Callable[..., float | Score]] = {f.__name__: f for f in (exact_match, last_integer, contains, f1)}
"""The metrics that a name alone gives; `accuracy` needs its labels as well."""
