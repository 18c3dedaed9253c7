"""Rows, the three parts of a table, and what one forward pass leaves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from tep_nb.core.kinds import a, check, check_text, check_whole
from tep_nb.core.text import show, tokens
from tep_nb.errors import DataError

__all__ = ["RESERVED", "Call", "Dataset", "Row", "Trace", "flat", "json_value"]

Split = Literal["train", "validation", "test"]
RESERVED = frozenset({"target", "row", "output"})
"""Names that metrics use; no column but the target, and no field, may have them."""
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
DEEP = 100
"""Levels of lists and dicts that a value may have; every reader of JSON takes as many."""
_DIGITS, _BITS = 4300, 14_280  # sys.int_info.default_max_str_digits, and bits that surely have no more


def json_value(value: Any, where: str, levels: int = DEEP) -> Any:
    """Return ``value`` as plain JSON (tuples become lists, NaN is refused).

    Raises
    ------
    DataError
        Names ``where`` and the type that JSON does not have, a number that is too long, or too many levels.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if value.bit_length() > _BITS:  # Python neither writes nor reads longer ones
            raise DataError(f"{where} is a whole number of more than {_DIGITS:,} digits: make it text")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise DataError(f"{where} is {value}: JSON has only finite numbers; fill or drop it")
        return value
    if isinstance(value, Mapping | list | tuple) and not levels:
        raise DataError(f"{where[:80]}… has more than {DEEP} levels of lists and dicts: make it flatter, or text")
    if isinstance(value, Mapping):
        return {str(key): json_value(item, f"{where}.{key}", levels - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item, f"{where}[{index}]", levels - 1) for index, item in enumerate(value)]
    raise DataError(f"{where} is {a(value)}, which JSON does not have: make it text, a number, a list or a dict")


@dataclass(frozen=True, slots=True)
class Row:
    """One example: its position in the source, its columns without the target, and the target."""

    id: int
    fields: Mapping[str, Any]
    target: Any

    def __post_init__(self) -> None:
        check_whole("the id of a Row", self.id)
        check(f"fields of row {self.id}", self.fields, Mapping, "a mapping of column to value", 'write {"column": value}')
        _check_columns(self.id, self.fields)

    def line(self, columns: Sequence[str]) -> str:
        """These columns in one line, named where there are several."""
        if len(columns) == 1:
            return " ".join(show(self.fields[columns[0]]).split())
        return " ".join("; ".join(f"{name}: {show(self.fields[name])}" for name in columns).split())


