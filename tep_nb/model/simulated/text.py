"""Reading text: tokens, sentences, fences, draws. Nothing here knows a task."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["Fence", "Letter", "Pattern", "draw", "open_letter", "sentences", "tokens", "words"]



class Pattern:
    """A regular expression that is compiled at its first use: importing the package must cost next to nothing."""

    __slots__ = ("_flags", "_made", "_source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source, self._flags = source, flags
        self._made: re.Pattern[str] | None = None

    @property
    def made(self) -> re.Pattern[str]:
        """The compiled expression."""
        if self._made is None:
            self._made = re.compile(self._source, self._flags)
        return self._made

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """As of `re.Pattern`."""
        return self.made.search(text, start, end)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """As of `re.Pattern`."""
        return self.made.match(text, start)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """As of `re.Pattern`."""
        return self.made.finditer(text, start, end)

    def findall(self, text: str) -> list[str]:
        """As of `re.Pattern`."""
        return self.made.findall(text)

    def sub(self, instead: str | Callable[[re.Match[str]], str], text: str) -> str:
        """As of `re.Pattern`."""
        return self.made.sub(instead, text)

    def split(self, text: str, maxsplit: int = 0) -> list[str]:
        """As of `re.Pattern`."""
        return self.made.split(text, maxsplit)


_TOKEN = Pattern(r"\{\{\w+\}\}|\w+|[^\w\s]")
_OPEN = Pattern(r"^(~{3,}) ?(.*)$")
_HEADING = Pattern(r"^# (.+)$")
_END = Pattern(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(`<$\[]*[A-Z0-9`<\-])|\n+")


def words(text: str) -> frozenset[str]:
    """The set of the words of a table."""
    return frozenset(text.split())


@lru_cache(maxsize=4096)
def tokens(text: str) -> int:
    """Count words and punctuation marks; a placeholder counts as one."""
    return sum(1 for _ in _TOKEN.finditer(text))


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[str, ...]:
    """Split text into sentences; a line break ends one too."""
    return tuple(part.strip() for part in _END.split(text) if part.strip())


def draw(*keys: object) -> float:
    """A number in [0, 1) that depends on the keys alone: the only source of chance here."""
    digest = blake2b("\x1f".join(map(str, keys)).encode("utf-8", "surrogatepass"), digest_size=7).digest()
    return int.from_bytes(digest, "big") / 2**56


class Fence(NamedTuple):
    """A piece of data between lines of tildes, and the heading it stands under."""

    label: str
    data: str
    section: str

    @property
    def kind(self) -> str:
        """The first word of the label: what the engine says the data is."""
        return self.label.split(" ", 1)[0] if self.label else ""


class Letter(NamedTuple):
    """A filled template: its own text by heading, and its data."""

    prose: dict[str, str]
    fences: tuple[Fence, ...]

    def of(self, kind: str, section: str | None = None) -> tuple[str, ...]:
        """The data of all fences of a kind, in order."""
        return tuple(f.data for f in self.fences if f.kind == kind and section in (None, f.section))


@lru_cache(maxsize=512)
def open_letter(text: str) -> Letter:
    """Take a filled template apart.

    Parameters
    ----------
    text : str
        Headings are lines that begin with ``# `` outside of fences. A fence opens with three or more tildes and closes with a
        line of exactly as many, so data that holds headings or shorter runs of tildes stays data.
    """
    prose: dict[str, list[str]] = {"": []}
    fences: list[Fence] = []
    section, tildes, label = "", "", ""
    data: list[str] = []
    for line in text.split("\n"):
        if tildes:
            if line == tildes:
                fences.append(Fence(label, "\n".join(data), section))
                tildes = ""
            else:
                data.append(line)
        elif opening := _OPEN.match(line):
            tildes, label, data = opening[1], opening[2].strip(), []
        elif heading := _HEADING.match(line):
            section = heading[1].strip()
            prose.setdefault(section, [])
        else:
            prose[section].append(line)
    return Letter({name: "\n".join(lines) for name, lines in prose.items()}, tuple(fences))
