"""Tables in: a file, a list of dicts or a data frame becomes a Dataset."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tep_nb.core.data import Dataset, Row, json_value
from tep_nb.core.kinds import a, check, check_text, check_whole
from tep_nb.core.place import place
from tep_nb.errors import DataError
from tep_nb.table import Frame, file_rows, frame_rows

__all__ = ["load_dataset", "parse_split"]

Split = tuple[float, float, float]


def load_dataset(
    source: str | os.PathLike[str] | Sequence[Mapping[str, Any]] | Frame,
    target: str = "target",
    rename: Mapping[str, str] | None = None,
    split: Sequence[float] = (0.2, 0.4, 0.4),
    seed: int = 0,
) -> Dataset:
    """Read a table and split it into train, validation and test rows.

    Parameters
    ----------
    source : path, list of dicts or pandas DataFrame
        A file's suffix says what it is: ``.csv`` and ``.tsv`` (every value stays text, an empty cell is the empty text, blank
        lines are skipped), ``.json`` (a list of objects, an object of columns, or BIG-Bench's ``{"examples": [...]}``, whose
        ``input`` becomes ``question`` unless `rename` names it), ``.jsonl``, ``.parquet`` (needs pandas). Files are UTF-8, with
        or without BOM.
        Missing values (NaN, NaT) are null, dates are ISO text, numpy's values are Python's.
    target : str
        The column with the reference, by its name after `rename`.
    rename : mapping of new to old name, optional
    split : three numbers
        Shares of train, validation and test when they are whole numbers that sum to 100 or fractions that sum to 1; else
        numbers of rows, and what is over is left unused. Shares never lose a row; train gets at least one.
    seed : int
        Of the shuffle before the split.

    Returns
    -------
    Dataset
        Its rows' ids are their positions in the source, from 0.

    Raises
    ------
    DataError
        The file cannot be read whole, a column is missing, nameless or there twice, or the split asks for too many rows.
    """
    check_text("target of load_dataset", target)
    check_whole("seed of load_dataset", seed)
    name, rows = _read(source, _names(rename))
    if not rows:
        raise DataError(f"{name} has no rows: give at least one example")
    columns = list(rows[0])
    if target not in columns:
        near = get_close_matches(target, columns, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = f"{hint}its columns are {columns}"
        raise DataError(f"{name} has no target column {target!r}: {known}; name yours with --target (target=)")
    for index, row in enumerate(rows):
        if set(row) != set(columns):
            odd = sorted(set(row) ^ set(columns))
            raise DataError(f"{name}: row {index} differs from row 0 in the columns {odd}: every row needs all (null for none)")
    train, validation, test = _sizes(split, len(rows), name)
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    shuffled = [_row(rows[index], index, target, name) for index in order]
    ends = train, train + validation, train + validation + test
    return Dataset(shuffled[: ends[0]], shuffled[ends[0] : ends[1]], shuffled[ends[1] : ends[2]], target=target)


def parse_split(text: str) -> Split:
    """Read ``20/40/40``, ``50/100/100`` or ``0.2/0.4/0.4``.

    Raises
    ------
    DataError
        Not three numbers of zero or more.
    """
    check_text("a split", text)
    try:
        parts = [float(part) if "." in part else int(part) for part in text.strip().split("/")]
    except ValueError:
        parts = []
    return _three(parts, text)


def _names(rename: Any) -> dict[str, str]:
    """New names to old ones, as a dict of our own."""
    remedy = 'write rename={"new": "old"}'
    if rename is None:
        return {}
    check("rename of load_dataset", rename, Mapping, "a mapping of new to old name", remedy)
    for name in (*rename, *rename.values()):
        if not isinstance(name, str):
            raise TypeError(f"rename of load_dataset maps a new to an old name, both str, one of them is {a(name)}: {remedy}")
    if not all(new.strip() for new in rename):
        raise DataError("rename gives a column no name: write new=old with a name before the sign")
    for old in rename.values():
        if len(new := [name for name, other in rename.items() if other == old]) > 1:
            raise DataError(f"rename gives the column {old!r} several names, {' and '.join(new)}: give it one")
    return dict(rename)


def _three(split: Sequence[float], shown: Any) -> Split:
    numbers = all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n >= 0 for n in split)
    fine = len(split) == 3 and numbers
    if not fine or split[0] == 0:
        raise DataError(
            f"the split {shown!r} is not three numbers with some for train: "
            "write 20/40/40 (shares), 0.2/0.4/0.4 (shares) or 50/100/100 (rows)"
        )
    return split[0], split[1], split[2]


def _sizes(split: Sequence[float], n: int, name: str) -> tuple[int, int, int]:
    check("a split", split, Iterable, "three numbers", "write split=(0.2, 0.4, 0.4) or split=(20, 40, 40)")
    numbers = _three(tuple(split), split)
    total, shown = sum(numbers), "/".join(f"{number:g}" for number in numbers)
    whole = all(isinstance(number, int) for number in numbers)
    if not (math.isclose(total, 100) or (not whole and math.isclose(total, 1))):
        if not all(float(number).is_integer() for number in numbers):
            raise DataError(f"the split {shown} sums to {total:g}: fractions sum to 1, percents to 100, or give whole rows")
        if total > n:
            raise DataError(f"the split {shown} asks for {total:g} rows, {name} has {n}: ask for fewer")
        return int(numbers[0]), int(numbers[1]), int(numbers[2])
    exact = [n * number / total for number in numbers]
    sizes = [math.floor(part + 1e-9) for part in exact]  # 0.29 * 100 is 28.999…
    by_remainder = sorted(range(3), key=lambda i: sizes[i] - exact[i])
    for i in by_remainder[: n - sum(sizes)]:
        sizes[i] += 1
    if sizes[0] == 0:
        sizes[0] = 1
        sizes[2 if sizes[2] >= sizes[1] else 1] -= 1
    return sizes[0], sizes[1], sizes[2]


def _row(values: Mapping[str, Any], index: int, target: str, name: str) -> Row:
    fields = {column: json_value(value, f"{name}: row {index}, column {column!r}") for column, value in values.items()}
    return Row(index, {column: value for column, value in fields.items() if column != target}, fields[target])


def _read(source: Any, rename: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """Return how to call the source in messages, and all its rows."""
    if isinstance(source, Dataset):
        raise DataError("load_dataset was given a Dataset: use it as it is, or pass the file or the rows it was made from")
    rows: Iterable[Any]
    if isinstance(source, str | os.PathLike):
        path = Path(source).expanduser()
        name = place(path)
        rows, rename = file_rows(path, rename)
    elif isinstance(source, Frame):
        name, rows = "the data frame", frame_rows(source, "the data frame")
    elif isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
        name, rows = "the list", source
    else:
        raise TypeError(f"a dataset comes from a path, a list of dicts or a data frame, not from {a(source)}: pass one of them")
    return name, [_renamed(_record(row, index, name), index, rename, name) for index, row in enumerate(rows)]


def _record(row: Any, index: int, name: str) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise DataError(f"{name}: row {index} is {a(row)}: expected an object (dict) of column to value")
    try:
        found = {str(column): _plain(value) for column, value in row.items()}
    except RecursionError:
        raise DataError(f"{name}: row {index} has too many levels of lists and objects: make it flatter, or text") from None
    if any(not column.strip() for column in found):
        raise DataError(f"{name}: row {index} has a column without a name: name it, or leave it out")
    return found


def _renamed(row: dict[str, Any], index: int, rename: Mapping[str, str], name: str) -> dict[str, Any]:
    for new, old in rename.items():
        if old not in row:
            near = get_close_matches(old, list(row), 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise DataError(f"{name}: row {index} has no column {old!r} to call {new!r}: {hint}its columns are {list(row)}")
    names = {old: new for new, old in rename.items()}
    found = {names.get(column, column): value for column, value in row.items()}
    if len(found) < len(row):
        raise DataError(f"{name}: renaming {dict(rename)} gives two columns one name: rename the other one too (new=old)")
    return found


def _plain(value: Any) -> Any:
    """Turn what pandas and numpy hold into JSON; a missing value is null."""
    kind = type(value)
    if kind.__module__ == "numpy":
        value = value.tolist()  # of a scalar, too
    if kind.__name__ in ("NaTType", "NAType") or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
