"""Strangers' texts in one line, or in plain lines, with nothing hidden in them; pure."""

from __future__ import annotations

from tep_nb.core.visible import visible

__all__ = ["MAX", "bounded", "clean", "one_line"]

MAX = 1200
"""Characters of an error's line; a server's message may hold a page."""


def clean(text: str) -> str:
    """A text whose control, bidi and zero-width characters can be seen; lines and tabs stay."""
    return visible(text.encode("utf-8", "backslashreplace").decode())


def one_line(error: BaseException | str) -> str:
    """A message in one line, without characters that hide or act; the end of a very long one is cut."""
    text = error if isinstance(error, str) else str(error) or type(error).__name__
    line = clean(" ".join(text.split()))
    return bounded(line, MAX)


def bounded(text: str, most: int) -> str:
    """At most so many characters of a text, and how many were left away."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text) - most:,} characters more)"
