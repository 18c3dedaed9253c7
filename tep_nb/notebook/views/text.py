"""Texts of strangers, made fit for a page: hidden characters visible, lengths bounded, HTML escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from tep_nb.core.visible import visible

__all__ = ["Raw", "Shown", "clip", "esc", "number", "percent", "plural", "shown"]


class Raw(str):
    """A text that goes into a field where a person edits it: `shown` leaves its characters alone.

    Lone surrogates are replaced even here, because no message could carry them.
    """

    __slots__ = ()


class Shown(dict[str, Any]):
    """What `shown` has made already, and need not look at again: a value that is painted often and changes seldom."""

    __slots__ = ()


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, the middle left out: beginnings and ends say most about an output."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    return f"{text[:head]} … ({len(text) - limit} characters left out) … {text[len(text) - limit + head :]}"


def shown(value: Any) -> Any:
    """The same JSON with every text made `visible`, keys too; `Raw` texts only lose lone surrogates."""
    if isinstance(value, Raw):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Shown):
        return value
    if isinstance(value, Mapping):
        return {visible(str(key)): shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return value


def esc(text: Any) -> str:
    """Visible and escaped, for HTML and SVG, attributes too."""
    return html.escape(visible(str(text)), quote=True)


def number(value: float) -> str:
    """A count in groups: ``12,345``."""
    return f"{value:,.0f}"


def percent(value: float) -> str:
    """A metric between 0 and 1."""
    return f"{value:.1%}"


def plural(count: int, noun: str) -> str:
    """``1 hunk``, ``2,000 hunks``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
