"""The file of a session: events and calls in one SQLite database.

After every command the write-ahead log is folded into the main file, so that a copy of the main file alone is a whole session.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tep_nb.core.events import Decided, Event, from_json
from tep_nb.core.kinds import check
from tep_nb.core.place import place
from tep_nb.errors import JournalError
from tep_nb.journal_file import PATIENCE, Lock, check_file, check_old, connect, insert, make, now, path_of, reading, writable

__all__ = ["Journal", "Tally"]

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


class Journal:
    """Append events, look calls up, record calls.

    Make one with `create`, `open` or `read`. May be used from any thread.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: Lock | None) -> None:
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
        path = path_of(path)
        if not path.parent.is_dir():
            raise JournalError(f"the folder of {place(path)} does not exist: make it first")
        check_old(path, again=again, copies=source is not None)
        lock = writable(path)
        try:
            check_old(path, again=again, copies=source is not None)  # another process may have been faster
            make(path, first, None if source is None else source._connection)  # noqa: SLF001  the same class
            connection = connect(path)
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
        path = path_of(path)
        check_file(path)
        lock = writable(path)
        try:
            connection = connect(path)
        except sqlite3.Error as error:
            lock.free()
            raise JournalError(f"{path.name} cannot be written ({error}): copy it into a folder where it can") from None
        return cls(path, connection, lock)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Journal:
        """An existing file, for reading, whoever writes it; errors as in `open`."""
        path = path_of(path)
        check_file(path)
        return cls(path, reading(path), None)

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
        time = now()
        events = tuple(replace(event, at=time) for event in events)
        with self._guard:
            durable = any(isinstance(event, Decided) for event in events)
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with _written(self.path), self._connection:
                for event in events:
                    insert(self._connection, event)
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
            json.dumps(reply, ensure_ascii=True), json.dumps(usage), now(), seconds, model,
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
            self._connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")

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
    # SQLite goes on in a file that has no name any more, and would not say so: what is decided then is kept nowhere.
    if not path.exists():
        raise JournalError(
            f"{path.name} was deleted or moved while its session is open, and nothing more is written: put it back, or fork the "
            "session into another file (%tep fork FILE), which holds all that was recorded, and resume that"
        )
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalError(
            f"{path.name} cannot be written ({error}): is the disk full, or does another program hold it?"
        ) from error
