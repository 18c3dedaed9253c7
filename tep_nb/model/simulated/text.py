"""Reading text: tokens, sentences, fences, draws. Nothing here knows a task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

__all__ = ["Fence", "Letter", "draw", "open_letter", "sentences", "tokens", "words"]

_TOKEN = re.compile(r"\{\{\w+\}\}|\w+|[^\w\s]")
_OPEN = re.compile(r"^(~{3,}) ?(.*)$")
_HEADING = re.compile(r"^# (.+)$")
_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(`<$\[]*[A-Z0-9`<\-])|\n+")


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


@dataclass(frozen=True, slots=True)
class Fence:
    """A piece of data between lines of tildes, and the heading it stands under."""

    label: str
    data: str
    section: str

    @property
    def kind(self) -> str:
        """The first word of the label: what the engine says the data is."""
        return self.label.split(" ", 1)[0] if self.label else ""


@dataclass(frozen=True, slots=True)
class Letter:
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
