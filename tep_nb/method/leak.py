"""The leak guard: whether inserted text quotes rows or answers (METHOD section 3; our choice)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tep_nb.core.data import Dataset, flat
from tep_nb.core.text import Prompt, show, tokens

__all__ = ["RUN", "leaks"]

RUN = 8
"""Tokens of a row that make a quotation when they stand in one run."""

_LONG = 50  # runs
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
    texts = data.flat if quotes else data.flat[len(data.train) :]
    everything = "\n".join(texts)
    answers = _answers(data, train_answers)
    stood = _fold(before.text)
    old = flat(stood)
    found: list[str] = []
    for hunk in before.diff(after):
        for change in hunk.changes:
            inserted = _fold(change.new)
            if (run := _quotation(inserted, stood, texts, everything)) is not None:
                found.append(f"leak: the new text quotes a row: {run.strip()!r}")
            if (answer := _answer(flat(inserted), old, data, answers)) is not None:
                found.append(f"leak: the new text holds an answer: {answer.strip()!r}")
    return tuple(dict.fromkeys(found))


def _fold(text: str) -> list[str]:
    return tokens(text.casefold())


def _quotation(inserted: Sequence[str], old: Sequence[str], texts: Sequence[str], everything: str) -> str | None:
    stood = set(_runs(old))
    runs = [run for run in dict.fromkeys(_runs(inserted)) if run not in stood]
    if len(runs) > _LONG:  # a whole pasted page: one walk through the rows, not one search for each run
        counts: Counter[tuple[str, ...]] = Counter()
        wanted = set(runs)
        for text in texts:
            counts.update(wanted.intersection(_runs(text.split(" "))))
        runs = [run for run in runs if counts[run]]
    for run in runs:
        words = flat(run)
        if words in everything and _rare(sum(words in text for text in texts), len(texts)):
            return words
    return None


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def _answers(data: Dataset, train: bool) -> list[str]:
    rows = (*data.validation, *data.test, *(data.train if train else ()))
    targets = {show(row.target) for row in rows}
    return sorted({flat(_fold(target)) for target in targets if len(target.strip()) >= _ANSWER})


def _answer(inserted: str, old: str, data: Dataset, answers: Sequence[str]) -> str | None:
    for answer in answers:
        if answer in inserted and answer not in old and _rare(sum(answer in text for text in data.flat), len(data.flat)):
            return answer
    return None


def _rare(count: int, n: int) -> bool:
    """In fewer than 5% of all rows; a single row is always rare."""
    return count <= 1 or count < _COMMON * n
