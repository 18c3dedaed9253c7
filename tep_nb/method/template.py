"""Strict, single-pass ``{{name}}`` templates, and data that cannot leave its fence.

The templates beside this file are prompts of the engine itself. Everything that is put into them (prompts, model output,
dataset rows) is hostile, so it stands between fences of tildes that are longer than any run of tildes in it: the data is kept
byte for byte and cannot close its fence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["fence", "fill", "load"]

_TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"\{\{([a-z_]+)\}\}")
_TILDES = re.compile(r"~+")


def fence(label: str, data: str) -> str:
    """Put data between fences: an opening line ``~~~ label`` and a closing line of as many tildes.

    Parameters
    ----------
    label : str
        One line naming the data. Only word characters, spaces and dots are kept: a label is ours or a checked name.
    data : str
        Any text. The fence is one tilde longer than the longest run of tildes in it, at least three.
    """
    longest = max((len(run) for run in _TILDES.findall(data)), default=0)
    tildes = "~" * max(3, longest + 1)
    plain = re.sub(r"[^\w. ]", "", label)
    return f"{tildes} {plain}\n{data}\n{tildes}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Replace every ``{{name}}`` of a template in one pass.

    Raises
    ------
    KeyError
        A name without a value, or a value that no name asks for: a fault of ours, never of the data.
    """
    names = set(_NAME.findall(template))
    if names != set(values):
        raise KeyError(f"template and values differ in {sorted(names ^ set(values))}")
    return _NAME.sub(lambda match: values[match[1]], template)


@cache
def load(name: str) -> str:
    """Read the template ``name`` (a file ``templates/name.md``)."""
    return (_TEMPLATES / f"{name}.md").read_text(encoding="utf-8").strip()
