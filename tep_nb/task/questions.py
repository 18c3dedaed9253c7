"""Reading the files of BIG-Bench Hard."""

from __future__ import annotations

import json
from pathlib import Path

from tep_nb.errors import DataError

__all__ = ["Row", "load"]

Row = dict[str, str]
"""A question and its target."""


def load(path: str | Path) -> list[Row]:
    """Read a BIG-Bench Hard file: its ``input`` becomes ``question``.

    Parameters
    ----------
    path : str or Path
        A JSON file with ``examples``, each with ``input`` and ``target``.

    Raises
    ------
    DataError
        The file cannot be read as that.
    """
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
        return [{"question": str(item["input"]), "target": str(item["target"])} for item in body["examples"]]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give the path of a BIG-Bench Hard file") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f'{path} is no BIG-Bench Hard file: expected JSON with "examples" of "input" and "target"') from error
