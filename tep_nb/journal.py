"""The file of a session: events and calls in one SQLite database.

One writer at a time: an open ``BEGIN EXCLUSIVE`` on a second small SQLite file beside it, which every platform frees when the
process dies. Readers are never locked out. After every command the write-ahead log is folded into the main file, so that a copy
of the main file alone is a whole session.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tep_nb.core.events import Decided, Event, from_json, to_json
from tep_nb.core.kinds import check, wrong
from tep_nb.errors import JournalError, JournalExists, JournalLocked

__all__ = ["Journal", "Tally", "session_files"]

_SCHEMA = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, v INTEGER NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE calls (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, purpose TEXT NOT NULL, step INTEGER, node TEXT, row INTEGER,
    attempt INTEGER NOT NULL, outcome TEXT NOT NULL, request TEXT NOT NULL, reply TEXT, usage TEXT NOT NULL, at TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0, model TEXT NOT NULL DEFAULT '', inherited INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX calls_key ON calls (key) WHERE outcome = 'ok';
PRAGMA user_version = 1;
PRAGMA application_id = 1413828674;
"""
_TALLY = """
SELECT purpose, model, COALESCE(step, 0), inherited, outcome = 'ok', COUNT(*), COALESCE(SUM(prompt), 0),
    COALESCE(SUM(completion), 0), SUM(seconds), COALESCE(SUM(cost), 0.0), COALESCE(SUM(prompt) FILTER (WHERE cost IS NULL), 0),
    COALESCE(SUM(completion) FILTER (WHERE cost IS NULL), 0)
FROM (
    SELECT purpose, model, step, inherited, outcome, seconds, json_extract(usage, '$.prompt_tokens') AS prompt,
        json_extract(usage, '$.completion_tokens') AS completion, json_extract(usage, '$.cost') AS cost
    FROM calls WHERE id > ? AND id <= ? AND purpose != 'tool'
)
GROUP BY 1, 2, 3, 4, 5
"""
_VERSION = 1
_APPLICATION = 1413828674  # tells our files from other SQLite files
_PATIENCE = 10_000  # milliseconds to wait for a reader where there is no write-ahead log


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over attempts of one kind; ``unpriced_`` are the tokens of those that were recorded without a cost."""

    purpose: str
    model: str
    step: int
    inherited: bool
    ok: bool
    calls: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cost: float
    unpriced_prompt: int
    unpriced_completion: int

    def plus(self, other: Tally) -> Tally:
        """The sums of both."""
        own = [getattr(self, name) + getattr(other, name) for name in _SUMS]
        return replace(self, **dict(zip(_SUMS, own, strict=True)))


_SUMS = ("calls", "prompt_tokens", "completion_tokens", "seconds", "cost", "unpriced_prompt", "unpriced_completion")

_HELD: set[tuple[int, int]] = set()  # device and inode of the lock files that this process holds


class _Lock:
    """The right to write one session file; the lock file stays, because removing it could let two writers in."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        holder = f"pid {os.getpid()} on {socket.gethostname()}, since {_now()}"
        try:
            self._connection.execute("PRAGMA secure_delete = ON")  # no earlier holder's name stays in the page
            self._connection.execute("CREATE TABLE IF NOT EXISTS holder (said TEXT)")
            self._connection.execute("DELETE FROM holder")
            self._connection.execute("INSERT INTO holder VALUES (?)", (f"<{holder}>",))
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise  # a folder that cannot be written is no other process
            if self._identity() in _HELD:
                # Its bytes must not be read then: on POSIX, closing any handle of a file frees all its locks of this process.
                who = "this process: close the other session first"
            else:
                said = self._holder()
                who = f"another process{f' ({said})' if said else ''}: close it there"
            raise JournalLocked(
                f"{path.name} is being written by {who}, or read it with tep-nb show {path.name}"
            ) from None
        self._held = self._identity()
        _HELD.add(self._held)

    def _identity(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_dev, found.st_ino

    def _holder(self) -> str:
        # SQLite refuses readers of the locked file; its bytes can be read all the same.
        found = re.search(rb"<(pid [^<>]{5,200})>", self._path.read_bytes())
        return found[1].decode(errors="replace") if found else ""

    def free(self) -> None:
        """Let others write."""
        _HELD.discard(self._held)
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        self._connection.close()


class Journal:
    """Append events, look calls up, record calls.

    Make one with `create`, `open` or `read`. May be used from any thread.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: _Lock | None) -> None:
        self.path = path
        self._opened: sqlite3.Connection | None = connection
        self._lock = lock
        self._guard = threading.RLock()
        self._tallies: dict[tuple[str, str, int, bool, bool], Tally] = {}
        self._tallied = 0

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], first: Event | None = None, *, again: bool = False, source: Journal | None = None
    ) -> Journal:
        """A new file, made under another name and renamed when it is complete: a crash leaves no half of a session.

        Parameters
        ----------
        path : path
        first : Event, optional
            Written at once.
        again : bool
            Set an old file aside (its name gets a number) and keep its calls as the record, none of its events.
        source : Journal, optional
            Begin with all its events and calls.

        Raises
        ------
        JournalExists
            The file is there and ``again`` is False.
        JournalError
            The folder does not exist or cannot be written; with ``again``, the old file is no session.
        """
        check("again", again, bool, "True or False", "write again=True, or leave it away")
        path = _path(path)
        if not path.parent.is_dir():
            raise JournalError(f"the folder of {path} does not exist: make it first")
        _check_old(path, again, source)
        lock = _writable(path)
        try:
            _check_old(path, again, source)  # another process may have been faster
            _make(path, first, source)
            connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            lock.free()
            raise JournalError(f"{path.name} cannot be made ({error}): choose a folder that can be written") from None
        except JournalError:
            lock.free()
            raise
        journal = cls(path, connection, lock)
        journal.checkpoint()
        return journal

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Journal:
        """An existing file, for writing.

        Raises
        ------
        JournalError
            No such file, or it is not a session.
        JournalLocked
            Another process writes it.
        """
        path = _path(path)
        _check(path)
        lock = _writable(path)
        try:
            connection = _connect(path)
        except sqlite3.Error as error:
            lock.free()
            raise JournalError(f"{path.name} cannot be written ({error})") from None
        return cls(path, connection, lock)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Journal:
        """An existing file, for reading, whoever writes it; errors as in `open`."""
        path = _path(path)
        _check(path)
        return cls(path, _reading(path), None)

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            raise JournalError(f"the session in {self.path.name} is closed: resume the file to go on")
        return self._opened

    def events(self) -> list[Event]:
        """All events in order."""
        with self._guard:
            rows = self._connection.execute("SELECT kind, v, at, body FROM events ORDER BY seq").fetchall()
        return [from_json(kind, v, at, self._read_body(n, kind, body)) for n, (kind, v, at, body) in enumerate(rows, 1)]

    def _read_body(self, number: int, kind: str, body: str) -> Any:
        try:
            return json.loads(body)
        except (ValueError, TypeError, RecursionError):
            fault = f"event {number} ({kind}) of {self.path.name} is no JSON"
            raise JournalError(f"{fault}: the file is damaged; go on with a copy of it") from None

    def count(self) -> int:
        """How many events there are."""
        with self._guard:
            (found,) = self._connection.execute("SELECT COUNT(*) FROM events").fetchone()
        return int(found)

    def append(self, *events: Event) -> tuple[Event, ...]:
        """Write events, all or none, durably where a decision is among them; returns them with their time."""
        now = _now()
        events = tuple(replace(event, at=now) for event in events)
        with self._guard:
            durable = any(isinstance(event, Decided) for event in events)
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with _written(self.path), self._connection:
                for event in events:
                    _insert(self._connection, event)
        return events

    def failures(self) -> int:
        """How many commands have failed in a row up to now; what a person changed in between does not count."""
        with self._guard:
            rows = self._connection.execute("SELECT kind FROM events ORDER BY seq DESC LIMIT 100").fetchall()
        kinds = [kind for (kind,) in rows if kind not in ("resumed", "budget", "stopped")]
        return next((n for n, kind in enumerate(kinds) if kind != "failed"), len(kinds))

    def look_up(self, key: str) -> tuple[Any, dict[str, Any]] | None:
        """Reply and usage of the call that was recorded under this key, or None."""
        with self._guard:
            row = self._connection.execute(
                "SELECT reply, usage FROM calls WHERE key = ? AND outcome = 'ok' LIMIT 1", (key,)
            ).fetchone()
        return None if row is None else (json.loads(row[0]), json.loads(row[1]))

    def record(
        self,
        key: str,
        *,
        purpose: str,
        step: int,
        node: str,
        row: int | None,
        attempt: int,
        outcome: str,
        request: str,
        reply: Any,
        usage: dict[str, Any],
        seconds: float,
        model: str,
    ) -> None:
        """Write one attempt of a call; ``request`` is JSON, ``outcome`` is ``ok`` or one line that says what failed."""
        values = (
            key, purpose, step, node, row, attempt, outcome, request,
            json.dumps(reply, ensure_ascii=True), json.dumps(usage), _now(), seconds, model,
        )  # fmt: skip
        with self._guard, _written(self.path), self._connection:
            self._connection.execute(
                "INSERT INTO calls (key, purpose, step, node, row, attempt, outcome, request, reply, usage, at, seconds, model) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def tally(self) -> list[Tally]:
        """Attempts of models (not of tools) by purpose, model, step and fate; only those since the last time are read."""
        with self._guard:
            (last,) = self._connection.execute("SELECT COALESCE(MAX(id), 0) FROM calls").fetchone()
            for *key, calls, prompt, completion, seconds, cost, free, freed in self._connection.execute(
                _TALLY, (self._tallied, last)
            ):
                purpose, model, step, inherited, ok = key
                name = (purpose, model, step, bool(inherited), bool(ok))
                new = Tally(*name, calls, prompt, completion, seconds, cost, free, freed)
                self._tallies[name] = new if name not in self._tallies else self._tallies[name].plus(new)
            self._tallied = last
            return [self._tallies[name] for name in sorted(self._tallies)]

    def checkpoint(self) -> None:
        """Fold the log into the main file: after this, the main file alone is the session."""
        with self._guard, contextlib.suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA busy_timeout = 250")  # a reader in the way delays it to the next command
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")

    def copy(self, path: str | os.PathLike[str]) -> Journal:
        """A new file with the same events and calls; errors as in `create`."""
        with self._guard:
            return Journal.create(path, source=self)

    def close(self) -> None:
        """Checkpoint, close and free the lock; a second close does nothing."""
        with self._guard:
            if self._lock is not None:
                with contextlib.suppress(sqlite3.Error):
                    self.checkpoint()
            if self._opened is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._opened.close()
                self._opened = None
            if self._lock is not None:
                self._lock.free()
                self._lock = None


@contextlib.contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalError(
            f"{path.name} cannot be written ({error}): is the disk full, or does another program hold it?"
        ) from error


def _path(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise wrong("the path of a session", "a str or a path", path, 'name a file, as in "run.tep"')
    try:
        found = Path(path).expanduser()
        os.fsencode(found)  # half a character cannot be written
        if "\0" in str(found):
            raise ValueError("embedded null byte")
        folder = found.is_dir()
        # The name with our longest ending: the files beside it have to be made as well.
        found.with_name(f"{found.name}.lock-journal").exists() if found.name and not folder else None
    except (OSError, ValueError, TypeError, RuntimeError) as error:  # RuntimeError: ~nobody
        shown = ascii(os.fspath(path)).strip("'\"")
        shown = shown if len(shown) <= 60 else f"{shown[:30]}…{shown[-29:]}"
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise JournalError(f"no session file can be called {shown} ({reason}): choose a shorter, plain name") from None
    if folder:
        raise JournalError(f"{found} is a folder: name a file in it, as in {found / 'run.tep'}")
    return found.absolute()


def _check(path: Path) -> None:
    if not path.exists():
        raise JournalError(f"there is no session file {path.name} in {path.parent}: start one, or check the name")
    try:
        with contextlib.closing(_reading(path)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:
        application, version = 0, 0
    if application != _APPLICATION:
        raise JournalError(f"{path.name} is no session of tep_nb: name a file that start has made")
    if version > _VERSION:
        raise JournalError(f"{path.name} was written by a newer tep_nb (schema {version}, here {_VERSION}): update the package")


def _reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError):
            raise  # no database
        # A folder that cannot be written: WAL would need a file beside it.
        connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, check_same_thread=False)
    return connection


def _writable(path: Path) -> _Lock:
    try:
        return _Lock(path)
    except sqlite3.Error as error:
        raise JournalError(f"{path.parent} cannot be written ({error}): choose another folder") from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=_PATIENCE / 1000)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # WAL needs shared memory, which network file systems lack: only a real write tells.
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS probe (x)")
            connection.execute("DROP TABLE probe")
    except sqlite3.OperationalError:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _check_old(path: Path, again: bool, source: Journal | None) -> None:
    if not path.exists():
        return
    if source is not None:
        raise JournalExists(f"{path.name} exists: a fork goes into a new file, name another")
    if not again:
        raise JournalExists(
            f"{path.name} exists: go on with resume, or start with --again (again=True), which sets the old file aside "
            "and keeps its calls as the record"
        )
    _check(path)


def _make(path: Path, first: Event | None, source: Journal | None) -> None:
    """Make the whole file beside its place, set an old one aside, and only then put it there."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(new)) as connection:
            if source is None:
                connection.executescript(_SCHEMA)
            else:
                source._connection.backup(connection)  # noqa: SLF001  the caller holds its guard
                connection.execute("PRAGMA journal_mode = DELETE")  # the copy is of a file with a log
            if path.exists():
                _inherit(connection, path)
            if first is not None:
                _insert(connection, replace(first, at=_now()))
            connection.commit()
        if path.exists():
            path.rename(next(name for name in _numbered(path) if not name.exists()))
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)


