"""The rows of a table, as a file or a data frame holds them; every fault names the file, the place in it and the remedy."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from tep_nb.core.place import place
from tep_nb.errors import DataError

__all__ = ["Frame", "file_rows", "frame_rows"]

_LONGEST_CELL = 2**31 - 1  # the csv module refuses cells over 131,072 characters unless told


@runtime_checkable
class Frame(Protocol):
    """What we use of a pandas DataFrame, so that pandas need not be there."""

    columns: Any

    def to_dict(self, orient: Literal["records"]) -> Any:
        """Return the rows for ``orient="records"``."""


def frame_rows(frame: Frame, name: str) -> list[Any]:
    """The rows of a data frame; ``name`` is what messages call it.

    Raises
    ------
    DataError
        A column without a name, or two of one name.
    """
    _check_header([str(column) for column in frame.columns], name)
    return list(frame.to_dict(orient="records"))


def _check_header(header: Sequence[str], name: str) -> None:
    for position, column in enumerate(header, 1):
        if not column.strip():
            raise DataError(f"{name}: column {position} of {len(header)} has no name: name it, or drop it (pandas: index=False)")
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise DataError(f"{name} has the column {', '.join(map(repr, twice))} twice: give each column its own name")


def file_rows(path: Path, rename: Mapping[str, str]) -> tuple[list[Any], Mapping[str, str]]:
    """The rows of a file, by its suffix, and the new names of its columns.

    Parameters
    ----------
    path : Path
    rename : mapping of new to old name
        What the analyst asks for; BIG-Bench's ``input`` becomes ``question`` beside it, unless it names either.

    Raises
    ------
    DataError
        No such file, a suffix that is not known, or a file that cannot be read whole.
    """
    readers: dict[str, Callable[[Path], list[Any]]] = {
        ".csv": lambda p: _csv(p, ","),
        ".tsv": lambda p: _csv(p, "\t"),
        ".json": _json,
        ".jsonl": _jsonl,
        ".parquet": _parquet,
    }
    _check_there(path)
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(readers)
        raise DataError(f"{place(path)} ends in {path.suffix or 'no suffix'!r}: expected {known}; or pass a list of dicts")
    rows = reader(path)
    if isinstance(rows, _Examples):
        columns: set[str] = set(rows[0]) if rows and isinstance(rows[0], dict) else set()
        if "input" in columns and "question" not in columns | set(rename) and "input" not in rename.values():
            rename = {**rename, "question": "input"}
    return rows, rename


class _Examples(list[Any]):
    """Rows in BIG-Bench's form."""

    __slots__ = ()


def _check_there(path: Path) -> None:
    try:
        if path.is_file():
            return
        os.fsencode(path)  # is_file says no where a name holds half a character or a null, which nobody can see
        if "\0" in str(path):
            raise ValueError("embedded null byte")
        if path.is_dir():
            raise DataError(f"{place(path)} is a folder: name a file in it")
        folder = path.parent
        near = get_close_matches(path.name, sorted(p.name for p in folder.iterdir()), 1) if folder.is_dir() else []
    except (OSError, ValueError):  # a name that no file can have
        raise DataError(f"no file can be called {ascii(path.name)[:60]}: check the name") from None
    hint = f"did you mean {near[0]!r}?" if near else f"paths start in the folder {Path.cwd().name!r}"
    if str(path).isidentifier():  # in a notebook it was meant to be a variable
        raise DataError(f"there is no file {place(path)}, nor a variable of that name to read a table from: {hint}")
    raise DataError(f"there is no file {place(path)}: {hint}")


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except UnicodeDecodeError as error:
        raise DataError(f"{place(path)} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise DataError(f"{place(path)} cannot be read: {error.strerror}; check its permissions") from None
    if not text.strip():
        raise DataError(f"{place(path)} is empty: expected a table with at least one row")
    return text


def _csv(path: Path, delimiter: str) -> list[Any]:
    lines, name = StringIO(_text(path), newline=""), place(path)
    limit = csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        (_, header), *table = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: {error}; check the quotes, a quote inside a cell is doubled") from None
    finally:
        csv.field_size_limit(limit)
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|,"):
        wanted = "tabs" if delimiter == "\t" else "commas"
        raise DataError(f"{name} has one column, {header[0]!r}: put {wanted} between columns, or pass a data frame")
    _check_header(header, name)
    for line, cells in table:
        if len(cells) != len(header):
            raise DataError(f"{name}, line {line}: {len(cells)} cells, the header has {len(header)}: quote cells with commas")
    return [dict(zip(header, cells, strict=True)) for _, cells in table]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object")
    return found


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        line = "" if ", line " in where else f"line {error.lineno}, "
        raise DataError(f"{where} is not JSON: {error.msg} at {line}column {error.colno}; mend it there") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} cannot be read: {error}; mend it there") from None


def _json(path: Path) -> list[Any]:
    value = _parse(_text(path), place(path))
    if isinstance(value, dict) and isinstance(value.get("examples"), list):
        return _Examples(value["examples"])
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(isinstance(column, list) for column in value.values()):
        lengths = {name: len(column) for name, column in value.items()}
        if len(set(lengths.values())) > 1:
            raise DataError(f"{place(path)}: the columns have different lengths {lengths}: every row needs all")
        return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    raise DataError(f"{place(path)} holds no table: use a list of objects, an object of columns (lists), or one with examples")


def _jsonl(path: Path) -> list[Any]:
    lines = _text(path).split("\n")
    return [_parse(line, f"{place(path)}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _parquet(path: Path) -> list[Any]:
    name = place(path)
    try:
        import pandas as pd  # late: optional, and slow to import

        frame = pd.read_parquet(path)
    except ImportError:
        raise DataError(f"{name} needs pandas and pyarrow: pip install pandas pyarrow, or save it as .csv or .jsonl") from None
    except (ValueError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{name} cannot be read as parquet: {reason}; write it anew, or save it as .csv or .jsonl") from None
    return frame_rows(frame, name)