@dataclass(frozen=True, init=False)
class Dataset:
    """Train, validation and test rows.

    Parameters
    ----------
    train, validation, test : sequences of mappings (or of Row)
        Each mapping holds the same columns, the target among them. Only train must have rows. A row's id is its position
        when the three are laid end to end.
    target : str
        The column that the metric compares with. No agent and no tool may read it.

    Raises
    ------
    DataError
        An empty train part, columns that differ or have a reserved name, a missing target, two rows of one id, a value that JSON
        does not have.
    """

    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    test: tuple[Row, ...]
    target: str

    def __init__(
        self,
        train: Sequence[Mapping[str, Any]] | Sequence[Row],
        validation: Sequence[Mapping[str, Any]] | Sequence[Row] = (),
        test: Sequence[Mapping[str, Any]] | Sequence[Row] = (),
        target: str = "target",
    ) -> None:
        check_text("target of a Dataset", target)
        parts: list[tuple[Row, ...]] = []
        at = 0
        for name, part in zip(SPLITS, (train, validation, test), strict=True):
            if isinstance(part, str | bytes | Mapping) or not isinstance(part, Sequence):
                raise TypeError(f"{name} is a sequence of mappings, not {a(part)}: write {name}=[{{'column': value}}, …]")
            rows = tuple(r if isinstance(r, Row) else _row(r, at + i, target) for i, r in enumerate(part))
            parts.append(rows)
            at += len(rows)
        if not parts[0]:
            raise DataError("the train part is empty: the agents are judged on its rows; give it at least one")
        for key, value in zip((*SPLITS, "target"), (*parts, target), strict=True):
            object.__setattr__(self, key, value)
        known = set(self.columns)
        if taken := sorted(known & RESERVED):
            raise DataError(
                f"the column {taken[0]!r} has a name that metrics use: rename it with --rename NEW={taken[0]} "
                f"(rename={{'NEW': {taken[0]!r}}})"
            )
        if any(not name.strip() for name in known):
            raise DataError("a column has no name: name it, or leave it out of every row")
        check_ids(self.rows)
        for row in self.rows:
            if set(row.fields) != known:
                odd = sorted(set(row.fields) ^ known)
                raise DataError(f"row {row.id} differs from row {self.train[0].id} in the columns {odd}: every row needs all")

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names without the target."""
        return tuple(self.train[0].fields)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, part after part."""
        return self.train + self.validation + self.test

    @cached_property
    def flat(self) -> tuple[str, ...]:
        """Each row's columns and target as case-folded tokens: what the leak guard searches, made once."""
        values = ((*row.fields.values(), row.target) for row in self.rows)
        return tuple(flat(token for value in row for token in (*tokens(show(value).casefold()), "\n")) for row in values)

    def part(self, split: str) -> tuple[Row, ...]:
        """The rows of ``train``, ``validation`` or ``test``.

        Raises
        ------
        DataError
            No such part.
        """
        if split not in SPLITS:
            raise DataError(f"no split is called {split!r}: use train, validation or test")
        rows: tuple[Row, ...] = getattr(self, split)
        return rows

    def get(self, row: int) -> Row:
        """The row with this id.

        Raises
        ------
        DataError
            No such row; says which ids there are.
        """
        for found in self.rows:
            if found.id == row:
                return found
        raise DataError(f"there is no row {row}: ids are {min(r.id for r in self.rows)} to {max(r.id for r in self.rows)}")


def _check_columns(row: int, fields: Mapping[Any, Any]) -> None:
    for name in fields:
        if not isinstance(name, str):
            raise TypeError(f"row {row}: the column name {name!r} is a str, not {a(name)}: write it in quotes")


def _row(mapping: Any, index: int, target: str) -> Row:
    if not isinstance(mapping, Mapping):
        raise TypeError(f"row {index} is {a(mapping)}, not a mapping of column to value: write {{'column': value}}")
    _check_columns(index, mapping)
    fields = {name: json_value(value, f"row {index}, column {name!r}") for name, value in mapping.items()}
    if target not in fields:
        raise DataError(f"row {index} has no target column {target!r}: its columns are {sorted(fields)}; name yours with target=")
    return Row(index, {name: value for name, value in fields.items() if name != target}, fields[target])


@dataclass(frozen=True, slots=True)
class Call:
    """What a node did on a row: the key of its recorded call, what it read and what it answered."""

    key: str
    inputs: Mapping[str, Any]
    text: str
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """One forward pass over one row.

    Attributes
    ----------
    row : Row
    values : mapping
        Every field that was produced, and the columns.
    calls : mapping
        Node name to its calls (one today), or ``"skipped"`` where its guard was false.
    failed : tuple of (node, message) or None
        The node whose call failed for good; the row is then never scored.
    """

    row: Row
    values: Mapping[str, Any]
    calls: Mapping[str, tuple[Call, ...] | Literal["skipped"]] = field(default_factory=dict)
    failed: tuple[str, str] | None = None


def flat(words: Iterable[str]) -> str:
    """Tokens with a blank on either side, so that only whole tokens match."""
    return f" {' '.join(words)} "


def check_ids(rows: Iterable[Row]) -> None:
    """Refuse two rows of one id.

    Raises
    ------
    DataError
        Names the id.
    """
    seen: set[int] = set()
    for row in rows:
        if row.id in seen:
            raise DataError(f"two rows have the id {row.id}: ids are positions in the source, give each its own")
        seen.add(row.id)