def _insert(connection: sqlite3.Connection, event: Event) -> None:
    body = json.dumps(to_json(event), ensure_ascii=True, sort_keys=True, allow_nan=False)
    connection.execute("INSERT INTO events (kind, v, at, body) VALUES (?, ?, ?, ?)", (event.kind, event.v, event.at, body))


def _numbered(path: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield path.with_name(f"{path.stem}.{number}{path.suffix}")
        number += 1


def _inherit(connection: sqlite3.Connection, old: Path) -> None:
    with contextlib.closing(sqlite3.connect(old)) as before:  # what a crash left in the log belongs to the file as well
        before.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.commit()
    connection.execute("ATTACH ? AS old", (str(old),))
    names = "key, purpose, step, node, row, attempt, outcome, request, reply, usage, at, seconds, model"
    connection.execute(f"INSERT INTO calls ({names}, inherited) SELECT {names}, 1 FROM old.calls WHERE outcome = 'ok'")  # noqa: S608  constants
    connection.commit()
    connection.execute("DETACH old")


def session_files(folder: Path) -> list[tuple[str, str]]:
    """Names of the ``.tep`` files of a folder and when each was last written (UTC, ISO 8601), newest first; nothing is opened."""
    found = []
    for path in folder.glob("*.tep"):
        with contextlib.suppress(OSError):  # it was removed meanwhile, or may not be looked at
            if path.is_file():
                found.append((path.stat().st_mtime, path.name))
    return [
        (name, datetime.fromtimestamp(when, UTC).isoformat(timespec="seconds")) for when, name in sorted(found, reverse=True)
    ]
