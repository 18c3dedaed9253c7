"""Frozen dataclasses to JSON and back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from tep_nb.errors import JournalError

__all__ = ["decode", "encode"]

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Plain JSON of a value made of dataclasses, tuples, mappings and scalars; fields that no equality looks at are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _hints(type(value))}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: Any) -> T:
    """The value of type ``kind`` that `encode` made this JSON of.

    Raises
    ------
    JournalError
        A field is missing or of another shape: the file is damaged, or newer than this version.
    """
    try:
        return typing.cast("T", _decode(kind, value))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise JournalError(f"a recorded {kind.__name__} cannot be read ({error!r}): is it from a newer version?") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Name to type of the fields; those that no equality looks at are notes beside the value, written down elsewhere."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.compare}


def _decode(kind: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _decode(next(a for a in arguments if a is not types.NoneType), value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_decode(arguments[0], item) for item in value)
        return tuple(_decode(a, item) for a, item in zip(arguments, value, strict=True))
    if origin in (dict, Mapping):
        inner = arguments[1]
        if arguments[0] is int:
            return {int(key): _decode(inner, item) for key, item in value.items()}
        return {key: _decode(inner, item) for key, item in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return kind(**{name: _decode(hint, value[name]) for name, hint in _hints(kind).items()})
    if kind is float:
        return float(value)
    return value
