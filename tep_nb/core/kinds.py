"""Refusing a value of the wrong Python type: the message names the thing, what was expected and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["a", "check", "check_text", "check_whole", "texts", "wrong"]


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
