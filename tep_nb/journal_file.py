"""The file below a journal: its schema, how it is made, opened and checked, and the right to write it.

One writer at a time: an open ``BEGIN EXCLUSIVE`` on a second small SQLite file beside it, which every platform frees when the
process dies. Readers are never locked out.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tep_nb.core.events import Event, to_json
from tep_nb.core.kinds import wrong
from tep_nb.core.place import place
from tep_nb.errors import JournalError, JournalExists, JournalLocked

__all__ = [
    "PATIENCE",
    "Lock",
    "check_file",
    "check_old",
    "connect",
    "insert",
    "make",
    "now",
    "path_of",
    "reading",
    "session_files",
    "writable",
]

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
_VERSION = 1
_APPLICATION = 1413828674  # tells our files from other SQLite files
PATIENCE = 10_000  # milliseconds to wait for a reader where there is no write-ahead log


def now() -> str:
    """The time, UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


_HELD: set[tuple[int, int]] = set()  # device and inode of the lock files that this process holds


class Lock:
    """The right to write one session file; the lock file stays, because removing it could let two writers in."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        holder = f"pid {os.getpid()} on {socket.gethostname()}, since {now()}"
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


def path_of(path: str | os.PathLike[str]) -> Path:
    """The absolute path of a session's file.

    Raises
    ------
    JournalError
        It is a folder, or no file can be called so.
    TypeError
        It is no path.
    """
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
        raise JournalError(f"{place(found)} is a folder: name a file in it, as in {place(found / 'run.tep')}")
    return found.absolute()


def check_file(path: Path) -> None:
    """Refuse what is no session's file, or one of a newer schema.

    Raises
    ------
    JournalError
    """
    if not path.exists():
        raise JournalError(f"there is no session file {path.name} in {place(path.parent)}: start one, or check the name")
    try:
        with contextlib.closing(reading(path)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:
        application, version = 0, 0
    if application != _APPLICATION:
        raise JournalError(f"{path.name} is no session of tep_nb: name a file that start has made")
    if version > _VERSION:
        raise JournalError(f"{path.name} was written by a newer tep_nb (schema {version}, here {_VERSION}): update the package")


def reading(path: Path) -> sqlite3.Connection:
    """A connection for reading, whoever writes, and where no file can be made beside it."""
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


def writable(path: Path) -> Lock:
    """The right to write a file.

    Raises
    ------
    JournalLocked, JournalError
        Somebody else has it; the folder cannot be written.
    """
    try:
        return Lock(path)
    except sqlite3.Error as error:
        raise JournalError(f"{place(path.parent)} cannot be written ({error}): choose another folder") from None


def connect(path: Path) -> sqlite3.Connection:
    """A connection for writing: with a write-ahead log, or without one where the file system cannot hold it."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=PATIENCE / 1000)
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


def check_old(path: Path, *, again: bool, copies: bool) -> None:
    """Refuse to make a file in the place of one that is there, unless it is to be set aside.

    Raises
    ------
    JournalExists, JournalError
        It is there; with ``again``, it is no session.
    """
    if not path.exists():
        return
    if copies:
        raise JournalExists(f"{path.name} exists: a fork goes into a new file, name another")
    if not again:
        raise JournalExists(
            f"{path.name} exists: go on with resume, or start with --again (again=True), which sets the old file aside "
            "and keeps its calls as the record"
        )
    check_file(path)


def make(path: Path, first: Event | None, source: sqlite3.Connection | None) -> None:
    """Make the whole file beside its place, set an old one aside, and only then put it there."""
    # Hidden: a server that lists the folder meanwhile would miss a file that it has just seen, and JupyterLab opens a dialog.
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(new)) as connection:
            if source is None:
                connection.executescript(_SCHEMA)
            else:
                source.backup(connection)  # the caller holds its guard
                connection.execute("PRAGMA journal_mode = DELETE")  # the copy is of a file with a log
            if path.exists():
                _inherit(connection, path)
            if first is not None:
                insert(connection, replace(first, at=now()))
            connection.commit()
        if path.exists():
            path.rename(next(name for name in _numbered(path) if not name.exists()))
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)


def insert(connection: sqlite3.Connection, event: Event) -> None:
    """Write one event."""
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
