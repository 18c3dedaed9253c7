"""When a node runs: one field, or a key inside it, equals one value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tep_nb.core.data import json_value
from tep_nb.core.kinds import check_text, texts
from tep_nb.errors import DataError, GraphError

__all__ = ["Guard"]

_PYTHON = {"True": "true", "False": "false", "None": "null"}  # as bare texts they would never equal what a model writes
_FENCED = re.compile(r"\A\s*```[\w-]*\n(.*)\n\s*```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Guard:
    """A node runs where one field equals one JSON literal.

    Attributes
    ----------
    field : str
    path : tuple of str
        Keys that reach into JSON, also into a string that is one JSON object, fenced or not. An absent key is null.
    equals : JSON value
    otherwise : str or None
        The field whose value is written where the guard is false; null without it.
    """

    field: str
    path: tuple[str, ...]
    equals: Any
    otherwise: str | None = None

    def __post_init__(self) -> None:
        check_text("the field of a guard", self.field)
        object.__setattr__(self, "path", texts("the path of a guard", self.path, 'path=("ok",)'))
        object.__setattr__(self, "equals", json_value(self.equals, "the guard's value"))
        check_text("otherwise of a guard", self.otherwise, optional=True)

    @classmethod
    def parse(cls, text: str, otherwise: str | None = None) -> Guard:
        """Read ``verdict.ok=false``; what is no JSON literal is taken as a string.

        Raises
        ------
        GraphError
            The text is not of that form.
        """
        check_text("a guard", text)
        left, sign, right = text.partition("=")
        names = left.strip().split(".")
        if not sign or not right.strip() or not names[0].isidentifier() or not all(names):
            raise GraphError(f"the guard {text!r} is not of the form FIELD=VALUE or FIELD.KEY=VALUE, as in verdict.ok=false")
        try:
            value = json_value(json.loads(right), "the guard's value")
        except (ValueError, DataError, RecursionError):
            value = right.strip()
            if value in _PYTHON:
                raise GraphError(
                    f"the guard {text!r} is spelled as in Python: JSON writes {_PYTHON[value]}, or a text in quotes"
                ) from None
            if "=" in value:  # == and "a=1 and b=2" would be texts that nothing ever equals
                raise GraphError(
                    f"the guard {text!r} has a second '=': it is one equality, FIELD=VALUE; put a text with '=' in JSON's quotes"
                ) from None
        return cls(names[0], tuple(names[1:]), value, otherwise)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the node runs."""
        value = values[self.field]
        for key in self.path:
            value = _object(value).get(key)
        return _equal(value, self.equals)

    def __str__(self) -> str:
        return f"{'.'.join((self.field, *self.path))}={json.dumps(self.equals, ensure_ascii=False)}"


def _equal(one: Any, other: Any) -> bool:
    """Equality of JSON values, where true is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        fenced = _FENCED.match(value)
        try:
            value = json.loads(fenced[1] if fenced else value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}
