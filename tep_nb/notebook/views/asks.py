"""What a page may ask for: the verbs, and the names and types of their arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from tep_nb.errors import TepError

__all__ = ["LOOKS", "VERBS", "checked"]

Kinds = Mapping[str, type]

_SPENT: Kinds = {"seconds": float}
"""How long a proposal was before the person, as the page measured it."""

VERBS: Mapping[str, Kinds] = {
    "step": {},
    "stop": {},
    "undo": {"proposal": str},
    "approve": {"proposal": str, "override": str, **_SPENT},
    "take": {"proposal": str, "hunks": list, "override": str, **_SPENT},
    "edit": {"proposal": str, "text": str, "override": str, **_SPENT},
    "assess": {"proposal": str, "text": str, "kind": str},
    "reject": {"proposal": str, "reason": str, **_SPENT},
    "skip": {"proposal": str, **_SPENT},
    "again": {"proposal": str, "reason": str, **_SPENT},
    "freeze": {"prompt": str, "off": bool},
    "flow": {"row": int},
    "compare": {"one": int, "other": int},
    "rewind": {"to": int},
    "fork": {"path": str, "at": int},
    "run": {"auto": str, "until": str, "steps": int},
    "evaluate": {"split": str},
    "resume": {"path": str},
}
"""Commands. A saved page could be changed by anybody: nothing else reaches the workbench."""

LOOKS: Mapping[str, Kinds] = {
    "weigh": {"proposal": str, "text": str, "hunks": list},
    "rows": {"find": str, "at": int},
    "point": {"seq": int},
    "marks": {"seq": int},
    "left": {},
    "files": {},
    "flips": {"at": int, "row": int},
}
"""Questions that the state answers at once: they need no turn in the queue, cost nothing and change nothing."""


def checked(verb: Any, args: Any) -> tuple[str, dict[str, Any]]:
    """A page's command or question, and its arguments.

    Raises
    ------
    TepError
        A verb that no page may send, or an argument of another name, type or range.
    """
    kinds = VERBS.get(verb, LOOKS.get(verb)) if isinstance(verb, str) else None
    if kinds is None:
        raise TepError(f"the page asked for {verb!r}, which no view offers: reload the page")
    given: dict[str, Any] = dict(args) if isinstance(args, dict) else {}
    for name, value in given.items():
        kind = kinds.get(name)
        whole = kind is float and type(value) is int  # JSON has one kind of number
        if kind is None or not (type(value) is kind or whole):
            raise TepError(f"the page sent {name!r} with {verb}, which does not take it: reload the page")
        if kind is list and not all(type(item) is int for item in value):
            raise TepError(f"the page sent hunks that are no numbers with {verb}: reload the page")
        if kind is float and not (math.isfinite(value) and value >= 0):
            raise TepError(f"the page sent {name}={value} with {verb}, which is no duration: reload the page")
        if name == "path" and not _plain(value):
            raise TepError(f"{value!r} is no plain file name: the studio opens and makes files in the notebook's folder only")
    return str(verb), given


def _plain(name: str) -> bool:
    """Whether it names a file and no way to one."""
    return name not in ("", ".", "..") and PurePath(name).name == name and not {"\\", "\0"} & set(name)
