"""Optimised prompts back into the agents' cells of a notebook, so that version control shows the edit and nothing else.

The file's text is changed only where a prompt stands: parsing the JSON and writing it again would change what other programs
wrote in their own way (order, indentation, escapes, line ends).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tep_nb.core.kinds import check, check_text
from tep_nb.core.state import State
from tep_nb.core.text import Prompt
from tep_nb.errors import ConfigError, DataError

__all__ = ["write_back"]

_SPACE = re.compile(r"[ \t\r\n]*")
_HEADER = re.compile(r"\s*%%tep_agent[ \t]+(.*)")
_START = re.compile(r"^[ \t]*(?:\w+[ \t]*=[ \t]*)?%tep[ \t]+start\b", re.MULTILINE)
_FENCE = "+++"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A code cell: where its source stands in the file, and what it says."""

    start: int
    end: int
    source: str


def write_back(notebook: str, state: State) -> str:
    """Write a session's prompts into the ``%%tep_agent`` cells of a notebook.

    Parameters
    ----------
    notebook : str
        The text of an ``.ipynb`` file, read with its own line ends (``newline=""``).
    state : State

    Returns
    -------
    str
        The same text with other prompts; header lines, front matter, other cells, outputs and metadata are as they were.

    Raises
    ------
    DataError
        The text is no notebook.
    ConfigError
        A prompt that the session changed has no cell, or a cell has other placeholders than the session's prompt.
    """
    check_text("the notebook to write into", notebook)
    check("what to write into a notebook", state, State, "a State", "pass session.state")
    try:
        cells = list(_cells(notebook))
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise DataError(f"the file is no notebook of format 4 ({error}): name an .ipynb file that Jupyter can open") from None
    names = {agent.name: agent.prompt_name for agent in state.graph.agents}
    homes = _homes(cells, names)
    begun = state.lineage[-1].prompts
    missing = [name for name, prompt in state.prompts.items() if prompt.text != begun[name].text and name not in homes.values()]
    if missing:
        raise ConfigError(
            f"the notebook has no %%tep_agent cell for {', '.join(missing)}: name the notebook that the session was begun with"
        )
    text = notebook
    for cell in reversed(cells):  # from the end, so that the places before it stay right
        if (prompt := homes.get(cell)) is not None:
            source = _replaced(cell.source, state.prompts[prompt], prompt)
            if source != cell.source:
                text = text[: cell.start] + _written(text[cell.start : cell.end], cell.source, source) + text[cell.end :]
    return text


def _homes(cells: list[_Cell], names: dict[str, str]) -> dict[_Cell, str]:
    """The cells that declare an agent of the session: those before ``%tep start``, behind it they are suggestions."""
    begin = next((index for index, cell in enumerate(cells) if _START.search(cell.source)), len(cells))
    found: dict[str, list[tuple[int, _Cell]]] = {}
    for index, cell in enumerate(cells):
        if (agent := _agent(cell.source)) in names:
            found.setdefault(agent, []).append((index, cell))
    homes: dict[_Cell, str] = {}
    for agent, places in found.items():
        for _, cell in [place for place in places if place[0] < begin] or places:
            homes[cell] = names[agent]
    return homes


def _agent(source: str) -> str:
    """The name in a ``%%tep_agent`` header, empty for another cell; ``--freeze`` alone takes no value."""
    match = _HEADER.match(source)
    if match is None:
        return ""
    try:
        words = shlex.split(match[1])
    except ValueError:
        words = match[1].split()
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            return word
        if "=" not in word and word != "--freeze" and words:
            words.pop(0)
    return ""


def _replaced(source: str, prompt: Prompt, name: str) -> str:
    match = _HEADER.match(source)
    assert match is not None
    head, lines = source[: match.end()], source[match.end() :].split("\n")
    begin = 1
    if len(lines) > 1 and lines[1].rstrip() == _FENCE:
        ends = [index for index, line in enumerate(lines) if index > 1 and line.rstrip() == _FENCE]
        begin = ends[0] + 1 if ends else begin
    old = "\n".join(lines[begin:])
    body = old.removesuffix("\n")
    has, wants = (set(re.findall(r"\{\{[^\W\d]\w*\}\}", text)) for text in (body, prompt.text))
    if has != wants:
        raise ConfigError(
            f"the cell of prompt {name} has the placeholders {', '.join(sorted(has)) or 'none'}, the session's prompt has "
            f"{', '.join(sorted(wants))}: name the notebook that the session was begun with"
        )
    return head + "\n".join([*lines[:begin], prompt.text]) + old[len(body) :]


def _cells(text: str) -> Iterator[_Cell]:
    """The code cells of a notebook with the place of each source."""
    top = {key: (start, end) for key, start, end in _members(text, _skip(text, int(text.startswith("\ufeff"))))}
    if "cells" not in top:
        raise ValueError("it has no cells")
    for start, _ in _elements(text, top["cells"][0]):
        members = {key: (first, last) for key, first, last in _members(text, start)}
        if json.loads(text[slice(*members["cell_type"])]) == "code":
            source = json.loads(text[slice(*members["source"])])
            yield _Cell(*members["source"], source if isinstance(source, str) else "".join(source))


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _value(text: str, at: int) -> int:
    """Where the JSON value that begins at ``at`` ends."""
    end: int = json.JSONDecoder().raw_decode(text, at)[1]
    return end


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of each member of the object at ``at``."""
    if text[at] != "{":
        raise ValueError(f"an object is expected at character {at}")
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = json.JSONDecoder().raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        end = _value(text, start)
        yield key, start, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Start and end of each element of the array at ``at``."""
    if text[at] != "[":
        raise ValueError(f"a list is expected at character {at}")
    at = _skip(text, at + 1)
    while text[at] != "]":
        end = _value(text, at)
        yield at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _written(raw: str, old: str, new: str) -> str:
    """The JSON of a new source in the manner of the old one; lines that stay keep their very spelling."""
    ascii_only = raw.isascii() and not old.isascii()
    if raw[0] == '"':
        return _quoted(new, ascii_only)
    places = list(_elements(raw, 0))
    spelt: dict[str, str] = {json.loads(raw[a:b]): raw[a:b] for a, b in places}
    opening = raw[1 : places[0][0]] if places else ""
    closing = raw[places[-1][1] : -1] if places else ""
    joint = raw[places[0][1] : places[1][0]] if len(places) > 1 else f",{opening}" if opening else ", "
    lines = [line for line in re.split(r"(?<=\n)", new) if line]
    return f"[{opening}{joint.join(spelt.get(line) or _quoted(line, ascii_only) for line in lines)}{closing}]"


def _quoted(line: str, ascii_only: bool) -> str:
    lone: Any = re.search("[\ud800-\udfff]", line)  # half a character cannot be written as UTF-8
    return json.dumps(line, ensure_ascii=ascii_only or lone is not None)
