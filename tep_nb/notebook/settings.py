"""``NAME=VALUE`` pairs become a frozen dataclass of settings, typed by its hints; pure."""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from tep_nb.errors import ConfigError
from tep_nb.notebook.options import nearest

__all__ = ["names_of", "settings"]

T = TypeVar("T")
_NONE = type(None)


def names_of(kind: Any) -> tuple[str, ...]:
    """Names of a dataclass's settings; those of a nested one with a dot."""
    hints = typing.get_type_hints(kind)
    found: list[str] = []
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        found += [f"{field.name}.{inner}" for inner in names_of(hint)] if dataclasses.is_dataclass(hint) else [field.name]
    return tuple(found)


def settings(base: T, pairs: Iterable[str]) -> T:
    """Replace settings by name.

    Parameters
    ----------
    base : dataclass instance
        Gives the values that are not named.
    pairs : iterable of str
        ``free_cap=5``, ``bound.hunks=2``, ``phases=free,nudged``; ``none`` where a setting may be left open.

    Raises
    ------
    ConfigError
        Not a pair, an unknown name (with the closest), a name twice, a value of another type.
    """
    kind = type(base)
    known = names_of(kind)
    given: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name or not text:
            raise ConfigError(f"{pair!r} is not of the form NAME=VALUE: names are {', '.join(known)}")
        if name not in known:
            hint = nearest(name, known).strip() or f"it has {', '.join(known)}"
            raise ConfigError(f"{kind.__name__} has no setting {name!r}: {hint}")
        if name in given:
            raise ConfigError(f"{name} stands twice: give it once")
        given[name] = text
    return _replace(base, given)


def _replace(base: T, given: dict[str, str]) -> T:
    hints = typing.get_type_hints(type(base))
    changed: dict[str, Any] = {}
    for name, text in given.items():
        outer, _, inner = name.partition(".")
        if inner:
            held = changed.get(outer, getattr(base, outer))
            changed[outer] = _replace(held, {inner: text})
        else:
            changed[name] = _value(name, text, hints[name])
    made: T = dataclasses.replace(base, **changed)  # type: ignore[type-var]
    return made


def _value(name: str, text: str, hint: Any) -> Any:
    """Read a text as what the hint says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if _NONE in arguments and text.lower() == "none":
            return None
        return _value(name, text, next(kind for kind in arguments if kind is not _NONE))
    if origin is typing.Literal:
        if text not in arguments:
            raise ConfigError(f"{name} is {text!r}: {nearest(text, map(str, arguments))}use {' or '.join(map(str, arguments))}")
        return text
    if origin is tuple:
        return tuple(_value(name, part.strip(), arguments[0]) for part in text.split(",") if part.strip() and text != "none")
    if hint is bool:
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"{name} is {text!r}: use true or false")
        return text.lower() == "true"
    return _number(name, text, hint) if hint in (int, float) else text


def _number(name: str, text: str, hint: type[int] | type[float]) -> int | float:
    try:
        value = json.loads(text.replace("_", ""))
    except ValueError:  # JSON has no .5 and no 5.
        value = float(text) if hint is float and re.fullmatch(r"[+-]?(?:\.[0-9]+|[0-9]+\.)", text) else None
    if hint is int and isinstance(value, float) and "e" in text.lower() and value.is_integer():
        value = int(value)  # 1e6 is what a person writes for a million
    if isinstance(value, bool) or not isinstance(value, int if hint is int else int | float):
        raise ConfigError(f"{name} is {text!r}: expected a {'whole number' if hint is int else 'number'}, as in {name}=5")
    return hint(value)
