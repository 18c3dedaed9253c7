"""DESIGN, The file: one writer, readers always, the main file alone, nothing half-written."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import scripts
from scripts import approve, begin, events, model, run, seeded

import tep_nb as tep
from tep_nb import journal as module
from tep_nb import journal_file
from tep_nb.core import events as ev
from tep_nb.core.place import place
from tep_nb.errors import JournalError, JournalExists, JournalLocked, JournalMismatch
from tep_nb.journal import Journal

HOLD = """
import sys
from tep_nb.journal import Journal
journal = Journal.open(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def body(session: tep.Session) -> str:
    return json.dumps(session.state.body(), sort_keys=True)


def test_a_file_that_was_deleted_takes_no_decision(tmp_path: Path) -> None:
    """What would be kept nowhere is refused by name and changes nothing; a fork saves what was recorded."""
    session = begin(tmp_path / "run.tep")
    (proposal, *_) = run(session.propose()).pending
    before = body(session)
    session.path.unlink()
    with pytest.raises(JournalError, match=rf"{session.path.name} was deleted or moved .*%tep fork FILE"):
        session.decide(approve(proposal, None))
    assert body(session) == before
    saved = session.fork(tmp_path / "saved.tep")
    assert [one.id for one in saved.state.step.pending] == [one.id for one in session.state.step.pending]
    saved.decide(approve(proposal, None))
    saved.close()
    session.close()


def test_another_writer_is_refused(tmp_path: Path) -> None:
    """The refusal names pid, host, since when, and tep-nb show; readers read on; the lock goes with its process."""
    path = tmp_path / "r.tep"
    begin(path).close()
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(JournalLocked, match=rf"r\.tep .*pid {other.pid} on .+, since 20\d\d-.*tep-nb show"):
            scripts.again(path)
        with pytest.raises(JournalLocked):
            begin(path, again=True)
        assert path.exists()
        with closing(Journal.read(path)) as reader:
            assert [event.kind for event in reader.events()] == ["started"]
        other.kill()
        other.wait()
    scripts.again(path).close()


def test_a_second_session_in_one_process_is_refused(tmp_path: Path) -> None:
    """The lock holds within a process too, and close frees it; closing twice is fine."""
    with begin(tmp_path / "r.tep") as session:
        with pytest.raises(JournalLocked, match="by this process: close the other session first"):
            scripts.again(tmp_path / "r.tep")
        session.close()
    scripts.again(tmp_path / "r.tep").close()


def test_a_refusal_in_one_process_keeps_others_out(tmp_path: Path) -> None:
    """On POSIX, closing a handle of a locked file frees the locks of the whole process: a refused second session does not."""
    path = tmp_path / "r.tep"
    with begin(path):
        for _ in range(2):
            with pytest.raises(JournalLocked, match="by this process"):
                scripts.again(path)
        other = subprocess.run([sys.executable, "-c", HOLD, str(path)], input="", capture_output=True, text=True, check=False)
        assert "held" not in other.stdout
        assert "JournalLocked" in other.stderr


def test_a_body_that_is_no_json_is_a_damaged_file(tmp_path: Path) -> None:
    """One line that names the event; the file is free again."""
    path = tmp_path / "r.tep"
    begin(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE events SET body = '{'")
        connection.commit()
    for _ in range(2):
        with pytest.raises(JournalError, match=r"event 1 \(started\) of r\.tep is no JSON: the file is damaged"):
            scripts.again(path)


def test_a_fork_onto_a_file_names_its_own_remedy(tmp_path: Path) -> None:
    """No --again: a fork takes another name."""
    with begin(tmp_path / "r.tep") as session, pytest.raises(JournalExists, match=r"r\.tep exists: a fork goes into a new file"):
        session.fork(tmp_path / "r.tep")


def test_readers_see_every_event_while_it_is_written(tmp_path: Path) -> None:
    """A reader that holds a transaction open locks no writer out, and a new one sees what was written meanwhile."""
    with begin(tmp_path / "r.tep") as session, closing(sqlite3.connect(tmp_path / "r.tep")) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT COUNT(*) FROM events").fetchone() == (1,)
        run(session.propose())
        session.decide(approve(session.state.step.pending[0], None))
        assert reader.execute("SELECT COUNT(*) FROM events").fetchone() == (1,)
        with closing(Journal.read(tmp_path / "r.tep")) as other:
            assert len(other.events()) == len(events(session)) > 2


def test_the_main_file_alone_resumes_after_any_command(tmp_path: Path) -> None:
    """A copy of the main file alone, made after any command, is the whole session: nothing is left in the log."""
    path = tmp_path / "r.tep"
    with begin(path, method=tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=1)) as session:
        count = 0

        def check() -> None:
            nonlocal count
            count += 1
            log = path.with_name("r.tep-wal")
            assert not log.exists() or log.stat().st_size == 0
            copy = tmp_path / f"copy{count}.tep"
            shutil.copyfile(path, copy)
            with scripts.again(copy) as other:
                assert body(other) == body(session)
                assert other.usage == session.usage

        check()
        while session.state.phase != "done":
            run(session.propose())
            check()
            while session.state.step.pending:
                run(session.assess(session.state.step.pending[0]))
                check()
                session.decide(seeded(session.state.step.pending[0], None))
                check()
        run(session.evaluate("test"))
        check()
        session.suggest("a1", "Pass number 1 on mine.\n{{question}}")
        check()
        session.undo()
        check()
        session.rewind(1)
        check()
        session.freeze("a1")
        check()
        session.set_budget(tep.Budget(calls=9))
        check()
        session.fork(tmp_path / "fork.tep").close()
        check()


class _Refusing(sqlite3.Connection):
    """A file system without shared memory: the log can be chosen, and the first real write fails."""

    mode = ""

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if "journal_mode" in sql:
            type(self).mode = sql.rpartition(" ")[2]
        if self.mode == "WAL" and sql.startswith("CREATE TABLE IF NOT EXISTS probe"):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *more)


