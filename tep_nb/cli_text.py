"""What the command line writes: text that a terminal cannot mistake for a command."""

from __future__ import annotations

import io
import sys

from tep_nb.core.visible import visible

__all__ = ["line", "say", "take_any_text"]


def say(text: str = "") -> None:
    """Write a text and a line end to stdout at once; control and bidi characters are spelled out."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def line(text: str, most: int = 2000) -> str:
    """Put a text on one safe line of at most ``most`` characters."""
    whole = visible(" ".join(text.split()))
    return whole if len(whole) <= most else f"{whole[:most]}…"


def take_any_text() -> None:
    """Let both streams take letters that the terminal's encoding does not have, as escapes instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
