"""Refusing a value of the wrong Python type: the message names the thing, what was expected and the remedy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from typing import Any, TypeVar

from tep_nb.errors import ConfigError

__all__ = ["a", "check", "check_text", "check_whole", "named", "texts", "wrong"]

T = TypeVar("T")


def a(value: Any) -> str:
    """Name a value's type with its article."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def wrong(what: str, expected: str, value: Any, remedy: str) -> TypeError:
    """Make the error for a value of the wrong type."""
    return TypeError(f"{what} is {expected}, not {a(value)}: {remedy}")


def check(what: str, value: Any, kinds: type | tuple[type, ...], expected: str, remedy: str) -> None:
    """Refuse what is of none of these types; a bool is no number.

    Raises
    ------
    TypeError
        The value is of another type.
    """
    known = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, known) or (isinstance(value, bool) and bool not in known):
        raise wrong(what, expected, value, remedy)


def check_text(what: str, value: Any, *, optional: bool = False) -> None:
    """Refuse what is no str (nor, where it is optional, None).

    Raises
    ------
    TypeError
        The value is of another type.
    """
    if not (isinstance(value, str) or (optional and value is None)):
        raise wrong(what, "a str", value, "write it in quotes" + (", or leave it away" if optional else ""))


def check_whole(what: str, value: Any) -> None:
    """Refuse what is no int.

    Raises
    ------
    TypeError
        The value is of another type.
    """
    check(what, value, int, "a whole number", "write it as in 3")


def texts(what: str, value: Any, example: str) -> tuple[str, ...]:
    """Read a sequence of str; one str alone would be a sequence of letters.

    Raises
    ------
    TypeError
        It is no such sequence.
    """
    if isinstance(value, str):
        raise TypeError(f"{what} is a sequence of texts, not one str: write {example}")
    if not isinstance(value, Iterable) or isinstance(value, bytes | Mapping):
        raise wrong(what, "a sequence of texts", value, f"write {example}")
    found = tuple(value)
    for item in found:
        if not isinstance(item, str):
            raise TypeError(f"{what} is a sequence of texts, one of them is {a(item)}: write {example}")
    return found


def named(what: str) -> Callable[[type[T]], type[T]]:
    """Make a dataclass refuse a name that it does not have as a ConfigError with the closest one; its signature stays.

    Parameters
    ----------
    what : str
        What one of its names is: ``setting``, ``cap``.
    """

    def dress(kind: type[T]) -> type[T]:
        made = kind.__init__
        known = [name for name in inspect.signature(kind).parameters if name != "self"]

        @wraps(made)
        def init(self: T, *args: Any, **given: Any) -> None:
            for name in given:
                if name not in known:
                    near = get_close_matches(name, known, 1)
                    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
                    raise ConfigError(f"{type(self).__name__} has no {what} {name!r}{hint}")
            made(self, *args, **given)

        kind.__init__ = init  # type: ignore[assignment, method-assign]
        return kind

    return dress
