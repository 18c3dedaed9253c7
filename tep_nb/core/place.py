"""How a message names a file or a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["place"]


def place(path: Path) -> str:
    """A path as a person would write it from here: messages stand in saved notebooks, which should tell nothing of a machine.

    Below the current folder it is relative (the folder itself is ``this folder``), below the home folder it begins with ``~``;
    any other path is as it is: whoever sees it has written it.
    """
    for find, begins in ((Path.cwd, ""), (Path.home, "~")):
        root = _root(find)
        if root is not None and path.is_absolute() and path.is_relative_to(root):
            return str(Path(begins) / path.relative_to(root)) if begins or path != root else "this folder"
    return str(path)


def _root(find: Callable[[], Path]) -> Path | None:
    """A folder below which paths are shortened; None where it is gone, unknown, or so high that all paths lie below it."""
    try:
        found = find()
    except (OSError, RuntimeError):
        return None
    return None if found == Path(found.anchor) else found
