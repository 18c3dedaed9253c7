"""A function of the notebook as code that another kernel can run: what it says, and what it names."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator
from textwrap import dedent
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

__all__ = ["carried"]


def carried(name: str, value: Any) -> str:
    """Code that makes ``name`` in a kernel that has run no cell yet; empty where it holds no function or class of the notebook.

    A function brings the imports, functions and classes of the notebook that it reads. A value cannot be brought: a line that
    reads it stands in its place, so that the other kernel names what is missing before anything is resumed.

    Parameters
    ----------
    name : str
        What the notebook calls it.
    value : object
    """
    if not isinstance(value, FunctionType | type):
        return ""
    found: dict[str, str] = {}
    _bring(name, value, found)
    return "\n".join(found.values()) + "\n"


def _bring(name: str, value: Any, found: dict[str, str]) -> None:
    """Add the code of one name after that of all it reads."""
    if name in found:
        return
    found[name] = ""  # it may read itself
    if isinstance(value, ModuleType):
        code = f"import {value.__name__} as {name}"
    elif not isinstance(value, FunctionType | BuiltinFunctionType | type):
        code = name
    elif value.__module__ != "__main__":
        code = f"from {value.__module__} import {value.__qualname__} as {name}"
    else:
        for other in dict.fromkeys(_reads(value)):
            if other in _names(value):
                _bring(other, _names(value)[other], found)
        code = _source(name, value)
    del found[name]
    found[name] = code


def _source(name: str, value: Any) -> str:
    try:
        code = dedent(inspect.getsource(value))
    except (OSError, TypeError):  # made without a cell
        return name
    if value.__name__ == "<lambda>":
        return code if code.startswith(f"{name} = lambda") else name
    return code if value.__name__ == name else f"{code.rstrip()}\n{name} = {value.__name__}"


def _names(value: Any) -> dict[str, Any]:
    """The variables that a function or a class reads its names from."""
    if isinstance(value, FunctionType):
        return value.__globals__
    return next((_names(one) for one in vars(value).values() if isinstance(one, FunctionType)), {})


def _reads(value: Any) -> Iterator[str]:
    """Global names that a function, or the methods of a class, read."""
    if isinstance(value, FunctionType):
        yield from _globals(value.__code__)
        return
    for one in vars(value).values():
        if isinstance(one, FunctionType):
            yield from _globals(one.__code__)


def _globals(code: CodeType) -> Iterator[str]:
    yield from (str(step.argval) for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals(inner)
