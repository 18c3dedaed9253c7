"""The leak guard: does inserted text quote rows or answers? (METHOD section 3; our choice)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tep_nb.core.data import Dataset, Row
from tep_nb.core.text import Prompt, show, tokens

__all__ = ["RUN", "leaks"]

RUN = 8
"""Tokens of a row that make a quotation when they stand in one run."""

_ANSWER = 4  # characters; shorter answers (digits, yes, no) stand in any prompt
_COMMON = 0.05  # share of the rows from which on a text is common knowledge


def leaks(before: Prompt, after: str, data: Dataset, *, train_answers: bool = False, quotes: bool = True) -> tuple[str, ...]:
    """Warnings, empty when nothing leaks.

    Parameters
    ----------
    before : Prompt
    after : str
        Only text that the hunks insert is looked at.
    data : Dataset
        All its rows are compared, the targets of validation and test, with ``train_answers`` of train as well.
    quotes : bool
        False where the method declares demonstrations: then train rows may be quoted.
    """
    rows = data.rows if quotes else (*data.validation, *data.test)
    texts = [_flat(_row_tokens(row)) for row in rows]
    old = _flat(_fold(before.text))
    found: list[str] = []
    for hunk in before.diff(after):
        for change in hunk.changes:
            inserted = _fold(change.new)
            if (run := _quotation(inserted, old, texts)) is not None:
                found.append(f"leak: the new text quotes a row: {run.strip()!r}")
            if (answer := _answer(_flat(inserted), old, data, train_answers)) is not None:
                found.append(f"leak: the new text holds an answer: {answer.strip()!r}")
    return tuple(dict.fromkeys(found))


def _fold(text: str) -> list[str]:
    return tokens(text.casefold())


def _flat(words: Iterable[str]) -> str:
    """Tokens with a blank on either side, so that only whole tokens match."""
    return f" {' '.join(words)} "


def _row_tokens(row: Row) -> list[str]:
    return [token for value in row.fields.values() for token in (*_fold(show(value)), "\n")]


def _quotation(inserted: Sequence[str], old: str, texts: Sequence[str]) -> str | None:
    for start in range(len(inserted) - RUN + 1):
        run = _flat(inserted[start : start + RUN])
        if run not in old:
            count = sum(run in text for text in texts)
            if 0 < count and _rare(count, len(texts)):
                return run
    return None


def _answer(inserted: str, old: str, data: Dataset, train: bool) -> str | None:
    rows = (*data.validation, *data.test, *(data.train if train else ()))
    targets = {show(row.target) for row in rows}
    candidates = {_flat(_fold(t)) for t in targets if len(t.strip()) >= _ANSWER}
    for answer in sorted(candidates):
        if answer in inserted and answer not in old:
            count = sum(answer in _flat((*_row_tokens(row), *_fold(show(row.target)))) for row in data.rows)
            if _rare(count, len(data.rows)):
                return answer
    return None


def _rare(count: int, n: int) -> bool:
    """In fewer than 5% of all rows; a single row is always rare."""
    return count <= 1 or count < _COMMON * n