def test_without_a_log_the_file_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a real write in WAL mode fails, the journal falls back to DELETE, records, checkpoints and resumes."""
    connect = sqlite3.connect

    def refusing(path: Any, **more: Any) -> sqlite3.Connection:
        return connect(path, **more, factory=_Refusing)

    monkeypatch.setattr(module.sqlite3, "connect", refusing)
    with begin(tmp_path / "r.tep") as session:
        run(session.run(approve, steps=1))
        assert session.journal._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        before = body(session)
    with scripts.again(tmp_path / "r.tep") as session:
        assert body(session) == before


def test_decisions_are_durable(tmp_path: Path) -> None:
    """A decision is written with synchronous FULL (2), other events with NORMAL (1), in write-ahead mode."""
    with begin(tmp_path / "r.tep") as session:
        connection = session.journal._connection
        levels: dict[str, int] = {}
        session.subscribe(lambda event: levels.update({event.kind: connection.execute("PRAGMA synchronous").fetchone()[0]}))
        run(session.run(approve, steps=1))
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert levels["decided"] == 2
    assert levels["drafted"] == levels["proposed"] == 1


def test_again_keeps_the_calls_and_no_decision(tmp_path: Path) -> None:
    """The old file is set aside; the same cells with the same decisions make no call and lead to the same state."""
    path = tmp_path / "r.tep"
    with begin(path) as session:
        run(session.run(seeded))
        run(session.evaluate("test"))
        old, paid = body(session), session.usage.calls
        assert paid > 0
    with begin(path, model=(silent := model()), again=True) as session:
        assert [event.kind for event in events(session)] == ["started"]
        assert session.usage.calls == 0
        run(session.run(seeded))
        run(session.evaluate("test"))
        assert body(session) == old
        assert silent.requests == []
        assert session.usage.calls == 0
    with scripts.again(tmp_path / "r.1.tep") as aside:
        assert body(aside) == old
        assert aside.usage.calls == paid
    with begin(path, model=silent, again=True) as third:  # the record of a record
        run(third.run(seeded))
        assert silent.requests == []
    assert {p.name for p in tmp_path.glob("*.tep")} == {"r.tep", "r.1.tep", "r.2.tep"}


def test_again_without_an_old_file_is_a_plain_start(tmp_path: Path) -> None:
    """again=True needs no old file."""
    with begin(tmp_path / "r.tep", again=True) as session:
        assert session.state.step.index == 0


def test_start_on_a_file_that_is_there(tmp_path: Path) -> None:
    """The error names resume and --again, and the file stays as it was."""
    path = tmp_path / "r.tep"
    begin(path).close()
    before = path.read_bytes()
    with pytest.raises(JournalExists, match=r"r\.tep exists.*resume.*--again"):
        begin(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"question,target\n1,2\n", b"SQLite format 3\x00 but no more"])
@pytest.mark.parametrize("how", ["resume", "read", "again"])
def test_a_file_that_is_no_session(tmp_path: Path, content: bytes, how: str) -> None:
    """Another file is refused in one line, by start --again too, and is neither renamed nor changed; no lock is left."""
    path = tmp_path / "notes.csv"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"notes\.csv is no session"):
        {"resume": lambda: scripts.again(path), "read": lambda: Journal.read(path), "again": lambda: begin(path, again=True)}[
            how
        ]()
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_another_database_is_no_session(tmp_path: Path) -> None:
    """A SQLite file without our mark is refused."""
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE events (x)")
    with pytest.raises(JournalError, match="no session"):
        scripts.again(tmp_path / "x.db")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A file of a newer package says so, and what to do."""
    begin(tmp_path / "r.tep").close()
    with closing(sqlite3.connect(tmp_path / "r.tep")) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(JournalError, match=r"newer tep_nb \(schema 7, here 1\): update"):
        scripts.again(tmp_path / "r.tep")


