"""The recorded calls of a session, read from its own file or from one that ``tep-nb export FILE --calls`` has written."""

from __future__ import annotations

import codecs
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

from tep_nb.core.events import Started
from tep_nb.core.kinds import wrong
from tep_nb.errors import ConfigError, JournalError
from tep_nb.journal import Journal
from tep_nb.model.base import Message, Reply, Request, Usage

__all__ = ["FORMAT", "VERSION", "Attempt", "Recording"]

FORMAT, VERSION = "tep_nb calls", 1
"""What the first line of an exported file says it is."""

_ROLES = ("actor", "critic", "editor", "judge")
_KINDS: dict[str, tuple[type, ...]] = {
    "key": (str,), "purpose": (str,), "step": (int, NoneType), "node": (str, NoneType), "row": (int, NoneType),
    "attempt": (int,), "model": (str,), "outcome": (str,), "request": (dict,), "usage": (dict,), "seconds": (int, float),
}  # fmt: skip
_LINE = 1 << 20  # bytes that a first line has at most: more is no file of ours
_AT_ONCE = 50  # calls that are read from a session at a time: no reader holds the file for long


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a call, as it was recorded.

    Attributes
    ----------
    key : str
        Digest of the model's name and the request as it was sent, before anything was scrubbed.
    purpose : str
        forward, actor, critic, editor, gate, evaluate, ask, judge or tool.
    outcome : str
        ``ok``, or one line that says what failed.
    request, reply : JSON
        Of a model, `Request.body` and ``[text, finish]``; of a tool, its inputs and its result; reply None where it failed.
    scrubbed : tuple of str
        The parts that an export has changed.
    """

    key: str
    purpose: str
    step: int | None
    node: str | None
    row: int | None
    attempt: int
    model: str
    outcome: str
    request: Mapping[str, Any]
    reply: Any
    usage: Mapping[str, Any]
    seconds: float
    scrubbed: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether there is a reply."""
        return self.outcome == "ok"

    def said(self) -> Reply:
        """The reply of a model, with its recorded usage."""
        text, finish = self.reply  # its shape was checked when it was read
        return Reply(text, Usage(**{name: self.usage[name] for name in Usage.__slots__ if name in self.usage}), finish)

    def asked(self) -> Request:
        """The request to a model, without its role.

        Raises
        ------
        JournalError
            It is none.
        """
        body = self.request
        try:
            messages = tuple(Message.of(message["role"], message["content"]) for message in body["messages"])
            return Request(messages, body["temperature"], body["schema"], body["seed"], body["max_tokens"])
        except (KeyError, TypeError, ConfigError) as error:
            raise JournalError(f"a recorded request cannot be read ({error!r}): is the file damaged, or newer?") from None


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of recorded calls.

    Make one with `open`.

    Attributes
    ----------
    path : Path
    models : dict
        Names of the models that the session began with, by role; under ``named`` those that agents ask for by name.
    count : int
        Attempts in it.
    """

    path: Path
    models: dict[str, Any]
    count: int
    _last: int | None  # of a session: the newest call there was when it was opened

    @classmethod
    def open(cls, source: str | os.PathLike[str]) -> Recording:
        """Open a session's file or an exported one; what it is, is read from its first bytes.

        Raises
        ------
        JournalError
            No such file, or it is neither.
        """
        if not isinstance(source, str | os.PathLike):
            raise wrong("the source of recorded calls", "a str or a path", source, 'name a file, as in "run.tep"')
        try:
            path = Path(source).expanduser().absolute()
            if path.is_file():
                with path.open("rb") as file:
                    if file.read(16) != b"SQLite format 3\0":
                        file.seek(0)
                        return cls._exported(path, file)
        except OSError as error:
            raise JournalError(f"{Path(source).name} cannot be read ({error.strerror}): name a file that can") from None
        except (ValueError, RuntimeError):  # a zero or half a character in it, ~nobody
            path = Path(source)
        try:
            return cls._session(path)
        except sqlite3.Error as error:
            raise JournalError(f"{path.name} cannot be read ({error}): take a copy that is whole") from None

    @classmethod
    def _session(cls, path: Path) -> Recording:
        journal = Journal.read(path)  # says what is wrong with a path or a file
        with closing(journal):
            first = next((event for event in journal.events() if isinstance(event, Started)), None)
        if first is None:
            raise JournalError(f"{journal.path.name} holds no session: name a file that start has made")
        with closing(_reading(journal.path)) as connection:
            count, last = connection.execute("SELECT COUNT(*), MAX(id) FROM calls").fetchone()
        return cls(journal.path, first.models, count, last or 0)

    @classmethod
    def _exported(cls, path: Path, file: BinaryIO) -> Recording:
        head = _json(file.readline(_LINE).removeprefix(codecs.BOM_UTF8))
        if not isinstance(head, dict) or head.get("format") != FORMAT:
            raise JournalError(
                f"{path.name} is no session and holds no recorded calls: name a session's file, or one that "
                "tep-nb export FILE --calls has written"
            )
        version, count = head.get("version"), head.get("calls")
        if type(version) is not int or not 1 <= version <= VERSION:
            raise JournalError(f"{path.name} is of another version than {VERSION}, the one known here: update tep_nb")
        if not _by_role(head.get("models")) or type(count) is not int:
            raise JournalError(f"the first line of {path.name} does not say who played which role and how many calls follow: "
                "export it again")
        return cls(path, head["models"], count, None)

    def attempts(self) -> Iterator[Attempt]:
        """All attempts in the order in which they were recorded, read as they are asked for.

        Raises
        ------
        JournalError
            The file is damaged; names the line or the call.
        """
        return self._from_lines() if self._last is None else self._from_session()

    def _from_session(self) -> Iterator[Attempt]:
        names = (*_KINDS, "reply")
        query = f"SELECT id, {', '.join(names)} FROM calls WHERE id > ? AND id <= ? ORDER BY id LIMIT {_AT_ONCE}"  # noqa: S608  constants
        number: Any = 0
        try:
            with closing(_reading(self.path)) as connection:
                while rows := connection.execute(query, (number, self._last)).fetchall():
                    for number, *values in rows:
                        fields = dict(zip(names, values, strict=True))
                        for name in ("request", "usage", "reply"):
                            fields[name] = _json((fields[name] or "null").encode(errors="surrogatepass"))
                        yield _attempt(fields, f"call {number} of {self.path.name}")
        except sqlite3.Error as error:
            raise JournalError(f"{self.path.name} cannot be read ({error}): take a copy that is whole") from None

    def _from_lines(self) -> Iterator[Attempt]:
        found = 0
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if number > 1 and line.strip():
                        found += 1
                        yield _attempt(_listed(_json(line)), f"line {number} of {self.path.name}")
        except OSError as error:
            raise JournalError(f"{self.path.name} cannot be read ({error.strerror}): name a file that can") from None
        if found != self.count:
            raise JournalError(f"{self.path.name} holds {found} of {self.count} calls: it was cut; export or copy it again")


def _reading(path: Path) -> sqlite3.Connection:
    """Open a session's file to read; in a folder that cannot be written as one that nobody changes."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    return connection


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _by_role(models: Any) -> bool:
    if not isinstance(models, dict) or not isinstance(models.get("named"), dict):
        return False
    return all(isinstance(name, str) for name in (*(models.get(role) for role in _ROLES), *models["named"].values()))


def _listed(line: Any) -> Any:
    """A line as the journal has it: the reply of a model is a list there."""
    if not isinstance(line, dict) or not isinstance(line.get("reply"), dict) or line.get("purpose") == "tool":
        return line
    return {**line, "reply": [line["reply"].get("text"), line["reply"].get("finish")]}


def _attempt(fields: Any, where: str) -> Attempt:
    if not isinstance(fields, dict) or not all(type(fields.get(name)) in kinds for name, kinds in _KINDS.items()):
        raise JournalError(f"{where} is no recorded call: the file is damaged; export or copy it again")
    scrubbed = fields.get("scrubbed", [])
    changed = tuple(map(str, scrubbed)) if isinstance(scrubbed, list) else ()
    made = Attempt(**{name: fields[name] for name in _KINDS}, reply=fields.get("reply"), scrubbed=changed)
    if made.answered and made.purpose != "tool":
        try:
            made.said()
        except (TypeError, ValueError, ConfigError):
            raise JournalError(f"{where} has a reply that is none: the file is damaged; export or copy it again") from None
    return made