def test_a_newer_event_is_refused_and_the_lock_freed(tmp_path: Path) -> None:
    """An event of an unknown kind stops the resume, which frees the file."""
    path = tmp_path / "r.tep"
    begin(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO events (kind, v, at, body) VALUES ('dreamt', 1, '', '{}')")
        connection.commit()
    for _ in range(2):
        with pytest.raises(JournalError, match="'dreamt' version 1 is not known"):
            scripts.again(path)


@pytest.mark.parametrize("how", ["start", "again", "resume", "read"])
def test_missing_folders_and_folders(tmp_path: Path, how: str) -> None:
    """A folder that does not exist, a file that does not, and a folder in place of a file are named with the remedy."""
    act: dict[str, Any] = {
        "start": begin, "again": lambda path: begin(path, again=True), "resume": scripts.again, "read": Journal.read,
    }  # fmt: skip
    with pytest.raises(JournalError, match=r"is a folder: name a file in it"):
        act[how](tmp_path)
    wanted = "make it first" if how in ("start", "again") else "there is no session file r.tep in .*nowhere"
    with pytest.raises(JournalError, match=wanted):
        act[how](tmp_path / "nowhere" / "r.tep")
    assert list(tmp_path.iterdir()) == []


def test_messages_name_no_folder_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the current folder a file is named from there, below home with a tilde: errors stand in saved notebooks."""
    work = tmp_path / "home" / "work"
    (work / "runs").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(work.parent))
    monkeypatch.chdir(work)
    told = {
        "r.tep": "there is no session file r.tep in this folder:",
        "runs/r.tep": "there is no session file r.tep in runs:",
        "~/r.tep": "there is no session file r.tep in ~:",
        "~/other/r.tep": "there is no session file r.tep in ~/other:",
        "~": "~ is a folder: name a file in it, as in ~/run.tep",
        "..": ".. is a folder: name a file in it, as in ../run.tep",
    }
    for path, begins in told.items():
        with pytest.raises(JournalError) as error:
            scripts.again(path)  # type: ignore[arg-type]
        assert str(error.value).startswith(begins)
        assert str(tmp_path) not in str(error.value)
    with pytest.raises(JournalError, match=r"^the folder of new/r\.tep does not exist: make it first$"):
        begin("new/r.tep")  # type: ignore[arg-type]
    monkeypatch.chdir("/")
    assert place(work / "r.tep") == "~/work/r.tep"
    monkeypatch.setenv("HOME", "/")
    assert place(work / "r.tep") == str(work / "r.tep")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is no lock of another process: the error says that it cannot be written and to choose another."""
    (tmp_path / "r.tep.lock").mkdir()  # nobody, root neither, opens a folder as a file
    with pytest.raises(JournalError, match=r"cannot be written .*choose another folder") as error:
        begin(tmp_path / "r.tep")
    assert not isinstance(error.value, JournalLocked)
    assert not (tmp_path / "r.tep").exists()


def test_reading_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in a folder that cannot be written, where a log cannot be made, is read all the same."""
    begin(tmp_path / "r.tep").close()
    connect = sqlite3.connect

    class NoLog(sqlite3.Connection):
        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
            if "sqlite_master" in sql:
                raise sqlite3.OperationalError("unable to open database file")
            return super().execute(sql, *more)

    def refusing(path: Any, **more: Any) -> sqlite3.Connection:
        return connect(path, **more, **({} if "immutable" in str(path) else {"factory": NoLog}))

    monkeypatch.setattr(module.sqlite3, "connect", refusing)
    with closing(Journal.read(tmp_path / "r.tep")) as journal:
        assert len(journal.events()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "no such metric"},
        {"objective": ""},
        {"graph": tep.Graph([tep.Agent("a", "Do. {{nothing}}")])},
        {"graph": tep.Graph([tep.Agent("a", "Do. {{question}}", model="small")])},
        {"model": "gpt"},
        {"data": []},
        {"budget": 5},
        {"concurrency": 0},
        {"method": "TEP"},
    ],
)
@pytest.mark.parametrize("old", [True, False])
def test_a_start_that_fails_writes_nothing(tmp_path: Path, wrong: dict[str, Any], old: bool) -> None:
    """Parts that do not fit are refused before anything is written; with again=True the old file stays in place."""
    path = tmp_path / "r.tep"
    if old:
        begin(path).close()
    before = sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir())
    with pytest.raises((tep.TepError, TypeError)):
        begin(path, **wrong, again=old)
    assert sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir()) == before


@pytest.mark.parametrize("old", [True, False])
def test_a_start_that_breaks_off_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool) -> None:
    """Whatever fails while the file is made, what was there stays, nothing new is there, and the next start works."""
    path = tmp_path / "r.tep"
    if old:
        begin(path).close()
        before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(journal_file, "insert", lambda connection, event: connection.execute("INSERT INTO nowhere VALUES (1)"))
        with pytest.raises(JournalError, match="cannot be made"):
            begin(path, again=old)
    assert not list(tmp_path.glob("*.new*"))
    assert path.exists() is old
    if old:
        assert path.read_bytes() == before
    begin(path, again=old).close()


def test_a_fork_is_a_whole_file(tmp_path: Path) -> None:
    """A fork has the events and calls up to here, goes on in a new branch, and the old session is untouched."""
    with begin(tmp_path / "r.tep") as session:
        run(session.run(approve, steps=2))
        before = body(session)
        with session.fork(tmp_path / "f.tep", at=1) as other:
            assert (other.state.branch, other.state.step.index) == (1, 1)
            assert isinstance(events(other)[-1], ev.Rewound)
            run(other.propose())
            assert other.state.step.pending[0].id.startswith("1.2.")
            kept = body(other)
        assert body(session) == before
        with pytest.raises(JournalExists):
            session.fork(tmp_path / "f.tep")
        run(session.propose())
    with scripts.again(tmp_path / "f.tep") as other:
        assert body(other) == kept


def test_events_are_written_from_any_thread(tmp_path: Path) -> None:
    """Ten threads suggest at once: every event is there once, and the journal folds to the live state."""
    with begin(tmp_path / "r.tep") as session:
        texts = [f"Pass number 1 on {word}.\n{{{{question}}}}" for word in "abcdefghij"]
        threads = [threading.Thread(target=session.suggest, args=("a1", text)) for text in texts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {p.after for p in session.state.step.pending} == set(texts)
        assert len({p.id for p in session.state.step.pending}) == 10
        before = body(session)
    with scripts.again(tmp_path / "r.tep") as session:
        assert body(session) == before


def test_a_closed_session_says_so(tmp_path: Path) -> None:
    """Every verb after close is one line that names the file and the remedy."""
    session = begin(tmp_path / "closed.tep")
    session.close()
    session.close()
    text = "Other words on mine.\n{{question}}"
    for act in (lambda: session.usage, lambda: session.suggest("a1", text), lambda: run(session.propose())):
        with pytest.raises(JournalError, match=r"closed\.tep is closed: resume the file"):
            act()


def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    """An event that cannot be written is an error with the remedy, the state stays, and what was recorded is kept."""
    with begin(tmp_path / "r.tep") as session:
        run(session.propose())
        before, state = len(events(session)), session.state
        session.journal._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(JournalError, match=r"r\.tep cannot be written .*disk full"):
            session.decide(approve(session.state.step.pending[0], None))
        session.journal._connection.execute("PRAGMA query_only = OFF")
        assert session.state is state
        assert len(events(session)) == before
        session.decide(approve(session.state.step.pending[0], None))


def test_two_that_start_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process makes the file between the look and the lock, the second start is refused and sets nothing aside."""
    path = tmp_path / "r.tep"
    writable = module.writable

    def late(found: Path) -> Any:
        monkeypatch.setattr(module, "writable", writable)
        begin(path).close()
        return writable(found)

    monkeypatch.setattr(module, "writable", late)
    with pytest.raises(JournalExists):
        begin(path)
    scripts.again(path).close()
    assert [p.name for p in tmp_path.glob("*.tep")] == ["r.tep"]


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a" * 300, "a" * 250, "a" * 300 + "/r.tep", "~nobody-of-this-name/r.tep"])
@pytest.mark.parametrize("door", [Journal.create, Journal.open, Journal.read])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, door: Any) -> None:
    """One line with the name, escaped and shortened, and the remedy; nothing is made."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JournalError, match=r"no session file can be called .*choose a shorter, plain name") as caught:
        door(name)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 300
    assert not list(tmp_path.iterdir())


def test_a_path_of_another_type_is_refused() -> None:
    """Session.start(3) says what a path is."""
    with pytest.raises(TypeError, match="the path of a session is a str or a path, not an int: name a file"):
        Journal.create(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"budget": 0}, "start needs a Budget, not an int"),
        ({"again": "x"}, "again is True or False, not a str"),
        ({"objective": 3}, "start needs an objective that is a str"),
        ({"concurrency": "x"}, "concurrency is a whole number"),
    ],
)
def test_start_refuses_wrong_types_and_leaves_nothing(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    """What is falsy is no None, what is truthy no True."""
    with pytest.raises(TypeError, match=words):
        begin(tmp_path / "r.tep", **more)
    assert not list(tmp_path.iterdir())


def test_resume_refuses_tools_that_are_no_sequence(tmp_path: Path) -> None:
    """A number is no list of functions."""
    begin(tmp_path / "r.tep").close()
    with pytest.raises(TypeError, match="tools is a sequence of functions, not an int: write tools="):
        tep.Session.resume(tmp_path / "r.tep", model=model(), metric=scripts.metric, tools=3)  # type: ignore[arg-type]


def test_a_method_that_cannot_be_read_back_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first event says is read back before there is a file."""

    def broken(settings: Any) -> Any:
        raise TypeError("not to be read")

    monkeypatch.setattr(tep.TEP, "from_settings", staticmethod(broken))
    with pytest.raises(TypeError, match="not to be read"):
        begin(tmp_path / "r.tep")
    assert not list(tmp_path.iterdir())


def test_resume_refuses_another_metric_than_the_built_in(tmp_path: Path) -> None:
    """Both are named; the built-in itself, given by name, is fine."""
    path, world = tmp_path / "r.tep", scripts.model()
    tep.Session.start(path, scripts.chain(1), scripts.data(), metric="exact_match", model=world, objective="o").close()
    for other in ("f1", scripts.metric):
        with pytest.raises(JournalMismatch, match=r"metric '(f1|metric)' was passed, the session has 'exact_match': leave"):
            tep.Session.resume(path, model=world, metric=other)  # type: ignore[arg-type]
    tep.Session.resume(path, model=world, metric="exact_match").close()  # type: ignore[arg-type]
